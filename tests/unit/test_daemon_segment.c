/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_segment.c - the objects behind rings: made, shared, looked at, removed
 */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/daemon_bed.h"

TestSuite(segment, .timeout = 30);

Test(segment, is_made_whole_and_for_the_daemon_alone)
{
	struct bed bed;
	struct stat st;
	uint64_t inode;

	bed_begin(&bed);
	make(&bed, 0);
	stat_of(&bed, 0, &st);
	cr_assert_eq(st.st_size, BYTES);
	cr_assert_eq(st.st_blocks * 512, BYTES);
	cr_assert_eq(st.st_mode & 07777, 0600);
	cr_assert_eq(st.st_ino, record_of(&bed, 0)->inode);
	cr_assert_eq(segment_file_create(&bed.files, 0, &inode), -EEXIST);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, false), 0);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, false), -ENOENT);
	bed_end(&bed);
}

Test(segment, a_limit_of_file_sizes_is_an_error_and_leaves_nothing)
{
	struct rlimit limit = { BYTES - 1, BYTES - 1 };
	struct bed bed;
	uint64_t inode;

	bed_begin(&bed);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(segment_file_create(&bed.files, 0, &inode), -EFBIG);
	cr_assert_eq(place_count(&bed.place, SHM_SEGMENT), 0);
	bed_end(&bed);
}

Test(segment, more_rings_than_descriptors_are_kept)
{
	struct bed bed;

	bed_begin(&bed);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < N_RINGS; i++)
			if (round == 0)
				make(&bed, i);
			else
				put(&bed, i, 0, i);
	for (uint32_t i = 0; i < N_RINGS; i++) {
		struct segment_figures figures;

		cr_assert_eq(segment_file_probe(&bed.files, i, &figures), 0);
		cr_assert_eq(figures.pushed, i);
	}
	bed_end(&bed);
}

/* Somebody removes a segment and puts a file of his own there. */
Test(segment, a_replaced_file_is_not_opened_and_not_removed)
{
	struct segment_figures figures;
	char name[CONTROL_SEGMENT_MAX], tail[64];
	struct bed bed;

	bed_begin(&bed);
	make(&bed, 3);
	segment_files_forget(&bed.files, 3);
	cr_assert_eq(shm_dir_unlink(&bed.place.shm, name_of(&bed, 3, name)), 0);
	cr_assert_eq(segment_file_probe(&bed.files, 3, &figures), -ENOENT);
	snprintf(tail, sizeof(tail), "%s", strstr(name, ".r3.") + 1);
	place_file(&bed.place, tail, 0600, BYTES);
	cr_assert_eq(segment_file_probe(&bed.files, 3, &figures), -ESTALE);
	cr_assert_eq(segment_file_unlink(&bed.files, 3, false), -ENOENT);
	cr_assert(place_has(&bed.place, tail));
	bed_end(&bed);
}

/* A record that is used again must not reach the segment of the ring before. */
Test(segment, a_new_use_of_a_record_is_another_file)
{
	struct segment_figures figures;
	struct bed bed;

	bed_begin(&bed);
	make(&bed, 0);
	put(&bed, 0, 0, 17);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, false), 0);
	record_of(&bed, 0)->generation[7] ^= 1;
	make(&bed, 0);
	cr_assert_eq(segment_file_probe(&bed.files, 0, &figures), 0);
	cr_assert_eq(figures.pushed, 0);
	bed_end(&bed);
}

