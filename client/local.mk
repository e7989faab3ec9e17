# client/: libshmq-client. libclient.la holds its own files, for tests that look inside.
noinst_LTLIBRARIES += libclient.la
libclient_la_SOURCES =

lib_LTLIBRARIES += libshmq-client.la
libshmq_client_la_SOURCES =
libshmq_client_la_LIBADD = libclient.la libshm.la libproto.la libbase.la $(PROTOBUF_C_LIBS)
libshmq_client_la_LDFLAGS = -version-info 0:0:0 $(PROGRAM_LDFLAGS) \
	-Wl,--version-script=$(top_srcdir)/client/libshmq-client.map
EXTRA_libshmq_client_la_DEPENDENCIES = client/libshmq-client.map

shmqincludedir = $(includedir)/shmq
shmqinclude_HEADERS = \
	client/include/shmq/client.h \
	client/include/shmq/consumer.h \
	client/include/shmq/producer.h \
	client/include/shmq/shmq.h \
	client/include/shmq/types.h \
	shm/include/shmq/hot.h \
	shm/include/shmq/layout.h

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
