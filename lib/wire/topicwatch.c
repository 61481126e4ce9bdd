#include "topicwatch.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mem.h"
#include "probe.h"
#include "tlsfiles.h"

enum { FIRST_MS = 1000, EVERY_MS = 3000, LIMIT_MS = 5000, MOST = 256 };

struct watched {
	char *name;
	unsigned char id[KT_TOPIC_ID];
	bool known; /* the id is */
	bool anew;  /* and it is another one than before; not taken yet */
};

struct kt_topicwatch {
	const struct kt_settings *settings;
	pthread_t thread;
	int stop_fd;
	pthread_mutex_t lock; /* of the topics */
	struct watched topics[MOST];
	size_t n;
	atomic_bool anew; /* some topic is */
};

/* What the thread has in hand; used by it alone. */
struct link {
	struct kt_tlsfiles creds;
	struct kt_tls *tls;
	struct kt_strs brokers;
	size_t next;
	struct kt_probe probe;
};

static bool stopped_within(const struct kt_topicwatch *w, int ms)
{
	struct pollfd fd = {.fd = w->stop_fd, .events = POLLIN};
	return poll(&fd, 1, ms) != 0;
}

static bool open_link(const struct kt_topicwatch *w, struct link *l)
{
	struct kt_err ignored;
	bool tls = kt_settings_tls(w->settings);
	kt_strs_split(&l->brokers, kt_settings_text(w->settings, "bootstrap.servers", ""), ",");
	if (!l->brokers.n)
		return false;
	return !tls || (kt_tlsfiles_read(&l->creds, w->settings, &ignored) == 0 &&
			       kt_tls_open(&l->tls, &l->creds, w->settings, &ignored) == 0);
}

static void close_link(struct link *l)
{
	kt_probe_fini(&l->probe);
	kt_tls_close(l->tls);
	kt_tlsfiles_fini(&l->creds);
	kt_strs_fini(&l->brokers);
}

/* Another broker each time the one before did not work. */
static bool connect_link(const struct kt_topicwatch *w, struct link *l)
{
	struct kt_err ignored;
	if (l->probe.works && !l->probe.link.lost)
		return true;
	kt_probe_fini(&l->probe);
	l->probe = (struct kt_probe){
		.broker = KT_STEP_BOOTSTRAP,
		.settings = w->settings,
		.tls = l->tls,
		.limit_ms = LIMIT_MS,
		.link.fd = -1,
	};
	if (kt_endpoint_parse(&l->probe.at, l->brokers.v[l->next++ % l->brokers.n], &ignored) < 0)
		return false;
	kt_probe_run(&l->probe, w->stop_fd);
	return l->probe.works;
}

/* Its place, or n. With the lock. */
static size_t find(const struct kt_topicwatch *w, const char *topic)
{
	size_t i = 0;
	while (i < w->n && strcmp(w->topics[i].name, topic) != 0)
		i++;
	return i;
}

static void note_id(struct kt_topicwatch *w, struct watched *t, const unsigned char *id)
{
	if (t->known && memcmp(t->id, id, sizeof(t->id)) != 0) {
		t->anew = true;
		atomic_store(&w->anew, true);
	}
	memcpy(t->id, id, sizeof(t->id));
	t->known = true;
}

/* Does nothing for one that is not watched any more. */
static void note(struct kt_topicwatch *w, const char *topic, const unsigned char *id)
{
	pthread_mutex_lock(&w->lock);
	size_t i = find(w, topic);
	if (i < w->n)
		note_id(w, &w->topics[i], id);
	pthread_mutex_unlock(&w->lock);
}

static void look(struct kt_topicwatch *w, struct link *l)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n; i++)
		kt_strs_add(&names, w->topics[i].name);
	pthread_mutex_unlock(&w->lock);
	for (size_t i = 0; i < names.n && !stopped_within(w, 0); i++) {
		unsigned char id[KT_TOPIC_ID];
		struct kt_err ignored;
		if (!connect_link(w, l))
			return;
		if (kt_probe_topic_id(&l->probe, names.v[i], id, &ignored) > 0)
			note(w, names.v[i], id);
	}
}

static void *run(void *watch)
{
	struct kt_topicwatch *w = watch;
	struct link l = {.probe.link.fd = -1};
	bool works = !stopped_within(w, FIRST_MS) && open_link(w, &l);
	while (works) {
		look(w, &l);
		works = !l.probe.left_to_client && !stopped_within(w, EVERY_MS);
	}
	close_link(&l);
	return NULL;
}

struct kt_topicwatch *kt_topicwatch_new(const struct kt_settings *settings)
{
	struct kt_topicwatch *w = kt_calloc(1, sizeof(*w));
	w->settings = settings;
	pthread_mutex_init(&w->lock, NULL);
	w->stop_fd = eventfd(0, EFD_CLOEXEC);
	if (w->stop_fd >= 0 && pthread_create(&w->thread, NULL, run, w) == 0)
		return w;
	if (w->stop_fd >= 0)
		close(w->stop_fd);
	pthread_mutex_destroy(&w->lock);
	free(w);
	return NULL;
}

void kt_topicwatch_add(struct kt_topicwatch *w, const char *topic)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	if (w->n < MOST && find(w, topic) == w->n)
		w->topics[w->n++] = (struct watched){.name = kt_strdup(topic)};
	pthread_mutex_unlock(&w->lock);
}

void kt_topicwatch_remove(struct kt_topicwatch *w, const char *topic)
{
	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	size_t i = find(w, topic);
	if (i < w->n) {
		free(w->topics[i].name);
		w->topics[i] = w->topics[--w->n];
	}
	pthread_mutex_unlock(&w->lock);
}

char *kt_topicwatch_take(struct kt_topicwatch *w)
{
	char *name = NULL;
	if (!w || !atomic_load_explicit(&w->anew, memory_order_relaxed))
		return NULL;
	pthread_mutex_lock(&w->lock);
	for (size_t i = 0; i < w->n && !name; i++) {
		if (!w->topics[i].anew)
			continue;
		w->topics[i].anew = false;
		name = kt_strdup(w->topics[i].name);
	}
	if (!name)
		atomic_store(&w->anew, false);
	pthread_mutex_unlock(&w->lock);
	return name;
}

void kt_topicwatch_free(struct kt_topicwatch **at)
{
	struct kt_topicwatch *w = *at;
	if (!w)
		return;
	eventfd_write(w->stop_fd, 1);
	pthread_join(w->thread, NULL);
	close(w->stop_fd);
	for (size_t i = 0; i < w->n; i++)
		free(w->topics[i].name);
	pthread_mutex_destroy(&w->lock);
	free(w);
	*at = NULL;
}

bool kt_topicwatch_ask(const struct kt_settings *settings, const char *topic, unsigned char id[KT_TOPIC_ID])
{
	struct kt_topicwatch w = {.settings = settings, .stop_fd = eventfd(0, EFD_CLOEXEC)};
	struct link l = {.probe.link.fd = -1};
	struct kt_err ignored;
	bool known = false;
	if (w.stop_fd < 0)
		return false;
	bool open = open_link(&w, &l);
	for (size_t i = 0; open && i < l.brokers.n && !known && !l.probe.left_to_client; i++)
		known = connect_link(&w, &l) && kt_probe_topic_id(&l.probe, topic, id, &ignored) > 0;
	close_link(&l);
	close(w.stop_fd);
	return known;
}
