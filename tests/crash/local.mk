# tests/crash/: death at every instruction of the ring's calls, at every system call of the daemon
PLAIN_TESTS += tests/crash/step_kill
tests_crash_step_kill_SOURCES = tests/crash/step_kill.c tests/crash/ring_calls.c \
	tests/crash/ring_calls.h tests/crash/world.c tests/crash/world.h
tests_crash_step_kill_LDADD = $(HARNESS_LIBS) $(INTERNAL_LIBS)

ONCE_TESTS += tests/crash/inject.sh

PLAIN_TESTS += tests/crash/call_kill
tests_crash_call_kill_SOURCES = tests/crash/call_kill.c
tests_crash_call_kill_LDADD = $(CLIENT_LIBS)

PLAIN_TESTS += tests/crash/pid_reuse
tests_crash_pid_reuse_SOURCES = tests/crash/pid_reuse.c
tests_crash_pid_reuse_LDADD = $(CLIENT_LIBS)
