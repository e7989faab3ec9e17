# tests/stress/local.mk: plain programs, for ThreadSanitizer too. Each takes a factor as argument.
TSAN_TESTS += \
	tests/stress/any \
	tests/stress/farewell \
	tests/stress/handles \
	tests/stress/pollable \
	tests/stress/stream_threads
PLAIN_TESTS += \
	tests/stress/lost_wakeup \
	tests/stress/stream_processes \
	tests/stress/wake_calls

STREAM_SOURCES = tests/stress/stream.c tests/stress/stream.h
tests_stress_any_SOURCES = tests/stress/any.c $(STREAM_SOURCES)
tests_stress_farewell_SOURCES = tests/stress/farewell.c $(STREAM_SOURCES)
tests_stress_handles_SOURCES = tests/stress/handles.c
tests_stress_lost_wakeup_SOURCES = tests/stress/lost_wakeup.c $(STREAM_SOURCES)
tests_stress_pollable_SOURCES = tests/stress/pollable.c $(STREAM_SOURCES)
tests_stress_stream_processes_SOURCES = tests/stress/stream_processes.c $(STREAM_SOURCES)
tests_stress_stream_threads_SOURCES = tests/stress/stream_threads.c $(STREAM_SOURCES)
tests_stress_any_LDADD = $(RING_MEMORY_LIBS)
tests_stress_farewell_LDADD = $(RING_MEMORY_LIBS)
tests_stress_handles_LDADD = $(CLIENT_LIBS)
tests_stress_lost_wakeup_LDADD = $(RING_MEMORY_LIBS)
tests_stress_pollable_LDADD = libringmemory.la libclient.la libshm.la libproto.la libbase.la \
	$(PROTOBUF_C_LIBS)
tests_stress_stream_processes_LDADD = $(RING_MEMORY_LIBS)
tests_stress_stream_threads_LDADD = $(RING_MEMORY_LIBS)
tests_stress_wake_calls_SOURCES = tests/stress/wake_calls.c $(STREAM_SOURCES)
tests_stress_wake_calls_LDADD = $(RING_MEMORY_LIBS)
