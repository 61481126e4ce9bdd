#include "copyrecord.h"

#include <fnmatch.h>

#include "mem.h"
#include "num.h"

enum { TOPIC_LONGEST = 249 };

static const char letter[] = KT_COPYRECORD_LETTER;

static bool is_letters(const struct kt_header *h)
{
	return h->name.len >= sizeof(letter) - 1 && !memcmp(h->name.data, letter, sizeof(letter) - 1);
}

static bool is_dropped(struct kt_copyrecord *c, const struct kt_header *h)
{
	const struct kt_strs *patterns = c->how.drop_header;
	if (c->how.replays && is_letters(h))
		return true;
	c->name.len = 0;
	kt_buf_add(&c->name, h->name.data, h->name.len);
	for (size_t i = 0; i < patterns->n; i++)
		if (fnmatch(patterns->v[i], kt_buf_cstr(&c->name), 0) == 0)
			return true;
	return false;
}

static void choose_headers(struct kt_copyrecord *c, const struct kt_record *r)
{
	size_t n = 0;
	if (!c->how.replays && !c->how.drop_header->n)
		return;
	c->headers = kt_grow(c->headers, &c->headers_cap, r->n_headers, sizeof(*c->headers));
	for (size_t i = 0; i < r->n_headers; i++)
		if (!is_dropped(c, &r->headers[i]))
			c->headers[n++] = r->headers[i];
	c->made.headers = c->headers;
	c->made.n_headers = n;
}

/* The last one of that name counts, as it does for readers of a dead letter. */
static const struct kt_header *find_header(const struct kt_record *r, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = r->n_headers; i > 0; i--) {
		const struct kt_header *h = &r->headers[i - 1];
		if (h->name.len == len && !memcmp(h->name.data, name, len))
			return h;
	}
	return NULL;
}

static int choose_topic(struct kt_copyrecord *c, const struct kt_record *r, struct kt_err *err)
{
	const struct kt_header *h = c->how.to_header ? find_header(r, c->how.to_header) : NULL;
	if (!c->how.to_header)
		return 0;
	if (!h || !h->value.data) {
		kt_err_set(err, KT_FAILED, "it has no header %s, which is to name its topic", c->how.to_header);
		return kt_err_hint(err, "--header %s copies only those that have it", c->how.to_header);
	}
	if (h->value.len > TOPIC_LONGEST || memchr(h->value.data, '\0', h->value.len))
		return kt_err_set(err, KT_FAILED, "its header %s is not the name of a topic", c->how.to_header);
	c->topic.len = 0;
	kt_buf_add(&c->topic, h->value.data, h->value.len);
	return 0;
}

/* Where a dead letter was before; -1: it does not say so. */
static int32_t partition_of_letter(const struct kt_record *r)
{
	const struct kt_header *h = find_header(r, KT_COPYRECORD_LETTER "partition");
	struct kt_err ignored;
	char text[16];
	int64_t partition;
	if (!h || !h->value.data || h->value.len >= sizeof(text))
		return -1;
	memcpy(text, h->value.data, h->value.len);
	text[h->value.len] = '\0';
	return kt_parse_i64(text, 0, INT32_MAX, &partition, &ignored) < 0 ? -1 : (int32_t)partition;
}

/* Where the destination is named by each record, its partitions are not known, and a record's own are those of another
 * topic. */
static void choose_partition(struct kt_copyrecord *c, const struct kt_record *r)
{
	int32_t kept = c->how.replays ? partition_of_letter(r) : c->how.to_header ? -1 : r->partition;
	c->made.partition = c->how.by_key ? -1 : kept;
	c->rekeyed = false;
	kt_copyrecord_limit(c, c->how.partitions);
}

void kt_copyrecord_limit(struct kt_copyrecord *c, int32_t partitions)
{
	if (!partitions || c->made.partition < partitions)
		return;
	c->made.partition = -1;
	c->rekeyed = true;
}

/* To the library 0 means "now"; a record without a timestamp keeps having none. */
static void choose_time(struct kt_copyrecord *c, const struct kt_record *r)
{
	c->retimed = r->tstype != KT_TS_NONE && r->ts_ms == 0;
	if (r->tstype == KT_TS_NONE)
		c->made.ts_ms = -1;
	c->made.tstype = c->retimed ? KT_TS_NONE : KT_TS_CREATE;
}

int kt_copyrecord_make(struct kt_copyrecord *c, const struct kt_record *record, struct kt_err *err)
{
	c->made = *record;
	if (choose_topic(c, record, err) < 0)
		return -1;
	choose_headers(c, record);
	choose_partition(c, record);
	choose_time(c, record);
	return 0;
}

void kt_copyrecord_fini(struct kt_copyrecord *c)
{
	kt_buf_fini(&c->topic);
	kt_buf_fini(&c->name);
	free(c->headers);
	*c = (struct kt_copyrecord){0};
}
