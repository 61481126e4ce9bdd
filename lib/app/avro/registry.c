#include "registry.h"

#include <endian.h>

#include "avro_join.h"
#include "avro_reader.h"
#include "certs.h"
#include "diagnosis.h"
#include "ending.h"
#include "fetch.h"
#include "idmap.h"
#include "json.h"
#include "jsonout.h"
#include "loop.h"
#include "mem.h"
#include "ownkeys.h"
#include "registry_answer.h"
#include "say.h"
#include "tlsfiles.h"
#include "url.h"
#include "when.h"

enum { REMEMBER_MS = 30000, REFUSALS = 256, DEPTH = 20, PATIENCE = 4, SAY_MS = 1000 };

/* What was said about a number, for all records that need it. */
struct refusal {
	struct kt_err err;
	int64_t until_us, id;
};

/* What a schema is put together from: itself, then what it refers to. */
struct part {
	struct kt_registry_answer answer;
	char *name;      /* "SUBJECT version N", for messages, and to know it again */
	size_t referrer; /* the part that refers to it; 0: the schema itself */
};
struct parts {
	struct part *v;
	size_t n, size;
};

/* The schema that is being fetched, or was: one at a time. */
struct job {
	int64_t id;
	bool busy, done; /* one of its requests is under way; what became of it is below */
	struct parts parts;
	size_t referrer, reference; /* the next one to be looked at */
	struct kt_buf text;
	struct kt_err err; /* the message is empty if text is the schema */
};

struct kt_registry {
	const char *address;
	const struct kt_client_opts *client;
	const struct kt_settings *settings; /* NULL: its own */
	struct kt_settings own;
	bool opened;
	struct kt_url url;     /* base NULL: there is no registry */
	char *password, *user; /* of the settings */
	struct kt_tlsfiles creds;
	struct kt_fetch_identity identity;
	struct kt_fetch fetch;
	char *asked;         /* the address of the current request */
	int64_t start_us;    /* of the wait that is on */
	bool said;           /* that it takes long */
	struct kt_loop loop; /* for callers who have nothing else to do */
	struct kt_loop_source answers;
	struct kt_err down;
	int64_t down_until_us, deadline_us;
	struct refusal *refusals;
	size_t n_refusals, next_refusal;
	struct job job;
	struct kt_uuid *guids; /* the last ones, each at a place that follows from its number */
	int64_t n_guids;       /* how many there have been */
};

static int64_t wait_for_answer(void *user, struct pollfd *fd);

struct kt_registry *kt_registry_new(
	const char *address, const struct kt_client_opts *client, const struct kt_settings *settings)
{
	struct kt_registry *r = kt_calloc(1, sizeof(*r));
	r->address = address;
	r->client = client;
	r->settings = settings;
	r->loop.stop = client->owner ? client->owner->stop : NULL;
	r->answers = (struct kt_loop_source){.user = r, .wait = wait_for_answer};
	kt_loop_add(&r->loop, &r->answers);
	return r;
}

static void free_parts(struct parts *parts)
{
	for (size_t i = 0; i < parts->n; i++) {
		kt_registry_answer_fini(&parts->v[i].answer);
		free(parts->v[i].name);
	}
	free(parts->v);
	*parts = (struct parts){0};
}

static void wipe_text(char **text)
{
	kt_wipe(*text);
	free(*text);
	*text = NULL;
}

void kt_registry_free(struct kt_registry *r)
{
	if (!r)
		return;
	free_parts(&r->job.parts);
	kt_loop_fini(&r->loop);
	kt_buf_fini(&r->job.text);
	kt_fetch_fini(&r->fetch);
	kt_strs_fini(&r->identity.instead);
	kt_tlsfiles_fini(&r->creds);
	kt_settings_fini(&r->own);
	kt_url_fini(&r->url);
	wipe_text(&r->password);
	free(r->user);
	free(r->asked);
	free(r->refusals);
	free(r->guids);
	free(r);
}

