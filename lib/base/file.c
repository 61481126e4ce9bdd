#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "mem.h"
#include "sig.h"

static int read_all(struct kt_buf *out, int fd, const char *path, size_t max, struct kt_err *err)
{
	size_t start = out->len;
	for (;;) {
		ssize_t got = read(fd, kt_buf_reserve(out, 4096), 4096);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return kt_err_sys(err, "cannot read %s", path);
		if (got == 0)
			return 0;
		out->len += (size_t)got;
		if (out->len - start > max)
			return kt_err_set(err, KT_FAILED, "%s is larger than %zu bytes", path, max);
	}
}

int kt_file_read(struct kt_buf *out, const char *path, size_t max, struct kt_err *err)
{
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		kt_err_sys(err, "cannot read %s", path);
		if (errno == ENOENT || errno == ENOTDIR)
			err->status = KT_USAGE;
		return -1;
	}
	size_t start = out->len;
	int result = read_all(out, fd, path, max, err);
	if (result < 0)
		out->len = start;
	close(fd);
	return result;
}

static int make_directories(char *path, struct kt_err *err)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		int made = mkdir(path, 0700);
		if (made < 0 && errno != EEXIST)
			return kt_err_sys(err, "cannot make the directory %s", path);
		*slash = '/';
	}
	return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);
		if (done < 0 && errno != EINTR)
			return -1;
		data += done > 0 ? done : 0;
		len -= done > 0 ? (size_t)done : 0;
	}
	return fsync(fd);
}

int kt_file_replaceable(const char *path, struct kt_err *err)
{
	struct stat info;
	if (stat(path, &info) == 0) {
		if (S_ISREG(info.st_mode))
			return 0;
		return kt_err_set(err, KT_USAGE, "%s is not a regular file, and is not replaced by one", path);
	}
	if (lstat(path, &info) == 0)
		return kt_err_set(err, KT_USAGE, "%s is a symbolic link to what is not there", path);
	return errno == ENOENT ? 0 : kt_err_sys(err, "cannot write %s", path);
}

/* path with its links followed, its directories made; allocated, or NULL. */
static char *target_of(const char *path, struct kt_err *err)
{
	char *target = realpath(path, NULL);
	if (!target)
		target = kt_strdup(path);
	if (make_directories(target, err) == 0)
		return target;
	free(target);
	return NULL;
}

int kt_file_replace(const char *path, const void *data, size_t len, struct kt_err *err)
{
	if (kt_file_replaceable(path, err) < 0)
		return -1;
	kt_auto(kt_free_ptr) char *target = target_of(path, err);
	if (!target)
		return -1;
	kt_auto(kt_free_ptr) char *fresh = kt_asprintf("%s.XXXXXX", target);
	int fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return kt_err_sys(err, "cannot write %s", path);
	int failed = write_all(fd, data, len);
	if (close(fd) < 0 || failed || rename(fresh, target) < 0) {
		kt_err_sys(err, "cannot write %s", path);
		unlink(fresh);
		return -1;
	}
	return 0;
}

char *kt_file_program(void)
{
	static const char loader[] = "/ld-";
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	path[len > 0 ? len : 0] = '\0';
	const char *slash = strrchr(path, '/');
	if (slash && strncmp(slash, loader, strlen(loader)) != 0)
		return kt_strdup(path);
	return strchr(program_invocation_name, '/') ? kt_strdup(program_invocation_name) : NULL;
}

/* Whether it is worth trying again. */
static bool is_held(int fd)
{
	return flock(fd, LOCK_EX | LOCK_NB) < 0 && (errno == EWOULDBLOCK || errno == EINTR);
}

int kt_file_lock(const char *path, struct kt_err *err)
{
	enum { STEP_MS = 20, TRIES = 10 * 1000 / STEP_MS };
	kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
	kt_auto(kt_free_ptr) char *dir = target_of(path, err);
	if (!dir)
		return -1;
	char *slash = strrchr(dir, '/');
	if (slash)
		slash[slash == dir] = '\0';
	int fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return kt_err_sys(err, "cannot open the directory of %s", path);
	for (int i = 0; is_held(fd); i++) {
		if (i == TRIES) {
			close(fd);
			return kt_err_set(err, KT_FAILED, "another process keeps %s from being changed", path);
		}
		nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000}, NULL);
	}
	return fd;
}
