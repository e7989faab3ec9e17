#!/bin/bash
# SPDX-License-Identifier: MIT
# case_metrics.sh - figures over a socket that systemd makes, for a daemon that has no network; and
# as a file for node_exporter
# shellcheck source=tests/systemd/inside.sh
. "${0%/*}/inside.sh"

scrape()
{
	local line

	exec 3<>/dev/tcp/127.0.0.1/9464
	printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
	while IFS= read -r line <&3; do
		printf '%s\n' "$line"
	done
	exec 3>&-
}

shmqctl create counted --slots 64 >/dev/null || fail "create"
check "nobody listens unless asked to" eval '! (exec 3<>/dev/tcp/127.0.0.1/9464) 2>/dev/null'
systemctl stop shmqd.service 2>/dev/null
systemctl start shmqd-metrics.socket
check "a scrape starts the daemon and is answered" eval 'scrape >/run/page'
check "with what a ring tells" grep -q '^shmq_ring_.*ring="counted"' /run/page
check "and the daemon" grep -q '^shmqd_' /run/page
check "the daemon has no network" test \
	"$(readlink "/proc/$(daemon_pid)/ns/net")" != "$(readlink /proc/self/ns/net)"
check "clients are served as well" shmqctl show counted

mkdir -p /var/lib/prometheus/node-exporter
check "the file is written" systemctl start shmqd-metrics-textfile.service
check "with the ring" grep -q 'ring="counted"' /var/lib/prometheus/node-exporter/shmq.prom
check "readable for node_exporter" test "$(stat -c %a /var/lib/prometheus/node-exporter/shmq.prom)" = 644
check "the timer starts" systemctl start shmqd-metrics-textfile.timer
