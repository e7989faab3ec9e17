# tests/harness/: what all tests share
check_LTLIBRARIES += libharness.la
libharness_la_SOURCES = \
	tests/harness/daemon.c tests/harness/daemon.h \
	tests/harness/janitor.c tests/harness/janitor.h \
	tests/harness/mounts.c tests/harness/mounts.h \
	tests/harness/process.c tests/harness/process.h
HARNESS_LIBS = libharness.la
