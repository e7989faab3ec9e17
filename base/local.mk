# base/: small helpers that know libc only
noinst_LTLIBRARIES += libbase.la
libbase_la_SOURCES = \
	base/cleanup.h \
	base/clock.c base/clock.h \
	base/fd.c base/fd.h \
	base/format.c \
	base/grant.c base/grant.h \
	base/held.c base/held.h \
	base/metrics.c base/metrics.h \
	base/parse.c base/parse.h \
	base/principal.c base/principal.h \
	base/probe.h \
	base/process.c base/process.h \
	base/random.c base/random.h \
	base/removeipc.c base/removeipc.h \
	base/siphash.c base/siphash.h \
	base/suggest.c base/suggest.h
