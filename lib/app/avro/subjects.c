#include "subjects.h"

#include "json.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "url.h"

/* Makes an error of "no registry is configured". */
static int answered(int result, struct kt_err *err)
{
	if (result)
		return result < 0 ? -1 : 0;
	kt_err_set(err, KT_USAGE, "no schema registry is configured");
	return kt_err_hint(err, "--registry URL, KT_REGISTRY, or kt.registry in a profile");
}

static int bad_answer(const struct kt_registry *r, const char *what, struct kt_err *err)
{
	kt_err_wrap(err, "%s of %s", what, kt_registry_address(r));
	return kt_err_hint(err, "is that the address of a schema registry?");
}

static void add_subject(struct kt_buf *path, const char *subject)
{
	kt_buf_adds(path, "/subjects/");
	kt_url_escape(path, subject);
}

static void add_version(struct kt_buf *path, const char *version)
{
	if (!version)
		return;
	kt_buf_adds(path, "/versions/");
	kt_url_escape(path, version);
}

int kt_subjects_list(struct kt_registry *r, bool deleted, struct kt_strs *names, struct kt_err *err)
{
	struct kt_bytes answer;
	if (answered(kt_registry_ask(
			     r, deleted ? "/subjects?deleted=true" : "/subjects", NULL, "the subjects", &answer, err),
		    err) < 0)
		return -1;
	if (kt_registry_answer_names(names, answer.data, answer.len, err) < 0)
		return bad_answer(r, "the subjects", err);
	kt_strs_sort(names);
	return 0;
}

int kt_subject_versions(
	struct kt_registry *r, const char *subject, bool deleted, int64_t **versions, size_t *n, struct kt_err *err)
{
	struct kt_bytes answer;
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	kt_auto(kt_free_ptr) char *what = kt_asprintf("subject %.200s", subject);
	add_subject(&path, subject);
	kt_buf_adds(&path, deleted ? "/versions?deleted=true" : "/versions");
	if (answered(kt_registry_ask(r, kt_buf_cstr(&path), NULL, what, &answer, err), err) < 0)
		return -1;
	return kt_registry_answer_numbers(versions, n, answer.data, answer.len, err) < 0 ? bad_answer(r, what, err) : 0;
}

static int get(
	struct kt_registry *r, const char *path, const char *what, struct kt_registry_answer *out, struct kt_err *err)
{
	struct kt_bytes answer;
	if (answered(kt_registry_ask(r, path, NULL, what, &answer, err), err) < 0)
		return -1;
	return kt_registry_answer_read(out, answer.data, answer.len, err) < 0 ? bad_answer(r, what, err) : 0;
}

int kt_subject_get(struct kt_registry *r, const char *subject, const char *version, struct kt_registry_answer *out,
	struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	kt_auto(kt_free_ptr) char *what = kt_asprintf("subject %.200s version %.40s", subject, version);
	add_subject(&path, subject);
	add_version(&path, version);
	return get(r, kt_buf_cstr(&path), what, out, err);
}

int kt_subject_get_id(struct kt_registry *r, int64_t id, struct kt_registry_answer *out, struct kt_err *err)
{
	char path[64], what[64];
	snprintf(path, sizeof(path), "/schemas/ids/%lld", (long long)id);
	snprintf(what, sizeof(what), "schema %lld", (long long)id);
	return get(r, path, what, out, err);
}

static int add_reference(struct kt_buf *body, const char *text, struct kt_err *err)
{
	const char *equals = strchr(text, '='), *colon = strrchr(text, ':');
	int64_t version;
	if (!equals || equals == text || !colon || colon <= equals + 1) {
		kt_err_set(err, KT_USAGE, "--reference %.200s: expected NAME=SUBJECT:VERSION", text);
		return -1;
	}
	if (kt_parse_i64(colon + 1, 1, INT32_MAX, &version, err) < 0)
		return kt_err_wrap(err, "--reference %.200s", text);
	kt_auto(kt_free_ptr) char *name = kt_strndup(text, (size_t)(equals - text));
	kt_auto(kt_free_ptr) char *subject = kt_strndup(equals + 1, (size_t)(colon - equals - 1));
	kt_jsonout_begin(body, NULL, '{');
	kt_jsonout_text(body, "name", name);
	kt_jsonout_text(body, "subject", subject);
	kt_jsonout_i64(body, "version", version);
	kt_jsonout_end(body, '}');
	return 0;
}

