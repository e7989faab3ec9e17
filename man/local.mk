# man/: mdoc pages, linted by tests/check/man.sh
dist_man_MANS = \
	man/shmqctl.1 man/shmqctl-metrics.1 man/shmqctl-stat.1 man/shmqctl-top.1 \
	man/shmq_archive.3 man/shmq_connect.3 man/shmq_consumer_fd.3 man/shmq_create.3 man/shmq_error_detail.3 man/shmq_list.3 \
	man/shmq_open_producer.3 man/shmq_pop.3 man/shmq_push.3 man/shmq_stats.3 man/shmq_wait.3 man/shmq_watch.3 \
	man/shmq.7 man/shmq-metrics.7 man/shmqd.conf.5 \
	man/shmqd.8

EXTRA_DIST += docs/archive-layout.md docs/architecture.md docs/design-changes.md docs/failure-model.md \
	docs/memory-layout.md docs/memory-order.md docs/probes.md docs/protocol.md docs/security.md docs/systemd.md SECURITY.md docs/compare.svg

monitoringdir = $(docdir)/monitoring
dist_monitoring_DATA = docs/monitoring/README.md docs/monitoring/grafana.json \
	docs/monitoring/shmq.rules.yml docs/monitoring/shmq.rules.test.yml

# man 3 shmq_try_push finds shmq_push(3): a page for every other name in a page's NAME section.
MAN_ALIASES = { for page in $(srcdir)/man/*.3; do \
	base=$$(basename $$page); \
	$(AWK) -v base=$$base '/^\.Sh / { at = ($$2 == "NAME") } \
		at && /^\.Nm / && $$2 ".3" != base { print $$2, base }' $$page; \
	done; }
install-data-hook:
	$(MAN_ALIASES) | while read -r alias page; do \
		echo ".so man3/$$page" >"$(DESTDIR)$(man3dir)/$$alias.3" || exit 1; done
uninstall-hook:
	$(MAN_ALIASES) | while read -r alias page; do rm -f "$(DESTDIR)$(man3dir)/$$alias.3"; done
