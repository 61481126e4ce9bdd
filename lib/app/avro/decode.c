#include "decode.h"

#include <dirent.h>

#include "avro_resolve.h"
#include "esc.h"
#include "file.h"
#include "jsonfind.h"
#include "mem.h"
#include "num.h"
#include "python.h"
#include "say.h"
#include "url.h"

static const char *const framings[] = {"auto", "ocf", "single", "confluent", "bare", NULL};

#define OPTS struct kt_decode_opts
/* clang-format off */
const struct kt_opt kt_decode_opts[] = {
	{.name = "schema", KT_LIST(schemas), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "a schema for data that comes without one; may be repeated"},
	{.name = "schema-dir", KT_STR(schema_dir), .arg = "DIR", .comp = KT_COMP_DIR,
		.help = "every .avsc of a directory; 17.avsc is number 17 of a registry"},
	{.name = "reader-schema", KT_STR(reader_schema), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "the schema as which all data is read, with its defaults, aliases and order"},
	{.name = "registry", .letter = 'r', KT_STR(registry), .arg = "URL",
		.help = "fetch schemas by their numbers; http://… or https://… (KT_REGISTRY)"},
	{.name = "framing", KT_ENUM(framing, framings), .def = "auto",
		.help = "what stands around the data; auto goes by the first bytes"},
	{.name = "logical", KT_FLAG(logical), .help = "dates, times, decimals, … as what they mean"},
	{.name = "strict", KT_FLAG(strict), .help = "end at the first message that cannot be decoded"},
	{.name = "decrypt-hash", KT_FLAG(decrypt_hash), .help = "add what measurement_hash holds"},
	{.name = "secret-key", KT_STR(secret_key), .arg = "KEY", .help = "for --decrypt-hash (default: the course's)"},
	KT_END,
};
/* clang-format on */

static const char hash_field[] = "measurement_hash";

/* The number in a file's name, "17.avsc", or KT_AVRO_NO_ID. */
static int64_t id_of(const char *name)
{
	struct kt_err ignored;
	int64_t id;
	kt_auto(kt_free_ptr) char *stem = kt_strndup(name, strcspn(name, "."));
	return kt_parse_i64(stem, 0, UINT32_MAX, &id, &ignored) < 0 ? KT_AVRO_NO_ID : id;
}

static int read_schema(struct kt_decode *d, const char *path, int64_t id, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_file_read(&text, path, KT_AVRO_SCHEMA_MAX, err) < 0)
		return -1;
	if (kt_avro_give(d->reader, id, text.data, text.len, err) == 0)
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s", path);
}

/* A schema file of --schema is meant to be used: that it does not go with the reader's is said before the first
 * message. */
static int read_named_schema(struct kt_decode *d, const char *path, struct kt_err *err)
{
	if (read_schema(d, path, KT_AVRO_NO_ID, err) < 0)
		return -1;
	if (kt_avro_given_fits(d->reader, err) == 0)
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s", path);
}

static int read_reader_schema(struct kt_decode *d, const char *path, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_file_read(&text, path, KT_AVRO_SCHEMA_MAX, err) < 0)
		return -1;
	if (kt_avro_schema_parse(&d->reader_schema, text.data, text.len, err) == 0 &&
		kt_avro_check_reader(d->reader_schema, err) == 0)
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s", path);
}

static int is_schema(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && dot != entry->d_name && !strcmp(dot, ".avsc");
}

static int read_schema_dir(struct kt_decode *d, const char *dir, struct kt_err *err)
{
	struct dirent **entries = NULL;
	int n = scandir(dir, &entries, is_schema, alphasort), result = 0;
	if (n < 0) {
		kt_err_sys(err, "reading the directory %s", dir);
		err->status = KT_USAGE;
		return -1;
	}
	for (int i = 0; i < n; i++) {
		kt_auto(kt_free_ptr) char *path = kt_asprintf("%s/%s", dir, entries[i]->d_name);
		if (result == 0)
			result = read_schema(d, path, id_of(entries[i]->d_name), err);
		free(entries[i]);
	}
	free(entries);
	return result;
}

