/* SPDX-License-Identifier: MIT */
/*
 * test_daemon_shm_dir.c - names in /dev/shm, and what others may have planted under ours
 */
#include <errno.h>

#include "daemon/scan.h"
#include "tests/unit/daemon_place.h"

TestSuite(shm_dir, .timeout = 20);

static void assert_kind(const struct place *place, const char *tail, enum shm_kind kind)
{
	char name[256], slashed[258];

	cr_assert_eq(shm_dir_kind(&place->shm, place_name(place, tail, name)), kind, "%s", tail);
	snprintf(slashed, sizeof(slashed), "/%s", name);
	cr_assert_eq(shm_dir_kind(&place->shm, slashed), kind, "/%s", tail);
}

Test(shm_dir, names_say_what_they_are)
{
	struct place place;

	place_begin(&place);
	assert_kind(&place, "registry.0123456789abcdef", SHM_REGISTRY);
	assert_kind(&place, "board.0123456789abcdef", SHM_BOARD);
	assert_kind(&place, "md.ticks.0123456789abcdef", SHM_SEGMENT);
	assert_kind(&place, "registry.0123456789abcde", SHM_SEGMENT);
	assert_kind(&place, "registry.0123456789ABCDEF", SHM_SEGMENT);
	assert_kind(&place, "quarantine+registry.0123456789abcdef", SHM_QUARANTINED);
	assert_kind(&place, "quarantine+r.0123456789abcdef", SHM_QUARANTINED);
	assert_kind(&place, "quarantine.0123456789abcdef", SHM_SEGMENT);
	cr_assert_eq(shm_dir_kind(&place.shm, "shmq.someone-else.registry.0123456789abcdef"),
		     SHM_OTHER);
	cr_assert_eq(shm_dir_kind(&place.shm, "shmq."), SHM_OTHER);
	cr_assert_eq(shm_dir_kind(&place.shm, ""), SHM_OTHER);
	place_end(&place);
}

/* An instance whose name begins like another's is another. */
Test(shm_dir, instances_are_told_apart)
{
	struct shm_dir dir;

	cr_assert_eq(shm_dir_open("ab", &dir), 0);
	cr_assert_eq(shm_dir_kind(&dir, "shmq.ab.board.0123456789abcdef"), SHM_BOARD);
	cr_assert_eq(shm_dir_kind(&dir, "shmq.abc.board.0123456789abcdef"), SHM_OTHER);
	cr_assert_eq(shm_dir_kind(&dir, "shmq.a.board.0123456789abcdef"), SHM_OTHER);
	shm_dir_close(&dir);
}

Test(shm_dir, an_object_has_no_name_until_it_is_whole)
{
	struct place place;
	struct stat st;
	char name[CONTROL_SEGMENT_MAX];
	int fd;

	place_begin(&place);
	fd = shm_dir_make(&place.shm, 10000);
	cr_assert_geq(fd, 0);
	cr_assert_eq(place_count(&place, SHM_BOARD), 0);
	cr_assert_eq(shm_dir_new_name(&place.shm, "board", name), 0);
	cr_assert_eq(shm_dir_publish(&place.shm, fd, name), 0);
	cr_assert_eq(place_count(&place, SHM_BOARD), 1);
	cr_assert_eq(shm_dir_publish(&place.shm, fd, name), -EEXIST);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_assert(shm_stat_is(&place.shm, &st, SHM_PRIVATE));
	cr_assert_eq(st.st_size, 10000);
	cr_assert_geq(st.st_blocks * 512, 10000, "allocated, not just long");
	fd_close(fd);
	cr_assert_eq(shm_dir_unlink(&place.shm, name), 0);
	cr_assert_eq(shm_dir_unlink(&place.shm, name), -ENOENT);
	place_end(&place);
}

static int open_tail(const struct place *place, const char *tail, enum shm_trust trust)
{
	struct stat st;
	char name[256];
	int fd = shm_dir_open_object(&place->shm, place_name(place, tail, name), O_RDWR, trust, &st);

	if (fd >= 0)
		fd_close(fd);
	return fd >= 0 ? 0 : fd;
}

Test(shm_dir, only_regular_files_of_ours_are_opened)
{
	struct place place;
	char name[256];

	place_begin(&place);
	cr_assert_eq(mkfifoat(place.shm.fd, place_name(&place, "fifo", name), 0600), 0);
	cr_assert_eq(symlinkat("/etc/passwd", place.shm.fd, place_name(&place, "link", name)), 0);
	cr_assert_eq(mkdirat(place.shm.fd, place_name(&place, "dir", name), 0700), 0);
	cr_assert_eq(open_tail(&place, "fifo", SHM_OWNED), -EPERM);
	cr_assert_eq(open_tail(&place, "link", SHM_OWNED), -EPERM);
	cr_assert_eq(open_tail(&place, "dir", SHM_OWNED), -EPERM);
	cr_assert_eq(open_tail(&place, "none", SHM_OWNED), -ENOENT);
	cr_assert_eq(unlinkat(place.shm.fd, place_name(&place, "dir", name), AT_REMOVEDIR), 0);
	place_end(&place);
}

