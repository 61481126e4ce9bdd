#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
