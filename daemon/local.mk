# daemon/: shmqd. libcore.la is the decisions (no system call), libshmqd.la the shell around them;
# all but main.c is in libraries, so that tests link what the daemon runs.
noinst_LTLIBRARIES += libcore.la libshmqd.la
include daemon/core/core.mk

libshmqd_la_SOURCES = \
	daemon/board_file.c daemon/board_file.h \
	daemon/config_file.c daemon/config_file.h \
	daemon/config_lines.c daemon/config_lines.h \
	daemon/create_rule.c daemon/create_rule.h \
	daemon/declare.c daemon/declare.h \
	daemon/declared_ring.c daemon/declared_ring.h \
	daemon/drop_ins.c daemon/drop_ins.h \
	daemon/fd_store.c daemon/fd_store.h \
	daemon/instance.c daemon/instance.h daemon/instance_socket.c \
	daemon/limits.c daemon/limits.h \
	daemon/journal.c daemon/journal.h \
	daemon/listener.c daemon/listener.h \
	daemon/log.c daemon/log.h daemon/log_events.h \
	daemon/log_limit.c daemon/log_limit.h \
	daemon/loop.h \
	daemon/option_table.c daemon/option_table.h \
	daemon/options.c daemon/options.h \
	daemon/metrics_address.c daemon/metrics_address.h \
	daemon/metrics_scrape.c daemon/metrics_scrape.h \
	daemon/metrics_server.c daemon/metrics_server.h \
	daemon/metrics_visitors.c daemon/metrics_visitors.h \
	daemon/outbox.c daemon/outbox.h \
	daemon/peer.c daemon/peer.h \
	daemon/peer_unit.c daemon/peer_unit.h \
	daemon/perform.c daemon/perform.h \
	daemon/pidfd.c daemon/pidfd.h \
	daemon/process_watch.c daemon/process_watch.h \
	daemon/quarantine.c daemon/quarantine.h \
	daemon/receive.c daemon/receive.h \
	daemon/reload.c daemon/reload.h \
	daemon/registry_file.c daemon/registry_file.h \
	daemon/reply.c daemon/reply.h \
	daemon/request.c daemon/request.h \
	daemon/ring_timers.c daemon/ring_timers.h \
	daemon/scan.c daemon/scan.h \
	daemon/sealed.c daemon/sealed.h \
	daemon/segment.c daemon/segment.h \
	daemon/segment_figures.c \
	daemon/segment_files.c daemon/segment_files.h \
	daemon/segment_share.c \
	daemon/session.c daemon/session.h daemon/session_in.c daemon/session_out.c \
	daemon/shell.c daemon/shell.h \
	daemon/shm_dir.c daemon/shm_dir.h \
	daemon/signals.c daemon/signals.h \
	daemon/slow_queue.c daemon/slow_queue.h \
	daemon/stats.c daemon/stats.h \
	daemon/systemd.c daemon/systemd.h \
	daemon/throttle.c daemon/throttle.h \
	daemon/turn.c \
	daemon/verify.c daemon/verify.h \
	daemon/watch_shm.c daemon/watch_shm.h
libshmqd_la_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS) $(SYSTEMD_CFLAGS) $(ACL_CFLAGS) $(INIH_CFLAGS) \
	-DCONFIG_ETC_DIR='"$(sysconfdir)/shmqd"' -DCONFIG_RUN_DIR='"/run/shmqd"' \
	-DCONFIG_LIB_DIR='"$(prefix)/lib/shmqd"'

SHMQD_LIBS = libshmqd.la libcore.la libshm.la libproto.la libbase.la \
	$(EVENT_LIBS) $(SYSTEMD_LIBS) $(ACL_LIBS) $(PROTOBUF_C_LIBS) $(INIH_LIBS)

bin_PROGRAMS += shmqd
shmqd_SOURCES = daemon/main.c
shmqd_CFLAGS = $(AM_CFLAGS) $(EVENT_CFLAGS)
shmqd_LDADD = $(SHMQD_LIBS)
shmqd_LDFLAGS = $(PROGRAM_LDFLAGS)
