/* The inside of the loader. Its parts:
 *
 *   conf.c          where properties come from: files, variables, flags, the folder of credentials
 *   confproperty.c  what becomes of each
 *
 * Included by these and nothing else.
 */
#ifndef KT_CONF_OWN_H
#define KT_CONF_OWN_H

#include "buf.h"
#include "conf.h"
#include "layers.h"
#include "props.h"

/* A folder of credentials while its property file is read: others wrote that file. */
struct kt_conf_folder {
	const char *dir;
	struct kt_buf unfit;   /* names of what is left out: what is not a credential, */
	struct kt_buf outside; /* and what refers to elsewhere */
};

struct kt_conf_loader {
	struct kt_settings *out;
	const struct kt_client_opts *opts;
	struct kt_props props;
	struct kt_conf_folder *folder; /* NULL: the user's own words are read */
	struct kt_layers *layers;      /* where settings go before they are one; NULL: they are */
	struct kt_err *err;
};

/* Where a setting that is being filed comes from. */
struct kt_conf_source {
	enum kt_rank rank;
	struct kt_origin from;
	const char *text; /* from for people */
};

/* Translates, checks and files it. */
int kt_confproperty_put(struct kt_conf_loader *l, const struct kt_conf_source *source, const char *key,
	const char *value) kt_must_check;

/* A row of a property file; its ${VAR} filled in where the user wrote it. shown: the file, for messages. */
int kt_confproperty_put_row(
	struct kt_conf_loader *l, enum kt_rank rank, const struct kt_property *row, const char *shown) kt_must_check;

/* Whether the row itself holds a secret, and does not only say where one is. */
bool kt_confproperty_tells_secret(const struct kt_property *row);

/* Adds a name to a list of what is left out, which stays short enough to be said. */
void kt_confproperty_leave_out(struct kt_buf *names, const char *key);

#endif
