# examples/: built by 'make check', run by a test. Per program:
#	EXAMPLES += examples/hello_producer
#	examples_hello_producer_LDADD = libshmq-client.la
EXAMPLES =
check_PROGRAMS += $(EXAMPLES)
