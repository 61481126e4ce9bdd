/* What a schema registry (of Confluent's kind) answers, read: bytes from outside.
 *
 *   kt_auto(kt_registry_answer_fini) struct kt_registry_answer a = {0};
 *   if (kt_registry_answer_read(&a, body.data, body.len, err) < 0)
 *           return -1;
 *   … a.schema, and for i in a.n_references: a.references[i].subject …
 */
#ifndef KT_REGISTRY_ANSWER_H
#define KT_REGISTRY_ANSWER_H

#include "avro_schema.h"
#include "buf.h"
#include "err.h"
#include "list.h"

enum {
	KT_REGISTRY_ANSWER_MAX = 2 * KT_AVRO_SCHEMA_MAX, /* bytes of an answer: a schema stands in it as a string */
	KT_REGISTRY_REFERENCES = 100,                    /* of a schema, and of what it refers to, all together */
};

struct kt_registry_reference {
	char *name; /* as the schema calls it; never NULL */
	char *subject;
	int64_t version;
};

struct kt_registry_answer {
	char *schema; /* never NULL */
	char *type;   /* "AVRO", "JSON", "PROTOBUF": never NULL */
	struct kt_registry_reference *references;
	size_t n_references;
	int64_t id, version; /* where the answer has them; else 0 */
};

/* A schema, as GET /schemas/ids/N and /subjects/S/versions/V give it. KT_FAILED; *out, which is {0} before, is then so
 * again. */
int kt_registry_answer_read(
	struct kt_registry_answer *out, const char *text, size_t len, struct kt_err *err) kt_must_check;

void kt_registry_answer_fini(struct kt_registry_answer *answer);

/* What the registry says about an error: its number, 0 where it has none; its words go into message, cut where they are
 * too long, or nothing. */
int64_t kt_registry_answer_error(char *message, size_t size, const char *text, size_t len);

/* The number of a schema, as POST /subjects/S gives it. KT_FAILED. */
int kt_registry_answer_id(int64_t *id, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* Adds the names of a list, as GET /subjects gives it. KT_FAILED. */
int kt_registry_answer_names(struct kt_strs *out, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* The numbers of a list, as GET /subjects/S/versions gives it, or the one number that DELETE of a version answers with.
 * *numbers is the caller's. KT_FAILED. */
int kt_registry_answer_numbers(
	int64_t **numbers, size_t *n, const char *text, size_t len, struct kt_err *err) kt_must_check;

/* Whether a schema fits, and why not, as POST /compatibility/… gives it. KT_FAILED. */
int kt_registry_answer_fits(
	bool *fits, struct kt_strs *why, const char *text, size_t len, struct kt_err *err) kt_must_check;

#endif
