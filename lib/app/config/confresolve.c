#include "confresolve.h"

#include <errno.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ask.h"
#include "diagnosis.h"
#include "file.h"
#include "keystore.h"
#include "mem.h"
#include "props.h"
#include "say.h"
#include "sig.h"
#include "tokensource.h"
#include "version.h"

enum { SECRET_MAX = 1 << 16 };

/* Sets the setting with this key to value and keeps where it came from. */
static void replace(struct kt_settings *s, const char *key, const char *value)
{
	kt_settings_put_like(s, kt_settings_get(s, key), key, value);
}

static int from_environment(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err)
{
	const char *name = secret->value + strlen("env:"), *value = getenv(name);
	if (!value || !*value)
		return kt_err_set(err, KT_USAGE, "%s: %s is to come from the environment, and %s is not set there",
			secret->origin, secret->key, name);
	replace(s, secret->key, value);
	return 0;
}

static int from_file(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	if (kt_file_read(&text, secret->value + strlen("file:"), SECRET_MAX, err) < 0)
		return kt_err_wrap(err, "%s: %s", secret->origin, secret->key);
	if (text.len && text.data[text.len - 1] == '\n')
		text.len--;
	if (text.len && text.data[text.len - 1] == '\r')
		text.len--;
	if (text.len && memchr(text.data, '\0', text.len))
		return kt_err_set(err, KT_USAGE, "%s: %s: the file holds NUL bytes", secret->origin, secret->key);
	replace(s, secret->key, kt_buf_cstr(&text));
	return 0;
}

/* ask: or ask:PROMPT */
static int from_terminal(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf answer = {0};
	const char *prompt = secret->value + strlen("ask:");
	if (kt_ask(&answer, *prompt ? prompt : secret->key, true, err) < 0)
		return err->msg[0] ? kt_err_wrap(err, "%s: %s", secret->origin, secret->key) : -1;
	replace(s, secret->key, kt_buf_cstr(&answer));
	return 0;
}

static int reveal_secrets(struct kt_settings *s, struct kt_err *err)
{
	static const struct {
		const char *prefix;
		int (*reveal)(struct kt_settings *s, const struct kt_setting *secret, struct kt_err *err);
	} ways[] = {{"env:", from_environment}, {"file:", from_file}, {"ask:", from_terminal}};
	for (size_t i = 0; i < s->n; i++)
		for (size_t w = 0; w < KT_LEN(ways) && kt_setting_is_secret(s->v[i].key); w++) {
			if (strncmp(s->v[i].value, ways[w].prefix, strlen(ways[w].prefix)))
				continue;
			if (ways[w].reveal(s, &s->v[i], err) < 0)
				return -1;
			break;
		}
	return 0;
}

static int read_store(struct kt_buf *file, const struct kt_setting *location, struct kt_err *err)
{
	if (kt_file_read(file, location->value, KT_STORE_MAX, err) < 0)
		return kt_err_wrap(err, "%s: %s", location->origin, location->key);
	return 0;
}

/* Says where a password that did not open a store came from. */
static int blame_password(const struct kt_settings *s, const char *key, struct kt_err *err)
{
	const struct kt_setting *password = kt_settings_get(s, key);
	if (err->hint[0])
		return -1;
	if (password)
		return kt_err_hint(err, "%s comes from %s", key, password->origin);
	return kt_err_hint(err, "set %s", key);
}

/* A password that is nowhere is asked for. */
static int need_password(struct kt_settings *s, const struct kt_setting *location, struct kt_err *err)
{
	kt_auto(kt_buf_wipe) struct kt_buf answer = {0};
	kt_auto(kt_free_ptr) char *prompt = kt_asprintf("Password of %s", location->value);
	if (kt_ask(&answer, prompt, true, err) == 0) {
		kt_settings_put(s, location->rank, "ssl.keystore.password", kt_buf_cstr(&answer), "the terminal");
		return 0;
	}
	if (err->status != KT_USAGE)
		return -1;
	kt_err_set(err, KT_USAGE, "there is no password for the keystore %s", location->value);
	return kt_err_hint(err, "give it by -X ssl.keystore.password=env:NAME (or file:PATH, ask:), by "
				"KT_X_SSL_KEYSTORE_PASSWORD, or as "
				"ssl.keystore.password in a profile or in the folder's client-ssl.properties");
}

/* librdkafka before 2.8 sends only the first certificate of a store and of an inline PEM, and a broker that knows
 * nothing but the root refuses it. A file of certificates it sends whole, also beside a store; so they are put into one
 * that is in memory alone. The key never is. It stays open for as long as the process lives. */
static int send_chain(struct kt_settings *s, const struct kt_buf *pem, const char *key, struct kt_err *err)
{
	int fd = memfd_create("certificates", MFD_CLOEXEC);
	if (fd < 0 || write(fd, pem->data, pem->len) != (ssize_t)pem->len)
		return kt_err_sys(err, "%s: keeping its certificates", key);
	kt_auto(kt_free_ptr) char *path = kt_asprintf("/proc/self/fd/%d", fd);
	kt_settings_put_like(s, kt_settings_get(s, key), "ssl.certificate.location", path);
	return 0;
}

