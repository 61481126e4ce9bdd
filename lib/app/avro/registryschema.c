/* A registry's schemas by number: one at a time is fetched, with what it refers to, and refusals are remembered. */
#include <endian.h>

#include "avro_join.h"
#include "avro_reader.h"
#include "mem.h"
#include "registry_own.h"
#include "say.h"
#include "when.h"

enum { REFUSALS = 256, DEPTH = 20, PATIENCE = 4 };

static void free_parts(struct kt_registry_parts *parts)
{
	for (size_t i = 0; i < parts->n; i++) {
		kt_registry_answer_fini(&parts->v[i].answer);
		free(parts->v[i].name);
	}
	free(parts->v);
	*parts = (struct kt_registry_parts){0};
}

static void begin_part(struct kt_registry *r, const char *path, char *taken)
{
	struct kt_registry_job *job = &r->job;
	job->parts.v[job->parts.n++] = (struct kt_registry_part){.name = taken, .referrer = job->referrer};
	kt_registry_begin(r, path);
}

/* The answer about the last part. */
static int read_part(struct kt_registry *r, struct kt_err *err)
{
	struct kt_registry_parts *parts = &r->job.parts;
	struct kt_registry_answer *answer = &parts->v[parts->n - 1].answer;
	if (kt_registry_end(r, err) < 0)
		return -1;
	if (kt_registry_answer_read(answer, r->fetch.body.data, r->fetch.body.len, err) < 0) {
		kt_err_wrap(err, "%s", r->asked);
		return kt_err_hint(err, "is that the address of a schema registry?");
	}
	parts->size += strlen(answer->schema);
	if (strcmp(answer->type, "AVRO") != 0) {
		kt_err_set(err, KT_FAILED, "it is of type %.20s, not Avro", answer->type);
		return kt_err_hint(err, "kt decodes Avro only; without -s avro the bytes come as they are");
	}
	if (parts->size > KT_AVRO_SCHEMA_MAX)
		return kt_err_set(
			err, KT_FAILED, "it has more than %d bytes with what it refers to", KT_AVRO_SCHEMA_MAX);
	return 0;
}

/* The part with that name; 0 when there is none. */
static size_t find_part(const struct kt_registry_parts *parts, const char *name)
{
	for (size_t i = 1; i < parts->n; i++)
		if (!strcmp(parts->v[i].name, name))
			return i;
	return 0;
}

/* Whether part `at` is this one, or is there because this one, or what it refers to, wants it. */
static bool comes_from(const struct kt_registry_parts *parts, size_t at, size_t part)
{
	while (at && at != part)
		at = parts->v[at].referrer;
	return at;
}

static unsigned depth_of(const struct kt_registry_parts *parts, size_t at)
{
	unsigned depth = 0;
	for (; at; at = parts->v[at].referrer)
		depth++;
	return depth;
}

/* Asks for what a part refers to, unless it is there: each version of a subject once. 1: asked. */
static int ask_for(struct kt_registry *r, const struct kt_registry_reference *ref, struct kt_err *err)
{
	struct kt_registry_job *job = &r->job;
	const struct kt_registry_parts *parts = &job->parts;
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	kt_auto(kt_free_ptr) char *name = kt_asprintf("%s version %lld", ref->subject, (long long)ref->version);
	size_t known = find_part(parts, name);
	if (known && comes_from(parts, job->referrer, known))
		return kt_err_set(err, KT_FAILED, "its references go in a circle: %.100s refers back to %.100s",
			parts->v[job->referrer].name, name);
	if (known)
		return 0;
	if (parts->n > KT_REGISTRY_REFERENCES)
		return kt_err_set(err, KT_FAILED, "more than %d references", KT_REGISTRY_REFERENCES);
	if (depth_of(parts, job->referrer) >= DEPTH)
		return kt_err_set(err, KT_FAILED, "references of references, more than %d deep", DEPTH);
	kt_buf_adds(&path, "/subjects/");
	kt_url_escape(&path, ref->subject);
	kt_buf_addf(&path, "/versions/%lld", (long long)ref->version);
	begin_part(r, kt_buf_cstr(&path), kt_steal(name));
	return 1;
}

