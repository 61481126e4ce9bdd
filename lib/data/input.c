#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

enum { BLOCK_BYTES = 1 << 18 };

static struct kt_block *take_block(struct kt_pool *pool, size_t cap)
{
	struct kt_block *free_block = NULL;
	if (pool->bytes && pool->bytes + cap > pool->max_bytes)
		return NULL;
	for (size_t i = 0; i < pool->n && !free_block; i++)
		if (!pool->v[i]->refs)
			free_block = pool->v[i];
	if (!free_block) {
		if (pool->n == UINT16_MAX)
			return NULL;
		free_block = kt_calloc(1, sizeof(*free_block));
		pool->v = kt_grow(pool->v, &pool->cap, pool->n + 1, sizeof(struct kt_block *));
		pool->v[pool->n++] = free_block;
		free_block->index = (uint16_t)pool->n;
	}
	if (free_block->cap != cap) {
		free(free_block->data);
		free_block->data = kt_malloc(cap);
		free_block->cap = cap;
	}
	free_block->len = 0;
	free_block->refs = 1;
	pool->bytes += cap;
	return free_block;
}

void kt_block_unref(struct kt_pool *pool, struct kt_block *block)
{
	if (!block || --block->refs)
		return;
	pool->bytes -= block->cap;
	/* Only blocks of the ordinary size are worth keeping. */
	if (block->cap != BLOCK_BYTES) {
		free(kt_steal(block->data));
		block->cap = 0;
	}
}

void kt_input_init(struct kt_input *in, const struct kt_input_how *how)
{
	*in = (struct kt_input){.how = *how, .fd = -1};
	in->pool.max_bytes = how->max_bytes;
	in->first_lines = kt_calloc(how->files->n + 1, sizeof(*in->first_lines));
}

static const char *file_name(const struct kt_input *in, size_t at)
{
	return in->how.files->n ? in->how.files->v[at] : "-";
}

static const char *shown_name(const struct kt_input *in, size_t at)
{
	const char *name = file_name(in, at);
	return strcmp(name, "-") ? name : "stdin";
}

static size_t file_count(const struct kt_input *in)
{
	return in->how.files->n ? in->how.files->n : 1;
}

int64_t kt_input_size(const struct kt_input *in)
{
	int64_t sum = 0;
	for (size_t i = 0; i < file_count(in); i++) {
		struct stat info;
		const char *name = file_name(in, i);
		bool is_stdin = !strcmp(name, "-");
		if ((is_stdin ? fstat(STDIN_FILENO, &info) : stat(name, &info)) < 0 || !S_ISREG(info.st_mode))
			return 0;
		sum += info.st_size;
	}
	return sum;
}

static size_t block_bytes_for(size_t tail)
{
	size_t cap = BLOCK_BYTES;
	while (cap < tail * 2)
		cap *= 2;
	return cap;
}

/* Makes room after the unfinished record: a new block that starts with it. False when the pool is used up. */
static bool make_room(struct kt_input *in)
{
	size_t tail = in->block ? in->block->len - in->start : 0;
	if (in->block && in->block->len < in->block->cap)
		return true;
	struct kt_block *fresh = take_block(&in->pool, block_bytes_for(tail));
	if (!fresh)
		return false;
	if (tail)
		memcpy(fresh->data, in->block->data + in->start, tail);
	fresh->len = tail;
	in->start = 0;
	kt_block_unref(&in->pool, in->block);
	in->block = fresh;
	return true;
}

/* Not to be blocked by a FIFO without a writer, where no signal would get in: whoever waits for fd waits for it too. */
static int open_next(struct kt_input *in, struct kt_err *err)
{
	const char *name = file_name(in, in->next_file);
	in->fd = strcmp(name, "-") ? open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : STDIN_FILENO;
	if (in->fd < 0)
		return kt_err_sys(err, "reading %s", name);
	in->first_lines[in->next_file++] = in->line + 1;
	in->due = in->how.whole;
	return 0;
}

static void close_current(struct kt_input *in)
{
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	in->fd = -1;
}

int kt_input_fill(struct kt_input *in, struct kt_err *err)
{
	if (!make_room(in))
		return 0;
	if (in->fd < 0)
		return open_next(in, err);
	ssize_t got = read(in->fd, in->block->data + in->block->len, in->block->cap - in->block->len);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (got < 0)
		return kt_err_sys(err, "reading %s", shown_name(in, in->next_file - 1));
	in->block->len += (size_t)got;
	in->bytes += got;
	if (got == 0) {
		in->eof = true;
		close_current(in);
	}
	return 0;
}

static size_t unfinished_len(const struct kt_input *in)
{
	return in->block ? in->block->len - in->start : 0;
}

