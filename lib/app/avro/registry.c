#include "registry.h"

#include "certs.h"
#include "diagnosis.h"
#include "ending.h"
#include "json.h"
#include "jsonout.h"
#include "mem.h"
#include "ownkeys.h"
#include "registry_own.h"
#include "say.h"
#include "when.h"

enum { SAY_MS = 1000 };

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
	kt_registryschema_fini(r);
	kt_loop_fini(&r->loop);
	kt_fetch_fini(&r->fetch);
	kt_strs_fini(&r->identity.instead);
	kt_tlsfiles_fini(&r->creds);
	kt_settings_fini(&r->own);
	kt_url_fini(&r->url);
	wipe_text(&r->password);
	free(r->user);
	free(r->asked);
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

int kt_registry_open(struct kt_registry *r, struct kt_err *err)
{
	bool load = !r->settings;
	if (r->opened)
		return 0;
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
	r->down_until_us = kt_clock_us() + KT_REGISTRY_REMEMBER_MS * 1000;
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

void kt_registry_begin(struct kt_registry *r, const char *path)
{
	int64_t left_ms = (r->deadline_us - kt_clock_us()) / 1000;
	free(r->asked);
	r->fetch.url = r->asked = kt_asprintf("%s%s", r->url.base, path);
	kt_fetch_begin(&r->fetch, left_ms < r->client->timeout_ms ? left_ms : r->client->timeout_ms);
}

int kt_registry_end(struct kt_registry *r, struct kt_err *err)
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

void kt_registry_say_wait(struct kt_registry *r, const char *what)
{
	if (r->said || kt_clock_us() - r->start_us < SAY_MS * 1000)
		return;
	r->said = true;
	kt_say(KT_NORMAL, "waiting for the schema registry %s: %s", r->url.base, what);
}

void kt_registry_begin_wait(struct kt_registry *r)
{
	r->start_us = kt_clock_us();
	r->said = false;
}

int kt_registry_wait(struct kt_registry *r, struct kt_err *err)
{
	int stopped = kt_owner_stopped(r->client->owner);
	return stopped ? kt_ended(stopped, err, "before %s had answered", r->url.base) : kt_loop_turn(&r->loop, err);
}

/* One request, to its end. */
static int request(struct kt_registry *r, const char *path, const char *what, struct kt_err *err)
{
	kt_registry_begin_wait(r);
	kt_registry_begin(r, path);
	while (r->fetch.state == KT_FETCH_BUSY) {
		if (kt_registry_wait(r, err) < 0)
			return -1;
		kt_fetch_go_on(&r->fetch);
		kt_registry_say_wait(r, what);
	}
	return kt_registry_end(r, err);
}

int kt_registry_find(struct kt_registry *r, const char *subject, bool add, const struct kt_buf *schema, int64_t *id,
	struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf path = {0}, body = {0};
	if (kt_registry_open(r, err) < 0)
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
	if (kt_registry_open(r, err) < 0)
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
