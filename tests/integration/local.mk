# tests/integration/: a real shmqd and real clients
#
# They use the library as programs do, except test_packets: it speaks the protocol by itself.
INTEGRATION = \
	tests/integration/test_access.t \
	tests/integration/test_bad_input.t \
	tests/integration/test_death.t \
	tests/integration/test_fork.t \
	tests/integration/test_lifetime.t \
	tests/integration/test_listing.t \
	tests/integration/test_log.t \
	tests/integration/test_messages.t \
	tests/integration/test_metrics_server.t \
	tests/integration/test_pages.t \
	tests/integration/test_planted.t \
	tests/integration/test_pollable.t \
	tests/integration/test_pollable_life.t \
	tests/integration/test_process.t \
	tests/integration/test_restart.t \
	tests/integration/test_rights.t \
	tests/integration/test_roles.t \
	tests/integration/test_sealed.t \
	tests/integration/test_shrunk.t \
	tests/integration/test_threads.t
CRITERION_TESTS += $(INTEGRATION) tests/integration/test_packets.t

INTEGRATION_LIBS = $(CLIENT_LIBS) $(CRITERION_LIBS)
INTEGRATION_FIXTURE = tests/integration/fixture.h
tests_integration_test_access_t_SOURCES = tests/integration/test_access.c $(INTEGRATION_FIXTURE)
tests_integration_test_access_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_bad_input_t_SOURCES = tests/integration/test_bad_input.c $(INTEGRATION_FIXTURE)
tests_integration_test_bad_input_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_death_t_SOURCES = tests/integration/test_death.c $(INTEGRATION_FIXTURE)
tests_integration_test_death_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_fork_t_SOURCES = tests/integration/test_fork.c $(INTEGRATION_FIXTURE)
tests_integration_test_fork_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_lifetime_t_SOURCES = tests/integration/test_lifetime.c $(INTEGRATION_FIXTURE)
tests_integration_test_lifetime_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_listing_t_SOURCES = tests/integration/test_listing.c $(INTEGRATION_FIXTURE)
tests_integration_test_listing_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_log_t_SOURCES = tests/integration/test_log.c $(INTEGRATION_FIXTURE)
tests_integration_test_log_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_messages_t_SOURCES = tests/integration/test_messages.c $(INTEGRATION_FIXTURE)
tests_integration_test_messages_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_metrics_server_t_SOURCES = tests/integration/test_metrics_server.c $(INTEGRATION_FIXTURE)
tests_integration_test_metrics_server_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_pages_t_SOURCES = tests/integration/test_pages.c $(INTEGRATION_FIXTURE)
tests_integration_test_pages_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_planted_t_SOURCES = tests/integration/test_planted.c $(INTEGRATION_FIXTURE)
tests_integration_test_planted_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_pollable_t_SOURCES = tests/integration/test_pollable.c \
	tests/integration/pollable_stage.h $(INTEGRATION_FIXTURE)
tests_integration_test_pollable_t_LDADD = $(INTEGRATION_LIBS) $(EVENT_LIBS)
tests_integration_test_pollable_life_t_SOURCES = tests/integration/test_pollable_life.c \
	tests/integration/pollable_stage.h $(INTEGRATION_FIXTURE)
tests_integration_test_pollable_life_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_process_t_SOURCES = tests/integration/test_process.c $(INTEGRATION_FIXTURE)
tests_integration_test_process_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_restart_t_SOURCES = tests/integration/test_restart.c $(INTEGRATION_FIXTURE)
tests_integration_test_restart_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_rights_t_SOURCES = tests/integration/test_rights.c $(INTEGRATION_FIXTURE)
tests_integration_test_rights_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_shrunk_t_SOURCES = tests/integration/test_shrunk.c $(INTEGRATION_FIXTURE)
tests_integration_test_shrunk_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_sealed_t_SOURCES = tests/integration/test_sealed.c $(INTEGRATION_FIXTURE)
tests_integration_test_roles_t_SOURCES = tests/integration/test_roles.c $(INTEGRATION_FIXTURE)
tests_integration_test_roles_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_threads_t_SOURCES = tests/integration/test_threads.c $(INTEGRATION_FIXTURE)
tests_integration_test_threads_t_LDADD = $(INTEGRATION_LIBS)
tests_integration_test_packets_t_SOURCES = tests/integration/test_packets.c $(INTEGRATION_FIXTURE)
