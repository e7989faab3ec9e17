# tests/fuzz/local.mk: hostile input; the corpus is replayed without an engine
#
#	configure CC=clang --enable-fuzz --enable-sanitizers=address,undefined
#	make tests/fuzz/fuzz_archive && tests/fuzz/fuzz_archive -max_len=4096 NEW-DIRECTORY CORPUS
# What a finding taught goes into tests/fuzz/corpus/<target>; -merge=1 keeps that small.
FUZZ_TARGETS = \
	tests/fuzz/fuzz_archive \
	tests/fuzz/fuzz_control \
	tests/fuzz/fuzz_registry \
	tests/fuzz/fuzz_schema \
	tests/fuzz/fuzz_segment

if FUZZ
check_PROGRAMS += $(FUZZ_TARGETS)
FUZZ_MAIN =
else
PLAIN_TESTS += $(FUZZ_TARGETS)
FUZZ_MAIN = tests/fuzz/replay.c
endif

tests_fuzz_fuzz_archive_SOURCES = tests/fuzz/fuzz_archive.c $(FUZZ_MAIN) $(ARCHIVE_CASES)
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c $(FAKE_SOURCES) $(FUZZ_MAIN)
tests_fuzz_fuzz_control_LDADD = libcore.la libproto.la libshm.la libbase.la $(PROTOBUF_C_LIBS)
tests_fuzz_fuzz_control_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_schema_SOURCES = tests/fuzz/fuzz_schema.c $(FUZZ_MAIN)
tests_fuzz_fuzz_archive_LDADD = libclient.la libbase.la
tests_fuzz_fuzz_schema_LDADD = libclient.la libbase.la
tests_fuzz_fuzz_archive_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_schema_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

tests_fuzz_fuzz_registry_SOURCES = tests/fuzz/fuzz_registry.c $(FUZZ_MAIN)
tests_fuzz_fuzz_registry_LDADD = libcore.la libproto.la libshm.la libbase.la $(PROTOBUF_C_LIBS)
tests_fuzz_fuzz_registry_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_fuzz_segment_SOURCES = tests/fuzz/fuzz_segment.c $(FUZZ_MAIN)
tests_fuzz_fuzz_segment_LDADD = $(RING_MEMORY_LIBS)
tests_fuzz_fuzz_segment_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/schema.dict
