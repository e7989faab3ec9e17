# tests/: every fragment below belongs to one area and appends to these lists.
#
# A Criterion program (its name ends in .t, its source in .c; harness, all internal libraries and
# Criterion are linked by default):
#	CRITERION_TESTS += tests/unit/test_parse.t
# A plain program (exit status 0 passed, 77 skipped, else failed; put it in TSAN_TESTS instead if it
# runs both ends on one mapping: then it is also all that the ThreadSanitizer build runs):
#	PLAIN_TESTS += tests/stress/fork_safety
# More sources or other libraries, where needed ('.' and '/' become '_'):
#	tests_unit_test_parse_t_SOURCES = tests/unit/test_parse.c tests/unit/parse_cases.h
#	tests_unit_test_parse_t_LDADD = $(CLIENT_LIBS) $(CRITERION_LIBS)
# A script (in ONCE_TESTS instead if a sanitizer can't change what it finds):
#	SCRIPT_TESTS += tests/integration/pipe.sh
# A helper program that tests start:
#	check_PROGRAMS += tests/integration/victim

CRITERION_TESTS =
PLAIN_TESTS =
TSAN_TESTS =
SCRIPT_TESTS =
ONCE_TESTS = \
	tests/check/abi.sh \
	tests/check/atomics.sh \
	tests/check/catalog.sh \
	tests/check/headers.sh \
	tests/check/install.sh \
	tests/check/layering.sh \
	tests/check/man.sh \
	tests/check/made_pages.sh \
	tests/check/probes.sh \
	tests/check/quotes.sh \
	tests/check/shell.sh \
	tests/check/symbols.sh

# Internals, linked statically: a test can call any function of any area.
INTERNAL_LIBS = libshmqd.la libcore.la libclient.la libshm.la libproto.la libbase.la \
	$(EVENT_LIBS) $(SYSTEMD_LIBS) $(ACL_LIBS) $(PROTOBUF_C_LIBS) $(INIH_LIBS)
# What a user of the shared library sees, and the harness.
CLIENT_LIBS = $(HARNESS_LIBS) libshmq-client.la libbase.la
LDADD = $(HARNESS_LIBS) $(INTERNAL_LIBS) $(CRITERION_LIBS)

include tests/harness/local.mk
include tests/unit/base.mk
include tests/unit/shm.mk
include tests/unit/core.mk
include tests/unit/client.mk
include tests/unit/daemon.mk
include tests/unit/archive.mk
include tests/unit/ctl.mk
include tests/integration/local.mk
include tests/integration/shell.mk
include tests/ctl/local.mk
include tests/stress/local.mk
include tests/fuzz/local.mk
include tests/attack/local.mk
include tests/crash/local.mk
include tests/model/local.mk
include tests/storm/local.mk
include tests/systemd/local.mk
include tests/packages/local.mk
SCRIPT_TESTS += examples/run.sh
check_PROGRAMS += tests/check/metrics_page tests/check/config_page
tests_check_metrics_page_LDADD = libbase.la
tests_check_config_page_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
tests_check_config_page_LDADD = $(SHMQD_LIBS)

# ---- how they run ----

FIRST_TEST = tests/check/snapshot.sh
LAST_TEST = tests/check/leftovers.sh

if SANITIZE_THREAD
check_PROGRAMS += $(TSAN_TESTS)
TESTS += $(FIRST_TEST) $(TSAN_TESTS) $(LAST_TEST)
else
check_PROGRAMS += $(TSAN_TESTS) $(PLAIN_TESTS) $(CRITERION_TESTS)
TESTS += $(FIRST_TEST)
if !SANITIZE
TESTS += $(ONCE_TESTS)
endif
TESTS += $(TSAN_TESTS) $(PLAIN_TESTS) $(CRITERION_TESTS) $(SCRIPT_TESTS) $(LAST_TEST)
endif

EXTRA_DIST += $(FIRST_TEST) $(ONCE_TESTS) $(LAST_TEST) $(SCRIPT_TESTS) \
	tests/check/analyze.sh tests/check/analyze.h \
	tests/check/state.sh tests/harness/criterion-tap.sh tests/sim/mutants.sh \
	tests/mutants/run.sh tests/mutants/models.list tests/mutants/survivors.list

TEST_EXTENSIONS = .t .sh
TEST_TIMEOUT_S = 900
LOG_COMPILER = timeout -k 5 $(TEST_TIMEOUT_S)
SH_LOG_COMPILER = timeout -k 5 $(TEST_TIMEOUT_S) $(SHELL)
T_LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
T_LOG_COMPILER = timeout -k 5 $(TEST_TIMEOUT_S) $(SHELL) $(top_srcdir)/tests/harness/criterion-tap.sh

# SHMQ_TEST_RUN marks every process of this run; leftovers.sh looks for it.
# A socket's path has to fit sun_path: a long TMPDIR is of no use.
AM_TESTS_ENVIRONMENT = \
	SHMQ_TEST_RUN='$(abs_builddir)'; export SHMQ_TEST_RUN; \
	SHMQD_BIN='$(abs_builddir)/shmqd'; export SHMQD_BIN; \
	SHMQCTL_BIN='$(abs_builddir)/shmqctl'; export SHMQCTL_BIN; \
	TOP_SRCDIR='$(abs_top_srcdir)'; export TOP_SRCDIR; \
	TOP_BUILDDIR='$(abs_top_builddir)'; export TOP_BUILDDIR; \
	CC='$(CC)'; export CC; \
	SHELLCHECK='$(SHELLCHECK)'; export SHELLCHECK; \
	MANDOC='$(MANDOC)'; export MANDOC; \
	ASAN_OPTIONS="detect_stack_use_after_return=1:$$ASAN_OPTIONS"; export ASAN_OPTIONS; \
	UBSAN_OPTIONS="print_stacktrace=1:$$UBSAN_OPTIONS"; export UBSAN_OPTIONS; \
	if test `expr "X$$TMPDIR" : ".*"` -gt 40; then TMPDIR=/tmp; export TMPDIR; fi; \
	unset SHMQ_SOCKET XDG_RUNTIME_DIR NOTIFY_SOCKET LISTEN_FDS LISTEN_PID WATCHDOG_USEC;

# First the snapshot, last the comparison with it, whatever -j says.
MIDDLE_LOGS = $(filter-out $(FIRST_TEST:.sh=.log) $(LAST_TEST:.sh=.log),$(TEST_LOGS))
$(MIDDLE_LOGS): $(FIRST_TEST:.sh=.log)
$(LAST_TEST:.sh=.log): $(MIDDLE_LOGS) $(FIRST_TEST:.sh=.log)

CLEANFILES += tests/check/snapshot.state

# What the manual takes from the source, after a change of metrics.h, option_table.c or declared_ring.c.
.PHONY: made-pages
made-pages: tests/check/metrics_page tests/check/config_page
	TOP_SRCDIR='$(abs_top_srcdir)' TOP_BUILDDIR='$(abs_top_builddir)' \
		$(SHELL) $(srcdir)/tests/check/made_pages.sh --update

# What the library exports, after functions were added.
EXTRA_DIST += debian/changelog debian/libshmq-client0.symbols
.PHONY: symbols-record
symbols-record: libshmq-client.la
	TOP_SRCDIR='$(abs_top_srcdir)' TOP_BUILDDIR='$(abs_top_builddir)' \
		$(SHELL) $(srcdir)/tests/check/symbols.sh --update

check-local:
if !HAVE_CRITERION
	@echo "criterion is missing. On Debian: apt-get install libcriterion-dev" >&2; exit 1
endif
