/* The folder of kt sink files: what counts after it was ended at any of its steps, and what may lie in it. */
#include "sinkdir.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { RECORDS = 24, FOLDERS = 3 };

static char top[] = "/tmp/kt-sinkdir-test-XXXXXX";
static struct kt_err err;

/* The steps that leave something behind. The process ends before the one that is counted down to, or notes them all. */
static int steps_left = -1;
static struct kt_buf trace;
static bool tracing;

static void step(char what)
{
	if (tracing)
		kt_buf_addc(&trace, what);
	if (steps_left >= 0 && steps_left-- == 0)
		_exit(9);
}

/* The call of that number from now on fails; 0: none. */
static int bad_rename, bad_readdir;

static bool fails(int *bad)
{
	if (!*bad || --*bad)
		return false;
	errno = EIO;
	return true;
}

int renameat2(int from, const char *old, int to, const char *fresh, unsigned flags)
{
	if (fails(&bad_rename))
		return -1;
	step('r');
	return (int)syscall(SYS_renameat2, from, old, to, fresh, flags);
}

int unlinkat(int fd, const char *path, int flags)
{
	step('u');
	return (int)syscall(SYS_unlinkat, fd, path, flags);
}

struct dirent *readdir(DIR *list)
{
	static struct dirent *(*real)(DIR * list);
	if (!real)
		real = (__typeof__(real))(uintptr_t)dlsym(RTLD_NEXT, "readdir64");
	return fails(&bad_readdir) ? NULL : real(list);
}

int mkdirat(int fd, const char *path, mode_t mode)
{
	step('m');
	return (int)syscall(SYS_mkdirat, fd, path, mode);
}

/* Only noted: what the disk does is not what is tested here. */
int fsync(int fd)
{
	struct stat info;
	step(fstat(fd, &info) == 0 && S_ISDIR(info.st_mode) ? 'd' : 's');
	return 0;
}

