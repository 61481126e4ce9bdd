/* The Java client's property names in librdkafka's terms, so that a file written for the Java tools works as it is.
 *
 *   kt_auto(kt_java_fini) struct kt_java j = {0};
 *   if (kt_java_translate(&j, "sasl.jaas.config", text, err) < 0) …
 *   for (size_t i = 0; i < j.n; i++) put(j.v[i].key, j.v[i].value);
 *
 * Pure: text in, text out. Of the keys that it hands back, ssl.truststore.location, ssl.truststore.password and
 * ssl.keystore.type are not librdkafka's either: they are kt's to resolve, since that needs the files.
 */
#ifndef KT_JAVAPROPS_H
#define KT_JAVAPROPS_H

#include "err.h"

enum kt_java_kind {
	KT_JAVA_OTHER,      /* nothing to translate: the name means to librdkafka what it says, or nothing */
	KT_JAVA_TRANSLATED, /* v[0..n) stand for it; n may be 0 when librdkafka always behaves so */
	KT_JAVA_IGNORED,    /* Java's own, of no use here unless librdkafka has learnt it: note says why */
};

struct kt_java {
	enum kt_java_kind kind;
	const char *note; /* static text; NULL unless ignored */
	struct {
		const char *key; /* static text */
		char *value;
	} v[4];
	size_t n;
};

/* Fills *out, which is {0} before. Errors are KT_USAGE, name the key, and quote no secret. */
int kt_java_translate(struct kt_java *out, const char *key, const char *value, struct kt_err *err) kt_must_check;

/* True for the three names above, which kt resolves itself. */
bool kt_java_kept(const char *key);

/* Offers each name that is translated or ignored: for completion and near names. */
void kt_java_names(void (*each)(void *data, const char *name), void *data);

/* Wipes and frees the values. */
void kt_java_fini(struct kt_java *j);

#endif
