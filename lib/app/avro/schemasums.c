/* Schemas that were met, and their records, counted. */
#include "schemasums.h"

#include "digest.h"
#include "json.h"
#include "jsonout.h"
#include "mem.h"
#include "table.h"

/* Of which schema, under which name, how many. */
struct kt_schemasum {
	char *name, *schema;
	uint64_t fingerprint;
	int64_t count;
};

static void add_digest(struct kt_buf *out, const char *member, const char *name, const struct kt_buf *canonical)
{
	struct kt_err ignored;
	kt_auto(kt_buf_fini) struct kt_buf digest = {0};
	if (kt_digest_add(&digest, name, canonical->data, canonical->len, &ignored) == 0)
		kt_jsonout_text(out, member, kt_buf_cstr(&digest));
}

static void add_fingerprint(struct kt_buf *out, const char *name, uint64_t fingerprint)
{
	char digits[20];
	snprintf(digits, sizeof(digits), "%016llx", (unsigned long long)fingerprint);
	kt_jsonout_text(out, name, digits);
}

/* A schema as its line of text, or as an object with its canonical form and fingerprints. */
static void print_schema(struct kt_buf *out, const struct kt_avro_known *known, bool json)
{
	struct kt_err ignored;
	struct kt_avro_schema *schema;
	kt_auto(kt_buf_fini) struct kt_buf canonical = {0}, line = {0};
	struct kt_json j = {.start = known->text.data, .out = &line, .err = &ignored};
	struct kt_bytes compact;
	j.at = j.start;
	j.end = j.start + known->text.len;
	kt_buf_reserve(&line, known->text.len + KT_JSON_SLACK);
	/* Both went well when the schema was met. */
	if (kt_json_compact(&j, &compact) < 0 ||
		kt_avro_schema_parse(&schema, known->text.data, known->text.len, &ignored) < 0)
		return;
	kt_avro_canonical(&canonical, schema);
	kt_avro_schema_free(schema);
	if (json) {
		kt_buf_addc(out, '{');
		kt_jsonout_words(out, "name", known->name);
		add_fingerprint(out, "rabin", known->fingerprint);
		add_digest(out, "md5", "MD5", &canonical);
		add_digest(out, "sha256", "SHA256", &canonical);
		kt_jsonout_key(out, "canonical");
		kt_json_string(out, canonical.data, canonical.len);
		kt_jsonout_key(out, "schema");
	}
	kt_buf_add(out, compact.data, compact.len);
	kt_buf_adds(out, json ? "}\n" : "\n");
}

/* The number of the sum for a name and a schema; a new one is at the end. */
static size_t find_sum(struct kt_schemasums *s, const struct kt_datum *datum)
{
	uint64_t fingerprint = datum->known ? datum->known->fingerprint : 0;
	/* With schemas the names are left out. */
	struct kt_bytes name = s->schemas ? (struct kt_bytes){"", 0} : datum->name;
	s->key.len = 0;
	kt_buf_add(&s->key, &fingerprint, sizeof(fingerprint));
	kt_buf_add(&s->key, name.data, name.len);
	struct kt_uuid id = kt_idmap_name(&s->by_key, s->key.data, s->key.len);
	uint32_t *number = kt_idmap_put(&s->by_key, &id);
	if (*number == KT_IDMAP_NEW) {
		*number = (uint32_t)s->n;
		s->v = kt_grow(s->v, &s->size, s->n + 1, sizeof(*s->v));
		s->v[s->n++] = (struct kt_schemasum){
			.name = kt_strndup(name.data, name.len),
			.schema = kt_strdup(datum->known ? datum->known->name : "null"),
			.fingerprint = fingerprint,
		};
	}
	return *number;
}

void kt_schemasums_count(struct kt_schemasums *s, struct kt_buf *out, const struct kt_datum *datum)
{
	size_t before = s->n, i = find_sum(s, datum);
	if (i == before && s->schemas && datum->known)
		print_schema(out, datum->known, s->json);
	s->v[i].count += !datum->met;
}

void kt_schemasums_print(const struct kt_schemasums *s, struct kt_buf *out, bool aligned)
{
	static const struct kt_column columns[] = {
		{"NAME"}, {"SCHEMA"}, {"FINGERPRINT"}, {"RECORDS", .right = true}, {NULL}};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < s->n; i++) {
		const struct kt_schemasum *sum = &s->v[i];
		kt_table_add(&table, "%s", sum->name);
		kt_table_add(&table, "%s", sum->schema);
		kt_table_add(&table, "%016llx", (unsigned long long)sum->fingerprint);
		kt_table_add_count(&table, sum->count);
		if (!s->json)
			continue;
		kt_buf_addc(out, '{');
		kt_jsonout_words(out, "name", sum->name);
		kt_jsonout_words(out, "schema", sum->schema);
		add_fingerprint(out, "fingerprint", sum->fingerprint);
		kt_jsonout_i64(out, "records", sum->count);
		kt_buf_adds(out, "}\n");
	}
	if (!s->json)
		kt_table_render(&table, out, aligned);
}

void kt_schemasums_fini(struct kt_schemasums *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free(s->v[i].schema);
	}
	free(s->v);
	kt_idmap_fini(&s->by_key);
	kt_buf_fini(&s->key);
	*s = (struct kt_schemasums){0};
}