/* Without TLS only the registry's own settings matter: no key is read and no other password asked for. */
static void keep_own_keys(struct kt_settings *s)
{
	for (size_t i = s->n; i > 0; i--) {
		const struct kt_ownkey *own = kt_ownkey_find(s->v[i - 1].key);
		if (!own || !own->registry)
			kt_settings_drop(s, s->v[i - 1].key);
	}
}

/* User and password from where the address came from, or from somewhere stronger: those of a profile are for the
 * profile's registry. */
static void take_credentials(struct kt_registry *r, const struct kt_settings *s, enum kt_rank rank)
{
	const struct kt_setting *user = kt_settings_get(s, "kt.registry.username");
	const struct kt_setting *password = kt_settings_get(s, "kt.registry.password");
	rank = rank > KT_RANK_ENV ? KT_RANK_ENV : rank;
	if (r->url.user || !user)
		return;
	if (user->rank < rank || (password && password->rank < rank)) {
		kt_say(KT_VERBOSE, "kt.registry.username (%s) is not for %s: it is left out", user->origin,
			r->url.base);
		return;
	}
	r->user = kt_strdup(user->value);
	r->password = password ? kt_strdup(password->value) : NULL;
}

static void add_instead(struct kt_registry *r, const struct kt_settings *s)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	kt_strs_split(&words, kt_settings_text(s, "kt.resolve", ""), " ");
	for (size_t i = 0; i < words.n; i++) {
		char *equals = strchr(words.v[i], '=');
		bool v6 = strchr(equals, ':') != NULL;
		*equals = '\0';
		kt_strs_take(&r->identity.instead,
			kt_asprintf("%s::%s%s%s:", words.v[i], v6 ? "[" : "", equals + 1, v6 ? "]" : ""));
	}
}

static void make_identity(struct kt_registry *r)
{
	struct kt_fetch_identity *who = &r->identity;
	who->user = r->url.user ? r->url.user : r->user;
	who->password = r->url.user ? r->url.password : r->password;
	if (r->url.tls) {
		who->certificates = (struct kt_bytes){r->creds.certificates.data, r->creds.certificates.len};
		who->key = (struct kt_bytes){r->creds.key.data, r->creds.key.len};
		who->cas = (struct kt_bytes){r->creds.cas.data, r->creds.cas.len};
		who->key_password = r->creds.key_password;
		who->ca_dir = r->creds.ca_dir;
	}
	r->fetch.identity = who;
	r->fetch.accept = "application/vnd.schemaregistry.v1+json, application/json";
	r->fetch.max = KT_REGISTRY_ANSWER_MAX;
}

/* libcurl has no words for a key that does not open, and falls over one without a password. */
static int check_certificate(const struct kt_tlsfiles *c, const struct kt_settings *s, struct kt_err *err)
{
	const struct kt_buf *pem = &c->certificates;
	struct kt_cert own;
	if (!pem->len)
		return 0;
	if (kt_cert_read(&own, pem->data, pem->len, c->name, err) < 0)
		return -1;
	if (!c->key.len) {
		kt_err_set(err, KT_USAGE, "there is no key for the certificate %s", c->name);
		return kt_err_hint(err, "set ssl.key.location, or ssl.keystore.location with both");
	}
	enum kt_key_fit fit = kt_key_fits(pem->data, pem->len, c->key.data, c->key.len, c->key_password);
	return fit == KT_KEY_FITS ? 0 : kt_diagnosis_key(fit == KT_KEY_MISMATCH, s, err);
}

/* What follows the settings of TLS; it was left alone where the brokers are reached without TLS. */
static int open_stores(struct kt_registry *r, const struct kt_settings **s, struct kt_err *err)
{
	if (!kt_settings_tls(*s)) {
		if (*s != &r->own)
			kt_settings_copy(&r->own, *s);
		if (kt_conf_resolve_tls(&r->own, err) < 0)
			return -1;
		*s = &r->own;
	}
	return kt_tlsfiles_read(&r->creds, *s, err) < 0 ? -1 : check_certificate(&r->creds, *s, err);
}

