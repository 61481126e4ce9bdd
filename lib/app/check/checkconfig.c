#include "checkconfig.h"

#include <errno.h>
#include <sys/stat.h>

#include "auth.h"
#include "client.h"
#include "conffile.h"
#include "diagnosis.h"
#include "file.h"
#include "mem.h"
#include "num.h"
#include "sasl.h"
#include "say.h"
#include "sig.h"
#include "tokensource.h"
#include "version.h"
#include "when.h"

static struct kt_step *begin(struct kt_checkconfig *pre, const char *name)
{
	kt_say_progress("%s", name);
	return kt_step_begin(&pre->steps, name, "", KT_STEP_LOCAL);
}

/* Whatever is wrong with the configuration has one status. */
static void fail(struct kt_step *step, struct kt_err *err)
{
	err->status = KT_USAGE;
	kt_step_fail(step, err);
}

static bool is_interrupted(const struct kt_err *err)
{
	return err->status >= KT_SIGNAL;
}

/* --- configuration --- */

/* "~/.config/kt/config, -b, KT_AUTH": what the settings come from, each once. */
static void list_sources(struct kt_buf *out, const struct kt_settings *s)
{
	kt_auto(kt_strs_fini) struct kt_strs seen = {0};
	for (size_t i = 0; i < s->n; i++)
		kt_strs_add_new(&seen, s->v[i].from.name);
	for (size_t i = 0; i < seen.n; i++)
		kt_buf_addf(out, "%s%s", i ? ", " : "", seen.v[i]);
}

static int load(struct kt_checkconfig *pre, const struct kt_client_opts *opts, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf sources = {0};
	struct kt_step *step = begin(pre, "configuration");
	pre->owner = opts->owner;
	if (kt_conf_load(&pre->settings, opts, err) < 0) {
		if (is_interrupted(err))
			return -1;
		fail(step, err);
		return 0;
	}
	pre->loaded = true;
	list_sources(&sources, &pre->settings);
	const char *profile = kt_settings_text(&pre->settings, "kt.profile", NULL);
	kt_step_ok(step, "%zu setting%s from %s%s%s", pre->settings.n, kt_plural(pre->settings.n),
		kt_buf_cstr(&sources), profile ? "; profile " : "", profile ? profile : "");
	return 0;
}

/* --- files --- */

/* The configuration file and the auth folder's one, when a secret stands in them in plain text. */
static void add_property_files(struct kt_strs *out, const struct kt_settings *s, const struct kt_client_opts *opts)
{
	kt_auto(kt_conffiles_fini) struct kt_conffiles files = {0};
	kt_auto(kt_auth_fini) struct kt_auth auth = {0};
	struct kt_err ignored = {0};
	const char *dir = kt_settings_text(s, "kt.auth", NULL), *paths[2] = {0};
	if (kt_conffiles_find(&files, opts->config, &ignored) == 0 && kt_conffiles_used(&files))
		paths[0] = kt_conffiles_used(&files)->path;
	if (dir && kt_auth_look(&auth, dir, "", &ignored) == 0)
		paths[1] = auth.properties;
	for (size_t p = 0; p < KT_LEN(paths); p++) {
		kt_auto(kt_free_ptr) char *shown = paths[p] ? kt_conffile_shown(paths[p]) : NULL;
		for (size_t i = 0; i < s->n && shown; i++)
			if (kt_setting_is_secret(s->v[i].key) && strncmp(s->v[i].value, "env:", 4) &&
				strncmp(s->v[i].value, "file:", 5) && strncmp(s->v[i].value, "ask:", 4) &&
				kt_setting_in_file(&s->v[i], shown))
				kt_strs_add_new(out, paths[p]);
	}
}

/* Every file that others must not read. */
static void secret_files(struct kt_strs *out, const struct kt_settings *s, const struct kt_client_opts *opts)
{
	static const char *const keys[] = {"ssl.keystore.location", "ssl.key.location", "kt.oauth.file"};
	for (size_t i = 0; i < KT_LEN(keys); i++)
		if (kt_settings_get(s, keys[i]))
			kt_strs_add_new(out, kt_settings_text(s, keys[i], ""));
	for (size_t i = 0; i < s->n; i++)
		if (kt_setting_is_secret(s->v[i].key) && !strncmp(s->v[i].value, "file:", 5))
			kt_strs_add_new(out, s->v[i].value + 5);
	add_property_files(out, s, opts);
}