static bool sends_chains(void)
{
	return kt_rdkafka_number() >= 0x02080000;
}

static int send_store_chain(struct kt_settings *s, const struct kt_buf *file, struct kt_err *err)
{
	static const char key[] = "ssl.keystore.location";
	kt_auto(kt_buf_fini) struct kt_buf pem = {0};
	if (kt_keystore_chain(&pem, file->data, file->len, kt_settings_text(s, "ssl.keystore.password", ""),
		    kt_settings_text(s, key, ""), err) < 0)
		return -1;
	return send_chain(s, &pem, key, err);
}

/* ssl.certificate.pem, and Java's property for a chain. */
static int send_inline_chain(struct kt_settings *s, struct kt_err *err)
{
	static const char key[] = "ssl.certificate.pem";
	kt_auto(kt_buf_fini) struct kt_buf pem = {0};
	const char *text = kt_settings_text(s, key, NULL);
	if (!text || sends_chains() || kt_settings_get(s, "ssl.certificate.location") ||
		kt_pem_certificates(&pem, text, strlen(text)) < 2)
		return 0;
	if (send_chain(s, &pem, key, err) < 0)
		return -1;
	kt_settings_drop(s, key);
	return 0;
}

static int open_pkcs12_keystore(struct kt_settings *s, const struct kt_buf *file, struct kt_err *err)
{
	static const char password[] = "ssl.keystore.password", providers[] = "default,legacy";
	struct kt_keystore store;
	if (!kt_settings_get(s, password) && need_password(s, kt_settings_get(s, "ssl.keystore.location"), err) < 0)
		return -1;
	const char *path = kt_settings_text(s, "ssl.keystore.location", "");
	if (kt_keystore_open(&store, file->data, file->len, kt_settings_text(s, password, ""), path, err) < 0)
		return blame_password(s, password, err);
	if (store.certificates > 1 && !sends_chains() && send_store_chain(s, file, err) < 0)
		return -1;
	if (store.expired)
		kt_settings_put(s, KT_RANK_BUILTIN, KT_EXPIRED, "true", path);
	if (store.legacy && kt_props_check("ssl.providers", providers, &(struct kt_err){0}) == 0)
		kt_settings_put(s, KT_RANK_BUILTIN, "ssl.providers", providers, path);
	return 0;
}

static int reveal_keystore(struct kt_settings *s, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf file = {0};
	const struct kt_setting *location = kt_settings_get(s, "ssl.keystore.location");
	if (!location)
		return 0;
	if (read_store(&file, location, err) < 0)
		return -1;
	if (kt_store_kind(file.data, file.len) != KT_STORE_PEM)
		return open_pkcs12_keystore(s, &file, err);
	/* Java's ssl.keystore.type=PEM: key and certificates in one file. */
	kt_settings_put_like(s, location, "ssl.certificate.location", location->value);
	location = kt_settings_get(s, "ssl.keystore.location");
	kt_settings_put_like(s, location, "ssl.key.location", location->value);
	kt_settings_drop(s, "ssl.keystore.location");
	return 0;
}

static int reveal_truststore(struct kt_settings *s, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf file = {0};
	kt_auto(kt_buf_fini) struct kt_buf pem = {0};
	const struct kt_setting *location = kt_settings_get(s, "ssl.truststore.location");
	if (!location)
		return 0;
	if (read_store(&file, location, err) < 0)
		return -1;
	bool plain = kt_store_kind(file.data, file.len) == KT_STORE_PEM;
	const char *password = kt_settings_text(s, "ssl.truststore.password", NULL);
	if (!plain && kt_store_certificates(&pem, file.data, file.len, password, location->value, err) < 0)
		return blame_password(s, "ssl.truststore.password", err);
	kt_settings_put_like(
		s, location, plain ? "ssl.ca.location" : "ssl.ca.pem", plain ? location->value : kt_buf_cstr(&pem));
	return 0;
}

static void note_expired(struct kt_settings *s)
{
	kt_auto(kt_buf_fini) struct kt_buf file = {0};
	const char *path = kt_settings_text(s, "ssl.certificate.location", NULL);
	if (path && kt_file_read(&file, path, KT_STORE_MAX, &(struct kt_err){0}) == 0 &&
		kt_pem_expired(file.data, file.len))
		kt_settings_put(s, KT_RANK_BUILTIN, KT_EXPIRED, "true", path);
}

/* A FIFO, which <(COMMAND) in a shell is, gives its bytes once, and opening it waits for them: kt reads it, and hands
 * over the text. */