static int ask_registry(void *user, uint32_t id, struct kt_buf *text, struct kt_err *err)
{
	struct kt_decode *d = user;
	return kt_registry_get(d->registry, id, text, err);
}

static int check_registry(const char *address, struct kt_err *err)
{
	kt_auto(kt_url_fini) struct kt_url url = {0};
	return address && kt_url_parse(&url, address, err) < 0 ? kt_err_wrap(err, "--registry") : 0;
}

int kt_decode_open(struct kt_decode *d, const struct kt_decode_opts *opts, const struct kt_client_opts *client,
	const struct kt_settings *settings, struct kt_err *err)
{
	d->opts = opts;
	if (check_registry(opts->registry, err) < 0)
		return -1;
	if (d->format)
		for (size_t i = 0; i < kt_format_fields(d->format)->n; i++)
			kt_strs_add(&d->wanted, kt_format_fields(d->format)->v[i]);
	else if (opts->decrypt_hash)
		kt_strs_add(&d->wanted, hash_field);
	if (d->format && opts->decrypt_hash)
		return kt_err_set(err, KT_USAGE, "--decrypt-hash does not go with --format");
	if (opts->decrypt_hash &&
		kt_measurementhash_new(&d->hash, opts->secret_key ? opts->secret_key : KT_MEASUREMENTHASH_KEY, err) < 0)
		return kt_err_wrap(err, "--secret-key");
	d->fields = kt_calloc(d->wanted.n + 1, sizeof(*d->fields));
	d->how = (struct kt_avro_how){.form = d->form, .logical = opts->logical, .wanted = &d->wanted};
	if (opts->reader_schema && read_reader_schema(d, opts->reader_schema, err) < 0)
		return -1;
	d->how.reader = d->reader_schema;
	d->reader = kt_avro_reader_new(&d->how, (enum kt_avro_framing)opts->framing);
	d->registry = kt_registry_new(opts->registry, client, settings);
	kt_avro_ask_with(d->reader, ask_registry, d);
	for (size_t i = 0; i < opts->schemas.n; i++)
		if (read_named_schema(d, opts->schemas.v[i], err) < 0)
			return -1;
	return opts->schema_dir ? read_schema_dir(d, opts->schema_dir, err) : 0;
}

/* The header that says what kind of event a record is, or else the name in the schema. */
static struct kt_bytes name_of(const struct kt_record *r, const struct kt_avro_known *known)
{
	static const char header[] = "record_name";
	for (size_t i = 0; i < r->n_headers; i++)
		if (r->headers[i].name.len == sizeof(header) - 1 && r->headers[i].value.data &&
			!memcmp(r->headers[i].name.data, header, sizeof(header) - 1))
			return r->headers[i].value;
	const char *name = known ? known->name : "null";
	return (struct kt_bytes){name, strlen(name)};
}

/* Adds a member to the object that is the text. json: the value is JSON already. */
static void add_member(struct kt_decode *d, const char *name, struct kt_bytes value, bool json)
{
	struct kt_buf *text = &d->text;
	bool python = d->form == KT_AVRO_PYTHON;
	text->len--;
	kt_buf_addf(text, python ? ", '%s': " : ",\"%s\":", name);
	if (json)
		kt_buf_add(text, value.data, value.len);
	else if (!python || !kt_python_string(text, value.data, value.len))
		kt_json_string(text, value.data, value.len);
	kt_buf_addc(text, '}');
}

static bool is_json(struct kt_bytes text)
{
	struct kt_err ignored;
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_json j = {
		.start = text.data, .at = text.data, .end = text.data + text.len, .out = &out, .err = &ignored};
	return kt_json_skip(&j) == 0 && kt_json_finish(&j) == 0;
}

