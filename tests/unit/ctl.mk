# tests/unit/ctl.mk: ctl/
CTL_TESTS = \
	tests/unit/test_ctl_failure.t \
	tests/unit/test_ctl_histogram.t \
	tests/unit/test_ctl_lines.t \
	tests/unit/test_ctl_options.t \
	tests/unit/test_ctl_payload.t \
	tests/unit/test_ctl_pipe.t \
	tests/unit/test_base_suggest.t \
	tests/unit/test_ctl_table.t \
	tests/unit/test_ctl_top.t
CRITERION_TESTS += $(CTL_TESTS)

CTL_TEST_LIBS = libctl.la $(LDADD) $(SMARTCOLS_LIBS) $(JSONC_LIBS) -lm
CTL_TEST_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS) $(JSONC_CFLAGS)
tests_unit_test_ctl_failure_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_failure_t_CFLAGS = $(CTL_TEST_CFLAGS)
tests_unit_test_ctl_histogram_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_lines_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_options_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_payload_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_payload_t_CFLAGS = $(CTL_TEST_CFLAGS)
tests_unit_test_ctl_pipe_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_base_suggest_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_table_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_top_t_LDADD = $(CTL_TEST_LIBS)
tests_unit_test_ctl_top_t_CFLAGS = $(CTL_TEST_CFLAGS)
