# client/: libshmq-client. libclient.la holds its own files, for tests that look inside.
noinst_LTLIBRARIES += libclient.la
libclient_la_SOURCES = \
	client/archive_element.h client/archive_json.c \
	client/archive_parse.c client/archive_verify.c \
	client/attach.c client/attach.h \
	client/board.c client/board.h \
	client/call.c client/call.h \
	client/client.c client/client.h \
	client/connect.c client/connect.h \
	client/consumer.c \
	client/create.c client/create.h \
	client/error.c client/error.h \
	client/events.c \
	client/exchange.c client/exchange.h \
	client/fork.c client/fork.h \
	client/guard.c client/guard.h \
	client/handle.c client/handle.h client/handle_detach.c client/handle_fd.c \
	client/ids.c \
	client/info.c \
	client/lock.c \
	client/packet.c client/packet.h \
	client/poller.c client/poller.h \
	client/producer.c \
	client/segment.c client/segment.h \
	client/stats.c

lib_LTLIBRARIES += libshmq-client.la
libshmq_client_la_SOURCES =
libshmq_client_la_LIBADD = libclient.la libshm.la libproto.la libbase.la $(PROTOBUF_C_LIBS)
# nodelete: after dlclose(3) its threads, and its handler of SIGBUS, would have no code.
libshmq_client_la_LDFLAGS = -version-info 0:0:0 -Wl,-z,nodelete $(PROGRAM_LDFLAGS) \
	-Wl,--version-script=$(top_srcdir)/client/libshmq-client.map
EXTRA_libshmq_client_la_DEPENDENCIES = client/libshmq-client.map

shmqincludedir = $(includedir)/shmq
shmqinclude_HEADERS = \
	client/include/shmq/archive.h \
	client/include/shmq/archive_build.h \
	client/include/shmq/archive_check.h \
	client/include/shmq/archive_declare.h \
	client/include/shmq/archive_decode.h \
	client/include/shmq/archive_each.h \
	client/include/shmq/archive_read.h \
	client/include/shmq/archive_schema.h \
	client/include/shmq/archive_types.h \
	client/include/shmq/archive_walk.h \
	client/include/shmq/archive_write.h \
	client/include/shmq/client.h \
	client/include/shmq/consumer.h \
	client/include/shmq/producer.h \
	client/include/shmq/shmq.h \
	client/include/shmq/stats.h \
	client/include/shmq/types.h \
	shm/include/shmq/hot.h \
	shm/include/shmq/layout.h \
	shm/include/shmq/metrics.h

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = client/shmq-client.pc

EXTRA_DIST += client/libshmq-client.map

# A static library has no version script: its objects are joined into one whose hidden names are
# local, so that no program's own parse_size() meets ours.
install-exec-hook:
	archive='$(DESTDIR)$(libdir)/libshmq-client.a'; \
	if test -f "$$archive"; then \
		$(LD) -r --whole-archive "$$archive" -o "$$archive.o" && \
		$(OBJCOPY) --localize-hidden "$$archive.o" && \
		rm -f "$$archive" && \
		$(AR) cr "$$archive" "$$archive.o" && \
		$(RANLIB) "$$archive" && rm -f "$$archive.o"; \
	fi
