# man/: mdoc pages, linted by tests/check/man.sh
dist_man_MANS = \
	man/shmqctl.1 \
	man/shmq_archive.3 man/shmq_connect.3 man/shmq_create.3 man/shmq_error_detail.3 man/shmq_list.3 \
	man/shmq_open_producer.3 man/shmq_pop.3 man/shmq_push.3 man/shmq_wait.3 man/shmq_watch.3 \
	man/shmq.7 \
	man/shmqd.8

EXTRA_DIST += docs/archive-layout.md docs/architecture.md docs/design-changes.md docs/failure-model.md \
	docs/memory-layout.md docs/memory-order.md docs/protocol.md