static void check_files(struct kt_checkconfig *pre, const struct kt_client_opts *opts)
{
	kt_auto(kt_strs_fini) struct kt_strs files = {0};
	kt_auto(kt_buf_fini) struct kt_buf open = {0}, hint = {0};
	struct kt_step *step = begin(pre, "files");
	struct stat info;
	size_t n = 0;
	secret_files(&files, &pre->settings, opts);
	for (size_t i = 0; i < files.n; i++) {
		/* One that is not there is told where it is read. */
		if (stat(files.v[i], &info) < 0 || !S_ISREG(info.st_mode) || !(info.st_mode & S_IROTH))
			continue;
		kt_buf_addf(&open, "%s%s", n++ ? ", " : "", files.v[i]);
		kt_buf_addf(&hint, " %s", files.v[i]);
	}
	if (n) {
		kt_auto(kt_free_ptr) char *chmod = kt_asprintf("chmod go=%s", kt_buf_cstr(&hint));
		kt_step_warn(step, chmod, "every user of this machine can read %s", kt_buf_cstr(&open));
	} else if (files.n) {
		kt_step_ok(step, "%zu with secrets, none open to every user of this machine", files.n);
	} else {
		kt_step_skip(step, "none holds a secret");
	}
}

/* --- credentials --- */

/* What is wrong, or worth a warning, with the client's own certificate; false when it cannot be used. */
static bool check_certificate(struct kt_checkconfig *pre, struct kt_step *step)
{
	const struct kt_tlsfiles *c = &pre->creds;
	const char *pem = c->certificates.data;
	size_t len = c->certificates.len;
	struct kt_cert cert;
	struct kt_err err = {0};
	if (kt_cert_read(&cert, pem, len, c->name, &err) < 0) {
		fail(step, &err);
		return false;
	}
	enum kt_key_fit fit = kt_key_fits(pem, len, c->key.data, c->key.len, c->key_password);
	if (fit != KT_KEY_FITS) {
		kt_diagnosis_key(fit == KT_KEY_MISMATCH, &pre->settings, &err);
		fail(step, &err);
		return false;
	}
	if (cert.expired)
		kt_step_warn(step, "ask for a new keystore", "%s: the certificate of %s has expired on %s", c->name,
			cert.subject, cert.until);
	else if (cert.early)
		kt_step_warn(step, "is this machine's clock right?", "%s: the certificate of %s is valid from %s on",
			c->name, cert.subject, cert.from);
	else if (cert.days < KT_CERT_SOON_DAYS)
		kt_step_warn(step, "ask for a new keystore", "%s: the certificate of %s expires on %s, in %d day%s",
			c->name, cert.subject, cert.until, cert.days, kt_plural(cert.days));
	else if (c->cas.len && !kt_cert_reaches(pem, len, c->cas.data, c->cas.len))
		kt_step_warn(step,
			"is it the keystore of this cluster? brokers may trust a different CA than clients do",
			"%s: %s, by %s, is not signed by the CA in %s", c->name, cert.subject, cert.issuer, c->ca_name);
	else
		kt_step_ok(step, "%s: User:%s to the cluster, unless it maps names; until %s", c->name, cert.subject,
			cert.until);
	return true;
}

static int wait_token(void *owner, struct pollfd *fds, size_t n, int timeout_ms)
{
	kt_wait(fds, n, timeout_ms);
	return kt_owner_stopped(owner);
}

/* Also for the steps after this one: what a command printed is kept. */
static bool check_token(struct kt_checkconfig *pre, struct kt_step *step, struct kt_err *err)
{
	const struct kt_tokensource_how how = {.wait = wait_token, .user = (void *)(uintptr_t)pre->owner};
	kt_auto(kt_token_fini) struct kt_token token = {0};
	char when[40];
	if (kt_tokensource_get(&token, &pre->settings, &how, err) < 0) {
		if (!is_interrupted(err))
			fail(step, err);
		return false;
	}
	kt_step_ok(step, "OAUTHBEARER%s%s, with a token until %s", *token.principal ? " as " : "", token.principal,
		kt_show_when(token.expires_ms, when));
	return true;
}

