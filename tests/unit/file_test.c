#include "file.h"

#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static char dir[] = "/tmp/kt-file-test-XXXXXX";
static struct kt_err err;

static const char *in(const char *name)
{
	static char paths[4][256];
	static unsigned at;
	char *path = paths[at++ % KT_LEN(paths)];
	snprintf(path, sizeof(paths[0]), "%s/%s", dir, name);
	return path;
}

static const char *text_of(const char *path)
{
	static struct kt_buf text;
	text.len = 0;
	return kt_file_read(&text, path, 100, &err) < 0 ? err.msg : kt_buf_cstr(&text);
}

TEST(a_new_file_in_new_directories)
{
	struct stat info;
	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(kt_file_replace(in("a/b/c"), "hello", 5, &err), 0);
	CHECK_STR(text_of(in("a/b/c")), "hello");
	CHECK_INT(stat(in("a/b/c"), &info), 0);
	CHECK_INT(info.st_mode & 0777, 0600);
	CHECK_INT(stat(in("a/b"), &info), 0);
	CHECK_INT(info.st_mode & 0777, 0700);
}

TEST(an_old_one_is_replaced_and_closed_to_others)
{
	struct stat info;
	CHECK_INT(chmod(in("a/b/c"), 0644), 0);
	CHECK_INT(kt_file_replace(in("a/b/c"), "", 0, &err), 0);
	CHECK_STR(text_of(in("a/b/c")), "");
	CHECK_INT(stat(in("a/b/c"), &info), 0);
	CHECK_INT(info.st_mode & 0777, 0600);
}

TEST(a_symbolic_link_stays)
{
	struct stat info;
	CHECK_INT(symlink("b/c", in("a/link")), 0);
	CHECK_INT(kt_file_replace(in("a/link"), "linked", 6, &err), 0);
	CHECK_INT(lstat(in("a/link"), &info), 0);
	CHECK(S_ISLNK(info.st_mode));
	CHECK_STR(text_of(in("a/b/c")), "linked");
}

TEST(only_files_are_replaced)
{
	struct stat info;
	CHECK_INT(mkfifo(in("pipe"), 0600), 0);
	CHECK_INT(symlink("pipe", in("to-pipe")), 0);
	CHECK_INT(symlink("nothing", in("to-nothing")), 0);
	static const char *const refused[] = {"pipe", "to-pipe", "to-nothing", "a", "a/"};
	for (size_t i = 0; i < KT_LEN(refused); i++) {
		CHECK_INT(kt_file_replaceable(in(refused[i]), &err), -1);
		CHECK_INT(kt_file_replace(in(refused[i]), "x", 1, &err), -1);
		CHECK_INT(err.status, KT_USAGE);
	}
	/* The one device that this test must not break: whoever runs it as root still has to have it afterwards. */
	CHECK_INT(kt_file_replaceable("/dev/null", &err), -1);
	CHECK_STR(err.msg, "/dev/null is not a regular file, and is not replaced by one");
	CHECK_INT(lstat(in("pipe"), &info), 0);
	CHECK(S_ISFIFO(info.st_mode));
	CHECK_INT(lstat(in("to-nothing"), &info), 0);
	CHECK(S_ISLNK(info.st_mode));
	CHECK_INT(lstat(in("nothing"), &info), -1);
	CHECK_INT(unlink(in("pipe")) + unlink(in("to-pipe")) + unlink(in("to-nothing")), 0);
}

TEST(failures)
{
	struct kt_buf text = {0};
	CHECK_INT(kt_file_replace("/dev/null/x", "x", 1, &err), -1);
	CHECK(strstr(err.msg, "/dev/null"));
	CHECK_INT(kt_file_read(&text, in("none"), 100, &err), -1);
	CHECK_INT(err.status, KT_USAGE);
	CHECK_INT(kt_file_read(&text, in("a"), 100, &err), -1);
	CHECK_INT(err.status, KT_FAILED);
	CHECK_INT(kt_file_read(&text, in("a/b/c"), 5, &err), -1);
	CHECK(strstr(err.msg, "is larger than 5 bytes"));
	CHECK_INT(text.len, 0);
	kt_buf_fini(&text);
}

TEST(cleaning_up)
{
	CHECK_INT(unlink(in("a/link")) + unlink(in("a/b/c")) + rmdir(in("a/b")) + rmdir(in("a")), 0);
	CHECK_INT(rmdir(dir), 0);
}
