/* The inside of a registry. Its parts:
 *
 *   registry.c        which registry, as whom it is asked, and requests with their errors
 *   registryschema.c  a schema by its number, put together with what it refers to
 *
 * Included by these and nothing else.
 */
#ifndef KT_REGISTRY_OWN_H
#define KT_REGISTRY_OWN_H

#include "fetch.h"
#include "idmap.h"
#include "loop.h"
#include "registry.h"
#include "registry_answer.h"
#include "tlsfiles.h"
#include "url.h"

enum { KT_REGISTRY_REMEMBER_MS = 30000 }; /* what did not work is not tried again for so long */

/* What was said about a number, for all records that need it. */
struct kt_registry_refusal {
	struct kt_err err;
	int64_t until_us, id;
};

/* What a schema is put together from: itself, then what it refers to. */
struct kt_registry_part {
	struct kt_registry_answer answer;
	char *name;      /* "SUBJECT version N", for messages, and to know it again */
	size_t referrer; /* the part that refers to it; 0: the schema itself */
};
struct kt_registry_parts {
	struct kt_registry_part *v;
	size_t n, size;
};

/* The schema that is being fetched, or was: one at a time. */
struct kt_registry_job {
	int64_t id;
	bool busy, done; /* one of its requests is under way; what became of it is below */
	struct kt_registry_parts parts;
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
	struct kt_registry_refusal *refusals;
	size_t n_refusals, next_refusal;
	struct kt_registry_job job;
	struct kt_uuid *guids; /* the last ones, each at a place that follows from its number */
	int64_t n_guids;       /* how many there have been */
};

/* Finds out which registry, and as whom it is asked, unless that is known: url.base stays NULL when there is none. */
int kt_registry_open(struct kt_registry *r, struct kt_err *err) kt_must_check;

/* A request of path, for as long as deadline_us leaves; it goes on in fetch. */
void kt_registry_begin(struct kt_registry *r, const char *path);

/* It is over: what went wrong; else the answer's body is in fetch. */
int kt_registry_end(struct kt_registry *r, struct kt_err *err) kt_must_check;

/* A wait begins; after a second of it, what it is for is said, once. */
void kt_registry_begin_wait(struct kt_registry *r);
void kt_registry_say_wait(struct kt_registry *r, const char *what);

/* Waits until something has to be done; fails when the run is to end. */
int kt_registry_wait(struct kt_registry *r, struct kt_err *err) kt_must_check;

/* registryschema.c */
void kt_registryschema_fini(struct kt_registry *r);

#endif
