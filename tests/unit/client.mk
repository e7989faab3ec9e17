# tests/unit/client.mk: client/ and proto/
CRITERION_TESTS += \
	tests/unit/test_wire.t \
	tests/unit/test_wire_reply.t \
	tests/unit/test_wire_hostile.t

tests_unit_test_wire_t_SOURCES = tests/unit/test_wire.c tests/unit/wire_cases.h
tests_unit_test_wire_reply_t_SOURCES = tests/unit/test_wire_reply.c tests/unit/wire_cases.h
tests_unit_test_wire_hostile_t_SOURCES = tests/unit/test_wire_hostile.c tests/unit/wire_cases.h
