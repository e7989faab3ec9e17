# tests/unit/base.mk: base/
CRITERION_TESTS += \
	tests/unit/test_base_cleanup.t \
	tests/unit/test_base_clock.t \
	tests/unit/test_base_fd.t \
	tests/unit/test_base_format.t \
	tests/unit/test_base_grant.t \
	tests/unit/test_base_held.t \
	tests/unit/test_base_metrics.t \
	tests/unit/test_base_parse.t \
	tests/unit/test_base_process.t \
	tests/unit/test_base_random.t \
	tests/unit/test_base_removeipc.t \
	tests/unit/test_base_siphash.t
