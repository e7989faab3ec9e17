/* SPDX-License-Identifier: MIT */
/*
 * cmd_doctor.c - shmqctl doctor: what on this host would make rings fail, and the remedy
 *
 * Each check adds findings: fine, worth knowing, or a problem with the command that helps. The exit
 * status is 1 if there is a problem.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/parse.h"
#include "base/removeipc.h"
#include "ctl/facts.h"
#include "ctl/failure.h"
#include "ctl/findings.h"
#include "ctl/foreign.h"
#include "ctl/kernel_features.h"

#define SYSTEM_SOCKET "/run/shmqd/control.sock"
#define SHM_SMALL     (UINT64_C(64) << 20) /* what container runtimes give when nobody asks */
/* Of systemd.exec(5): where DynamicUser= takes its uids from. */
#define DYNAMIC_UID_MIN 61184
#define DYNAMIC_UID_MAX 65519

static void check_socket_access(struct findings *findings, const char *path)
{
	char group[64], remedy[200];
	struct stat st;

	if (lstat(path, &st) < 0 || access(path, W_OK) == 0)
		return;
	group_name(st.st_gid, group, sizeof(group));
	snprintf(remedy, sizeof(remedy), "sudo usermod -aG %s $USER, then log in again", group);
	findings_add(findings, FINDING_PROBLEM, remedy,
		     "you may not connect to %s: it is for group %s", path, group);
}

static void check_owner(struct findings *findings, const struct shmq_daemon_info *info)
{
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d", (int)info->pid);
	if (stat(path, &st) < 0)
		return;
	if (st.st_uid >= DYNAMIC_UID_MIN && st.st_uid <= DYNAMIC_UID_MAX)
		findings_add(
			findings, FINDING_PROBLEM,
			"give the unit User= with a static system user (sysusers.d)",
			"shmqd runs with DynamicUser=: systemd deletes its segments at every stop");
	else if (removeipc_threatens("", st.st_uid))
		findings_add(
			findings, FINDING_PROBLEM,
			"use the system's shmqd, run 'loginctl enable-linger', or set RemoveIPC=no in "
			"/etc/systemd/logind.conf",
			"shmqd runs as login user %u: logind deletes its rings when that user logs "
			"out",
			(unsigned)st.st_uid);
}

static void check_limits(struct findings *findings, const struct shmq_daemon_info *info)
{
	char used[32], max[32];

	if (info->n_rings >= info->max_rings)
		findings_add(findings, FINDING_PROBLEM,
			     "destroy some, or start shmqd with more --max-rings",
			     "all %u rings are in use", info->max_rings);
	if (info->max_bytes && info->bytes > info->max_bytes / 10 * 9)
		findings_add(findings, FINDING_NOTE,
			     "destroy some, or start shmqd with more --max-bytes",
			     "rings take %s of the %s they may",
			     format_size(info->bytes, used, sizeof(used)),
			     format_size(info->max_bytes, max, sizeof(max)));
}

static void check_daemon(struct ctl *ctl, struct findings *findings)
{
	struct shmq_daemon_info info;
	char took[32];
	int64_t ns;
	int r = ctl_try_connect(ctl);
	const char *path = ctl_socket(ctl);

	if (r < 0) {
		findings_add(findings, FINDING_PROBLEM,
			     "systemctl start shmqd.socket, or without systemd: shmqd --user &",
			     "shmqd does not answer: %s", shmq_error_detail());
		check_socket_access(findings, path ? path : SYSTEM_SOCKET);
		return;
	}
	ns = shmq_ping(ctl->client);
	r = ns < 0 ? (int)ns : shmq_daemon_info(ctl->client, &info);
	if (r < 0) {
		findings_add(findings, FINDING_PROBLEM, "journalctl -u shmqd",
			     "shmqd does not answer: %s", shmq_error_detail());
		return;
	}
	findings_add(findings, FINDING_FINE, NULL, "shmqd %s answers in %s (pid %d, instance %s)",
		     info.version, format_duration_ns(ns, took, sizeof(took)), (int)info.pid,
		     info.instance);
	if (strcmp(info.version, shmq_version()))
		findings_add(findings, FINDING_NOTE, NULL, "shmqd is version %s, this library %s",
			     info.version, shmq_version());
	check_owner(findings, &info);
	check_limits(findings, &info);
}

static uint64_t mem_available(void)
{
	uint64_t kib = 0;
	char line[256];
	FILE *file = fopen("/proc/meminfo", "re");

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %" SCNu64, &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024;
}