/* 1: the next reference was asked for; 0: there is none. */
static int ask_next(struct kt_registry *r, struct kt_err *err)
{
	struct kt_registry_job *job = &r->job;
	int asked = 0;
	while (!asked && job->referrer < job->parts.n) {
		const struct kt_registry_answer *answer = &job->parts.v[job->referrer].answer;
		if (job->reference < answer->n_references) {
			asked = ask_for(r, &answer->references[job->reference++], err);
		} else {
			job->referrer++;
			job->reference = 0;
		}
	}
	return asked;
}

/* In one piece with what it refers to. */
static int join_parts(struct kt_buf *text, const struct kt_registry_parts *parts, struct kt_err *err)
{
	kt_auto(kt_avro_pool_fini) struct kt_avro_pool pool = {0};
	const char *schema = parts->v[0].answer.schema;
	for (size_t i = 1; i < parts->n; i++)
		if (kt_avro_pool_add(&pool, parts->v[i].answer.schema, strlen(parts->v[i].answer.schema), err) < 0)
			return -1;
	if (parts->n > 1)
		return kt_avro_pool_join(&pool, text, schema, strlen(schema), err);
	kt_buf_adds(text, schema);
	return 0;
}

static int make_text(struct kt_buf *text, const struct kt_registry_parts *parts, struct kt_err *err)
{
	struct kt_avro_schema *schema;
	if (join_parts(text, parts, err) < 0 || kt_avro_schema_parse(&schema, text->data, text->len, err) < 0)
		return -1;
	kt_avro_schema_free(schema);
	return 0;
}

static void refuse(struct kt_registry *r, int64_t id, const struct kt_err *err)
{
	if (!r->refusals)
		r->refusals = kt_calloc(REFUSALS, sizeof(*r->refusals));
	r->refusals[r->next_refusal] =
		(struct kt_registry_refusal){*err, kt_clock_us() + KT_REGISTRY_REMEMBER_MS * 1000, id};
	r->next_refusal = (r->next_refusal + 1) % REFUSALS;
	r->n_refusals += r->n_refusals < REFUSALS;
}

/* What was said before, and still holds. */
static bool is_refused(const struct kt_registry *r, int64_t id, struct kt_err *err)
{
	int64_t now_us = kt_clock_us();
	if (now_us < r->down_until_us) {
		*err = r->down;
		return true;
	}
	for (size_t i = 0; i < r->n_refusals; i++)
		if (r->refusals[i].id == id && now_us < r->refusals[i].until_us) {
			*err = r->refusals[i].err;
			return true;
		}
	return false;
}

int64_t kt_registry_guid(struct kt_registry *r, const char *guid)
{
	struct kt_uuid wanted;
	memcpy(&wanted.high, guid, sizeof(wanted.high));
	memcpy(&wanted.low, guid + sizeof(wanted.high), sizeof(wanted.low));
	wanted = (struct kt_uuid){be64toh(wanted.high), be64toh(wanted.low)};
	/* The newest first: most records use it. */
	for (int64_t i = r->n_guids - 1; i >= 0 && i >= r->n_guids - KT_REGISTRY_GUIDS; i--)
		if (r->guids[i % KT_REGISTRY_GUIDS].low == wanted.low &&
			r->guids[i % KT_REGISTRY_GUIDS].high == wanted.high)
			return KT_AVRO_GUIDS + i;
	if (!r->guids)
		r->guids = kt_calloc(KT_REGISTRY_GUIDS, sizeof(*r->guids));
	r->guids[r->n_guids % KT_REGISTRY_GUIDS] = wanted;
	return KT_AVRO_GUIDS + r->n_guids++;
}

