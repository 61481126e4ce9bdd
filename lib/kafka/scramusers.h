/* SCRAM credentials that a cluster keeps for users. Brokers tell which there are, never the secrets. It needs
 * librdkafka 2.2.
 *
 *   kt_auto(kt_scramusers_fini) struct kt_scramusers users = {0};
 *   if (kt_scramusers_list(client, NULL, timeout_ms, &users, err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < users.n; i++) … users.v[i].name, users.v[i].mechanism …
 */
#ifndef KT_SCRAMUSERS_H
#define KT_SCRAMUSERS_H

#include "client.h"
#include "list.h"

/* The mechanisms' numbers in the protocol (KIP-554). */
enum { KT_SCRAM_256 = 1, KT_SCRAM_512 = 2 };

struct kt_scramuser {
	char *name;
	int mechanism;
	int iterations;
};

struct kt_scramusers {
	struct kt_scramuser *v;
	size_t n, cap;
};

/* KT_FAILED with versions of librdkafka before 2.2. */
int kt_scramusers_can(struct kt_err *err) kt_must_check;

/* "SCRAM-SHA-256" */
const char *kt_scramuser_mechanism(int mechanism);

/* Adds a row for each credential of these users, or (NULL) of all, by name. KT_NOT_FOUND for a user who has none. */
int kt_scramusers_list(struct kt_client *c, const struct kt_strs *names, int64_t timeout_ms, struct kt_scramusers *out,
	struct kt_err *err) kt_must_check;

/* Sets a user's password for the mechanism, with so many iterations (4096 to 16384). */
int kt_scramuser_set(struct kt_client *c, const struct kt_scramuser *user, struct kt_bytes password, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

/* Takes a user's credential for the mechanism away. KT_NOT_FOUND when there is none. */
int kt_scramuser_remove(
	struct kt_client *c, const char *name, int mechanism, int64_t timeout_ms, struct kt_err *err) kt_must_check;

void kt_scramusers_fini(struct kt_scramusers *users);

#endif
