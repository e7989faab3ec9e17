# tests/storm/: random deaths under load, short here, long on demand
PLAIN_TESTS += tests/storm/storm
tests_storm_storm_SOURCES = tests/storm/storm.c \
	tests/storm/glutton.c tests/storm/glutton.h tests/storm/ledger.c tests/storm/ledger.h
tests_storm_storm_LDADD = $(CLIENT_LIBS)
SCRIPT_TESTS += tests/storm/full.sh

# A peer that writes anything anywhere. With the library's objects, not its shared library: mmap(2) is
# the program's own.
PLAIN_TESTS += tests/storm/scribble
tests_storm_scribble_SOURCES = tests/storm/scribble.c tests/storm/scribble.h \
	tests/storm/scribble_hand.c tests/storm/scribble_victim.c \
	tests/storm/guarded.c tests/storm/guarded.h
tests_storm_scribble_LDADD = $(HARNESS_LIBS) libclient.la libshm.la libproto.la libbase.la \
	$(PROTOBUF_C_LIBS)
