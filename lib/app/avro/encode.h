/* JSON values to Avro for commands that send them: the options, and a value in its frame.
 *
 *   kt_auto(kt_encode_fini) struct kt_encode encode = {0};
 *   if (kt_encode_open(&encode, &opts->encode, &(struct kt_encode_for){&opts->client, &settings, topic}, err) < 0)
 *           return -1;
 *   … kt_encode_value(&encode, &record.value, err) …
 */
#ifndef KT_ENCODE_H
#define KT_ENCODE_H

#include "avro_container.h"
#include "avro_encode.h"
#include "avro_schema.h"
#include "opt.h"
#include "registry.h"

struct kt_encode_opts {
	struct kt_strs schemas;
	const char *schema_dir, *schema_id, *registry, *subject;
	int framing;
	bool add;
};
extern const struct kt_opt kt_encode_opts[];

struct kt_encode {
	const struct kt_encode_opts *opts;
	int64_t id; /* of the schema in a registry */
	struct kt_avro_schema *schema;
	struct kt_avro_encoder encoder;
	struct kt_buf head; /* what stands in front of each datum */
	char sync[KT_AVRO_SYNC];
	struct kt_buf datum, value;
};

/* For whom: what a registry needs to know. */
struct kt_encode_for {
	const struct kt_client_opts *client;
	const struct kt_settings *settings;
	const char *topic;
	bool keys; /* keys are encoded, not values: other words, and another subject */
};

/* Reads the schema, and asks a registry for its number where that is needed. opts is borrowed. */
int kt_encode_open(struct kt_encode *e, const struct kt_encode_opts *opts, const struct kt_encode_for *whom,
	struct kt_err *err) kt_must_check;

/* Replaces the JSON text in *value by its encoding, which is valid until the next call. -1 and *value as before: err
 * says where in the value what is wrong. */
int kt_encode_value(struct kt_encode *e, struct kt_bytes *value, struct kt_err *err) kt_must_check;

/* What stands in e->datum, in its frame; valid until the next call. For data that was not JSON. */
struct kt_bytes kt_encode_frame(struct kt_encode *e);

/* For kt_auto(). */
void kt_encode_fini(struct kt_encode *e);

#endif
