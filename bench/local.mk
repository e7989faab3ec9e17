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

# On the ring alone, without a daemon: throughput and round trips against the textbook's ring.
BENCHMARKS += bench/throughput bench/latency
BENCH_RING_SOURCES = bench/common.c bench/common.h bench/baseline_seed.c bench/our_ring.c
bench_throughput_SOURCES = bench/throughput.c $(BENCH_RING_SOURCES)
bench_throughput_LDADD = $(RING_MEMORY_LIBS)
bench_latency_SOURCES = bench/latency.c $(BENCH_RING_SOURCES)
bench_latency_LDADD = $(RING_MEMORY_LIBS)

include bench/archive/local.mk