static const char *in(const char *name)
{
	static char paths[4][512];
	static unsigned at;
	char *path = paths[at++ % KT_LEN(paths)];
	snprintf(path, sizeof(paths[0]), "%s/%s", top, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(in(name), "w");
	CHECK(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *at)
{
	(void)info;
	(void)type;
	(void)at;
	return remove(path);
}

static void clear(void)
{
	CHECK_INT(nftw(top, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	CHECK_INT(mkdir(top, 0700), 0);
}

static const char *const hours[FOLDERS] = {"dt=2026-11-30/hour=20", "dt=2026-11-30/hour=21", "dt=2026-12-01/hour=00"};

/* A sink as small as can be: record n goes to folder n % FOLDERS, and a roll has `size` records. */
static int write_roll(struct kt_sinkdir *dir, int64_t first, int64_t last, bool folders)
{
	kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {
		.name = {.topic = "t.1", .partition = 2, .first = first, .last = last}};
	for (int64_t i = 0; i < (folders ? FOLDERS : 1); i++) {
		const char *folder = folders ? hours[i] : "";
		int fd = -1;
		bool any = false;
		for (int64_t n = first; n <= last; n++) {
			if (folders && n % FOLDERS != i)
				continue;
			if (!any && kt_sinkdir_create(dir, &fd, folder, &roll.name, &err) < 0)
				return -1;
			any = true;
			step('w');
			dprintf(fd, "%lld\n", (long long)n);
		}
		if (!any)
			continue;
		fsync(fd);
		close(fd);
		kt_strs_add(&roll.folders, folder);
	}
	return kt_sinkdir_finish(dir, &roll, &err) < 0 ? -1 : kt_sinkdir_settle(dir, &err);
}

static int sink(int64_t size, bool folders)
{
	kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
	if (kt_sinkdir_open(&dir, top, &err) < 0)
		return -1;
	int64_t next = kt_sinkdir_next(&dir, "t.1", 2);
	for (int64_t first = next < 0 ? 0 : next; first < RECORDS; first += size)
		if (write_roll(&dir, first, first + size <= RECORDS ? first + size - 1 : RECORDS - 1, folders) < 0)
			return -1;
	return 0;
}

/* In a process that ends before its step of that number: true. False: it came to its end. */
static bool sink_and_die(int steps, int64_t size, bool folders)
{
	int status = 0;
	fflush(NULL);
	pid_t pid = fork();
	if (!pid) {
		steps_left = steps;
		_exit(sink(size, folders) < 0 ? 1 : 0);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != 9)
		TAP_FAIL("the sink failed after %d steps with rolls of %lld", steps, (long long)size);
	return WEXITSTATUS(status) == 9;
}

static void count_file(const char *path, const char *file, int *times)
{
	struct kt_sinkname name;
	char line[32];
	FILE *f = fopen(path, "r");
	CHECK(f != NULL);
	if (!kt_sinkname_read(&name, file))
		TAP_FAIL("%s is left", path);
	while (f && fgets(line, sizeof(line), f)) {
		long long n = strtoll(line, NULL, 10);
		CHECK(n >= name.first && n <= name.last && n < RECORDS);
		times[n]++;
	}
	if (f)
		fclose(f);
}

static void count_folder(const char *path, int *times)
{
	DIR *list = opendir(path);
	char below[1024];
	CHECK(list != NULL);
	for (struct dirent *entry; (entry = readdir(list));) {
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		if (strchr(entry->d_name, '='))
			count_folder(below, times);
		else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			count_file(below, entry->d_name, times);
	}
	closedir(list);
}

/* Each record is there once. */
static bool is_exact(void)
{
	int times[RECORDS] = {0};
	count_folder(top, times);
	for (int i = 0; i < RECORDS; i++)
		if (times[i] != 1)
			return false;
	return true;
}

TEST(ended_at_every_step)
{
	CHECK(mkdtemp(top) != NULL);
	for (int folders = 0; folders < 2; folders++) {
		int steps = 0;
		for (bool died = true; died; steps++) {
			clear();
			died = sink_and_die(steps, 8, folders);
			/* What comes after it rolls otherwise. */
			CHECK_INT(sink(5, !folders), 0);
			if (!is_exact())
				TAP_FAIL("folders %d: ended before step %d", folders, steps);
		}
		CHECK(steps > (folders ? 60 : 30));
	}
}

TEST(ended_at_every_step_of_the_start_after_that)
{
	for (int steps = 20; steps < 45; steps++) {
		bool died = true;
		for (int more = 0; died && more < 20; more++) {
			clear();
			CHECK(sink_and_die(steps, 8, true));
			died = sink_and_die(more, 7, true);
			CHECK_INT(sink(5, true), 0);
			if (!is_exact())
				TAP_FAIL("ended before step %d, and then before step %d", steps, more);
		}
	}
}

TEST(nothing_counts_before_it_is_on_the_disk)
{
	clear();
	kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
	CHECK_INT(kt_sinkdir_open(&dir, top, &err), 0);
	tracing = true;
	CHECK_INT(write_roll(&dir, 0, 1, false), 0);
	/* Written, synced, named, and the folder synced. */
	CHECK_STR(kt_buf_cstr(&trace), "wwsrd");
	trace.len = 0;
	CHECK_INT(write_roll(&dir, 2, 4, true), 0);
	/* The files, the five folders that their names are in or above, the note, its folder, their names, the folders
	 * again, and the note goes, for good. */
	CHECK_STR(kt_buf_cstr(&trace), "mmwsmmwsmmws"
				       "dddddd"
				       "srd"
				       "rrr"
				       "dddddd"
				       "ud");
	tracing = false;
}

/* As `kt sink files` does with a roll that failed. */
static void remove_roll(const struct kt_sinkdir *dir, int64_t first, int64_t last)
{
	const struct kt_sinkname name = {.topic = "t.1", .partition = 2, .first = first, .last = last};
	for (size_t i = 0; i < KT_LEN(hours); i++)
		kt_sinkdir_remove(dir, hours[i], &name);
}

TEST(a_roll_that_fails_between_its_names_is_finished_later)
{
	/* The note gets its name first; with the last number nothing fails but what comes after the names. */
	for (int bad = 1; bad <= 4; bad++) {
		clear();
		kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
		CHECK_INT(kt_sinkdir_open(&dir, top, &err), 0);
		bad_rename = bad;
		CHECK_INT(write_roll(&dir, 0, 7, true), -1);
		remove_roll(&dir, 0, 7);
		kt_sinkdir_close(&dir);
		CHECK_INT(sink(5, true), 0);
		if (!is_exact())
			TAP_FAIL("rename %d failed", bad);
	}
}

TEST(a_roll_that_somebody_removed_a_file_of_does_not_count)
{
	struct stat info;
	clear();
	kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
	CHECK_INT(kt_sinkdir_open(&dir, top, &err), 0);
	kt_auto(kt_sinkroll_fini) struct kt_sinkroll roll = {.name = {.topic = "t.1", .partition = 2, .last = 7}};
	for (size_t i = 0; i < KT_LEN(hours); i++) {
		int fd = -1;
		CHECK_INT(kt_sinkdir_create(&dir, &fd, hours[i], &roll.name, &err), 0);
		close(fd);
		kt_strs_add(&roll.folders, hours[i]);
	}
	CHECK_INT(remove(in("dt=2026-11-30/hour=21/.t.1.2.jsonl.part")), 0);
	CHECK_INT(kt_sinkdir_finish(&dir, &roll, &err), -1);
	CHECK(strstr(err.msg, "dt=2026-11-30/hour=21/.t.1.2.jsonl.part") != NULL);
	remove_roll(&dir, 0, 7);
	CHECK_INT(stat(in("dt=2026-11-30/hour=20/t.1.2.0-7.jsonl"), &info), -1);
	CHECK_INT(stat(in("dt=2026-11-30/hour=20/.t.1.2.jsonl.part"), &info), -1);
	kt_sinkdir_close(&dir);
	CHECK_INT(sink(5, true), 0);
	CHECK(is_exact());
}

static int open_again(int64_t *next, const char *topic, int32_t partition)
{
	kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
	if (kt_sinkdir_open(&dir, top, &err) < 0)
		return -1;
	*next = kt_sinkdir_next(&dir, topic, partition);
	return 0;
}

TEST(goes_on_behind_the_last)
{
	int64_t next = 0;
	clear();
	CHECK_INT(open_again(&next, "t", 0), 0);
	CHECK(next == KT_SINKDIR_NONE);
	put("t.0.5-9.jsonl", "");
	put("t.0.20-22.csv.gz", "");
	put("t.1.100-200.jsonl", "");
	put("t.0.0.300-400.jsonl", "");
	CHECK_INT(mkdir(in("dt=2026-11-30"), 0700), 0);
	put("dt=2026-11-30/t.0.23-30.jsonl", "");
	CHECK_INT(mkdir(in("dt=2026-11-30/hour=07"), 0700), 0);
	put("dt=2026-11-30/hour=07/t.0.31-31.jsonl", "");
	put("notes.txt", "");
	put("t.0.1-99999999999999999999.jsonl", "");
	CHECK_INT(open_again(&next, "t", 0), 0);
	CHECK_INT(next, 32);
	CHECK_INT(open_again(&next, "t", 1), 0);
	CHECK_INT(next, 201);
	CHECK_INT(open_again(&next, "t.0", 0), 0);
	CHECK_INT(next, 401);
	CHECK_INT(open_again(&next, "t", 2), 0);
	CHECK(next == KT_SINKDIR_NONE);
	CHECK_INT(open_again(&next, "u", 0), 0);
	CHECK(next == KT_SINKDIR_NONE);
	put("t.1.201-9223372036854775806.jsonl", "");
	CHECK_INT(open_again(&next, "t", 1), 0);
	CHECK(next == INT64_MAX);
}

TEST(names_that_cannot_be_read_are_not_taken_for_none)
{
	int64_t next = 0;
	clear();
	put("t.0.0-9.jsonl", "");
	for (int bad = 1; bad <= 4; bad++) {
		bad_readdir = bad;
		CHECK_INT(open_again(&next, "t", 0), -1);
		CHECK(strstr(err.msg, "cannot read ") != NULL);
		CHECK_INT(bad_readdir, 0);
	}
	CHECK_INT(open_again(&next, "t", 0), 0);
	CHECK_INT(next, 10);
}

TEST(overlaps)
{
	int64_t next = 0;
	clear();
	put("t.0.0-9.jsonl", "");
	put("t.0.9-12.jsonl", "");
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK(strstr(err.msg, "t.0.0-9.jsonl and t.0.9-12.jsonl hold the same offsets") != NULL);
	CHECK_INT(err.status, KT_FAILED);
	CHECK_INT(remove(in("t.0.9-12.jsonl")), 0);
	put("t.0.0-9.csv", "");
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK_INT(remove(in("t.0.0-9.csv")), 0);
	CHECK_INT(mkdir(in("dt=2026-11-30"), 0700), 0);
	put("dt=2026-11-30/t.0.0-9.jsonl", "");
	/* As files of one roll are. */
	CHECK_INT(open_again(&next, "t", 0), 0);
	CHECK_INT(next, 10);
	put("dt=2026-11-30/t.0.3-4.jsonl", "");
	CHECK_INT(open_again(&next, "t", 0), -1);
}

TEST(a_second_sink_is_refused)
{
	int64_t next = 0;
	clear();
	kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
	CHECK_INT(kt_sinkdir_open(&dir, top, &err), 0);
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK(strstr(err.msg, "another sink is writing to ") != NULL);
	kt_sinkdir_close(&dir);
	CHECK_INT(open_again(&next, "t", 0), 0);
}

TEST(what_lies_in_the_way)
{
	int64_t next = 0;
	struct stat info;
	clear();
	CHECK_INT(mkdir(in("t.0.0-9.jsonl"), 0700), 0);
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK(strstr(err.msg, "t.0.0-9.jsonl has the name of a sink's file and is none") != NULL);
	CHECK_INT(rmdir(in("t.0.0-9.jsonl")), 0);
	CHECK_INT(symlink("elsewhere", in("t.0.0-9.jsonl")), 0);
	CHECK_INT(open_again(&next, "t", 0), 0);
	CHECK_INT(next, 10);
	CHECK_INT(symlink("target", in(".t.0.jsonl.part")), 0);
	put("target", "kept");
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK(strstr(err.msg, ".t.0.jsonl.part is in the way: it is not a file") != NULL);
	CHECK_INT(remove(in(".t.0.jsonl.part")), 0);
	CHECK_INT(mkfifo(in(".t.0.jsonl.part"), 0600), 0);
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK_INT(remove(in(".t.0.jsonl.part")), 0);
	put(".t.0.jsonl.part", "left over");
	CHECK_INT(open_again(&next, "t", 0), 0);
	CHECK_INT(stat(in(".t.0.jsonl.part"), &info), -1);
	CHECK_INT(mkfifo(in(KT_SINKROLL_FILE), 0600), 0);
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK_INT(remove(in(KT_SINKROLL_FILE)), 0);
	put(KT_SINKROLL_FILE, "something else\n");
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK(strstr(err.msg, KT_SINKROLL_FILE ": not a note about files") != NULL);
	put(KT_SINKROLL_FILE, "kt-sink-roll 1\nt.0.10-12.jsonl\ndt=2026-11-30\ndt=2026-12-01\nend\n");
	CHECK_INT(open_again(&next, "t", 0), -1);
	CHECK(strstr(err.msg, "is gone, which was to become dt=2026-11-30/t.0.10-12.jsonl") != NULL);
	CHECK(err.hint[0] != '\0');
}

TEST(a_file_is_never_replaced)
{
	clear();
	kt_auto(kt_sinkdir_close) struct kt_sinkdir dir = {0};
	CHECK_INT(kt_sinkdir_open(&dir, top, &err), 0);
	put("t.1.2.0-4.jsonl", "kept");
	CHECK_INT(write_roll(&dir, 0, 4, false), -1);
	CHECK(strstr(err.msg, "t.1.2.0-4.jsonl is there already") != NULL);
}

TEST(what_is_no_folder)
{
	kt_auto(kt_sinkdir_close) struct kt_sinkdir file = {0};
	kt_auto(kt_sinkdir_close) struct kt_sinkdir deep = {0};
	put("file", "");
	CHECK_INT(kt_sinkdir_open(&file, in("file"), &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK_INT(kt_sinkdir_open(&deep, in("a/b"), &err), -1);
	CHECK_INT(err.status, KT_FAILED);
	clear();
	CHECK_INT(rmdir(top), 0);
}