Test(shm_dir, trust_has_degrees)
{
	struct place place;
	char from[256], to[256];

	place_begin(&place);
	place_file(&place, "private", 0600, 1);
	place_file(&place, "shared", 0660, 1);
	place_file(&place, "linked", 0600, 1);
	cr_assert_eq(linkat(place.shm.fd, place_name(&place, "linked", from), place.shm.fd,
			    place_name(&place, "registry.0123456789abcdef", to), 0),
		     0);
	cr_assert_eq(open_tail(&place, "private", SHM_PRIVATE), 0);
	cr_assert_eq(open_tail(&place, "shared", SHM_PRIVATE), -EPERM);
	cr_assert_eq(open_tail(&place, "shared", SHM_OURS), 0);
	cr_assert_eq(open_tail(&place, "linked", SHM_OURS), -EPERM);
	cr_assert_eq(open_tail(&place, "registry.0123456789abcdef", SHM_PRIVATE), -EPERM);
	cr_assert_eq(open_tail(&place, "linked", SHM_OWNED), 0);
	place_end(&place);
}

Test(shm_dir, what_belongs_to_somebody_else_is_not_ours)
{
	struct place place;
	char name[256];

	if (geteuid() != 0)
		cr_skip_test("only root can give files away");
	place_begin(&place);
	place_file(&place, "theirs", 0600, 1);
	cr_assert_eq(fchownat(place.shm.fd, place_name(&place, "theirs", name), 12345, 12345, 0), 0);
	cr_assert_eq(open_tail(&place, "theirs", SHM_OWNED), -EPERM);
	place_end(&place);
}

Test(shm_dir, what_is_set_aside_keeps_its_name_behind_another)
{
	struct place place;
	char name[256];

	place_begin(&place);
	place_file(&place, "md.ticks.0123456789abcdef", 0600, 1);
	cr_assert_eq(shm_dir_set_aside(&place.shm,
				       place_name(&place, "md.ticks.0123456789abcdef", name)),
		     0);
	cr_assert_not(place_has(&place, "md.ticks.0123456789abcdef"));
	cr_assert(place_has(&place, "quarantine+md.ticks.0123456789abcdef"));
	cr_assert_eq(place_count(&place, SHM_QUARANTINED), 1);
	cr_assert_eq(place_count(&place, SHM_SEGMENT), 0);
	cr_assert_eq(shm_dir_set_aside(&place.shm, "shmq.other.x"), -EINVAL);
	place_end(&place);
}

static const struct core_scan_entry *entry_of(const struct core_scan_entry *entries, size_t n,
					      const char *tail)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(entries[i].name, tail))
			return &entries[i];
	return NULL;
}

Test(shm_dir, a_scan_finds_segments_and_says_whose_they_are)
{
	struct core_scan_entry *entries = NULL;
	struct place place;
	char name[256], from[256], tail[32];
	size_t n = 0;

	place_begin(&place);
	for (unsigned i = 0; i < 200; i++) { /* more than fit at first */
		snprintf(tail, sizeof(tail), "r%u.0123456789abcdef", i);
		place_file(&place, tail, 0660, (off_t)(4096 * (i + 1)));
	}
	place_file(&place, "registry.0123456789abcdef", 0600, 1);
	place_file(&place, "board.0123456789abcdef", 0600, 1);
	cr_assert_eq(linkat(place.shm.fd, place_name(&place, "r7.0123456789abcdef", from),
			    place.shm.fd, place_name(&place, "twin.0123456789abcdef", name), 0),
		     0);
	cr_assert_eq(scan_segments(&place.shm, &entries, &n), 0);
	cr_assert_eq(n, 201);
	cr_assert_not_null(entry_of(entries, n, ".r199."));
	cr_assert_eq(entry_of(entries, n, ".r199.")->bytes, 4096 * 200);
	cr_assert(entry_of(entries, n, ".r199.")->ours);
	cr_assert_eq(entry_of(entries, n, ".r199.")->name[0], '/');
	cr_assert_not(entry_of(entries, n, ".twin.")->ours);
	cr_assert(entry_of(entries, n, ".twin.")->owned && entry_of(entries, n, ".r7.")->owned);
	cr_assert_eq(entry_of(entries, n, ".twin.")->inode, entry_of(entries, n, ".r7.")->inode);
	cr_assert_null(entry_of(entries, n, ".registry."));
	free(entries);
	place_end(&place);
}