static void check_memory(struct findings *findings)
{
	struct statvfs fs;
	uint64_t total, available, memory = mem_available();
	char total_text[32], free_text[32], memory_text[32];

	if (statvfs(FOREIGN_DIRECTORY, &fs) < 0) {
		findings_add(findings, FINDING_PROBLEM,
			     "mount -t tmpfs -o mode=1777 tmpfs /dev/shm",
			     "there is no usable %s: %s", FOREIGN_DIRECTORY, strerror(errno));
		return;
	}
	total = (uint64_t)fs.f_blocks * fs.f_frsize;
	available = (uint64_t)fs.f_bavail * fs.f_frsize;
	format_size(total, total_text, sizeof(total_text));
	format_size(available, free_text, sizeof(free_text));
	format_size(memory, memory_text, sizeof(memory_text));
	findings_add(findings, FINDING_FINE, NULL, "%s: %s free of %s; memory available: %s",
		     FOREIGN_DIRECTORY, free_text, total_text, memory_text);
	if (total && total <= SHM_SMALL)
		findings_add(findings, FINDING_PROBLEM, "docker run --shm-size=1g, or mount more",
			     "%s holds only %s: the default of a container", FOREIGN_DIRECTORY,
			     total_text);
	else if (total && available < total / 20)
		findings_add(findings, FINDING_PROBLEM, "shmqctl list, sudo shmqctl orphans",
			     "%s is nearly full: %s left of %s", FOREIGN_DIRECTORY, free_text,
			     total_text);
	if (fs.f_files && fs.f_favail < 64)
		findings_add(findings, FINDING_PROBLEM, "mount -o remount,nr_inodes=… /dev/shm",
			     "%s has no inodes left", FOREIGN_DIRECTORY);
}

static void check_kernel(struct findings *findings)
{
	struct rlimit limit;
	char text[32];

	if (!kernel_has_futex_waitv())
		findings_add(
			findings, FINDING_NOTE,
			"Linux 5.16 or later; containers: allow futex_waitv in seccomp",
			"no futex_waitv(2): who sleeps learns of a dead peer up to 10 ms late");
	if (!kernel_has_membarrier())
		findings_add(findings, FINDING_NOTE, "containers: allow membarrier in seccomp",
			     "no membarrier(2): every push costs a fence");
	if (!kernel_has_pidfd())
		findings_add(findings, FINDING_PROBLEM,
			     "Linux 5.3 or later; containers: allow pidfd_open",
			     "no pidfd_open(2): the death of clients can't be noticed");
	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		findings_add(findings, FINDING_FINE, NULL, "this shell may lock %s of memory",
			     format_size(limit.rlim_cur, text, sizeof(text)));
}

static void check_foreign(struct findings *findings)
{
	struct foreign_scan scan;
	uint64_t bytes = 0;
	size_t n = 0;
	char text[32];

	if (foreign_scan(FOREIGN_DIRECTORY, FOREIGN_OTHERS, NULL, false, &scan) < 0)
		return;
	for (size_t i = 0; i < scan.n; i++) {
		if (scan.objects[i].verdict != FOREIGN_ORPHAN)
			continue;
		n++;
		bytes += (uint64_t)scan.objects[i].st.st_blocks * 512;
	}
	if (!foreign_sees_all(&scan))
		findings_add(findings, FINDING_NOTE,
			     geteuid() == 0 ? "run it on the host, outside containers and sandboxes"
					    : "sudo shmqctl doctor",
			     "leftovers of other programs were not looked for: not every process "
			     "can be seen");
	else if (n > 0)
		findings_add(findings, FINDING_PROBLEM,
			     "sudo shmqctl orphans, then sudo shmqctl reap --foreign PATTERN…",
			     "%zu object%s of other programs in %s, %s, that no process holds", n,
			     n == 1 ? "" : "s", FOREIGN_DIRECTORY,
			     format_size(bytes, text, sizeof(text)));
	else
		findings_add(findings, FINDING_FINE, NULL, "no leftovers of other programs in %s",
			     FOREIGN_DIRECTORY);
	foreign_scan_release(&scan);
}

static int doctor_run(struct ctl *ctl, int n_args, char **args)
{
	struct findings findings = { 0 };
	int exit;

	(void)n_args;
	(void)args;
	check_daemon(ctl, &findings);
	check_memory(&findings);
	check_kernel(&findings);
	check_foreign(&findings);
	if (findings.out_of_memory)
		return fail_file(ctl, "doctor", -ENOMEM);
	findings_print(&findings, ctl);
	exit = findings.n_problems ? CTL_FAILED : CTL_OK;
	findings_release(&findings);
	return exit;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.args = "",
	.summary = "look for what would make rings fail, and say what helps",
	.details = "Looks at the daemon, your rights, /dev/shm, the kernel, systemd's traps and "
		   "other\n"
		   "programs' leftovers. Exit status 1 if there is a problem.",
	.examples = "  shmqctl doctor\n"
		    "  sudo shmqctl doctor --json",
	.run = doctor_run,
};
