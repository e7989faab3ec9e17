# tests/unit/client.mk: client/ and proto/
CRITERION_TESTS += \
	tests/unit/test_client_answers.t \
	tests/unit/test_client_attach.t \
	tests/unit/test_client_call.t \
	tests/unit/test_client_connect.t \
	tests/unit/test_client_error.t \
	tests/unit/test_client_events.t \
	tests/unit/test_client_fork.t \
	tests/unit/test_wire.t \
	tests/unit/test_wire_hostile.t \
	tests/unit/test_wire_reply.t \
	tests/unit/test_wire_stats.t

CLIENT_FAKE = tests/unit/client_fake.c tests/unit/client_fake.h
tests_unit_test_client_answers_t_SOURCES = tests/unit/test_client_answers.c $(CLIENT_FAKE)
tests_unit_test_client_attach_t_SOURCES = tests/unit/test_client_attach.c $(CLIENT_FAKE)
tests_unit_test_client_call_t_SOURCES = tests/unit/test_client_call.c $(CLIENT_FAKE)
tests_unit_test_client_connect_t_SOURCES = tests/unit/test_client_connect.c $(CLIENT_FAKE)
tests_unit_test_client_events_t_SOURCES = tests/unit/test_client_events.c $(CLIENT_FAKE)
tests_unit_test_client_fork_t_SOURCES = tests/unit/test_client_fork.c $(CLIENT_FAKE)
tests_unit_test_wire_t_SOURCES = tests/unit/test_wire.c tests/unit/wire_cases.h
tests_unit_test_wire_hostile_t_SOURCES = tests/unit/test_wire_hostile.c tests/unit/wire_cases.h
tests_unit_test_wire_reply_t_SOURCES = tests/unit/test_wire_reply.c tests/unit/wire_cases.h

# Nothing of the daemon: what a client links.
CLIENT_INTERNALS = $(HARNESS_LIBS) libclient.la libshm.la libproto.la libbase.la \
	$(PROTOBUF_C_LIBS) $(CRITERION_LIBS)
tests_unit_test_client_answers_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_client_attach_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_client_call_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_client_connect_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_client_error_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_client_events_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_client_fork_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_wire_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_wire_hostile_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_wire_reply_t_LDADD = $(CLIENT_INTERNALS)
tests_unit_test_wire_stats_t_CFLAGS = $(AM_CFLAGS) $(PROTOBUF_C_CFLAGS)
tests_unit_test_wire_stats_t_LDADD = $(CLIENT_INTERNALS)
