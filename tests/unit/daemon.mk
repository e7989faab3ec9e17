# tests/unit/daemon.mk: daemon/ except its core
CRITERION_TESTS += \
	tests/unit/test_daemon_config.t \
	tests/unit/test_daemon_figures.t \
	tests/unit/test_daemon_instance.t \
	tests/unit/test_daemon_log_limit.t \
	tests/unit/test_daemon_options.t \
	tests/unit/test_daemon_outbox.t \
	tests/unit/test_daemon_peer.t \
	tests/unit/test_daemon_peer_unit.t \
	tests/unit/test_daemon_receive.t \
	tests/unit/test_daemon_registry_file.t \
	tests/unit/test_daemon_segment.t \
	tests/unit/test_daemon_shm_dir.t \
	tests/unit/test_daemon_throttle.t

DAEMON_PLACE = tests/unit/daemon_place.h
DAEMON_BED = tests/unit/daemon_bed.h $(DAEMON_PLACE)
tests_unit_test_daemon_instance_t_SOURCES = tests/unit/test_daemon_instance.c $(DAEMON_PLACE)
tests_unit_test_daemon_registry_file_t_SOURCES = tests/unit/test_daemon_registry_file.c $(DAEMON_PLACE)
tests_unit_test_daemon_config_t_SOURCES = tests/unit/test_daemon_config.c
tests_unit_test_daemon_figures_t_SOURCES = tests/unit/test_daemon_figures.c $(DAEMON_BED)
tests_unit_test_daemon_segment_t_SOURCES = tests/unit/test_daemon_segment.c $(DAEMON_BED)
tests_unit_test_daemon_shm_dir_t_SOURCES = tests/unit/test_daemon_shm_dir.c $(DAEMON_PLACE)
