#include "avro_container.h"

#include "num.h"
#include "zigzag.h"

static const char magic[] = "Obj\1";

enum { MAGIC = sizeof(magic) - 1 };

/* A window that is being read. The functions below return 1, 0 when it ends too early, or -1. */
struct cursor {
	const unsigned char *at, *end;
	struct kt_err *err;
};

static size_t left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

static int read_long(struct cursor *c, int64_t *n)
{
	enum kt_zigzag how = kt_zigzag_read(&c->at, c->end, n);
	if (how == KT_ZIGZAG_LONG)
		return kt_err_set(c->err, KT_FAILED, "a number of more than 64 bits");
	return how == KT_ZIGZAG_FINE;
}

static int read_bytes(struct cursor *c, struct kt_bytes *bytes)
{
	int64_t len = 0;
	int more = read_long(c, &len);
	if (more <= 0)
		return more;
	if (len < 0 || len > KT_AVRO_HEADER_MAX)
		return kt_err_set(c->err, KT_FAILED, "%lld bytes in its metadata", (long long)len);
	if ((uint64_t)len > left(c))
		return 0;
	*bytes = (struct kt_bytes){(const char *)c->at, (size_t)len};
	c->at += len;
	return 1;
}

static int read_entry(struct cursor *c, struct kt_avro_header *header)
{
	struct kt_bytes key = {0}, value = {0};
	int more = read_bytes(c, &key);
	if (more > 0)
		more = read_bytes(c, &value);
	if (more <= 0)
		return more;
	if (kt_bytes_are(key, "avro.schema"))
		header->schema = value;
	else if (kt_bytes_are(key, "avro.codec"))
		header->codec = value;
	return 1;
}

/* The entries are in blocks, as those of any map; each takes two bytes at least, so their number needs no bound. */
static int read_entries(struct cursor *c, struct kt_avro_header *header)
{
	int64_t count = 0, size;
	for (;;) {
		int more = read_long(c, &count);
		if (more <= 0)
			return more;
		if (!count)
			return 1;
		if (count < 0 && (more = read_long(c, &size)) <= 0)
			return more;
		for (uint64_t n = count < 0 ? -(uint64_t)count : (uint64_t)count; n; n--)
			if ((more = read_entry(c, header)) <= 0)
				return more;
	}
}

bool kt_avro_is_container(struct kt_bytes bytes)
{
	return !bytes.len || !memcmp(bytes.data, magic, bytes.len < MAGIC ? bytes.len : MAGIC);
}

int kt_avro_header_read(
	struct kt_avro_header *header, struct kt_bytes window, bool ended, size_t *used, struct kt_err *err)
{
	struct cursor c = {.at = (const unsigned char *)window.data, .end = c.at + window.len, .err = err};
	struct kt_avro_header read = {0};
	if (!kt_avro_is_container(window))
		return kt_err_set(err, KT_FAILED, "not an Avro container: it does not begin with Obj and 1");
	int more = window.len >= MAGIC;
	c.at += more ? MAGIC : 0;
	if (more)
		more = read_entries(&c, &read);
	if (more > 0)
		more = left(&c) >= KT_AVRO_SYNC;
	if (more < 0)
		return kt_err_wrap(err, "the container's header is damaged");
	if (!more && window.len > KT_AVRO_HEADER_MAX)
		return kt_err_set(err, KT_FAILED, "a header of more than %d bytes", KT_AVRO_HEADER_MAX);
	if (!more && ended)
		return kt_err_set(err, KT_FAILED, "the data ends inside the container's header");
	if (!more)
		return 0;
	if (!read.schema.data)
		return kt_err_set(err, KT_FAILED, "the container's header has no avro.schema");
	read.sync = (struct kt_bytes){(const char *)c.at, KT_AVRO_SYNC};
	*used = (size_t)((const char *)c.at + KT_AVRO_SYNC - window.data);
	*header = read;
	return 1;
}

/* Count and size of a block are fine, and what follows is what they say. */
static int check_block(const struct cursor *c, int64_t count, int64_t size, struct kt_bytes sync, bool ended)
{
	if (count < 0 || size < 0)
		return kt_err_set(
			c->err, KT_FAILED, "a block of %lld records and %lld bytes", (long long)count, (long long)size);
	if (size > KT_AVRO_BLOCK_MAX)
		return kt_err_set(
			c->err, KT_FAILED, "a block of %lld bytes, more than %d", (long long)size, KT_AVRO_BLOCK_MAX);
	if ((uint64_t)size + KT_AVRO_SYNC > left(c)) {
		if (ended)
			return kt_err_set(c->err, KT_FAILED,
				"a block of %lld byte%s, but %zu %s left of it and its marker of %d", (long long)size,
				kt_plural(size), left(c), left(c) == 1 ? "is" : "are", KT_AVRO_SYNC);
		return 0;
	}
	if (memcmp(c->at + size, sync.data, KT_AVRO_SYNC) != 0)
		return kt_err_set(c->err, KT_FAILED, "a block without the container's marker after it");
	return 1;
}

int kt_avro_block_read(struct kt_avro_block *block, struct kt_bytes window, bool ended, struct kt_bytes sync,
	size_t *used, struct kt_err *err)
{
	struct cursor c = {.at = (const unsigned char *)window.data, .end = c.at + window.len, .err = err};
	int64_t count = 0, size = 0;
	int more = read_long(&c, &count);
	if (more > 0)
		more = read_long(&c, &size);
	if (more <= 0) {
		*used = window.len + 1;
		return !more && ended ? kt_err_set(err, KT_FAILED, "the data ends inside the head of a block") : more;
	}
	more = check_block(&c, count, size, sync, ended);
	if (more >= 0)
		*used = (size_t)((const char *)c.at - window.data) + (size_t)size + KT_AVRO_SYNC;
	if (more > 0)
		*block = (struct kt_avro_block){.count = count, .data = {(const char *)c.at, (size_t)size}};
	return more;
}
