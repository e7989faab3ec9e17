# bench/: programs that measure, built by 'make bench'. Per program:
#	BENCHMARKS += bench/throughput
#	bench_throughput_LDADD = $(CLIENT_LIBS)
BENCHMARKS =
