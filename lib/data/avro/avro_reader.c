#include "avro_reader.h"

#include <endian.h>

#include "avro_path.h"
#include "codec.h"
#include "esc.h"
#include "mem.h"
#include "num.h"

/* PACKED_KEPT: bytes of memory for unpacked blocks that are kept for the next message. */
enum { SINGLE_HEAD = 10, REGISTRY_HEAD = 5, PACKED_KEPT = 16 << 20 };

/* Where the reader stands, when no data of a block is left. */
enum state {
	FRONT,     /* at the front of a message or file */
	CONTAINER, /* at a block, or at the front of another container */
	LOST,      /* after a damaged block: the next marker is looked for */
	OVER,      /* nothing can be read any more */
};

struct kt_avro_reader {
	const struct kt_avro_how *how;
	enum kt_avro_framing framing;
	struct kt_avro_run *run;
	struct kt_unpacker *unpacker;
	struct kt_avro_known **cached; /* of containers, the one used last in front */
	size_t n_cached, cached_size;
	struct kt_avro_known **given;
	size_t n_given, given_cap;
	kt_avro_ask *ask; /* NULL: there is nowhere to ask */
	void *ask_user;
	struct kt_avro_known **asked; /* of a registry; never meant by data without a number */
	size_t n_asked, asked_cap, asked_size;
	int64_t seen;

	struct kt_avro_known *known; /* of the current data */
	struct kt_bytes window;
	size_t at;    /* in the window: what is consumed */
	size_t needs; /* bytes that the window has to have */
	int64_t base; /* of the window, from where the data begins */
	enum state state;
	int64_t number; /* of the schema, when it is known from elsewhere; else KT_AVRO_NO_ID */
	bool ended;
	bool is_whole; /* all of the data was there when it began */
	bool guessed;  /* the framing is a guess, and it might be bare data instead */
	char sync[KT_AVRO_SYNC];
	enum kt_codec codec;
	/* The current block. */
	int64_t left; /* of its data */
	struct kt_bytes rest;
	const char *block;    /* where its data begins: in the window, or unpacked */
	size_t block_at;      /* in the window */
	uint64_t empties;     /* how many may still take no bytes */
	struct kt_buf packed; /* what it unpacks to */
	size_t unpacked_max;  /* bytes that the next blocks may still unpack to */
	int64_t failed_at;
};

static void free_known(struct kt_avro_known *known)
{
	kt_avro_printer_free(known->program);
	kt_avro_printer_free(known->skipper);
	kt_buf_fini(&known->text);
	free(known->name);
	free(known->why);
	kt_strs_fini(&known->lacks);
	free(known);
}

/* What cannot be read with the reader's schema is known too, so that the next message does not try again. */
static void make_program(
	const struct kt_avro_reader *r, struct kt_avro_known *known, const struct kt_avro_schema *schema)
{
	struct kt_err err = {0};
	if (!r->how->reader)
		known->program = kt_avro_printer_compile(schema, r->how);
	else if (kt_avro_printer_resolve(&known->program, schema, r->how->reader, r->how, &err) < 0)
		known->why = kt_strdup(err.msg);
	known->size = sizeof(*known) + known->text.len + (known->program ? kt_avro_printer_size(known->program) : 0);
}

static void note_lacking(
	const struct kt_avro_reader *r, struct kt_avro_known *known, const struct kt_avro_schema *schema)
{
	const struct kt_strs *wanted = r->how->wanted;
	for (size_t i = 0; wanted && i < wanted->n; i++)
		if (!kt_avro_has_path(schema, wanted->v[i]))
			kt_strs_add(&known->lacks, wanted->v[i]);
}

static struct kt_avro_known *compile(struct kt_avro_reader *r, struct kt_bytes text, int64_t id, struct kt_err *err)
{
	struct kt_avro_schema *schema;
	kt_auto(kt_buf_fini) struct kt_buf canonical = {0};
	if (kt_avro_schema_parse(&schema, text.data, text.len, err) < 0)
		return NULL;
	struct kt_avro_known *known = kt_calloc(1, sizeof(*known));
	known->name = kt_strdup(kt_avro_name(schema->root));
	known->id = id;
	kt_avro_canonical(&canonical, schema);
	known->fingerprint = kt_avro_rabin(canonical.data, canonical.len);
	kt_buf_add(&known->text, text.data, text.len);
	make_program(r, known, schema);
	note_lacking(r, known, r->how->reader ? r->how->reader : schema);
	known->number = r->seen++;
	kt_avro_schema_free(schema);
	return known;
}