/* Which registry, and as whom it is asked. */
static int open_registry(struct kt_registry *r, struct kt_err *err)
{
	bool load = !r->settings;
	if (load && kt_conf_load(&r->own, r->client, err) < 0)
		return -1;
	const struct kt_settings *s = load ? &r->own : r->settings;
	const struct kt_setting *configured = kt_settings_get(s, "kt.registry");
	const char *address = r->address ? r->address : configured ? configured->value : NULL;
	enum kt_rank rank = r->address && !(configured && !strcmp(configured->value, r->address)) ? KT_RANK_FLAG
			    : configured                                                          ? configured->rank
												  : KT_RANK_BUILTIN;
	r->opened = true;
	if (!address)
		return 0;
	if (kt_url_parse(&r->url, address, err) < 0)
		return kt_err_wrap(err, "%s", r->address ? "--registry" : configured->origin);
	kt_settings_drop(&r->own, "bootstrap.servers");
	if (load && !r->url.tls)
		keep_own_keys(&r->own);
	if ((load && kt_conf_resolve(&r->own, err) < 0) || kt_fetch_load(err) < 0)
		return -1;
	if (r->url.tls && open_stores(r, &s, err) < 0)
		return -1;
	r->settings = s;
	take_credentials(r, s, rank);
	add_instead(r, s);
	make_identity(r);
	return 0;
}

/* There was no answer: what is wrong, for as long as it is remembered. */
static int note_down(struct kt_registry *r, struct kt_err *err)
{
	struct kt_fetch *f = &r->fetch;
	if (f->x509_error) {
		(void)kt_diagnosis_certificate(f->x509_error, r->url.base, r->settings, err);
	} else if (f->wrong_name) {
		kt_err_set(err, KT_FAILED, "the certificate of %s is for another host name", r->url.base);
		kt_err_hint(err,
			"ask for it by a name that its certificate has; --resolve NAME=ADDRESS says where that is");
	} else {
		kt_err_set(err, KT_FAILED, "the schema registry %s cannot be asked: %s", r->url.base, f->err.msg);
		kt_err_hint(err, f->wants_another
					 ? "the one of ssl.keystore.location or ssl.certificate.location is shown to it"
					 : "is it running, and is that its address?");
	}
	err->status = KT_UNREACHABLE;
	r->down = *err;
	r->down_until_us = kt_clock_us() + REMEMBER_MS * 1000;
	return -1;
}

/* The answer has another status than 200. */
static int tell_status(const struct kt_registry *r, struct kt_err *err)
{
	const struct kt_fetch *f = &r->fetch;
	char words[200];
	int64_t code = kt_registry_answer_error(words, sizeof(words), f->body.data, f->body.len);
	const char *user = r->identity.user;
	if (f->code == 401) {
		kt_err_set(err, KT_FAILED,
			user ? "the schema registry %s does not take this user and password (401)"
			     : "the schema registry %s wants a user and a password (401)",
			r->url.base);
		return kt_err_hint(err,
			"they are kt.registry.username and kt.registry.password, KT_REGISTRY_USERNAME and "
			"KT_REGISTRY_PASSWORD, or are in the address");
	}
	if (f->code == 403)
		return kt_err_set(err, KT_FAILED, "the schema registry %s does not allow this (403)", r->url.base);
	if (f->code == 404 && code / 100 == 404) {
		kt_err_set(err, KT_FAILED, "the schema registry %s does not have it", r->url.base);
		return kt_err_hint(err, "is it the registry that the writers used?");
	}
	kt_err_set(err, KT_FAILED, "%s answers with status %d%s%s", r->asked, f->code, words[0] ? ": " : "", words);
	if (f->code == 404)
		return kt_err_hint(err, "is that the address of a schema registry, with its path?");
	if (f->code / 100 == 3)
		return kt_err_hint(err, "redirects are not followed: name the address that it redirects to");
	return f->code / 100 == 5 ? kt_err_hint(err, "its own log says why") : -1;
}

static void begin_request(struct kt_registry *r, const char *path)
{
	int64_t left_ms = (r->deadline_us - kt_clock_us()) / 1000;
	free(r->asked);
	r->fetch.url = r->asked = kt_asprintf("%s%s", r->url.base, path);
	kt_fetch_begin(&r->fetch, left_ms < r->client->timeout_ms ? left_ms : r->client->timeout_ms);
}

