# tests/packages/: Debian packages, built and lived with; on demand, for it takes minutes
EXTRA_DIST += tests/packages/case_upgrade.sh tests/packages/packages.sh tests/packages/reader.pl

.PHONY: check-packages
check-packages:
	$(AM_TESTS_ENVIRONMENT) bash $(srcdir)/tests/packages/packages.sh || [ $$? = 77 ]
