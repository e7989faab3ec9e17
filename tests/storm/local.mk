# tests/storm/: random deaths under load, short here, long on demand
PLAIN_TESTS += tests/storm/storm
tests_storm_storm_SOURCES = tests/storm/storm.c \
	tests/storm/glutton.c tests/storm/glutton.h tests/storm/ledger.c tests/storm/ledger.h
tests_storm_storm_LDADD = $(CLIENT_LIBS)
SCRIPT_TESTS += tests/storm/full.sh