/* As messages and addresses write it: a number, or a GUID. */
static const char *show_id(const struct kt_registry *r, int64_t id, char out[37])
{
	if (id >= KT_AVRO_GUIDS)
		return kt_uuid_show(&r->guids[(id - KT_AVRO_GUIDS) % KT_REGISTRY_GUIDS], out);
	snprintf(out, 37, "%lld", (long long)id);
	return out;
}

static void begin_job(struct kt_registry *r, int64_t id)
{
	struct kt_registry_job *job = &r->job;
	char path[64], shown[37];
	job->text.len = 0;
	*job = (struct kt_registry_job){.id = id, .busy = true, .text = job->text};
	kt_registry_begin_wait(r);
	job->parts.v = kt_calloc(KT_REGISTRY_REFERENCES + 1, sizeof(*job->parts.v));
	r->deadline_us = r->start_us + PATIENCE * r->client->timeout_ms * 1000;
	show_id(r, id, shown);
	kt_say(KT_VERBOSE, "asking %s for schema %s", r->url.base, shown);
	snprintf(path, sizeof(path), "/schemas/%s/%s", id < KT_AVRO_GUIDS ? "ids" : "guids", shown);
	begin_part(r, path, kt_strdup(""));
}

static void end_job(struct kt_registry *r, int result)
{
	char shown[37];
	struct kt_registry_job *job = &r->job;
	free_parts(&job->parts);
	job->busy = false;
	job->done = true;
	if (result == 0)
		return;
	kt_err_wrap(&job->err, "schema %s", show_id(r, job->id, shown));
	if (job->err.status == KT_FAILED)
		refuse(r, job->id, &job->err);
}

static void go_on(struct kt_registry *r)
{
	struct kt_registry_job *job = &r->job;
	char what[64], shown[37];
	kt_fetch_go_on(&r->fetch);
	if (r->fetch.state == KT_FETCH_BUSY) {
		snprintf(what, sizeof(what), "schema %s", show_id(r, job->id, shown));
		kt_registry_say_wait(r, what);
		return;
	}
	int asked = read_part(r, &job->err);
	if (asked < 0 && job->parts.n > 1)
		kt_err_wrap(&job->err, "its reference, %.100s", job->parts.v[job->parts.n - 1].name);
	asked = asked < 0 ? -1 : ask_next(r, &job->err);
	if (asked <= 0)
		end_job(r, asked < 0 ? -1 : make_text(&job->text, &job->parts, &job->err));
}

bool kt_registry_want(struct kt_registry *r, int64_t id)
{
	struct kt_registry_job *job = &r->job;
	struct kt_err ignored;
	if (job->busy)
		go_on(r);
	if (job->busy)
		return false;
	if (job->done && job->id == id)
		return true;
	if (kt_registry_open(r, &job->err) < 0) {
		job->id = id;
		job->done = true;
		return true;
	}
	if (!r->url.base || is_refused(r, id, &ignored))
		return true;
	begin_job(r, id);
	return false;
}

int64_t kt_registry_awaits(const struct kt_registry *r, struct pollfd *fd)
{
	if (!r->job.busy)
		return 0;
	return r->answers.wait(r->answers.user, fd);
}

int kt_registry_get(struct kt_registry *r, int64_t id, struct kt_buf *text, struct kt_err *err)
{
	struct kt_registry_job *job = &r->job;
	while (!kt_registry_want(r, id))
		if (kt_registry_wait(r, err) < 0)
			return -1;
	if (!job->done || job->id != id)
		return r->url.base && is_refused(r, id, err) ? -1 : 0;
	job->done = false;
	*err = job->err;
	if (err->msg[0])
		return -1;
	kt_buf_add(text, job->text.data, job->text.len);
	return 1;
}

void kt_registryschema_fini(struct kt_registry *r)
{
	free_parts(&r->job.parts);
	kt_buf_fini(&r->job.text);
	free(r->refusals);
	free(r->guids);
}
