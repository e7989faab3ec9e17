# tests/unit/core.mk: daemon/core/, and the simulator that drives it (tests/sim/)
FAKE_SOURCES = tests/sim/fake.c tests/sim/fake.h tests/sim/fake_shell.c
DRIVER_SOURCES = $(FAKE_SOURCES) tests/unit/core_driver.c tests/unit/core_driver.h

CRITERION_TESTS += \
	tests/unit/test_core_access.t \
	tests/unit/test_core_adopt.t \
	tests/unit/test_core_attach.t \
	tests/unit/test_core_create.t \
	tests/unit/test_core_create_failure.t \
	tests/unit/test_core_destroy.t \
	tests/unit/test_core_detach.t \
	tests/unit/test_core_hash.t \
	tests/unit/test_core_lifetime.t \
	tests/unit/test_core_query.t \
	tests/unit/test_core_schema.t \
	tests/unit/test_core_stats.t \
	tests/unit/test_registry.t

tests_unit_test_core_access_t_SOURCES = tests/unit/test_core_access.c $(DRIVER_SOURCES)
tests_unit_test_core_adopt_t_SOURCES = tests/unit/test_core_adopt.c $(DRIVER_SOURCES)
tests_unit_test_core_attach_t_SOURCES = tests/unit/test_core_attach.c $(DRIVER_SOURCES)
tests_unit_test_core_create_t_SOURCES = tests/unit/test_core_create.c $(DRIVER_SOURCES)
tests_unit_test_core_create_failure_t_SOURCES = \
	tests/unit/test_core_create_failure.c $(DRIVER_SOURCES)
tests_unit_test_core_destroy_t_SOURCES = tests/unit/test_core_destroy.c $(DRIVER_SOURCES)
tests_unit_test_core_detach_t_SOURCES = tests/unit/test_core_detach.c $(DRIVER_SOURCES)
tests_unit_test_core_hash_t_SOURCES = tests/unit/test_core_hash.c $(DRIVER_SOURCES)
tests_unit_test_core_lifetime_t_SOURCES = tests/unit/test_core_lifetime.c $(DRIVER_SOURCES)
tests_unit_test_core_schema_t_SOURCES = tests/unit/test_core_schema.c $(DRIVER_SOURCES)
tests_unit_test_core_query_t_SOURCES = tests/unit/test_core_query.c $(DRIVER_SOURCES)
tests_unit_test_core_stats_t_SOURCES = tests/unit/test_core_stats.c $(DRIVER_SOURCES)
tests_unit_test_registry_t_SOURCES = tests/unit/test_registry.c $(DRIVER_SOURCES)

PLAIN_TESTS += tests/sim/sim
tests_sim_sim_SOURCES = \
	$(FAKE_SOURCES) \
	tests/sim/sim.c tests/sim/sim.h \
	tests/sim/sim_client.c \
	tests/sim/sim_judge.c \
	tests/sim/sim_reply.c \
	tests/sim/sim_request.c \
	tests/sim/sim_watch.c \
	tests/sim/sim_world.c