/* A registry takes a schema for Avro when no type is given, even one that knows of nothing else. */
static int make_body(struct kt_buf *body, const struct kt_subject_schema *schema, struct kt_err *err)
{
	kt_jsonout_begin(body, NULL, '{');
	kt_jsonout_key(body, "schema");
	kt_json_string(body, schema->text->data, schema->text->len);
	if (strcmp(schema->type, "AVRO") != 0)
		kt_jsonout_text(body, "schemaType", schema->type);
	if (schema->references->n) {
		kt_jsonout_begin(body, "references", '[');
		for (size_t i = 0; i < schema->references->n; i++)
			if (add_reference(body, schema->references->v[i], err) < 0)
				return -1;
		kt_jsonout_end(body, ']');
	}
	kt_jsonout_end(body, '}');
	return 0;
}

int kt_subject_register(struct kt_registry *r, const char *subject, const struct kt_subject_schema *schema, int64_t *id,
	struct kt_err *err)
{
	struct kt_bytes answer;
	kt_auto(kt_buf_fini) struct kt_buf path = {0}, body = {0};
	kt_auto(kt_free_ptr) char *what = kt_asprintf("subject %.200s", subject);
	if (make_body(&body, schema, err) < 0)
		return -1;
	add_subject(&path, subject);
	kt_buf_adds(&path, "/versions");
	if (answered(kt_registry_ask(r, kt_buf_cstr(&path), &body, what, &answer, err), err) < 0)
		return -1;
	return kt_registry_answer_id(id, answer.data, answer.len, err) < 0 ? bad_answer(r, what, err) : 0;
}

int kt_subject_check(struct kt_registry *r, const char *subject, const char *version,
	const struct kt_subject_schema *schema, bool *fits, struct kt_strs *why, struct kt_err *err)
{
	struct kt_bytes answer;
	kt_auto(kt_buf_fini) struct kt_buf path = {0}, body = {0};
	kt_auto(kt_free_ptr) char *what = kt_asprintf("subject %.200s version %.40s", subject, version);
	if (make_body(&body, schema, err) < 0)
		return -1;
	kt_buf_adds(&path, "/compatibility");
	add_subject(&path, subject);
	add_version(&path, version);
	kt_buf_adds(&path, "?verbose=true");
	if (answered(kt_registry_ask(r, kt_buf_cstr(&path), &body, what, &answer, err), err) < 0)
		return -1;
	return kt_registry_answer_fits(fits, why, answer.data, answer.len, err) < 0 ? bad_answer(r, what, err) : 0;
}

static int delete_once(
	struct kt_registry *r, const char *subject, const char *version, bool permanent, struct kt_err *err)
{
	struct kt_bytes answer;
	int64_t *numbers;
	size_t n;
	kt_auto(kt_buf_fini) struct kt_buf path = {0};
	kt_auto(kt_free_ptr) char *what =
		kt_asprintf("subject %.200s%s%.40s", subject, version ? " version " : "", version ? version : "");
	add_subject(&path, subject);
	add_version(&path, version);
	kt_buf_adds(&path, permanent ? "?permanent=true" : "");
	if (answered(kt_registry_delete(r, kt_buf_cstr(&path), what, &answer, err), err) < 0)
		return -1;
	if (kt_registry_answer_numbers(&numbers, &n, answer.data, answer.len, err) < 0)
		return bad_answer(r, what, err);
	free(numbers);
	return 0;
}

int kt_subject_delete(
	struct kt_registry *r, const char *subject, const char *version, bool permanent, struct kt_err *err)
{
	/* A registry deletes for good only what is marked as deleted already. */
	if (delete_once(r, subject, version, false, err) < 0 && !(permanent && err->status == KT_NOT_FOUND))
		return -1;
	return permanent ? delete_once(r, subject, version, true, err) : 0;
}