Test(segment, pages_are_given_back_after_the_name_is_gone)
{
	struct bed bed;
	struct stat st;
	int fd;

	bed_begin(&bed);
	make(&bed, 0);
	fd = dup(segment_files_get(&bed.files, 0)); /* as a client has it */
	cr_assert_eq(segment_file_unlink(&bed.files, 0, true), 0);
	cr_assert_eq(segment_file_punch(&bed.files, 0, 0, BYTES), 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert_eq(st.st_blocks, 0);
	cr_assert_eq(st.st_size, BYTES, "a mapping of it stays valid");
	segment_files_forget(&bed.files, 0);
	cr_assert_eq(segment_file_punch(&bed.files, 0, 0, BYTES), -ENOENT);
	fd_close(fd);
	bed_end(&bed);
}

Test(segment, it_is_seen_who_keeps_the_memory)
{
	struct bed bed;
	void *memory;

	bed_begin(&bed);
	make(&bed, 0);
	cr_assert(!segment_file_is_held(&bed.files, 0));
	memory = map(&bed, 0);
	cr_assert(segment_file_is_held(&bed.files, 0));
	cr_assert_eq(segment_file_unlink(&bed.files, 0, true), 0);
	cr_assert_eq(segment_file_punch(&bed.files, 0, 0, BYTES), -EBUSY);
	munmap(memory, BYTES);
	cr_assert_eq(segment_file_punch(&bed.files, 0, 0, BYTES), 0);
	bed_end(&bed);
}

/* A purge makes another segment and forgets this one: who has it would have it for nothing. */
Test(segment, what_is_held_is_not_given_up_for_good)
{
	struct bed bed;
	struct stat st;
	void *memory;

	bed_begin(&bed);
	make(&bed, 0);
	record_of(&bed, 0)->state = REGISTRY_RING_PURGING;
	memory = map(&bed, 0);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, false), -EBUSY);
	stat_of(&bed, 0, &st);
	cr_assert_eq(st.st_mode & 0777, 0600, "it can be opened as before");
	munmap(memory, BYTES);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, false), 0);
	bed_end(&bed);
}

/* Its pages could neither be given back nor be asked for. */
Test(segment, without_a_descriptor_it_keeps_its_name)
{
	struct rlimit limit, none = { 0, 0 };
	struct bed bed;

	bed_begin(&bed);
	make(&bed, 0);
	segment_files_forget(&bed.files, 0);
	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none.rlim_max = limit.rlim_max;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, true), -EMFILE);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, false), -EMFILE);
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, true), 0);
	bed_end(&bed);
}

/* Else it could be mapped, destroyed, and paid by nobody. */
Test(segment, what_is_held_waits_for_a_place_among_the_kept)
{
	struct bed bed;
	void *memory;

	bed_begin(&bed);
	for (uint32_t i = 0; i < SEGMENT_FILES_PINNED; i++) {
		make(&bed, i);
		cr_assert_eq(segment_file_unlink(&bed.files, i, true), 0);
	}
	make(&bed, SEGMENT_FILES_PINNED);
	memory = map(&bed, SEGMENT_FILES_PINNED);
	cr_assert_eq(segment_file_unlink(&bed.files, SEGMENT_FILES_PINNED, true), -EMFILE);
	segment_files_forget(&bed.files, 0);
	cr_assert_eq(segment_file_unlink(&bed.files, SEGMENT_FILES_PINNED, true), 0);
	munmap(memory, BYTES);
	bed_end(&bed);
}

/* Rings that one user destroys while he has them open. */
Test(segment, one_user_leaves_room_for_others)
{
	const uint32_t next = SEGMENT_FILES_PINNED_PER_UID;
	struct bed bed;
	void *memory;

	bed_begin(&bed);
	for (uint32_t i = 0; i <= next; i++) {
		make(&bed, i);
		record_of(&bed, i)->creator.uid = 1000;
	}
	for (uint32_t i = 0; i < next; i++)
		cr_assert_eq(segment_file_unlink(&bed.files, i, true), 0);
	memory = map(&bed, next);
	cr_assert_eq(segment_file_unlink(&bed.files, next, true), -EMFILE);
	record_of(&bed, next)->creator.uid = 1001;
	cr_assert_eq(segment_file_unlink(&bed.files, next, true), 0);
	munmap(memory, BYTES);
	bed_end(&bed);
}