static bool has_text(const struct kt_avro_known *known, struct kt_bytes text)
{
	return known->text.len == text.len && !memcmp(known->text.data, text.data, text.len);
}

static void to_front(struct kt_avro_reader *r, size_t i)
{
	struct kt_avro_known *known = r->cached[i];
	memmove(r->cached + 1, r->cached, i * sizeof(struct kt_avro_known *));
	r->cached[0] = known;
}

/* The schema of a container's header: known by its text, or compiled, for which what was not used longest gives way. */
static struct kt_avro_known *find_text(struct kt_avro_reader *r, struct kt_bytes text, struct kt_err *err)
{
	for (size_t i = 0; i < r->n_cached; i++) {
		if (has_text(r->cached[i], text)) {
			to_front(r, i);
			return r->cached[0];
		}
	}
	struct kt_avro_known *known = compile(r, text, KT_AVRO_NO_ID, err);
	if (!known)
		return NULL;
	while (r->n_cached && (r->n_cached == KT_AVRO_CACHED || r->cached_size + known->size > KT_AVRO_CACHED_MAX)) {
		r->cached_size -= r->cached[--r->n_cached]->size;
		free_known(r->cached[r->n_cached]);
	}
	r->cached[r->n_cached++] = known;
	r->cached_size += known->size;
	to_front(r, r->n_cached - 1);
	return known;
}

static struct kt_avro_known *find_fingerprint(const struct kt_avro_reader *r, uint64_t fingerprint)
{
	for (size_t i = 0; i < r->n_given; i++)
		if (r->given[i]->fingerprint == fingerprint)
			return r->given[i];
	return NULL;
}

static struct kt_avro_known *find_id(const struct kt_avro_reader *r, int64_t id)
{
	for (size_t i = 0; i < r->n_given; i++)
		if (r->given[i]->id == id)
			return r->given[i];
	if (r->n_given == 1 && r->given[0]->id == KT_AVRO_NO_ID)
		return r->given[0];
	for (size_t i = 0; i < r->n_asked; i++)
		if (r->asked[i]->id == id)
			return r->asked[i];
	return NULL;
}

static void forget_asked(struct kt_avro_reader *r)
{
	while (r->n_asked)
		free_known(r->asked[--r->n_asked]);
	r->asked_size = 0;
}

static void tell_unknown(int64_t id, struct kt_err *err)
{
	if (id >= KT_AVRO_GUIDS) {
		kt_err_set(err, KT_FAILED, "no schema is known for the GUID in its header");
		kt_err_hint(err, "name the --registry, or give the schema with --schema FILE");
		return;
	}
	kt_err_set(err, KT_FAILED, "no schema with the number %lld is known", (long long)id);
	kt_err_hint(err, "give it with --schema FILE, or as %lld.avsc in --schema-dir, or name the --registry",
		(long long)id);
}

/* NULL and err: there is no such schema, or nobody to ask. */
static struct kt_avro_known *ask(struct kt_avro_reader *r, int64_t id, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	int there = r->ask ? r->ask(r->ask_user, id, &text, err) : 0;
	if (!there)
		tell_unknown(id, err);
	struct kt_avro_known *known = there > 0 ? compile(r, (struct kt_bytes){text.data, text.len}, id, err) : NULL;
	if (!known)
		return NULL;
	if (r->n_asked == KT_AVRO_ASKED || r->asked_size + known->size > KT_AVRO_CACHED_MAX)
		forget_asked(r);
	r->asked = kt_grow(r->asked, &r->asked_cap, r->n_asked + 1, sizeof(struct kt_avro_known *));
	r->asked[r->n_asked++] = known;
	r->asked_size += known->size;
	return known;
}

static int fail_at(struct kt_avro_reader *r, size_t at)
{
	r->failed_at = r->base + (int64_t)at;
	return -1;
}

/* Nothing that follows can be read. */
static int give_up(struct kt_avro_reader *r)
{
	r->state = OVER;
	return fail_at(r, r->at);
}

static struct kt_bytes rest_of_window(const struct kt_avro_reader *r)
{
	return (struct kt_bytes){r->window.data + r->at, r->window.len - r->at};
}

