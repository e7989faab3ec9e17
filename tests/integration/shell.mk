# tests/integration/shell.mk: shmqd as a process: start and end, crowds, kernels, activation
SHELL_INTEGRATION = \
	tests/integration/test_fd_store.t \
	tests/integration/test_requests.t \
	tests/integration/test_shell_activation.t \
	tests/integration/test_shell_clients.t \
	tests/integration/test_shell_kernel.t \
	tests/integration/test_shell_start.t \
	tests/integration/test_shell_watch.t
CRITERION_TESTS += $(SHELL_INTEGRATION)

SHELL_PEER = tests/integration/shell_peer.h $(INTEGRATION_FIXTURE)
tests_integration_test_fd_store_t_SOURCES = tests/integration/test_fd_store.c $(SHELL_PEER)
tests_integration_test_requests_t_SOURCES = tests/integration/test_requests.c $(SHELL_PEER)
tests_integration_test_shell_activation_t_SOURCES = \
	tests/integration/test_shell_activation.c $(SHELL_PEER)
tests_integration_test_shell_clients_t_SOURCES = \
	tests/integration/test_shell_clients.c $(SHELL_PEER)
tests_integration_test_shell_kernel_t_SOURCES = \
	tests/integration/test_shell_kernel.c $(SHELL_PEER)
tests_integration_test_shell_start_t_SOURCES = \
	tests/integration/test_shell_start.c $(SHELL_PEER)
tests_integration_test_shell_watch_t_SOURCES = \
	tests/integration/test_shell_watch.c $(SHELL_PEER)

check_PROGRAMS += tests/integration/old_kernel
tests_integration_old_kernel_LDADD =