Test(segment, hard_link_opens_nothing_once_the_name_is_gone)
{
	char path[300], link_path[310], name[CONTROL_SEGMENT_MAX];
	struct bed bed;
	struct stat st;

	bed_begin(&bed);
	make(&bed, 0);
	snprintf(path, sizeof(path), "/dev/shm/%s", name_of(&bed, 0, name));
	snprintf(link_path, sizeof(link_path), "%s.link", path);
	cr_assert_eq(link(path, link_path), 0);
	cr_assert_eq(segment_file_unlink(&bed.files, 0, true), 0);
	cr_assert_eq(stat(link_path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0);
	cr_assert_eq(unlink(link_path), 0);
	bed_end(&bed);
}

Test(segment, only_so_many_outlive_their_names)
{
	unsigned n_kept = 0;
	struct bed bed;

	bed_begin(&bed);
	for (uint32_t i = 0; i < N_RINGS; i++) {
		make(&bed, i);
		cr_assert_eq(segment_file_unlink(&bed.files, i, true), 0);
	}
	for (uint32_t i = 0; i < N_RINGS; i++)
		n_kept += segment_file_punch(&bed.files, i, 0, BYTES) == 0;
	cr_assert_geq(n_kept, SEGMENT_FILES_PINNED);
	cr_assert_leq(n_kept, SEGMENT_FILES_PINNED + SEGMENT_FILES_KEPT);
	bed_end(&bed);
}

Test(segment, strays_are_removed_if_they_are_ours)
{
	struct bed bed;
	char name[256];

	bed_begin(&bed);
	place_file(&bed.place, "stray.0123456789abcdef", 0660, 1);
	cr_assert_eq(segment_file_unlink_stray(&bed.place.shm, place_name(&bed.place,
					       "stray.0123456789abcdef", name)), 0);
	cr_assert_eq(segment_file_unlink_stray(&bed.place.shm, name), -ENOENT);
	cr_assert_eq(segment_file_unlink_stray(&bed.place.shm, bed.file.name), -EPERM);
	cr_assert_eq(mkfifoat(bed.place.shm.fd, place_name(&bed.place, "pipe", name), 0600), 0);
	cr_assert_eq(segment_file_unlink_stray(&bed.place.shm, name), -EPERM);
	bed_end(&bed);
}

/* ---- rights ---- */

/* Can a process of this uid and gid open it? */
static bool opens_as(const struct bed *bed, uint32_t ring, uid_t uid, gid_t gid)
{
	char name[CONTROL_SEGMENT_MAX], path[300];
	pid_t child;
	int status;

	snprintf(path, sizeof(path), "/dev/shm/%s", name_of(bed, ring, name));
	child = fork();
	if (child == 0) {
		if (setgid(gid) < 0 || setuid(uid) < 0)
			_exit(2);
		_exit(open(path, O_RDWR | O_CLOEXEC) >= 0 ? 0 : 1);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

static void share(struct bed *bed, uint32_t ring, uint32_t mode, uid_t creator, gid_t gid)
{
	record_of(bed, ring)->mode = mode;
	record_of(bed, ring)->creator.uid = creator;
	record_of(bed, ring)->gid = gid;
	make(bed, ring);
	cr_assert_eq(segment_file_share(&bed->files, ring), 0);
}

Test(segment, rights_are_the_creators_the_groups_or_everybodys)
{
	struct bed bed;
	struct stat st;

	if (geteuid() != 0)
		cr_skip_test("only root can be several users");
	bed_begin(&bed);
	share(&bed, 0, 0600, 2001, 0);
	cr_assert(opens_as(&bed, 0, 2001, 2001));
	cr_assert_not(opens_as(&bed, 0, 2002, 2001));
	share(&bed, 1, 0660, 2001, 3001);
	cr_assert(opens_as(&bed, 1, 2001, 2001));
	cr_assert(opens_as(&bed, 1, 2002, 3001));
	cr_assert_not(opens_as(&bed, 1, 2002, 2002));
	share(&bed, 2, 0666, 2001, 0);
	cr_assert(opens_as(&bed, 2, 2002, 2002));
	share(&bed, 3, 0660, geteuid(), 3001);
	cr_assert(opens_as(&bed, 3, 2002, 3001));
	cr_assert_not(opens_as(&bed, 3, 2002, 2002));
	for (uint32_t i = 0; i < 4; i++) {
		stat_of(&bed, i, &st);
		cr_assert_eq(st.st_uid, geteuid(), "nobody else may remove it");
	}
	bed_end(&bed);
}

Test(segment, the_daemons_own_user_needs_no_acl)
{
	struct bed bed;
	struct stat st;

	bed_begin(&bed);
	share(&bed, 0, 0600, geteuid(), getegid());
	stat_of(&bed, 0, &st);
	cr_assert_eq(st.st_mode & 07777, 0600);
	share(&bed, 1, 0666, geteuid(), getegid());
	stat_of(&bed, 1, &st);
	cr_assert_eq(st.st_mode & 07777, 0666);
	bed_end(&bed);
}