/* Adds what the hash of a record holds, or what is wrong with it. */
static void add_hash(struct kt_decode *d)
{
	const struct kt_avro_noted *hash = kt_avro_noted(d->reader);
	struct kt_err err = {0};
	/* It stands between quotes, and no character of a good one is escaped. */
	if (!hash->there || hash->len < 2)
		return;
	d->plain.len = 0;
	if (kt_measurementhash_open(d->hash, &d->plain, d->text.data + hash->at + 1, hash->len - 2, &err) < 0) {
		add_member(d, "measurement_hash_error", (struct kt_bytes){err.msg, strlen(err.msg)}, false);
		return;
	}
	struct kt_bytes plain = {d->plain.data, d->plain.len};
	add_member(d, "measurement_hash_decrypted", plain, d->form != KT_AVRO_PYTHON && is_json(plain));
}

/* A field as a template prints it: strings without quotes and escapes, everything else as it stands in the record. What
 * lies in lists and maps was not noted on the way: it is looked for. */
static struct kt_bytes field_of(struct kt_decode *d, struct kt_bytes text, size_t i)
{
	struct kt_err ignored;
	const struct kt_avro_noted *noted = &kt_avro_noted(d->reader)[i];
	struct kt_bytes field = {text.data + noted->at, noted->len};
	if (!noted->there && !kt_json_find(&field, text, d->wanted.v[i], &d->names_seen))
		return (struct kt_bytes){0};
	struct kt_json j = {.start = field.data, .at = field.data, .out = &d->plain, .err = &ignored};
	j.end = j.start + field.len;
	/* What we wrote as a string is one. */
	return *j.start == '"' && kt_json_text(&j, &field) < 0 ? (struct kt_bytes){0} : field;
}

/* text: of the datum, or of a record without a value. */
static void print_format(struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, struct kt_bytes text)
{
	struct kt_record shown = *record;
	bool datum = text.data == d->text.data;
	shown.value = text;
	d->plain.len = 0;
	/* Decoded text is never longer, so no field moves. */
	kt_buf_reserve(&d->plain, text.len + KT_JSON_SLACK);
	for (size_t i = 0; i < d->wanted.n; i++)
		d->fields[i] = datum ? field_of(d, text, i) : (struct kt_bytes){0};
	kt_format_render_fields(d->format, out, &shown, d->fields);
}

/* known: NULL for a record without a value. */
static void print(struct kt_decode *d, struct kt_buf *out, const struct kt_record *record,
	const struct kt_avro_known *known, struct kt_bytes text)
{
	struct kt_datum datum = {.record = record, .known = known, .name = name_of(record, known), .text = text};
	d->records++;
	if (d->each && !d->each(d->user, out, &datum))
		return;
	if (d->format) {
		print_format(d, out, record, text);
		return;
	}
	if (d->json) {
		kt_recordjson_begin(out, record, d->encoding);
	} else if (d->names && !d->file) {
		kt_words_add(out, datum.name.data, datum.name.len);
		kt_buf_addc(out, '\n');
	}
	kt_buf_add(out, text.data, text.len);
	if (d->json)
		kt_buf_addc(out, '}');
	kt_buf_add(out, d->delim.data ? d->delim.data : "\n", d->delim.data ? d->delim.len : 1);
}

/* Puts the place in front of an error: FILE:BYTE, PLACE, or TOPIC[PARTITION]@OFFSET. */
static int locate(const struct kt_decode *d, const struct kt_record *record, const char *place, struct kt_err *err)
{
	char hint[sizeof(err->hint)];
	long long at = (long long)kt_avro_failed_at(d->reader);
	snprintf(hint, sizeof(hint), "%s", err->hint);
	if (d->file) {
		kt_err_wrap(err, "%s:%lld", d->file, at);
	} else {
		size_t len = strlen(err->msg);
		if (err->status == KT_FAILED)
			snprintf(err->msg + len, sizeof(err->msg) - len, " (byte %lld)", at);
		if (place)
			kt_err_wrap(err, "%s", place);
		else
			kt_err_wrap(err, "%.*s[%d]@%lld", (int)record->topic.len, record->topic.data,
				(int)record->partition, (long long)record->offset);
	}
	if (err->status == KT_FAILED)
		err->status = KT_PARTIAL;
	return kt_err_hint(err, "%s", hint);
}

