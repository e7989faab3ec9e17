# tests/systemd/: units and daemon in the hands of systemd
ONCE_TESTS += \
	tests/systemd/booted.sh \
	tests/systemd/units.sh
EXTRA_DIST += \
	tests/systemd/boot.sh \
	tests/systemd/inside.sh \
	tests/systemd/case_activation.sh \
	tests/systemd/case_journal.sh \
	tests/systemd/case_kill.sh \
	tests/systemd/case_logout.sh \
	tests/systemd/case_metrics.sh \
	tests/systemd/case_reload.sh \
	tests/systemd/case_rights.sh \
	tests/systemd/case_stop.sh \
	tests/systemd/case_watchdog.sh