/* The one datum of a message, `head` bytes after its front. */
static int begin_datum(struct kt_avro_reader *r, struct kt_avro_known *known, size_t head, struct kt_err *err)
{
	r->known = known;
	if (!known->program && !r->how->blind) {
		kt_err_set(err, KT_FAILED, "%s", known->why);
		return give_up(r);
	}
	r->state = OVER;
	r->left = !r->how->blind;
	r->block_at = head;
	r->block = r->window.data + head;
	r->rest = (struct kt_bytes){r->block, r->how->blind ? 0 : r->window.len - head};
	r->at = r->window.len;
	r->empties = 1;
	r->codec = KT_CODEC_NULL;
	return KT_AVRO_MET;
}

static int begin_single(struct kt_avro_reader *r, struct kt_err *err)
{
	uint64_t fingerprint;
	struct kt_bytes data = rest_of_window(r);
	if (data.len < SINGLE_HEAD || memcmp(data.data, "\xc3\x01", 2) != 0) {
		kt_err_set(err, KT_FAILED, "not Avro's single-object encoding: it does not begin with C3 01");
		return give_up(r);
	}
	memcpy(&fingerprint, data.data + 2, sizeof(fingerprint));
	fingerprint = le64toh(fingerprint);
	struct kt_avro_known *known = find_fingerprint(r, fingerprint);
	if (known)
		return begin_datum(r, known, SINGLE_HEAD, err);
	kt_err_set(err, KT_FAILED, "no schema with the fingerprint %016llx is known", (unsigned long long)fingerprint);
	kt_err_hint(err, "give it with --schema FILE, or --schema-dir");
	return give_up(r);
}

static int begin_registry(struct kt_avro_reader *r, struct kt_err *err)
{
	uint32_t id;
	struct kt_bytes data = rest_of_window(r);
	if (data.len < REGISTRY_HEAD || data.data[0]) {
		kt_err_set(
			err, KT_FAILED, "not framed as by a schema registry: it does not begin with 00 and a number");
		return give_up(r);
	}
	memcpy(&id, data.data + 1, sizeof(id));
	id = be32toh(id);
	struct kt_avro_known *known = find_id(r, id);
	if (!known)
		known = ask(r, id, err);
	return known ? begin_datum(r, known, REGISTRY_HEAD, err) : give_up(r);
}

static int begin_numbered(struct kt_avro_reader *r, struct kt_err *err)
{
	struct kt_avro_known *known = find_id(r, r->number);
	if (!known)
		known = ask(r, r->number, err);
	return known ? begin_datum(r, known, 0, err) : give_up(r);
}

static int begin_bare(struct kt_avro_reader *r, struct kt_err *err)
{
	char quoted[40];
	struct kt_bytes data = rest_of_window(r);
	if (r->n_given)
		return begin_datum(r, r->given[0], 0, err);
	if (!data.len) {
		kt_err_set(err, KT_FAILED, "not Avro: there is nothing");
		return give_up(r);
	}
	data.len = data.len < 8 ? data.len : 8;
	kt_err_set(err, KT_FAILED, "not Avro: it begins with %s, and no schema was given for bare data",
		kt_quote(quoted, sizeof(quoted), data));
	return give_up(r);
}

/* At the front of a container: its header. */
static int begin_container(struct kt_avro_reader *r, struct kt_err *err)
{
	struct kt_avro_header header;
	size_t used;
	int more = kt_avro_header_read(&header, rest_of_window(r), r->ended, &used, err);
	if (!more)
		r->needs = r->window.len - r->at + 1;
	if (more <= 0)
		return more < 0 ? give_up(r) : 0;
	r->known = find_text(r, header.schema, err);
	if (!r->known || kt_codec_find(&r->codec, header.codec, err) < 0)
		return give_up(r);
	memcpy(r->sync, header.sync.data, sizeof(r->sync));
	size_t front = r->at;
	r->at += used;
	r->state = CONTAINER;
	if (r->known->program || r->how->blind)
		return KT_AVRO_MET;
	/* Said once; its blocks are passed over, and what is after them is read. */
	kt_err_set(err, KT_FAILED, "%s", r->known->why);
	return fail_at(r, front);
}

