#include "oauth.h"

#include <pthread.h>
#include <stdatomic.h>

#include "client.h"
#include "list.h"
#include "mem.h"
#include "sig.h"
#include "tokensource.h"

enum { STOPPED = KT_SIGNAL };

struct kt_oauth {
	const struct kt_settings *settings;
	atomic_bool over;
	pthread_mutex_t lock;
	struct kt_err failure;
	bool failing; /* the last attempt gave no token */
	bool untold;
};

static bool is_wanted(const struct kt_settings *s)
{
	return !strncasecmp(kt_settings_text(s, "security.protocol", ""), "sasl", 4) &&
	       !strcmp(kt_settings_text(s, "sasl.mechanism", ""), "OAUTHBEARER");
}

/* key=value, with commas between, as sasl.oauthbearer.extensions has them; the array's last pointer is not counted. */
static const char **split_extensions(const struct kt_settings *s, struct kt_strs *words, size_t *n)
{
	kt_strs_split(words, kt_settings_text(s, "sasl.oauthbearer.extensions", ""), ",");
	const char **pairs = kt_calloc(2 * words->n + 1, sizeof(*pairs));
	for (size_t i = 0; i < words->n; i++) {
		char *equals = strchr(words->v[i], '=');
		if (!equals)
			continue;
		*equals = '\0';
		pairs[(*n)++] = words->v[i];
		pairs[(*n)++] = equals + 1;
	}
	return pairs;
}

/* On the library's background thread, which sees no signals. */
static int wait_beside(void *oauth, struct pollfd *fds, size_t n, int timeout_ms)
{
	const struct kt_oauth *o = oauth;
	if (!atomic_load(&o->over))
		poll(fds, (nfds_t)n, timeout_ms);
	return atomic_load(&o->over) ? STOPPED : 0;
}

static int wait_first(void *waiting, struct pollfd *fds, size_t n, int timeout_ms)
{
	struct kt_waiting *wait = waiting;
	kt_waiting_say(wait, "an OAUTHBEARER token");
	kt_wait(fds, n, timeout_ms);
	return kt_owner_stopped(wait->owner);
}

static void fail(struct kt_oauth *o, rd_kafka_t *rk, const struct kt_err *why)
{
	rd_kafka_oauthbearer_set_token_failure(rk, why->msg);
	pthread_mutex_lock(&o->lock);
	o->failure = *why;
	o->untold |= !o->failing;
	o->failing = true;
	pthread_mutex_unlock(&o->lock);
}

static void renew(rd_kafka_t *rk, const char *config, void *opaque)
{
	struct kt_oauth *o = kt_client_oauth(opaque);
	const struct kt_tokensource_how how = {.wait = wait_beside, .user = o, .apart = true};
	kt_auto(kt_token_fini) struct kt_token token = {0};
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	struct kt_err err = {0};
	char why[256];
	size_t n = 0;
	(void)config;
	if (kt_tokensource_get(&token, o->settings, &how, &err) < 0) {
		fail(o, rk, &err);
		return;
	}
	kt_auto(kt_free_ptr) const char **extensions = split_extensions(o->settings, &words, &n);
	if (rd_kafka_oauthbearer_set_token(rk, token.text, token.expires_ms, token.principal, extensions, n, why,
		    sizeof(why)) != RD_KAFKA_RESP_ERR_NO_ERROR) {
		kt_err_set(&err, KT_FAILED, "librdkafka does not take the token: %s", why);
		fail(o, rk, &err);
		return;
	}
	pthread_mutex_lock(&o->lock);
	o->failing = o->untold = false;
	pthread_mutex_unlock(&o->lock);
}

void kt_oauth_configure(rd_kafka_conf_t *conf, const struct kt_settings *settings)
{
	if (!is_wanted(settings))
		return;
	rd_kafka_conf_enable_sasl_queue(conf, 1);
	if (kt_tokensource_any(settings))
		rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf, renew);
}

int kt_oauth_open(
	struct kt_oauth **out, const struct kt_settings *settings, const struct kt_owner *owner, struct kt_err *err)
{
	kt_auto(kt_waiting_end) struct kt_waiting waiting = {.owner = owner};
	const struct kt_tokensource_how how = {.wait = wait_first, .user = &waiting};
	kt_auto(kt_token_fini) struct kt_token first = {0};
	*out = NULL;
	if (!is_wanted(settings))
		return 0;
	if (kt_tokensource_any(settings) && kt_tokensource_get(&first, settings, &how, err) < 0)
		return -1;
	struct kt_oauth *o = *out = kt_calloc(1, sizeof(*o));
	o->settings = settings;
	pthread_mutex_init(&o->lock, NULL);
	return 0;
}

void kt_oauth_serve(struct kt_oauth *oauth, rd_kafka_t *rk)
{
	rd_kafka_error_t *failed = oauth ? rd_kafka_sasl_background_callbacks_enable(rk) : NULL;
	if (failed)
		rd_kafka_error_destroy(failed);
}

bool kt_oauth_take_failure(struct kt_oauth *oauth, struct kt_err *err)
{
	if (!oauth)
		return false;
	pthread_mutex_lock(&oauth->lock);
	bool failed = oauth->untold;
	oauth->untold = false;
	if (failed)
		*err = oauth->failure;
	pthread_mutex_unlock(&oauth->lock);
	return failed;
}

void kt_oauth_stop(struct kt_oauth *oauth)
{
	if (oauth)
		atomic_store(&oauth->over, true);
}

void kt_oauth_free(struct kt_oauth *oauth)
{
	if (!oauth)
		return;
	pthread_mutex_destroy(&oauth->lock);
	free(oauth);
}
