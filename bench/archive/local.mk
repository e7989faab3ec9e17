# bench/archive/: shmq/archive.h against other ways of sending a structure; run.sh makes the table
BENCHMARKS += bench/archive/archive
bench_archive_archive_SOURCES = bench/archive/bench.c bench/archive/contestant.h \
	bench/archive/flat.c bench/archive/ours.c bench/archive/ours.h \
	$(BENCH_COMMON_SOURCES)
bench_archive_archive_LDADD = $(RING_MEMORY_LIBS) -ldl
EXTRA_DIST += bench/archive/run.sh bench/archive/messages.proto bench/archive/messages.capnp \
	bench/archive/messages.fbs bench/archive/protobuf_c.c bench/archive/capnp.cc \
	bench/archive/flatbuffers.cc