/* A block whose frame is fine. */
static int open_block(struct kt_avro_reader *r, const struct kt_avro_block *block, struct kt_err *err)
{
	struct kt_bytes data = block->data;
	/* A block of no records is empty, or holds what a codec makes of nothing. */
	if (!r->known->program || r->how->blind || (!block->count && r->codec != KT_CODEC_NULL))
		return 1;
	if (r->codec != KT_CODEC_NULL) {
		if (kt_unpack(r->unpacker, r->codec, data, &r->packed, r->unpacked_max, err) < 0)
			return fail_at(r, r->block_at);
		r->unpacked_max -= r->is_whole ? r->packed.len : 0;
		data = (struct kt_bytes){kt_buf_cstr(&r->packed), r->packed.len};
	} else {
		r->block_at = (size_t)(data.data - r->window.data);
	}
	r->left = block->count;
	r->rest = data;
	r->block = data.data;
	r->empties = KT_AVRO_EMPTIES;
	return 1;
}

/* Where a block would begin a lone zero is the end: the number of records of a block that was never begun. */
static bool is_trailing_zero(const struct kt_avro_reader *r)
{
	struct kt_bytes rest = rest_of_window(r);
	return r->ended && rest.len == 1 && !*rest.data;
}

static int begin_block(struct kt_avro_reader *r, struct kt_err *err)
{
	struct kt_avro_block block;
	size_t used;
	if (is_trailing_zero(r)) {
		r->at++;
		return 0;
	}
	int more = kt_avro_block_read(
		&block, rest_of_window(r), r->ended, (struct kt_bytes){r->sync, sizeof(r->sync)}, &used, err);
	if (!more)
		r->needs = used;
	if (more < 0) {
		r->state = LOST;
		return fail_at(r, r->at++);
	}
	if (!more)
		return 0;
	r->block_at = r->at;
	r->at += used;
	return open_block(r, &block, err);
}

/* Looks for the marker that ends a block: 1 after it. */
static int find_marker(struct kt_avro_reader *r)
{
	struct kt_bytes rest = rest_of_window(r);
	const char *found = memmem(rest.data, rest.len, r->sync, sizeof(r->sync));
	if (found) {
		r->at = (size_t)(found - r->window.data) + sizeof(r->sync);
		r->state = CONTAINER;
		return 1;
	}
	if (rest.len >= sizeof(r->sync))
		r->at = r->window.len - sizeof(r->sync) + 1;
	r->needs = sizeof(r->sync);
	return 0;
}

/* At the front; decided by the first bytes. Only containers are read piece by piece. */
static int begin_found(struct kt_avro_reader *r, struct kt_err *err)
{
	if (r->number != KT_AVRO_NO_ID)
		return begin_numbered(r, err);
	bool container = r->framing == KT_AVRO_CONTAINER ||
			 (r->framing == KT_AVRO_FIND && r->window.len >= 4 && kt_avro_is_container(r->window));
	if (container)
		return begin_container(r, err);
	if (!r->ended) {
		r->needs = r->window.len + 1;
		return 0;
	}
	const char *data = r->window.data;
	bool find = r->framing == KT_AVRO_FIND;
	if (r->framing == KT_AVRO_SINGLE || (find && r->window.len >= SINGLE_HEAD && !memcmp(data, "\xc3\x01", 2)))
		return begin_single(r, err);
	if (r->framing != KT_AVRO_REGISTRY && (!find || r->window.len < REGISTRY_HEAD || *data))
		return begin_bare(r, err);
	int more = begin_registry(r, err);
	/* A schema that has a number is for data with numbers. */
	r->guessed = find && r->n_given && r->given[0]->id == KT_AVRO_NO_ID;
	return more < 0 && r->guessed && !r->known ? begin_bare(r, err) : more;
}

/* At something new: 1 when there is data, or more to look at; 0 when the window holds nothing whole. */
static int begin(struct kt_avro_reader *r, struct kt_err *err)
{
	struct kt_bytes rest = rest_of_window(r);
	if (r->state == OVER)
		r->at = r->window.len;
	if (r->state == FRONT)
		return begin_found(r, err);
	if (r->at == r->window.len) {
		r->needs = 1;
		return 0;
	}
	if (r->state == LOST)
		return find_marker(r);
	if (rest.len < 4 && !r->ended && kt_avro_is_container(rest)) {
		r->needs = 4;
		return 0;
	}
	return rest.len >= 4 && kt_avro_is_container(rest) ? begin_container(r, err) : begin_block(r, err);
}