static bool too_large(const struct kt_input *in, size_t len)
{
	return len > in->how.max_record + in->how.split.key_delim.len;
}

/* The record at in->start; false when it is not there as a whole. *used: its bytes with the delimiter. */
static bool whole_record(struct kt_input *in, struct kt_bytes *record, size_t *used)
{
	size_t have = unfinished_len(in);
	if (!in->block)
		return false;
	const char *at = in->block->data + in->start;
	if (in->how.whole) {
		*record = (struct kt_bytes){at, have};
		*used = have;
		return in->eof && in->due;
	}
	if (in->how.json && !in->skipping) {
		*used = kt_jsonsplit(&in->json, at, have, in->eof, record);
		return *used != 0;
	}
	*used = kt_split_record(&in->how.split, at, have, in->searched, in->eof, record);
	if (!*used)
		in->searched = have;
	return *used != 0;
}

static int64_t more_lines(struct kt_bytes record)
{
	int64_t n = 0;
	const char *end = record.data + record.len;
	for (const char *at = record.data; (at = memchr(at, '\n', (size_t)(end - at))); at++)
		n++;
	return n;
}

/* Takes the record off the block; false when it was one that is being skipped, or that ended before it had begun. */
static bool take(
	struct kt_input *in, struct kt_piece *piece, struct kt_bytes record, size_t used, enum kt_input_state *state)
{
	bool skipped = in->skipping;
	*piece = (struct kt_piece){.line = ++in->line};
	if (in->how.json)
		in->line += more_lines(record);
	*state = KT_INPUT_TOO_LARGE;
	if (!skipped && !too_large(in, record.len)) {
		kt_split_key(&in->how.split, record, &piece->key, &piece->value);
		piece->block = in->block;
		in->block->refs++;
		*state = KT_INPUT_PIECE;
	}
	in->due = in->skipping = false;
	in->start += used;
	in->searched = 0;
	return !skipped;
}

static bool can_fill(const struct kt_input *in)
{
	const struct kt_pool *pool = &in->pool;
	if (!in->block || in->block->len < in->block->cap || !pool->bytes)
		return true;
	return pool->bytes + block_bytes_for(unfinished_len(in)) <= pool->max_bytes;
}

/* What to do when no whole record is in memory and the file goes on. */
static enum kt_input_state unfinished(struct kt_input *in, struct kt_piece *piece)
{
	size_t len = unfinished_len(in);
	/* A delimiter may have begun in the last bytes. */
	size_t keep = in->how.whole ? 0 : in->how.split.delim.len - 1;
	keep = len < keep ? len : keep;
	if (in->stopped)
		return KT_INPUT_END;
	if (in->skipping || too_large(in, len - keep)) {
		bool told = in->skipping;
		in->skipping = true;
		in->json = (struct kt_jsonsplit){0};
		in->start = in->block->len - keep;
		in->searched = unfinished_len(in);
		*piece = (struct kt_piece){.line = in->line + 1};
		if (!told)
			return KT_INPUT_TOO_LARGE;
	}
	return can_fill(in) ? KT_INPUT_EMPTY : KT_INPUT_FULL;
}

static enum kt_input_state file_end(struct kt_input *in)
{
	in->line += in->skipping;
	in->skipping = in->due = false;
	in->eof = in->stopped || in->next_file == file_count(in);
	return in->eof ? KT_INPUT_END : KT_INPUT_EMPTY;
}

enum kt_input_state kt_input_next(struct kt_input *in, struct kt_piece *piece)
{
	enum kt_input_state state;
	struct kt_bytes record;
	size_t used;
	while (whole_record(in, &record, &used))
		if (take(in, piece, record, used, &state))
			return state;
	return in->eof ? file_end(in) : unfinished(in, piece);
}

void kt_input_stop(struct kt_input *in)
{
	in->stopped = true;
	close_current(in);
}

const char *kt_input_place(const struct kt_input *in, int64_t line, char *out, size_t size)
{
	size_t at = 0;
	while (at + 1 < in->next_file && in->first_lines[at + 1] <= line)
		at++;
	const char *name = file_name(in, at);
	if (in->how.whole)
		snprintf(out, size, "%s", shown_name(in, at));
	else if (strcmp(name, "-"))
		snprintf(out, size, "%s:%lld", name, (long long)(line - in->first_lines[at] + 1));
	else
		snprintf(out, size, "line %lld", (long long)(line - in->first_lines[at] + 1));
	return out;
}

void kt_input_fini(struct kt_input *in)
{
	close_current(in);
	for (size_t i = 0; i < in->pool.n; i++) {
		free(in->pool.v[i]->data);
		free(in->pool.v[i]);
	}
	free(in->pool.v);
	free(in->first_lines);
	*in = (struct kt_input){.fd = -1};
}
