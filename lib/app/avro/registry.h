/* A schema registry (Confluent's REST API, as Apicurio, Karapace and Redpanda have it too): schemas by their number,
 * and numbers of schemas. Nothing is read and nobody is asked before the first schema is wanted.
 *
 *   struct kt_registry *r = kt_registry_new(opts->registry, &opts->client, &settings);
 *   switch (kt_registry_get(r, 17, &text, err)) …                 1; 0: no registry is configured; -1
 *   kt_registry_free(r);
 *
 * In a loop that must not wait:
 *
 *   while (!kt_registry_want(r, 17))
 *           … kt_wait(&fd, 1, kt_registry_awaits(r, &fd)) with whatever else the loop waits for …
 *
 * The address comes from --registry or the setting kt.registry, user and password from the address or the settings
 * kt.registry.username and kt.registry.password, TLS from those for brokers, also where these are plain. A schema with
 * references comes in one piece. What a registry answered about a number is remembered: schemas by the caller, refusals
 * here for half a minute, and as long that it cannot be reached.
 */
#ifndef KT_REGISTRY_H
#define KT_REGISTRY_H

#include <poll.h>

#include "buf.h"
#include "conf.h"

struct kt_registry;

/* address: of --registry, or NULL. settings: as kt_conf_resolve() left them, or NULL: they are loaded when they are
 * needed. All are borrowed. */
struct kt_registry *kt_registry_new(const char *address, const struct kt_client_opts *client,
	const struct kt_settings *settings) __attribute__((returns_nonnull));

/* What to ask for instead of a number for the schema of a GUID, 16 bytes in network order: KT_AVRO_GUIDS or more. It is
 * the same one again for as long as no KT_REGISTRY_GUIDS others came in between, and never that of another. */
enum { KT_REGISTRY_GUIDS = 256 };
int64_t kt_registry_guid(struct kt_registry *r, const char *guid);

/* Begins to fetch a schema, or goes on with that; never waits. True: kt_registry_get() will not wait for it. One schema
 * is fetched at a time: false for another one until then, too. */
bool kt_registry_want(struct kt_registry *r, int64_t id) kt_must_check;

/* What to wait for until kt_registry_want() is asked again, and for how long at most; 0: nothing. */
int64_t kt_registry_awaits(const struct kt_registry *r, struct pollfd *fd);

/* Waits for it. Appends the text of a schema, which was checked: 1. 0: no registry is configured. -1: KT_FAILED when
 * the registry does not have it or it is no use; anything else (KT_UNREACHABLE, KT_USAGE, a signal) stands for all
 * schemas. */
int kt_registry_get(struct kt_registry *r, int64_t id, struct kt_buf *text, struct kt_err *err) kt_must_check;

/* The number of a schema in a subject, to which it is added first with `add`: 1. 0: no registry is configured. -1:
 * KT_NOT_FOUND when the subject does not have it. */
int kt_registry_find(struct kt_registry *r, const char *subject, bool add, const struct kt_buf *schema, int64_t *id,
	struct kt_err *err) kt_must_check;

/* A request of the caller's own, such as "/subjects"; post: what is sent, or NULL. Waits for the answer: 1, and *answer
 * is valid until the next request. 0: no registry is configured. -1: KT_NOT_FOUND, with the registry's words, for what
 * it does not have. what: half a sentence about it, for messages: "subject t-value". */
int kt_registry_ask(struct kt_registry *r, const char *path, const struct kt_buf *post, const char *what,
	struct kt_bytes *answer, struct kt_err *err) kt_must_check;

/* The same with DELETE. */
int kt_registry_delete(struct kt_registry *r, const char *path, const char *what, struct kt_bytes *answer,
	struct kt_err *err) kt_must_check;

/* HTTP's status of the last answer. */
int kt_registry_code(const struct kt_registry *r) __attribute__((pure));

/* Its address, after a request; for messages. */
const char *kt_registry_address(const struct kt_registry *r) __attribute__((pure));

void kt_registry_free(struct kt_registry *r);

#endif
