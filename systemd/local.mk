# systemd/: units, user and runtime directory. *.in have their directories filled in.
systemdsystemunit_DATA =
sysusers_DATA =
tmpfiles_DATA =
