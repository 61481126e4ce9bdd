/* The subjects of a schema registry, for `kt schema`: which there are, their versions, whether a schema fits, and their
 * deletion.
 *
 *   struct kt_registry *r = kt_registry_new(opts->registry, &opts->client, NULL);
 *   if (kt_subjects_list(r, false, &names, err) < 0 || kt_subject_get(r, "t-value", "latest", &schema, err) < 0)
 *           …
 *   kt_registry_free(r);
 *
 * All wait for their answer. KT_USAGE where no registry is configured, KT_NOT_FOUND for what it does not have.
 */
#ifndef KT_SUBJECTS_H
#define KT_SUBJECTS_H

#include "list.h"
#include "registry.h"
#include "registry_answer.h"

/* Two rows of an option table of `kt schema`. */
#define KT_SUBJECTS_REGISTRY(field)                                                                                    \
	{                                                                                                              \
		.name = "registry", .letter = 'r', KT_STR(field), .arg = "URL",                                        \
		.help = "the schema registry (KT_REGISTRY, or kt.registry of the configuration)"                       \
	}

/* The names, sorted. deleted: also those that are only marked as deleted. */
int kt_subjects_list(struct kt_registry *r, bool deleted, struct kt_strs *names, struct kt_err *err) kt_must_check;

/* The numbers of its versions, which are the caller's. */
int kt_subject_versions(struct kt_registry *r, const char *subject, bool deleted, int64_t **versions, size_t *n,
	struct kt_err *err) kt_must_check;

/* version: a number, or "latest". *out is {0} before. */
int kt_subject_get(struct kt_registry *r, const char *subject, const char *version, struct kt_registry_answer *out,
	struct kt_err *err) kt_must_check;

/* The same by the number that stands in messages. */
int kt_subject_get_id(
	struct kt_registry *r, int64_t id, struct kt_registry_answer *out, struct kt_err *err) kt_must_check;

/* What is to be registered, or checked. */
struct kt_subject_schema {
	const struct kt_buf *text;
	const char *type;                 /* AVRO, JSON, PROTOBUF */
	const struct kt_strs *references; /* "NAME=SUBJECT:VERSION" each */
};

/* The number that the registry gives it. */
int kt_subject_register(struct kt_registry *r, const char *subject, const struct kt_subject_schema *schema, int64_t *id,
	struct kt_err *err) kt_must_check;

/* Whether it fits a version, by the rule that the subject has, and what the registry says against it. */
int kt_subject_check(struct kt_registry *r, const char *subject, const char *version,
	const struct kt_subject_schema *schema, bool *fits, struct kt_strs *why, struct kt_err *err) kt_must_check;

/* version NULL: all. permanent: for good, also what was only marked before; else its numbers and its schemas stay, and
 * those who ask by number get them. */
int kt_subject_delete(struct kt_registry *r, const char *subject, const char *version, bool permanent,
	struct kt_err *err) kt_must_check;

#endif
