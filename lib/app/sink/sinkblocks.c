#include "sinkblocks.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <avro.h>

#include "avro_write.h"
#include "dlload.h"
#include "mem.h"

const char *const kt_sinkcodecs[] = {"null", "deflate", "snappy", NULL};

/* A block is what was added at once: avro-c refuses (error 28) what is larger than the size that it was opened with. */
enum { ROOM_BYTES = 256 << 10 };

static struct {
	__typeof__(avro_file_writer_open_bs) *open;
	__typeof__(avro_file_writer_append_encoded) *append;
	__typeof__(avro_file_writer_flush) *flush;
	__typeof__(avro_file_writer_close) *close;
	__typeof__(avro_strerror) *why;
} avro;

struct kt_sinkblocks {
	enum kt_sinkcodec codec;
	int fd;                    /* of the file in memory, plus 1; 0: none */
	avro_file_writer_t writer; /* NULL: none */
	size_t room;               /* bytes that it takes at once */
	off_t taken;               /* of the file */
	struct kt_buf made;
	char sync[KT_AVRO_SYNC]; /* of the file in memory */
};

static int load(struct kt_err *err)
{
	const struct kt_dlload_row rows[] = {
		{"avro_file_writer_open_bs", &avro.open},
		{"avro_file_writer_append_encoded", &avro.append},
		{"avro_file_writer_flush", &avro.flush},
		{"avro_file_writer_close", &avro.close},
		{"avro_strerror", &avro.why},
	};
	if (avro.why || kt_dlload(KT_SONAME_AVRO, rows, KT_LEN(rows), err) == 0)
		return 0;
	kt_err_wrap(err, "Avro files need avro-c");
	return kt_err_hint(err, "on Debian and Ubuntu it is the package libavro23");
}

static int fail(const char *what, struct kt_err *err)
{
	return kt_err_set(err, KT_FAILED, "avro-c cannot %s: %s", what, avro.why());
}

static void close_writer(struct kt_sinkblocks *b)
{
	if (b->writer)
		avro.close(b->writer);
	if (b->fd)
		close(b->fd - 1);
	b->writer = NULL;
	b->fd = 0;
}

static int write_head(struct kt_sinkblocks *b, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf head = {0};
	static const char schema[] = "\"bytes\"";
	kt_sinkblocks_head(b, (struct kt_bytes){schema, sizeof(schema) - 1}, b->sync, &head);
	b->taken = (off_t)head.len;
	if (write(b->fd - 1, head.data, head.len) != (ssize_t)head.len)
		return kt_err_sys(err, "cannot write to memory");
	return 0;
}

/* It opens files by their names only, and finds there the codec to go on with. */
static int open_writer(struct kt_sinkblocks *b, size_t room, struct kt_err *err)
{
	char path[64];
	close_writer(b);
	int fd = memfd_create("kt-avro", MFD_CLOEXEC);
	if (fd < 0)
		return kt_err_sys(err, "cannot make a file in memory");
	b->fd = fd + 1;
	b->room = room;
	if (write_head(b, err) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (avro.open(path, &b->writer, room) == 0)
		return 0;
	b->writer = NULL;
	return fail("begin", err);
}

static void free_blocks(struct kt_sinkblocks **blocks)
{
	kt_sinkblocks_close(blocks);
}

int kt_sinkblocks_open(struct kt_sinkblocks **out, enum kt_sinkcodec codec, struct kt_err *err)
{
	kt_auto(free_blocks) struct kt_sinkblocks *b = kt_calloc(1, sizeof(*b));
	b->codec = codec;
	if (load(err) < 0 || open_writer(b, ROOM_BYTES, err) < 0)
		return -1;
	*out = kt_steal(b);
	return 0;
}

void kt_sinkblocks_head(
	const struct kt_sinkblocks *blocks, struct kt_bytes schema, const char *sync, struct kt_buf *out)
{
	kt_avro_add_head(out, schema.data, schema.len, kt_sinkcodecs[blocks->codec]);
	kt_buf_add(out, sync, KT_AVRO_SYNC);
}

/* What was made since the last time, whose memory is given back. */
static int take(struct kt_sinkblocks *b, struct kt_err *err)
{
	off_t end = lseek(b->fd - 1, 0, SEEK_END);
	b->made.len = 0;
	while (b->taken < end) {
		size_t left = (size_t)(end - b->taken);
		ssize_t got = pread(b->fd - 1, kt_buf_reserve(&b->made, left), left, b->taken);
		if (got <= 0)
			return kt_err_sys(err, "cannot read from memory");
		b->made.len += (size_t)got;
		b->taken += got;
	}
	if (fallocate(b->fd - 1, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, end) < 0)
		return kt_err_sys(err, "cannot give memory back");
	return 0;
}

/* The one block of it, with the count and the marker that are true. */
static int copy(struct kt_sinkblocks *b, int64_t count, const char *sync, struct kt_buf *out, struct kt_err *err)
{
	struct kt_avro_block block;
	size_t used = 0;
	int more = kt_avro_block_read(&block, (struct kt_bytes){b->made.data, b->made.len}, true,
		(struct kt_bytes){b->sync, sizeof(b->sync)}, &used, err);
	if (more < 0 || used != b->made.len)
		return kt_err_set(err, KT_FAILED, "avro-c made something that is not a block");
	kt_avro_add_long(out, count);
	kt_avro_add_bytes(out, block.data.data, block.data.len);
	kt_buf_add(out, sync, KT_AVRO_SYNC);
	return 0;
}

int kt_sinkblocks_add(struct kt_sinkblocks *b, struct kt_bytes data, int64_t count, const char *sync,
	struct kt_buf *out, struct kt_err *err)
{
	size_t room = ROOM_BYTES;
	while (room < data.len)
		room *= 2;
	/* A large one is not kept for the others. */
	if (room != b->room && (data.len > b->room || b->room > ROOM_BYTES) && open_writer(b, room, err) < 0)
		return -1;
	/* As one datum: how many there are is told to nobody but copy(). */
	if (avro.append(b->writer, data.data, data.len) || avro.flush(b->writer))
		return fail("make a block", err);
	return take(b, err) < 0 ? -1 : copy(b, count, sync, out, err);
}

void kt_sinkblocks_close(struct kt_sinkblocks **at)
{
	struct kt_sinkblocks *b = *at;
	if (!b)
		return;
	close_writer(b);
	kt_buf_fini(&b->made);
	free(b);
	*at = NULL;
}