static void tell(const struct kt_err *err)
{
	if (err->hint[0])
		kt_say(KT_QUIET, "%s; %s", err->msg, err->hint);
	else
		kt_say(KT_QUIET, "%s", err->msg);
}

int kt_decode_data(struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, const char *place,
	int64_t limit, size_t full, struct kt_err *err)
{
	int64_t end = limit < 0 ? INT64_MAX : d->records + limit;
	int more = 1;
	while (d->records < end && out->len < full) {
		err->hint[0] = '\0';
		d->text.len = 0;
		more = kt_avro_next(d->reader, &d->text, err);
		if (!more)
			return 0;
		if (more > 0) {
			if (d->hash)
				add_hash(d);
			print(d, out, record, kt_avro_schema_of(d->reader),
				(struct kt_bytes){d->text.data, d->text.len});
			continue;
		}
		d->failed += d->file || !d->bad;
		d->bad = true;
		locate(d, record, place, err);
		if (d->opts->strict || err->status != KT_PARTIAL)
			return -1;
		tell(err);
		snprintf(d->why, sizeof(d->why), "%s", err->msg);
	}
	return 1;
}

/* A record that is not what it should be, as it is, so that nothing is lost. */
static void print_raw(struct kt_decode *d, struct kt_buf *out, const struct kt_record *record)
{
	kt_recordjson_write(out, record, d->encoding);
	out->len--;
	kt_buf_adds(out, ",\"payload_error\":");
	kt_json_words(out, d->why);
	kt_buf_adds(out, "}\n");
}

int kt_decode_record(
	struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, const char *place, struct kt_err *err)
{
	const char *null_text = d->form == KT_AVRO_PYTHON ? "None" : "null";
	d->messages++;
	d->bad = false;
	d->file = NULL;
	if (!record->value.data) {
		print(d, out, record, NULL, (struct kt_bytes){null_text, 4});
		return 0;
	}
	kt_avro_begin(d->reader, record->value, true);
	if (kt_decode_data(d, out, record, place, -1, SIZE_MAX, err) < 0)
		return -1;
	if (d->bad && d->json && !d->silent)
		print_raw(d, out, record);
	return 0;
}

int kt_decode_refuse(struct kt_decode *d, struct kt_err *err)
{
	d->messages++;
	d->failed++;
	err->status = KT_PARTIAL;
	if (d->opts->strict)
		return -1;
	tell(err);
	return 0;
}

int kt_decode_close(const struct kt_decode *d, int result, struct kt_err *err)
{
	if (result < 0 || !d->failed)
		return result;
	if (!d->messages)
		return kt_err_set(err, KT_PARTIAL, "%lld places could not be decoded; %lld records were",
			(long long)d->failed, (long long)d->records);
	return kt_err_set(err, KT_PARTIAL, "%lld of %lld messages could not be decoded", (long long)d->failed,
		(long long)d->messages);
}

void kt_decode_fini(struct kt_decode *d)
{
	kt_avro_reader_free(d->reader);
	kt_avro_schema_free(d->reader_schema);
	kt_registry_free(d->registry);
	kt_strs_fini(&d->wanted);
	kt_measurementhash_free(&d->hash);
	kt_buf_fini(&d->text);
	kt_buf_fini(&d->plain);
	kt_buf_fini(&d->names_seen);
	free(d->fields);
	d->reader = NULL;
	d->reader_schema = NULL;
	d->registry = NULL;
	d->hash = NULL;
	d->fields = NULL;
}
