/* SPDX-License-Identifier: MIT */
/*
 * process.h - what the kernel says of a process: start time, command, namespace, boot id, pidfd
 *
 * Read from procfs. A pid is a number that is reused: whoever needs identity compares the start
 * time (clock ticks since boot, proc_pid_stat(5) field 22) while holding a pidfd.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROCESS_COMM_MAX 16 /* with NUL, TASK_COMM_LEN */
#define BOOT_ID_BYTES	 16

int process_start_time(pid_t pid, uint64_t *ret_ticks);           /* -ESRCH when gone */
int process_state(pid_t pid, char *ret_state);                    /* 'R', 'S', 'T', 'Z' … */
int process_comm(pid_t pid, char comm[PROCESS_COMM_MAX]);         /* -ESRCH when gone */
int process_pidns_inode(pid_t pid, uint64_t *ret_inode);
int process_pidfd_open(pid_t pid);                                /* pidfd or -errno */
int process_pidfd_inode(int pidfd, uint64_t *ret_inode);          /* pidfs inode; -EOPNOTSUPP before 6.9 */
int boot_id_read(uint8_t boot_id[BOOT_ID_BYTES]);
