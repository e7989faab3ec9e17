# tests/unit/core.mk: daemon/core/
FAKE_SOURCES = tests/sim/fake.c tests/sim/fake.h tests/sim/fake_shell.c
DRIVER_SOURCES = $(FAKE_SOURCES) tests/unit/core_driver.c tests/unit/core_driver.h

CRITERION_TESTS += \
	tests/unit/test_core_create.t

tests_unit_test_core_create_t_SOURCES = tests/unit/test_core_create.c $(DRIVER_SOURCES)
