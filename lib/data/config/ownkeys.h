/* kt's own settings and the variables of the environment that it reads, each once: the loader, the manual, the Tab key,
 * `-X list`, and what is written to or kept from a configuration follow from this table.
 *
 *   const struct kt_ownkey *own = kt_ownkey_find("kt.auth");
 *   if (own && own->path) …
 */
#ifndef KT_OWNKEYS_H
#define KT_OWNKEYS_H

#include "base.h"

struct kt_ownkey {
	const char *key; /* "kt." and more; bootstrap.servers, which has variables of its own; NULL: not a setting */
	const char *env; /* variables, blank between, the strongest first; NULL: none */
	const char *help;
	bool secret;     /* never shown */
	bool path;       /* of a file or folder */
	bool connection; /* decides how the cluster is reached */
	bool registry;   /* of use when a schema registry is asked */
};

extern const struct kt_ownkey kt_ownkeys[]; /* help NULL at the end */

/* The row of a setting, or NULL. */
const struct kt_ownkey *kt_ownkey_find(const char *key);

/* The names of its variables with commas between, allocated: the first is kt's own, the others are those that other
 * tools' scripts use. */
char *kt_ownkey_variables(const struct kt_ownkey *own);

#endif
