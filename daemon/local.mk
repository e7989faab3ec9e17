# daemon/: shmqd. libcore.la is the decisions (no system call), libshmqd.la the shell around them;
# all but main.c is in libraries, so that tests link what the daemon runs.
noinst_LTLIBRARIES += libcore.la libshmqd.la
include daemon/core/core.mk

libshmqd_la_SOURCES =
libshmqd_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS) $(ACL_CFLAGS)

SHMQD_LIBS = libshmqd.la libcore.la libshm.la libproto.la libbase.la \
	$(EVENT_LIBS) $(SYSTEMD_LIBS) $(ACL_LIBS) $(PROTOBUF_C_LIBS)

# The program, once main.c exists: take the leading '#: ' away.
#: sbin_PROGRAMS += shmqd
#: shmqd_SOURCES = daemon/main.c
#: shmqd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
#: shmqd_LDADD = $(SHMQD_LIBS)
#: shmqd_LDFLAGS = $(PROGRAM_LDFLAGS)
