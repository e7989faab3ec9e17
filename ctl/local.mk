# ctl/: shmqctl, with the installed client headers and base/ only, which proves that they suffice.
# All but main.c is in libctl.la, so that tests link what the program runs.
noinst_LTLIBRARIES += libctl.la
libctl_la_SOURCES = \
	ctl/bench.h \
	ctl/bench_machine.c \
	ctl/bench_pair.c \
	ctl/bench_report.c \
	ctl/cmd_bench.c \
	ctl/cmd_check.c \
	ctl/cmd_clients.c \
	ctl/cmd_completion.c \
	ctl/cmd_create.c \
	ctl/cmd_demo.c \
	ctl/cmd_destroy.c \
	ctl/cmd_doctor.c \
	ctl/cmd_list.c \
	ctl/cmd_metrics.c \
	ctl/cmd_ping.c \
	ctl/cmd_purge.c \
	ctl/cmd_reap.c \
	ctl/cmd_recv.c \
	ctl/cmd_reload.c \
	ctl/cmd_send.c \
	ctl/cmd_show.c \
	ctl/cmd_stat.c \
	ctl/cmd_tail.c \
	ctl/cmd_top.c \
	ctl/cmd_version.c \
	ctl/cmd_watch.c \
	ctl/command_line.c ctl/command_line.h \
	ctl/ctl.c ctl/ctl.h \
	ctl/demo.h \
	ctl/demo_child.c \
	ctl/demo_files.c \
	ctl/demo_find.c \
	ctl/demo_leftovers.c \
	ctl/demo_pipeline.c \
	ctl/demo_pump.c ctl/demo_pump.h \
	ctl/demo_say.c \
	ctl/demo_stream.c \
	ctl/demo_successor.c \
	ctl/demo_world.c \
	ctl/allow.c ctl/allow.h \
	ctl/completion.c ctl/completion.h \
	ctl/completion_bash.c \
	ctl/completion_fish.c \
	ctl/completion_zsh.c \
	ctl/decode.c ctl/decode.h \
	ctl/facts.c ctl/facts.h \
	ctl/pages.c ctl/pages.h \
	ctl/failure.c ctl/failure.h \
	ctl/findings.c ctl/findings.h \
	ctl/foreign.c ctl/foreign.h \
	ctl/help.c ctl/help.h \
	ctl/hint.c ctl/hint.h \
	ctl/histogram.c ctl/histogram.h \
	ctl/holders.c ctl/holders.h \
	ctl/kernel_features.c ctl/kernel_features.h \
	ctl/lines.c ctl/lines.h \
	ctl/metric_tables.c ctl/metric_tables.h \
	ctl/observer.c ctl/observer.h \
	ctl/options.c ctl/options.h \
	ctl/payload.c ctl/payload.h \
	ctl/pipe.c ctl/pipe.h \
	ctl/rate.c ctl/rate.h \
	ctl/repeat.c ctl/repeat.h \
	ctl/screen.c ctl/screen.h \
	ctl/stat.h \
	ctl/stat_table.c ctl/stat_table.h \
	ctl/stream.c ctl/stream.h \
	ctl/table.c ctl/table.h \
	ctl/top.c ctl/top.h \
	ctl/top_view.c
libctl_la_CFLAGS = $(AM_CFLAGS) $(SMARTCOLS_CFLAGS) $(JSONC_CFLAGS)

CTL_LIBS = libctl.la libshmq-client.la libbase.la $(SMARTCOLS_LIBS) $(JSONC_LIBS) -lm

bin_PROGRAMS += shmqctl
shmqctl_SOURCES = ctl/main.c
shmqctl_LDADD = $(CTL_LIBS)
shmqctl_LDFLAGS = $(PROGRAM_LDFLAGS)

# Completions come from shmqctl's own tables. Where what is built does not run here, there are none:
# `shmqctl completion SHELL` prints them.
if RUNS_HERE
bashcompletiondir = $(datadir)/bash-completion/completions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
nodist_bashcompletion_DATA = ctl/completions/shmqctl
nodist_zshcompletion_DATA = ctl/completions/_shmqctl
nodist_fishcompletion_DATA = ctl/completions/shmqctl.fish
CLEANFILES += $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA)

COMPLETION_GEN = $(AM_V_GEN)$(MKDIR_P) $(@D) && ./shmqctl completion
ctl/completions/shmqctl: shmqctl$(EXEEXT)
	$(COMPLETION_GEN) bash >$@.tmp && mv $@.tmp $@
ctl/completions/_shmqctl: shmqctl$(EXEEXT)
	$(COMPLETION_GEN) zsh >$@.tmp && mv $@.tmp $@
ctl/completions/shmqctl.fish: shmqctl$(EXEEXT)
	$(COMPLETION_GEN) fish >$@.tmp && mv $@.tmp $@
endif
