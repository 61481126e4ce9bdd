#include "sinkfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include "mem.h"

static bool is_avro(const struct kt_sinkfile *f)
{
	return f->shape->format == KT_SINKFORMAT_AVRO;
}

static int fail(const struct kt_sinkfile *f, const char *what, const struct kt_sinkdir *dir,
	const struct kt_sinkname *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf part = {0};
	int code = errno;
	kt_sinkname_part(name, &part);
	errno = code;
	return kt_err_sys(
		err, "cannot %s %s/%s%s%s", what, dir->path, f->folder, *f->folder ? "/" : "", kt_buf_cstr(&part));
}

static int write_out(struct kt_sinkfile *f, struct kt_bytes bytes, const struct kt_sinkdir *dir,
	const struct kt_sinkname *name, struct kt_err *err)
{
	for (size_t at = 0; at < bytes.len;) {
		ssize_t done = write(f->fd - 1, bytes.data + at, bytes.len - at);
		if (done < 0 && errno != EINTR)
			return fail(f, "write", dir, name, err);
		at += done > 0 ? (size_t)done : 0;
	}
	f->bytes += (int64_t)bytes.len;
	return 0;
}

/* What a file begins with. Of Avro it is written by itself, of text with the first lines. */
static int add_head(
	struct kt_sinkfile *f, const struct kt_sinkdir *dir, const struct kt_sinkname *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf head = {0};
	if (!is_avro(f)) {
		kt_sinktext_head(f->text, &head);
		kt_buf_add(&head, f->plain.data, f->plain.len);
		struct kt_buf lines = f->plain;
		f->plain = head;
		head = lines;
		return 0;
	}
	if (getrandom(f->sync, sizeof(f->sync), 0) != sizeof(f->sync))
		return kt_err_sys(err, "cannot get random bytes");
	kt_sinkblocks_head(f->shape->blocks, f->schema, f->sync, &head);
	return write_out(f, (struct kt_bytes){head.data, head.len}, dir, name, err);
}

static int open_file(
	struct kt_sinkfile *f, const struct kt_sinkdir *dir, const struct kt_sinkname *name, struct kt_err *err)
{
	int fd = -1;
	if (f->fd)
		return 0;
	if ((f->made ? kt_sinkdir_reopen(dir, &fd, f->folder, name, err)
		     : kt_sinkdir_create(dir, &fd, f->folder, name, err)) < 0)
		return -1;
	bool fresh = !f->made;
	f->fd = fd + 1;
	f->made = true;
	if (fresh && add_head(f, dir, name, err) < 0)
		return -1;
	return f->shape->packing ? kt_sinkpack_open(&f->pack, f->shape->packing, err) : 0;
}

/* What waits, as it goes to the disk. end: nothing follows for now. */
static int shape_rest(struct kt_sinkfile *f, bool end, struct kt_buf *out, struct kt_err *err)
{
	struct kt_bytes plain = {f->plain.data, f->plain.len};
	if (is_avro(f))
		return f->count ? kt_sinkblocks_add(f->shape->blocks, plain, f->count, f->sync, out, err) : 0;
	return kt_sinkpack_add(f->pack, plain.data, plain.len, end, out, err);
}

static int flush(struct kt_sinkfile *f, bool end, const struct kt_sinkdir *dir, const struct kt_sinkname *name,
	struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf shaped = {0};
	if (open_file(f, dir, name, err) < 0)
		return -1;
	bool as_is = !is_avro(f) && !f->pack;
	if (!as_is && shape_rest(f, end, &shaped, err) < 0)
		return -1;
	const struct kt_buf *from = as_is ? &f->plain : &shaped;
	if (write_out(f, (struct kt_bytes){from->data, from->len}, dir, name, err) < 0)
		return -1;
	f->plain.len = 0;
	f->count = 0;
	return 0;
}

int kt_sinkfile_added(struct kt_sinkfile *f, int64_t count, const struct kt_sinkdir *dir,
	const struct kt_sinkname *name, struct kt_err *err)
{
	f->count += count;
	if (f->plain.len < (is_avro(f) ? KT_SINKFILE_BLOCK : KT_SINKFILE_PIECE))
		return 0;
	return flush(f, false, dir, name, err);
}

int64_t kt_sinkfile_bytes(const struct kt_sinkfile *f)
{
	return f->bytes + (int64_t)f->plain.len;
}

int kt_sinkfile_rest(
	struct kt_sinkfile *f, const struct kt_sinkdir *dir, const struct kt_sinkname *name, struct kt_err *err)
{
	if (flush(f, true, dir, name, err) < 0)
		return -1;
	kt_sinkpack_free(&f->pack);
	kt_buf_fini(&f->plain);
	f->plain = (struct kt_buf){0};
	close(f->fd - 1);
	f->fd = 0;
	return 0;
}

static int write_rest(
	struct kt_sinkfile *f, const struct kt_sinkdir *dir, const struct kt_sinkname *name, struct kt_err *err)
{
	if (!f->whole && flush(f, true, dir, name, err) < 0)
		return -1;
	f->whole = true;
	return 0;
}

int kt_sinkfile_whole(
	struct kt_sinkfile *f, const struct kt_sinkdir *dir, const struct kt_sinkname *name, struct kt_err *err)
{
	if (write_rest(f, dir, name, err) < 0)
		return -1;
	/* Only a wish: fsync() makes sure. */
	(void)sync_file_range(f->fd - 1, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

int kt_sinkfile_end(
	struct kt_sinkfile *f, const struct kt_sinkdir *dir, const struct kt_sinkname *name, struct kt_err *err)
{
	if (write_rest(f, dir, name, err) < 0)
		return -1;
	if (fsync(f->fd - 1) < 0)
		return fail(f, "sync", dir, name, err);
	if (close(f->fd - 1) < 0) {
		f->fd = 0;
		return fail(f, "write", dir, name, err);
	}
	f->fd = 0;
	return 0;
}

void kt_sinkfile_fini(struct kt_sinkfile *f)
{
	if (f->fd)
		close(f->fd - 1);
	kt_sinkpack_free(&f->pack);
	kt_buf_fini(&f->plain);
	free(f->folder);
	*f = (struct kt_sinkfile){0};
}