static int read_pipes(struct kt_settings *s, struct kt_err *err)
{
	static const char *const keys[][2] = {{"ssl.ca.location", "ssl.ca.pem"},
		{"ssl.certificate.location", "ssl.certificate.pem"}, {"ssl.key.location", "ssl.key.pem"}};
	for (size_t i = 0; i < KT_LEN(keys); i++) {
		const struct kt_setting *file = kt_settings_get(s, keys[i][0]);
		struct stat info;
		kt_auto(kt_buf_wipe) struct kt_buf text = {0};
		if (!file || stat(file->value, &info) < 0 || !S_ISFIFO(info.st_mode))
			continue;
		if (read_store(&text, file, err) < 0)
			return -1;
		kt_settings_put_like(s, file, keys[i][1], kt_buf_cstr(&text));
		kt_settings_drop(s, keys[i][0]);
	}
	return 0;
}

/* librdkafka's own words for these are not the name of a file. */
static int check_files(const struct kt_settings *s, struct kt_err *err)
{
	static const char *const keys[] = {
		"ssl.ca.location", "ssl.certificate.location", "ssl.key.location", "ssl.crl.location"};
	for (size_t i = 0; i < KT_LEN(keys); i++) {
		const struct kt_setting *file = kt_settings_get(s, keys[i]);
		struct stat info;
		if (!file || !strcmp(file->value, "probe"))
			continue;
		kt_auto(kt_sig_restore) struct kt_sig_fatal fatal = kt_sig_fatal();
		if (access(file->value, R_OK) == 0 && stat(file->value, &info) == 0) {
			if (!S_ISFIFO(info.st_mode))
				continue;
			errno = ESPIPE;
		}
		kt_err_sys(err, "%s: %s: cannot read %s", file->origin, file->key, file->value);
		err->status = KT_USAGE;
		return -1;
	}
	return 0;
}

/* With -v, or once to a person. Said here and not where it is chosen: not every command that reads the configuration
 * goes to a broker. */
static void say_chosen_broker(const struct kt_settings *s)
{
	const struct kt_setting *brokers = kt_settings_get(s, "bootstrap.servers");
	static bool said;
	if (!brokers || brokers->from.kind != KT_ORIGIN_EMBEDDED)
		return;
	if (!said || kt_says(KT_VERBOSE))
		kt_say(kt_says_progress() ? KT_NORMAL : KT_VERBOSE,
			"no brokers configured: using the `kt broker` at %s", brokers->value);
	said = true;
}

int kt_conf_resolve_tls(struct kt_settings *s, struct kt_err *err)
{
	static const char *const ours[] = {"ssl.truststore.location", "ssl.truststore.password", "ssl.keystore.type"};
	if (reveal_keystore(s, err) < 0 || reveal_truststore(s, err) < 0 || read_pipes(s, err) < 0 ||
		check_files(s, err) < 0)
		return -1;
	if (send_inline_chain(s, err) < 0)
		return -1;
	note_expired(s);
	for (size_t i = 0; i < KT_LEN(ours); i++)
		kt_settings_drop(s, ours[i]);
	return 0;
}

/* The library opens no connection until it has a token, and does not say that it is waiting for one. */
static int check_token(const struct kt_settings *s, struct kt_err *err)
{
	const char *unsecured = kt_settings_text(s, "enable.sasl.oauthbearer.unsecure.jwt", "false");
	if (strncasecmp(kt_settings_text(s, "security.protocol", ""), "sasl", 4) != 0 ||
		strcmp(kt_settings_text(s, "sasl.mechanism", ""), "OAUTHBEARER") != 0 || kt_tokensource_any(s) ||
		!strcasecmp(kt_settings_text(s, "sasl.oauthbearer.method", ""), "oidc") ||
		!strcasecmp(unsecured, "true") || !strcmp(unsecured, "1"))
		return 0;
	kt_err_set(err, KT_USAGE, "sasl.mechanism is OAUTHBEARER, and there is no way to get a token");
	if (kt_props_check("sasl.oauthbearer.method", "oidc", &(struct kt_err){0}) < 0)
		return kt_err_hint(err,
			"--oauth-command COMMAND prints one, --oauth-file FILE holds one; where the broker takes unsigned "
			"tokens: enable.sasl.oauthbearer.unsecure.jwt=true (this librdkafka was built without OIDC)");
	return kt_err_hint(err,
		"--oauth-command COMMAND prints one, --oauth-file FILE holds one; or set sasl.oauthbearer.method=oidc, "
		"sasl.oauthbearer.token.endpoint.url, sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret; "
		"or, where the broker takes unsigned tokens, enable.sasl.oauthbearer.unsecure.jwt=true");
}

int kt_conf_resolve(struct kt_settings *s, struct kt_err *err)
{
	if (check_token(s, err) < 0 || reveal_secrets(s, err) < 0 ||
		(kt_settings_tls(s) && kt_conf_resolve_tls(s, err) < 0))
		return -1;
	say_chosen_broker(s);
	return 0;
}