/* It is over; the answer's body is in fetch. */
static int end_request(struct kt_registry *r, struct kt_err *err)
{
	const struct kt_fetch *f = &r->fetch;
	if (f->state == KT_FETCH_DONE)
		return 0;
	if (f->code)
		return tell_status(r, err);
	if (f->err.status == KT_UNREACHABLE)
		return note_down(r, err);
	kt_err_set(err, f->err.status, "%s: %s", r->asked, f->err.msg);
	return -1;
}

/* For how long to wait for fetch until something has to be done, which may be to say that it takes long. */
static int64_t wait_for_answer(void *user, struct pollfd *fd)
{
	const struct kt_registry *r = user;
	int64_t fetch_ms = kt_fetch_left_ms(&r->fetch), say_ms = (r->start_us - kt_clock_us()) / 1000 + SAY_MS;
	*fd = kt_fetch_poll(&r->fetch);
	return r->said || fetch_ms < say_ms ? fetch_ms : say_ms > 0 ? say_ms : 0;
}

static void say_wait(struct kt_registry *r, const char *what)
{
	if (r->said || kt_clock_us() - r->start_us < SAY_MS * 1000)
		return;
	r->said = true;
	kt_say(KT_NORMAL, "waiting for the schema registry %s: %s", r->url.base, what);
}

static void begin_wait(struct kt_registry *r)
{
	r->start_us = kt_clock_us();
	r->said = false;
}

/* One turn of it; fails when the run is to end. */
static int wait_once(struct kt_registry *r, struct kt_err *err)
{
	int stopped = kt_owner_stopped(r->client->owner);
	return stopped ? kt_ended(stopped, err, "before %s had answered", r->url.base) : kt_loop_turn(&r->loop, err);
}

/* One request, to its end. */
static int request(struct kt_registry *r, const char *path, const char *what, struct kt_err *err)
{
	begin_wait(r);
	begin_request(r, path);
	while (r->fetch.state == KT_FETCH_BUSY) {
		if (wait_once(r, err) < 0)
			return -1;
		kt_fetch_go_on(&r->fetch);
		say_wait(r, what);
	}
	return end_request(r, err);
}

static void begin_part(struct kt_registry *r, const char *path, char *taken)
{
	struct job *job = &r->job;
	job->parts.v[job->parts.n++] = (struct part){.name = taken, .referrer = job->referrer};
	begin_request(r, path);
}

