#include "decode.h"

#include <endian.h>

#include "avro_check.h"
#include "esc.h"
#include "file.h"
#include "jsonfind.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "python.h"
#include "say.h"
#include "schemafiles.h"
#include "url.h"

static const char *const framings[] = {"auto", "ocf", "single", "confluent", "bare", NULL};

#define OPTS struct kt_decode_opts
/* clang-format off */
const struct kt_opt kt_decode_opts[] = {
	{.name = "schema", KT_LIST(schemas), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "a schema for data that comes without one, or types for another; may be repeated"},
	{.name = "schema-dir", KT_STR(schema_dir), .arg = "DIR", .comp = KT_COMP_DIR,
		.help = "every .avsc of a directory; 17.avsc is number 17 of a registry"},
	{.name = "reader-schema", KT_STR(reader_schema), .arg = "FILE", .comp = KT_COMP_FILE,
		.help = "the schema to read all data as, with its defaults, aliases and order"},
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

/* A schema file of --schema is meant to be used: if it does not go with the reader's, that is said before the first
 * message. */
static int give_schema(struct kt_decode *d, const struct kt_schemafile *file, struct kt_err *err)
{
	if (kt_avro_give(d->reader, file->id, file->text.data, file->text.len, err) == 0 &&
		(!file->named || kt_avro_given_fits(d->reader, err) == 0))
		return 0;
	err->status = KT_USAGE;
	return kt_err_wrap(err, "%s", file->path);
}

static int read_schemas(struct kt_decode *d, struct kt_err *err)
{
	kt_auto(kt_schemafiles_fini) struct kt_schemafiles files = {0};
	if (kt_schemafiles_read(&files, &d->opts->schemas, d->opts->schema_dir, err) < 0)
		return -1;
	for (size_t i = 0; i < files.n; i++)
		if (give_schema(d, &files.v[i], err) < 0)
			return -1;
	return 0;
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

static int ask_registry(void *user, int64_t id, struct kt_buf *text, struct kt_err *err)
{
	struct kt_decode *d = user;
	return kt_registry_get(d->registry, id, text, err);
}

static int check_registry(const char *address, struct kt_err *err)
{
	kt_auto(kt_url_fini) struct kt_url url = {0};
	return address && kt_url_parse(&url, address, err) < 0 ? kt_err_wrap(err, "--registry") : 0;
}

int kt_decode_without(const struct kt_decode_opts *opts, struct kt_err *err)
{
	const char *url = opts->registry;
	if (!url && !opts->schemas.n && !opts->schema_dir)
		return 0;
	kt_err_set(err, KT_USAGE, "%s is for -s avro", url ? "-r, a schema registry," : "a schema");
	/* rpk's -r is --regex. */
	return !url || strchr(url, '/') ? -1
					: kt_err_hint(err, "topics of a regular expression are a word: '%s%.80s'",
						  *url == '^' ? "" : "^", url);
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
	d->how = (struct kt_avro_how){
		.form = d->form,
		.logical = opts->logical,
		.wanted = &d->wanted,
		.heads = d->heads,
		.blind = d->blind,
	};
	if (opts->reader_schema && read_reader_schema(d, opts->reader_schema, err) < 0)
		return -1;
	d->how.reader = d->reader_schema;
	d->reader = kt_avro_reader_new(&d->how, (enum kt_avro_framing)opts->framing);
	d->registry = kt_registry_new(opts->registry, client, settings);
	kt_avro_ask_with(d->reader, ask_registry, d);
	return read_schemas(d, err);
}

/* The header that says what kind of event a record is. */
static struct kt_bytes name_of(const struct kt_record *r)
{
	static const char header[] = "record_name";
	for (size_t i = 0; i < r->n_headers; i++)
		if (r->headers[i].name.len == sizeof(header) - 1 && r->headers[i].value.data &&
			!memcmp(r->headers[i].name.data, header, sizeof(header) - 1))
			return r->headers[i].value;
	return (struct kt_bytes){0};
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

/* Adds what is inside the hash of a record, or what is wrong with it. */
static void add_hash(struct kt_decode *d)
{
	const struct kt_avro_noted *hash = kt_avro_noted(d->reader);
	struct kt_err err = {0};
	/* It is between quotes, and no character of a good one is escaped. */
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

/* A field as a template prints it: strings without quotes and escapes, everything else as it is in the record. What is
 * inside lists and maps was not noted on the way: it is looked for. */
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

static void find_fields(struct kt_decode *d, struct kt_bytes text)
{
	d->plain.len = 0;
	/* Decoded text is never longer, so no field moves. */
	kt_buf_reserve(&d->plain, text.len + KT_JSON_SLACK);
	for (size_t i = 0; i < d->wanted.n; i++)
		d->fields[i] = field_of(d, text, i);
}

/* text: of a datum; data NULL: a schema was met, of which there is none. */
static int give(struct kt_decode *d, struct kt_datum *datum, const struct kt_avro_known *known, struct kt_bytes text)
{
	const char *name = known ? known->name : "null";
	d->shown.value = text;
	datum->shown = &d->shown;
	datum->known = known;
	datum->name = d->name.data ? d->name : (struct kt_bytes){name, strlen(name)};
	datum->fields = d->fields;
	datum->met = !text.data;
	d->records += !datum->met;
	return KT_DECODED;
}

static int give_null(struct kt_decode *d, struct kt_datum *datum)
{
	d->due_null = false;
	memset(d->fields, 0, d->wanted.n * sizeof(*d->fields));
	return give(d, datum, NULL, (struct kt_bytes){d->form == KT_AVRO_PYTHON ? "None" : "null", 4});
}

/* A field that the schema does not have prints as nothing: said once for each. */
static void tell_mistyped(struct kt_decode *d, const struct kt_avro_known *known)
{
	d->told = known;
	for (size_t i = 0; i < known->lacks.n; i++) {
		const char *path = known->lacks.v[i];
		if (kt_strs_has(&d->mistyped, path))
			continue;
		kt_strs_add(&d->mistyped, path);
		kt_say(KT_NORMAL,
			"%%{%s} prints as nothing: the schema %s has no such field; --schema-only shows what it has",
			path, known->name);
	}
}

static int give_text(struct kt_decode *d, struct kt_datum *datum)
{
	const struct kt_avro_known *known = kt_avro_schema_of(d->reader);
	if (d->hash)
		add_hash(d);
	struct kt_bytes text = {d->text.data, d->text.len};
	if (d->format && d->wanted.n) {
		if (known != d->told)
			tell_mistyped(d, known);
		find_fields(d, text);
	}
	return give(d, datum, known, text);
}

/* Puts the place in front of an error: FILE:BYTE, PLACE, or TOPIC[PARTITION]@OFFSET. */
static int locate(const struct kt_decode *d, bool at_byte, struct kt_err *err)
{
	const struct kt_record *record = &d->record;
	char hint[sizeof(err->hint)];
	long long at = (long long)kt_avro_failed_at(d->reader);
	snprintf(hint, sizeof(hint), "%s", err->hint);
	if (d->file) {
		kt_err_wrap(err, "%s:%lld", d->file, at);
	} else {
		size_t len = strlen(err->msg);
		if (err->status == KT_FAILED && at_byte)
			snprintf(err->msg + len, sizeof(err->msg) - len, " (byte %lld)", at);
		if (d->place)
			kt_err_wrap(err, "%s", d->place);
		else
			kt_err_wrap(err, "%.*s[%d]@%lld", (int)record->topic.len, record->topic.data,
				(int)record->partition, (long long)record->offset);
	}
	if (err->status == KT_FAILED)
		err->status = KT_PARTIAL;
	return kt_err_hint(err, "%s", hint);
}

/* The first ones in full: a topic that holds something else would fill the screen. */
static void tell(struct kt_decode *d, const struct kt_err *err)
{
	if (d->failed - d->unnamed > KT_DECODE_NAMED && !kt_says(KT_VERBOSE))
		d->unnamed++;
	else if (err->hint[0])
		kt_say(KT_QUIET, "%s; %s", err->msg, err->hint);
	else
		kt_say(KT_QUIET, "%s", err->msg);
}

/* Something of the current message, or of a file, is wrong. A message is counted and named once. */
static int refuse(struct kt_decode *d, bool at_byte, struct kt_err *err)
{
	bool again = d->bad && !d->file;
	locate(d, at_byte, err);
	d->bad = true;
	d->failed += !again;
	if (d->opts->strict || err->status != KT_PARTIAL)
		return -1;
	if (!again) {
		tell(d, err);
		snprintf(d->why, sizeof(d->why), "%s", err->msg);
	}
	return 0;
}

static int end_message(struct kt_decode *d, struct kt_err *err)
{
	kt_avro_end(d->reader);
	kt_err_set(err, KT_FAILED, "it comes to more than %d MiB of text, and the rest is left out",
		KT_DECODE_MESSAGE_MAX >> 20);
	return refuse(d, false, err);
}

/* Enough was made, or printed, since the last pause: to be continued later, or, for a message that is not worth it,
 * never. */
static int pause_message(struct kt_decode *d, const struct kt_buf *out, struct kt_err *err)
{
	uint64_t made = kt_avro_made(d->reader);
	d->printed += out->len - (out->len < d->out_len ? 0 : d->out_len);
	d->out_len = 0;
	d->pause = made + KT_DECODE_WORK;
	if (!d->file && (d->printed > KT_DECODE_MESSAGE_MAX || made > d->end))
		return end_message(d, err);
	return KT_DECODE_PAUSED;
}

/* A message, or a file, of which record is all that is known. */
static void begin(struct kt_decode *d, const struct kt_record *record, const char *file)
{
	d->bad = false;
	d->file = file;
	d->record = d->shown = *record;
	d->place = NULL;
	d->name = name_of(record);
	d->due_null = false;
	d->printed = 0;
	d->out_len = 0;
	d->pause = kt_avro_made(d->reader) + KT_DECODE_WORK;
	d->end = kt_avro_made(d->reader) + KT_DECODE_MESSAGE_MAX;
}

/* The number of a message whose schema is still to be fetched, or KT_AVRO_NO_ID. The last number that was not is
 * remembered: most messages have the same. */
static int64_t missing_schema(struct kt_decode *d, int64_t id)
{
	if (!d->pauses || id == KT_AVRO_NO_ID || (d->seen_schema && d->last_schema == id))
		return KT_AVRO_NO_ID;
	bool known = kt_avro_knows(d->reader, id);
	d->seen_schema = known;
	d->last_schema = id;
	return known ? KT_AVRO_NO_ID : id;
}

/* The number in front of the data, where there may be one. */
static int64_t number_of(const struct kt_decode *d, struct kt_bytes value)
{
	uint32_t id;
	bool numbers = d->opts->framing == KT_AVRO_FIND || d->opts->framing == KT_AVRO_REGISTRY;
	if (!numbers || value.len < 1 + sizeof(id) || value.data[0])
		return KT_AVRO_NO_ID;
	memcpy(&id, value.data + 1, sizeof(id));
	return be32toh(id);
}

int64_t kt_decode_awaits(const struct kt_decode *d, struct pollfd *fd)
{
	return d->missing != KT_AVRO_NO_ID ? kt_registry_awaits(d->registry, fd) : 0;
}

bool kt_decode_wants_headers(const struct kt_decode *d, const struct kt_settings *settings)
{
	const struct kt_decode_opts *o = d->opts;
	return o->schemas.n || o->schema_dir || o->registry || kt_settings_text(settings, "kt.registry", NULL);
}

/* Confluent's serializers can put a schema's number into a header, a zero in front as in the data otherwise, or its
 * GUID after a one; the data are then nothing but the datum. Of several the last counts, as it does for Java. */
static int64_t number_in_header(const struct kt_decode *d, const struct kt_record *r)
{
	enum { NUMBER = 1 + 4, GUID = 1 + 16 };
	const char *name = d->keys ? "__key_schema_id" : "__value_schema_id";
	uint32_t id;
	for (size_t i = r->n_headers; i > 0; i--) {
		struct kt_bytes value = r->headers[i - 1].value, header = r->headers[i - 1].name;
		if (header.len != strlen(name) || memcmp(header.data, name, header.len) != 0)
			continue;
		if (value.len == GUID && value.data[0] == 1)
			return kt_registry_guid(d->registry, value.data + 1);
		if (value.len != NUMBER || value.data[0])
			return KT_AVRO_NO_ID;
		memcpy(&id, value.data + 1, sizeof(id));
		return be32toh(id);
	}
	return KT_AVRO_NO_ID;
}

void kt_decode_begin(struct kt_decode *d, const struct kt_record *record, const char *place, const struct kt_buf *out)
{
	begin(d, record, NULL);
	d->messages++;
	d->place = place;
	d->out_len = out->len;
	d->due_null = !record->value.data;
	int64_t id = d->due_null ? KT_AVRO_NO_ID : number_in_header(d, record);
	d->missing = missing_schema(d, id == KT_AVRO_NO_ID ? number_of(d, record->value) : id);
	if (id == KT_AVRO_NO_ID)
		kt_avro_begin(d->reader, record->value, true);
	else
		kt_avro_begin_numbered(d->reader, record->value, id);
	if (d->due_null)
		kt_avro_end(d->reader);
}

void kt_decode_begin_file(struct kt_decode *d, const char *name)
{
	begin(d, &(struct kt_record){.partition = -1, .offset = -1}, name);
	d->missing = KT_AVRO_NO_ID;
}

int kt_decode_next(struct kt_decode *d, const struct kt_buf *out, struct kt_datum *datum, struct kt_err *err)
{
	if (d->due_null)
		return give_null(d, datum);
	if (d->missing != KT_AVRO_NO_ID && !kt_registry_want(d->registry, d->missing))
		return KT_DECODE_PAUSED;
	if (d->missing != KT_AVRO_NO_ID)
		d->out_len = out->len;
	d->missing = KT_AVRO_NO_ID;
	while (out->len < KT_DECODE_PIECE && kt_avro_made(d->reader) < d->pause) {
		err->hint[0] = '\0';
		d->text.len = 0;
		int more = kt_avro_next(d->reader, &d->text, err);
		if (more == 1)
			return give_text(d, datum);
		if (more == KT_AVRO_MET)
			return give(d, datum, kt_avro_schema_of(d->reader), (struct kt_bytes){0});
		if (!more || refuse(d, true, err) < 0)
			return more;
		d->pause -= KT_DECODE_FAILURE;
		d->end -= KT_DECODE_FAILURE;
	}
	return pause_message(d, out, err);
}

void kt_decode_add_raw(
	const struct kt_decode *d, struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding)
{
	kt_recordjson_write(out, record, encoding);
	out->len--;
	kt_jsonout_words(out, "payload_error", d->why);
	kt_buf_adds(out, "}\n");
}

int kt_decode_refuse(struct kt_decode *d, struct kt_err *err)
{
	d->messages++;
	d->failed++;
	err->status = KT_PARTIAL;
	if (d->opts->strict)
		return -1;
	tell(d, err);
	return 0;
}

int kt_decode_close(const struct kt_decode *d, int result, struct kt_err *err)
{
	if (result < 0 || !d->failed)
		return result;
	if (!d->messages)
		kt_err_set(err, KT_PARTIAL, "%lld place%s could not be decoded; %lld record%s", (long long)d->failed,
			kt_plural(d->failed), (long long)d->records, d->records == 1 ? " was" : "s were");
	else
		kt_err_set(err, KT_PARTIAL, "%lld of %lld message%s could not be decoded", (long long)d->failed,
			(long long)d->messages, kt_plural(d->messages));
	return d->unnamed ? kt_err_hint(err, "%lld of them %s not named above; -v names all", (long long)d->unnamed,
				    d->unnamed == 1 ? "was" : "were")
			  : -1;
}

void kt_decode_fini(struct kt_decode *d)
{
	kt_avro_reader_free(d->reader);
	kt_avro_schema_free(d->reader_schema);
	kt_registry_free(d->registry);
	kt_strs_fini(&d->wanted);
	kt_strs_fini(&d->mistyped);
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
