# proto/: the control protocol. Only this directory sees the code that protoc-c makes of shmq.proto.
noinst_LTLIBRARIES += libproto.la libprotogen.la
libproto_la_SOURCES = \
	proto/control.h \
	proto/wire.c proto/wire.h \
	proto/wire_arena.c proto/wire_arena.h \
	proto/wire_form.c proto/wire_form.h \
	proto/wire_reply.c \
	proto/wire_reply_decode.c \
	proto/wire_request.c
libproto_la_CFLAGS = $(AM_CFLAGS) $(PROTOBUF_C_CFLAGS)
libproto_la_LIBADD = libprotogen.la

# Generated: not ours to warn about.
nodist_libprotogen_la_SOURCES = proto/shmq.pb-c.c proto/shmq.pb-c.h
libprotogen_la_CFLAGS = $(AM_CFLAGS) $(PROTOBUF_C_CFLAGS) -w

EXTRA_DIST += proto/shmq.proto
BUILT_SOURCES += proto/shmq.pb-c.h
CLEANFILES += proto/shmq.pb-c.c proto/shmq.pb-c.h

proto/shmq.pb-c.c: proto/shmq.proto
	@$(MKDIR_P) proto
	$(AM_V_GEN)$(PROTOC_C) --proto_path=$(top_srcdir)/proto --c_out=proto $(top_srcdir)/proto/shmq.proto
proto/shmq.pb-c.h: proto/shmq.pb-c.c
	@test -f $@ || { rm -f $<; $(MAKE) $(AM_MAKEFLAGS) $<; }

$(libproto_la_OBJECTS) $(libprotogen_la_OBJECTS): proto/shmq.pb-c.h
