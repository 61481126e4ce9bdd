/* librdkafka's own list of properties: which there are, what they take, and what they are called. It belongs to the
 * library that is linked, so nothing about properties is written down here twice.
 *
 *   kt_auto(kt_props_fini) struct kt_props props = {0};
 *   kt_props_load(&props);
 *   if (!kt_props_known("linger.sm")) … offer every props.v[i].name to kt_suggest …
 */
#ifndef KT_PROPS_H
#define KT_PROPS_H

#include "buf.h"
#include "err.h"

/* All texts borrow from the list. */
struct kt_prop {
	const char *name;
	const char *who;    /* "P" producer, "C" consumer, "*" both */
	const char *range;  /* "0 .. 900000", "true, false", or "" */
	const char *def;    /* default, or "" */
	const char *about;  /* the description */
	const char *type;   /* "integer", "string", … */
	const char *stands; /* the name that this one is an alias of, or NULL */
	bool topic;         /* a topic's property; kt_props_check() and rd_kafka_conf_set() take it all the same */
};

struct kt_props {
	struct kt_prop *v; /* each name once, in the library's order, without what only code can set */
	size_t n, cap;
	char *text;
};

/* Fills *props, which is {0} before. */
void kt_props_load(struct kt_props *props);
void kt_props_fini(struct kt_props *props);

/* The listed property of that name, or NULL. */
const struct kt_prop *kt_props_find(const struct kt_props *props, const char *name);

/* The one name under which a property goes that has two: the alias, which is what Kafka and Java call it
 * ("linger.ms", "acks", "bootstrap.servers", "sasl.mechanism"). Otherwise name itself; kcat's "topic." in front of a
 * topic's property is taken off. Borrows from props or from name. */
const char *kt_props_canonical(const struct kt_props *props, const char *name);

/* True when the library takes the name: also its hidden properties, which are not in the list. */
bool kt_props_known(const char *name);

/* Whether the library takes this value: KT_USAGE with its reason, which does not quote a secret. */
int kt_props_check(const char *name, const char *value, struct kt_err *err) kt_must_check;

/* The whole list for people: name, who, range and default, and the description wrapped. */
void kt_props_write(struct kt_buf *out, const struct kt_props *props);

#endif