/* Puts where in its block the error is, and how many data are lost because of it, after the message. */
static int fail_in_block(struct kt_avro_reader *r, const char *at, int64_t n_lost, struct kt_err *err)
{
	char msg[sizeof(err->msg)], packed[64] = "", lost[64] = "";
	if (r->codec != KT_CODEC_NULL)
		snprintf(packed, sizeof(packed), " (byte %zu of the unpacked block)", (size_t)(at - r->block));
	if (n_lost)
		snprintf(lost, sizeof(lost), "; %lld more of its block are lost", (long long)n_lost);
	snprintf(msg, sizeof(msg), "%s", err->msg);
	kt_err_set(err, KT_FAILED, "%.*s%s%s", (int)(sizeof(msg) - sizeof(packed) - sizeof(lost)), msg, packed, lost);
	return fail_at(r, r->block_at + (r->codec == KT_CODEC_NULL ? (size_t)(at - r->block) : 0));
}

static int leave_block(struct kt_avro_reader *r, const char *at, struct kt_err *err)
{
	int64_t lost = r->left;
	r->left = 0;
	r->rest.len = 0;
	return fail_in_block(r, at, lost, err);
}

/* The program that finds the ends of data that cannot be shown, made when it is first needed. */
static const struct kt_avro_printer *skipper(struct kt_avro_reader *r)
{
	static const struct kt_avro_how how = {.form = KT_AVRO_JSON};
	struct kt_avro_known *known = r->known;
	struct kt_avro_schema *schema;
	struct kt_err ignored;
	if (known->skipper || kt_avro_schema_parse(&schema, known->text.data, known->text.len, &ignored) < 0)
		return known->skipper;
	known->skipper = kt_avro_printer_compile(schema, &how);
	known->size += kt_avro_printer_size(known->skipper);
	r->cached_size += kt_avro_printer_size(known->skipper);
	kt_avro_schema_free(schema);
	return known->skipper;
}

/* Whether the datum at the front of a block was passed over. */
static bool skip_datum(struct kt_avro_reader *r)
{
	size_t len = r->rest.len;
	const struct kt_avro_printer *program = r->state == CONTAINER && r->left ? skipper(r) : NULL;
	return program && kt_avro_printer_skip(program, r->run, &r->rest) == 0 &&
	       (r->rest.len < len || r->empties-- > 0);
}

/* What is left after the data of a block, or after the datum of a message. */
static int refuse_rest(struct kt_avro_reader *r, struct kt_err *err)
{
	kt_err_set(err, KT_FAILED, "%zu byte%s left after the %s", r->rest.len, kt_plural_are((int64_t)r->rest.len),
		r->state == OVER ? "datum" : "last record of a block");
	return leave_block(r, r->rest.data, err);
}

static int next_datum(struct kt_avro_reader *r, struct kt_buf *out, struct kt_err *err)
{
	size_t before = out->len, len = r->rest.len;
	r->left--;
	if (kt_avro_printer_run(r->known->program, r->run, &r->rest, out, err) < 0) {
		const char *at = (const char *)r->run->at;
		return skip_datum(r) ? fail_in_block(r, at, 0, err) : leave_block(r, at, err);
	}
	if (r->state == OVER && r->rest.len) {
		out->len = before;
		return refuse_rest(r, err);
	}
	if (r->rest.len == len && !r->empties--) {
		out->len = before;
		kt_err_set(err, KT_FAILED, "a block of more than %d records that take no bytes", KT_AVRO_EMPTIES);
		return leave_block(r, r->rest.data, err);
	}
	r->known->count++;
	return 1;
}

/* What is not a datum after a registry's number may be one together with the five bytes before it. If it is not, the
 * error that is there already is the one to show. */
static int try_bare(struct kt_avro_reader *r, struct kt_buf *out)
{
	struct kt_err ignored;
	int64_t failed_at = r->failed_at;
	r->guessed = false;
	r->at = 0;
	if (begin_bare(r, &ignored) > 0 && next_datum(r, out, &ignored) > 0)
		return 1;
	r->failed_at = failed_at;
	return -1;
}

