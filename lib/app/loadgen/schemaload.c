#include "schemaload.h"

#include "file.h"
#include "json.h"
#include "loadfile.h"
#include "mem.h"

enum { RULES_FILE = 1 << 20 };

/* {"customer.id": "zipf:1000", …} */
static int read_rules(struct kt_avro_random *random, struct kt_json *j)
{
	struct kt_bytes path, rule;
	int more;
	if (kt_json_enter(j, '{') < 0)
		return -1;
	while ((more = kt_json_member(j, &path)) > 0) {
		kt_auto(kt_free_ptr) char *where = kt_strndup(path.data, path.len);
		if (kt_json_peek(j) != '"')
			return kt_json_expected(j, "a generator as a string");
		if (kt_json_text(j, &rule) < 0)
			return -1;
		kt_auto(kt_free_ptr) char *how = kt_strndup(rule.data, rule.len);
		if (kt_avro_random_rule(random, where, how, j->err) < 0)
			return kt_err_wrap(j->err, "%.100s", where);
	}
	return more < 0 ? -1 : kt_json_finish(j);
}

static int read_file(struct kt_avro_random *random, const char *name, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0}, decoded = {0};
	kt_auto(kt_free_ptr) char *path = kt_loadfile_find(name, err);
	if (!path || kt_file_read(&text, path, RULES_FILE, err) < 0)
		return -1;
	kt_buf_reserve(&decoded, text.len + KT_JSON_SLACK);
	struct kt_json j = {.start = kt_buf_cstr(&text), .out = &decoded, .err = err};
	j.at = j.start;
	j.end = j.start + text.len;
	kt_json_comments(&j);
	if (read_rules(random, &j) == 0)
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s:%zu", path, kt_json_line(&j));
}

static int read_options(struct kt_avro_random *random, const struct kt_strs *rules, struct kt_err *err)
{
	for (size_t i = 0; i < rules->n; i++) {
		const char *rule = rules->v[i], *equals = strchr(rule, '=');
		if (!equals)
			return kt_err_set(
				err, KT_USAGE, "--field %s: expected PATH=GENERATOR, as in id=sequence", rule);
		kt_auto(kt_free_ptr) char *path = kt_strndup(rule, (size_t)(equals - rule));
		if (kt_avro_random_rule(random, path, equals + 1, err) < 0)
			return kt_err_wrap(err, "--field %.200s", rule);
	}
	return 0;
}

int kt_schemaload_open(struct kt_schemaload *s, const struct kt_schemaload_how *how, struct kt_err *err)
{
	s->opts = *how->encode;
	s->opts.schemas = (struct kt_strs){0};
	for (size_t i = 0; i < how->encode->schemas.n; i++) {
		char *path = kt_loadfile_find(how->encode->schemas.v[i], err);
		if (!path)
			return kt_err_wrap(err, "--schema");
		kt_strs_take(&s->opts.schemas, path);
	}
	if (kt_encode_open(&s->encode, &s->opts, &how->whom, err) < 0)
		return -1;
	const struct kt_avro_type *root = s->encode.schema->root;
	if (kt_avro_random_new(&s->random, s->encode.schema, how->seed, err) < 0)
		return kt_err_wrap(err, "%s", s->opts.schemas.v[0]);
	if (root->least > how->most)
		return kt_err_set(err, KT_USAGE, "%s: %s", s->opts.schemas.v[0], KT_TOO_LARGE);
	if ((how->file && read_file(s->random, how->file, err) < 0) || read_options(s->random, how->rules, err) < 0)
		return -1;
	if (how->key && kt_avro_random_key(s->random, how->key, err) < 0)
		return kt_err_wrap(err, "--key-field %.200s", how->key);
	s->header = (struct kt_header){{"record_name", 11}, {root->name, root->name ? strlen(root->name) : 0}};
	s->record = (struct kt_record){.partition = -1, .headers = &s->header, .n_headers = root->name != NULL};
	return 0;
}

void kt_schemaload_make(struct kt_schemaload *s)
{
	s->encode.datum.len = 0;
	kt_avro_random_make(s->random, &s->encode.datum);
	s->record.value = kt_encode_frame(&s->encode);
	s->record.key = kt_avro_random_key_of(s->random);
}

int kt_schemaload_send(struct kt_schemaload *s, struct kt_producer *producer, int64_t tag, struct kt_err *err)
{
	if (!s->waits)
		kt_schemaload_make(s);
	int sent = kt_producer_send(producer, KT_PRODUCER_TOPIC, &s->record, tag, 0, err);
	s->waits = sent == 0;
	s->bytes += sent > 0 ? (int64_t)s->record.value.len : 0;
	return sent;
}

void kt_schemaload_fini(struct kt_schemaload *s)
{
	kt_avro_random_free(s->random);
	kt_encode_fini(&s->encode);
	kt_strs_fini(&s->opts.schemas);
	s->random = NULL;
}
