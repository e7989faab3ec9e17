# tests/ctl/: shmqctl as people and scripts use it, on a real shmqd
check_LTLIBRARIES += libctltool.la
libctltool_la_SOURCES = tests/ctl/tool.c tests/ctl/tool.h
libctltool_la_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)

CRITERION_TESTS += \
	tests/ctl/test_ctl_bytes.t \
	tests/ctl/test_ctl_demo.t \
	tests/ctl/test_ctl_errors.t \
	tests/ctl/test_ctl_facts.t \
	tests/ctl/test_ctl_lines.t \
	tests/ctl/test_ctl_terminal.t \
	tests/ctl/test_ctl_watch.t
SCRIPT_TESTS += \
	tests/ctl/bench.sh \
	tests/ctl/check.sh \
	tests/ctl/completion.sh \
	tests/ctl/config.sh \
	tests/ctl/decode.sh \
	tests/ctl/manual.sh \
	tests/ctl/metrics.sh \
	tests/ctl/pipe.sh \
	tests/ctl/reap.sh \
	tests/ctl/repeat.sh \
	tests/ctl/stat.sh \
	tests/ctl/tail.sh
EXTRA_DIST += tests/ctl/scene.sh

check_PROGRAMS += tests/ctl/typed_send
tests_ctl_typed_send_LDADD = libshmq-client.la

CTL_TOOL_LIBS = libctltool.la $(HARNESS_LIBS) libbase.la $(JSONC_LIBS) $(CRITERION_LIBS)
tests_ctl_test_ctl_bytes_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_bytes_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ctl_test_ctl_demo_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_demo_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ctl_test_ctl_errors_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_errors_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ctl_test_ctl_facts_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_facts_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ctl_test_ctl_lines_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_lines_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ctl_test_ctl_terminal_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_terminal_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
tests_ctl_test_ctl_watch_t_LDADD = $(CTL_TOOL_LIBS)
tests_ctl_test_ctl_watch_t_CFLAGS = $(AM_CFLAGS) $(JSONC_CFLAGS)
