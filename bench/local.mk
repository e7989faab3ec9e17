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