int kt_avro_next(struct kt_avro_reader *r, struct kt_buf *out, struct kt_err *err)
{
	int more = 1;
	while (more > 0) {
		if (r->left) {
			more = next_datum(r, out, err);
			if (more > 0 || !r->guessed)
				return more;
			return try_bare(r, out);
		}
		if (r->rest.len)
			return refuse_rest(r, err);
		more = begin(r, err);
		if (more == KT_AVRO_MET && r->how->heads)
			return more;
	}
	return more;
}

struct kt_avro_reader *kt_avro_reader_new(const struct kt_avro_how *how, enum kt_avro_framing framing)
{
	struct kt_avro_reader *r = kt_calloc(1, sizeof(*r));
	r->how = how;
	r->framing = framing;
	r->run = kt_avro_run_new();
	r->unpacker = kt_unpacker_new();
	r->cached = kt_calloc(KT_AVRO_CACHED, sizeof(struct kt_avro_known *));
	r->state = OVER;
	return r;
}

void kt_avro_reader_free(struct kt_avro_reader *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n_cached; i++)
		free_known(r->cached[i]);
	for (size_t i = 0; i < r->n_given; i++)
		free_known(r->given[i]);
	forget_asked(r);
	free(r->cached);
	free(r->given);
	free(r->asked);
	kt_avro_run_free(r->run);
	kt_unpacker_free(r->unpacker);
	kt_buf_fini(&r->packed);
	free(r);
}

int kt_avro_give(struct kt_avro_reader *r, int64_t id, const char *text, size_t len, struct kt_err *err)
{
	struct kt_avro_known *known = compile(r, (struct kt_bytes){text, len}, id, err);
	if (!known)
		return -1;
	r->given = kt_grow(r->given, &r->given_cap, r->n_given + 1, sizeof(struct kt_avro_known *));
	r->given[r->n_given++] = known;
	return 0;
}

int kt_avro_given_fits(const struct kt_avro_reader *r, struct kt_err *err)
{
	const struct kt_avro_known *known = r->given[r->n_given - 1];
	return known->program ? 0 : kt_err_set(err, KT_FAILED, "%s", known->why);
}

bool kt_avro_knows(const struct kt_avro_reader *r, int64_t id)
{
	return find_id(r, id);
}

void kt_avro_ask_with(struct kt_avro_reader *r, kt_avro_ask *ask_with, void *user)
{
	r->ask = ask_with;
	r->ask_user = user;
}

void kt_avro_begin(struct kt_avro_reader *r, struct kt_bytes window, bool ended)
{
	r->window = window.data ? window : (struct kt_bytes){"", 0};
	r->ended = r->is_whole = ended;
	r->at = 0;
	r->base = 0;
	r->unpacked_max = KT_AVRO_BLOCK_MAX;
	if (r->packed.cap > PACKED_KEPT)
		kt_buf_fini(&r->packed);
	r->needs = 1;
	r->left = 0;
	r->rest = (struct kt_bytes){0};
	r->known = NULL;
	r->guessed = false;
	r->number = KT_AVRO_NO_ID;
	r->state = FRONT;
}

void kt_avro_begin_numbered(struct kt_avro_reader *r, struct kt_bytes message, int64_t id)
{
	kt_avro_begin(r, message, true);
	r->number = id;
}

void kt_avro_feed(struct kt_avro_reader *r, struct kt_bytes window, bool ended)
{
	r->base += (int64_t)r->at;
	r->window = window.data ? window : (struct kt_bytes){"", 0};
	r->ended = ended;
	r->at = 0;
}

void kt_avro_end(struct kt_avro_reader *r)
{
	r->left = 0;
	r->rest.len = 0;
	r->state = OVER;
}

size_t kt_avro_consumed(const struct kt_avro_reader *r)
{
	return r->at;
}

size_t kt_avro_needs(const struct kt_avro_reader *r)
{
	return r->needs;
}

int64_t kt_avro_failed_at(const struct kt_avro_reader *r)
{
	return r->failed_at;
}

uint64_t kt_avro_made(const struct kt_avro_reader *r)
{
	return r->run->made;
}

const struct kt_avro_known *kt_avro_schema_of(const struct kt_avro_reader *r)
{
	return r->known;
}

const struct kt_avro_noted *kt_avro_noted(const struct kt_avro_reader *r)
{
	return r->run->noted;
}