/* The answer about the last part. */
static int read_part(struct kt_registry *r, struct kt_err *err)
{
	struct parts *parts = &r->job.parts;
	struct kt_registry_answer *answer = &parts->v[parts->n - 1].answer;
	if (end_request(r, err) < 0)
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
static size_t find_part(const struct parts *parts, const char *name)
{
	for (size_t i = 1; i < parts->n; i++)
		if (!strcmp(parts->v[i].name, name))
			return i;
	return 0;
}

/* Whether part `at` is this one, or is there because this one, or what it refers to, wants it. */
static bool comes_from(const struct parts *parts, size_t at, size_t part)
{
	while (at && at != part)
		at = parts->v[at].referrer;
	return at;
}

static unsigned depth_of(const struct parts *parts, size_t at)
{
	unsigned depth = 0;
	for (; at; at = parts->v[at].referrer)
		depth++;
	return depth;
}

/* Asks for what a part refers to, unless it is there: each version of a subject once. 1: asked. */
static int ask_for(struct kt_registry *r, const struct kt_registry_reference *ref, struct kt_err *err)
{
	struct job *job = &r->job;
	const struct parts *parts = &job->parts;
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
	struct job *job = &r->job;
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
static int join_parts(struct kt_buf *text, const struct parts *parts, struct kt_err *err)
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

static int make_text(struct kt_buf *text, const struct parts *parts, struct kt_err *err)
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
	r->refusals[r->next_refusal] = (struct refusal){*err, kt_clock_us() + REMEMBER_MS * 1000, id};
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

int kt_registry_find(struct kt_registry *r, const char *subject, bool add, const struct kt_buf *schema, int64_t *id,
	struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0}, body = {0};
	if (!r->opened && open_registry(r, err) < 0)
		return -1;
	if (!r->url.base)
		return 0;
	kt_buf_adds(&path, "/subjects/");
	kt_url_escape(&path, subject);
	kt_buf_adds(&path, add ? "/versions" : "");
	kt_jsonout_begin(&body, NULL, '{');
	kt_jsonout_key(&body, "schema");
	kt_json_string(&body, schema->data, schema->len);
	kt_jsonout_end(&body, '}');
	r->fetch.post = (struct kt_bytes){body.data, body.len};
	r->deadline_us = kt_clock_us() + r->client->timeout_ms * 1000;
	int result = request(r, kt_buf_cstr(&path), subject, err);
	r->fetch.post = (struct kt_bytes){0};
	if (result == 0)
		result = kt_registry_answer_id(id, r->fetch.body.data, r->fetch.body.len, err);
	if (result == 0)
		return 1;
	if (r->fetch.code == 404 && !add) {
		kt_err_set(err, KT_NOT_FOUND,
			"the schema registry %s does not have this schema under the subject %.200s", r->url.base,
			subject);
		kt_err_hint(err, "--register adds it, --subject names another subject");
		return -1;
	}
	return kt_err_wrap(err, "subject %.200s", subject);
}

/* The registry's own words for what it does not have, and for what it does not accept. */
static int tell_refusal(const struct kt_registry *r, const char *what, struct kt_err *err)
{
	const struct kt_fetch *f = &r->fetch;
	char words[200];
	int64_t code = kt_registry_answer_error(words, sizeof(words), f->body.data, f->body.len);
	if (f->code == 404 && code / 100 == 404)
		return kt_err_set(err, KT_NOT_FOUND, "%s: the schema registry %s does not have it: %s", what,
			r->url.base, words[0] ? words : "no reason given");
	if ((f->code == 409 || f->code == 422) && words[0])
		return kt_err_set(
			err, KT_FAILED, "%s: the schema registry %s refuses it: %s", what, r->url.base, words);
	return kt_err_wrap(err, "%s", what);
}

int kt_registry_ask(struct kt_registry *r, const char *path, const struct kt_buf *post, const char *what,
	struct kt_bytes *answer, struct kt_err *err)
{
	if (!r->opened && open_registry(r, err) < 0)
		return -1;
	if (!r->url.base)
		return 0;
	if (post)
		r->fetch.post = (struct kt_bytes){post->data, post->len};
	r->deadline_us = kt_clock_us() + r->client->timeout_ms * 1000;
	int result = request(r, path, what, err);
	r->fetch.post = (struct kt_bytes){0};
	if (result < 0)
		return r->fetch.code ? tell_refusal(r, what, err) : -1;
	*answer = r->fetch.body;
	return 1;
}

int kt_registry_delete(
	struct kt_registry *r, const char *path, const char *what, struct kt_bytes *answer, struct kt_err *err)
{
	r->fetch.remove = true;
	int result = kt_registry_ask(r, path, NULL, what, answer, err);
	r->fetch.remove = false;
	return result;
}

int kt_registry_code(const struct kt_registry *r)
{
	return r->fetch.code;
}

const char *kt_registry_address(const struct kt_registry *r)
{
	return r->url.base;
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
	struct job *job = &r->job;
	char path[64], shown[37];
	job->text.len = 0;
	*job = (struct job){.id = id, .busy = true, .text = job->text};
	begin_wait(r);
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
	struct job *job = &r->job;
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
	struct job *job = &r->job;
	char what[64], shown[37];
	kt_fetch_go_on(&r->fetch);
	if (r->fetch.state == KT_FETCH_BUSY) {
		snprintf(what, sizeof(what), "schema %s", show_id(r, job->id, shown));
		say_wait(r, what);
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
	struct job *job = &r->job;
	struct kt_err ignored;
	if (job->busy)
		go_on(r);
	if (job->busy)
		return false;
	if (job->done && job->id == id)
		return true;
	if (!r->opened && open_registry(r, &job->err) < 0) {
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
	struct job *job = &r->job;
	while (!kt_registry_want(r, id))
		if (wait_once(r, err) < 0)
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
