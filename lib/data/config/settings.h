/* The effective configuration as text: each key once per layer, with where it came from. No Kafka in here.
 *
 *   kt_settings_put(&s, KT_RANK_ENV, "bootstrap.servers", "h:9092", "KT_BROKERS");
 *   kt_settings_get(&s, "bootstrap.servers")->origin
 *
 * Keys are librdkafka's property names after translation, and kt's own (ownkeys.h): kt.group is also what group.id is
 * filed under, kt.registry an address without user and password. Where librdkafka has two names for a property, the key
 * is the alias, Kafka's own word: bootstrap.servers, acks, linger.ms, retries, compression.type, delivery.timeout.ms,
 * sasl.mechanism, max.in.flight, max.partition.fetch.bytes.
 */
#ifndef KT_SETTINGS_H
#define KT_SETTINGS_H

#include "base.h"

/* Later beats earlier; within a rank the later put wins. The property file in an auth folder knows its own keystore
 * better than a file that speaks for every cluster, and less well than the profile that names the folder. */
enum kt_rank { KT_RANK_BUILTIN, KT_RANK_FILE, KT_RANK_AUTH_FILE, KT_RANK_PROFILE, KT_RANK_ENV, KT_RANK_FLAG };

enum kt_origin_kind {
	KT_ORIGIN_NAMED,    /* name is a flag, a variable, or words */
	KT_ORIGIN_FILE,     /* name is a property file as people see it */
	KT_ORIGIN_EMBEDDED, /* found out: the `kt broker` of this user */
};

struct kt_origin {
	enum kt_origin_kind kind;
	const char *name;
	unsigned line;       /* of the file */
	const char *profile; /* of the file; NULL: in front of the sections */
	const char *folder;  /* follows from this folder of credentials, which the origin names; NULL: says it itself */
};

struct kt_setting {
	char *key;
	char *value;
	char *origin; /* for people: "KT_BROKERS", "-X", "~/.config/kt/config:12 [lab]" */
	enum kt_rank rank;
	struct kt_origin from; /* the same as data */
};

struct kt_settings {
	struct kt_setting *v; /* sorted by nothing: in the order of the first put; one entry per key (the winner) */
	size_t n, cap;
};

/* Copies all three texts; the origin is a flag, a variable or words. Ignored when the key already has a value of a
 * higher rank. */
void kt_settings_put(struct kt_settings *s, enum kt_rank rank, const char *key, const char *value, const char *origin);

/* The same for all origins, of which the texts are copied too. */
void kt_settings_put_from(
	struct kt_settings *s, enum kt_rank rank, const char *key, const char *value, const struct kt_origin *from);

/* The same with rank and origin of a setting, which may be one of s. */
void kt_settings_put_like(struct kt_settings *s, const struct kt_setting *like, const char *key, const char *value);

/* The origin for people, allocated. */
char *kt_origin_text(const struct kt_origin *from);

/* True when the setting, or the name of the folder that it follows from, stands in this file. */
bool kt_setting_in_file(const struct kt_setting *s, const char *shown);

/* Takes key out, whatever its rank; nothing happens when it is not there. */
void kt_settings_drop(struct kt_settings *s, const char *key);

/* The winner for key, or NULL. Borrowed until the next put or drop. */
const struct kt_setting *kt_settings_get(const struct kt_settings *s, const char *key);

/* The winner's value, or fallback (which may be NULL). */
const char *kt_settings_text(const struct kt_settings *s, const char *key, const char *fallback);

/* True when brokers are spoken to over TLS; else nothing that begins with "ssl." matters to them. */
bool kt_settings_tls(const struct kt_settings *s);

/* Puts what from holds into s. */
void kt_settings_copy(struct kt_settings *s, const struct kt_settings *from);

/* What stands in for a host name in the setting kt.resolve ("NAME=ADDRESS …"), allocated; NULL when nothing does. */
char *kt_settings_instead(const struct kt_settings *s, const char *host);

/* True for keys whose value must never be shown: names that contain password, secret, passphrase, .pem keys,
 * sasl.jaas.config, oauth tokens. */
bool kt_setting_is_secret(const char *key);

/* True for keys whose value is the path of a file or a folder. */
bool kt_setting_is_path(const char *key);

/* True for keys that decide how a cluster is reached, and as whom. */
bool kt_setting_is_connection(const char *key);

/* Wipes and frees. */
void kt_settings_fini(struct kt_settings *s);

#endif
