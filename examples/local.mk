# examples/: built by 'make check', run by run.sh on a private daemon; README and manual quote them
EXAMPLES = examples/producer examples/consumer examples/zero_copy examples/batch \
	examples/recover examples/event_loop examples/pipeline examples/observe examples/typed \
	examples/typed_pipeline
if !SANITIZE_THREAD
check_PROGRAMS += $(EXAMPLES)
endif
EXTRA_DIST += examples/common.h examples/bpftrace/full.bt examples/bpftrace/requests.bt \
	examples/bpftrace/sleeps.bt

examples_producer_LDADD = libshmq-client.la
examples_consumer_LDADD = libshmq-client.la
examples_zero_copy_LDADD = libshmq-client.la
examples_batch_LDADD = libshmq-client.la
examples_recover_LDADD = libshmq-client.la
examples_event_loop_LDADD = libshmq-client.la
examples_pipeline_LDADD = libshmq-client.la
examples_observe_LDADD = libshmq-client.la
examples_typed_LDADD = libshmq-client.la
examples_typed_pipeline_LDADD = libshmq-client.la
