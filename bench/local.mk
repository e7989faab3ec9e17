# bench/: programs that measure, built by 'make bench'. Per program:
#	BENCHMARKS += bench/throughput
#	bench_throughput_LDADD = $(CLIENT_LIBS)
BENCHMARKS =

# On a private daemon: from SIGKILL to role free and peer awake; the control plane at scale.
BENCHMARKS += bench/death bench/control
bench_death_SOURCES = bench/death.c
bench_death_LDADD = $(CLIENT_LIBS)
bench_control_SOURCES = bench/control.c
bench_control_LDADD = $(CLIENT_LIBS)

# Sealed rings against named ones, on a private daemon.
BENCHMARKS += bench/sealed
bench_sealed_SOURCES = bench/sealed.c
bench_sealed_LDADD = $(CLIENT_LIBS)

# Hostile clients of a private daemon: what they cost it, and others.
BENCHMARKS += bench/attack
bench_attack_SOURCES = bench/attack.c
bench_attack_LDADD = libattack.la $(HARNESS_LIBS) libclient.la libshm.la libproto.la libbase.la \
	$(PROTOBUF_C_LIBS)

# Waiting, on a private daemon: wake-ups and CPU time of the idle; what a descriptor to poll costs.
BENCHMARKS += bench/idle bench/pollable bench/spin
bench_spin_SOURCES = bench/spin.c
bench_spin_LDADD = $(CLIENT_LIBS)
bench_pollable_SOURCES = bench/pollable.c
bench_pollable_LDADD = $(CLIENT_LIBS)
bench_idle_SOURCES = bench/idle.c
bench_idle_LDADD = $(CLIENT_LIBS)

# On the ring alone, without a daemon: streams and round trips against the textbook's ring, what the
# kernel has, and peers that bench/peers/build compiles as plugins. 'make bench-table' does it all.
BENCHMARKS += bench/compare
BENCH_COMMON_SOURCES = bench/common.c bench/common.h bench/pair.c
bench_compare_SOURCES = bench/compare.c $(BENCH_COMMON_SOURCES) bench/loops.h \
	bench/baseline_seed.c bench/our_ends.c bench/our_ends.h bench/our_ring.c bench/our_sleep.c \
	bench/pipe.c bench/posix_mq.c bench/socket.c
bench_compare_LDADD = $(RING_MEMORY_LIBS) -ldl -lrt
EXTRA_DIST += bench/README.md bench/run bench/table.awk bench/plot.gp bench/peers/build \
	bench/peers/boost_mq.cc bench/peers/boost_spsc.cc bench/peers/ck.c bench/peers/iceoryx.c \
	bench/peers/libqb.c bench/peers/nng.c bench/peers/zeromq.c

# Ours against ours: without the looks at ticket and board.
BENCHMARKS += bench/checks
bench_checks_SOURCES = bench/checks.c $(BENCH_COMMON_SOURCES) bench/our_ends.c bench/our_ends.h
bench_checks_LDADD = $(RING_MEMORY_LIBS)

# Large messages, against a bare stream through as much memory.
BENCHMARKS += bench/large
bench_large_SOURCES = bench/large.c $(BENCH_COMMON_SOURCES) bench/our_ends.c bench/our_ends.h
bench_large_LDADD = $(RING_MEMORY_LIBS)

.PHONY: bench-table
bench-table: bench/compare
	CC='$(CC)' CFLAGS='$(CFLAGS)' $(srcdir)/bench/run $(BENCH_ARGS)

include bench/archive/local.mk