static bool check_own(struct kt_checkconfig *pre, struct kt_step *step, struct kt_err *err)
{
	const struct kt_settings *s = &pre->settings;
	const char *mechanism = kt_sasl_mechanism(s);
	bool sasl = strcasestr(kt_settings_text(s, "security.protocol", ""), "sasl") != NULL;
	if (pre->creds.certificates.len)
		return check_certificate(pre, step);
	if (pre->creds.key.len) {
		kt_err_set(err, KT_USAGE, "there is a key and no certificate with it");
		kt_err_hint(err, "set ssl.certificate.location, or ssl.keystore.location with both");
		fail(step, err);
		return false;
	}
	if (sasl && !strcmp(mechanism, "OAUTHBEARER") && kt_tokensource_any(s))
		return check_token(pre, step, err);
	if (sasl)
		kt_step_ok(step, "%s as %s", mechanism, kt_settings_text(s, "sasl.username", "no user name"));
	else if (pre->wants_tls)
		kt_step_ok(step, "no client certificate; the cluster sees User:ANONYMOUS, if it lets such clients in");
	else
		kt_step_skip(step, "security.protocol is %s", kt_settings_text(s, "security.protocol", "plaintext"));
	return true;
}

/* The CAs. Only a problem when there is none: the broker's certificate decides. */
static void check_cas(struct kt_checkconfig *pre)
{
	struct kt_step *step = begin(pre, "ca");
	struct kt_cert expired;
	const struct kt_tlsfiles *c = &pre->creds;
	size_t n = kt_certs_count(c->cas.data, c->cas.len, &expired);
	if (!pre->wants_tls)
		kt_step_skip(step, "no TLS is spoken");
	else if (expired.expired)
		kt_step_warn(step, "ask the cluster's operator for the new one", "%s: %s has expired on %s", c->ca_name,
			expired.subject, expired.until);
	else if (n)
		kt_step_ok(step, "%s: %zu certificate%s", c->ca_name, n, kt_plural(n));
	else
		kt_step_ok(step, "%s", c->ca_name);
}

static int check_credentials(struct kt_checkconfig *pre, struct kt_err *err)
{
	struct kt_step *step = begin(pre, "credentials");
	if (kt_conf_resolve(&pre->settings, err) < 0) {
		if (is_interrupted(err))
			return -1;
		fail(step, err);
		return 0;
	}
	if (pre->wants_tls && kt_tlsfiles_read(&pre->creds, &pre->settings, err) < 0) {
		fail(step, err);
		return 0;
	}
	if (!check_own(pre, step, err))
		return is_interrupted(err) ? -1 : 0;
	check_cas(pre);
	step = &pre->steps.v[pre->steps.n - 1];
	if (pre->wants_tls && kt_tls_open(&pre->tls, &pre->creds, &pre->settings, err) < 0) {
		fail(step, err);
		return 0;
	}
	pre->usable = true;
	return 0;
}

/* Whatever else librdkafka does not like is told as `kt produce` would tell it. */
static void check_library(struct kt_checkconfig *pre)
{
	struct kt_step *step = begin(pre, "library");
	struct kt_client *client;
	struct kt_err err = {0};
	if (!pre->usable) {
		kt_step_skip(step, "credentials did not work");
		return;
	}
	if (kt_client_open(&client, KT_ROLE_ADMIN, &pre->settings, NULL, &err) < 0) {
		fail(step, &err);
		pre->usable = false;
		return;
	}
	kt_client_close(client);
	kt_step_ok(step, "librdkafka %s accepts the settings", kt_rdkafka_version());
}

int kt_checkconfig(struct kt_checkconfig *pre, const struct kt_client_opts *opts, struct kt_err *err)
{
	if (load(pre, opts, err) < 0)
		return -1;
	if (!pre->loaded)
		return 0;
	pre->wants_tls = kt_settings_tls(&pre->settings);
	check_files(pre, opts);
	if (check_credentials(pre, err) < 0)
		return -1;
	check_library(pre);
	return 0;
}

void kt_checkconfig_fini(struct kt_checkconfig *pre)
{
	kt_tls_close(pre->tls);
	kt_tlsfiles_fini(&pre->creds);
	kt_settings_fini(&pre->settings);
	kt_steps_fini(&pre->steps);
}
