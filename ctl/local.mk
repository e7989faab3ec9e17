# ctl/: shmqctl, with the installed client headers and base/ only, which proves that they suffice
# Once main.c exists: take the leading '#: ' away.
#: bin_PROGRAMS += shmqctl
#: shmqctl_SOURCES = \
#: 	ctl/main.c
#: shmqctl_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS) $(JSONC_CFLAGS)
#: shmqctl_LDADD = libshmq-client.la libbase.la $(SMARTCOLS_LIBS) $(JSONC_LIBS)
#: shmqctl_LDFLAGS = $(PROGRAM_LDFLAGS)
