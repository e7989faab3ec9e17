# systemd/: units, user and runtime directory. *.in have their directories filled in.
systemduserunitdir = $(prefix)/lib/systemd/user

dist_systemdsystemunit_DATA = systemd/shmqd.socket systemd/shmqd-metrics.socket \
	systemd/shmqd-metrics-textfile.timer
nodist_systemdsystemunit_DATA = systemd/shmqd.service systemd/shmqd-metrics-textfile.service
dist_systemduserunit_DATA = systemd/user/shmqd.socket
nodist_systemduserunit_DATA = systemd/user/shmqd.service
catalogdir = $(prefix)/lib/systemd/catalog
dist_catalog_DATA = systemd/shmqd.catalog
dist_sysusers_DATA = systemd/sysusers.d/shmqd.conf
dist_tmpfiles_DATA = systemd/tmpfiles.d/shmqd.conf

EXTRA_DIST += systemd/shmqd.service.in systemd/shmqd-metrics-textfile.service.in systemd/user/shmqd.service.in
CLEANFILES += systemd/shmqd.service systemd/shmqd-metrics-textfile.service systemd/user/shmqd.service

UNIT_SED = $(SED) -e 's|@bindir[@]|$(bindir)|g'

systemd/shmqd.service: systemd/shmqd.service.in Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(UNIT_SED) $(srcdir)/systemd/shmqd.service.in >$@
systemd/shmqd-metrics-textfile.service: systemd/shmqd-metrics-textfile.service.in Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(UNIT_SED) $(srcdir)/systemd/shmqd-metrics-textfile.service.in >$@
systemd/user/shmqd.service: systemd/user/shmqd.service.in Makefile
	@$(MKDIR_P) $(@D)
	$(AM_V_GEN)$(UNIT_SED) $(srcdir)/systemd/user/shmqd.service.in >$@

# The configuration is the administrator's: one that is there stays, and only ours is removed.
EXTRA_DIST += systemd/shmqd.conf
CONF_INSTALLED = $(DESTDIR)$(sysconfdir)/shmqd/shmqd.conf
install-data-local:
	$(MKDIR_P) "$(DESTDIR)$(sysconfdir)/shmqd"
	test -e "$(CONF_INSTALLED)" || $(INSTALL_DATA) $(srcdir)/systemd/shmqd.conf "$(CONF_INSTALLED)"
uninstall-local:
	if cmp -s $(srcdir)/systemd/shmqd.conf "$(CONF_INSTALLED)"; then rm -f "$(CONF_INSTALLED)"; fi
