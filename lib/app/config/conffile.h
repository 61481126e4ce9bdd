/* Which configuration file is used: -F, else $KT_CONFIG, else the first that exists of the usual places. */
#ifndef KT_CONFFILE_H
#define KT_CONFFILE_H

#include "err.h"
#include "properties.h"

enum { KT_CONFFILES = 3 };

/* The usual places in order, and for the manual what each means: pairs, NULL at the end. The first is where kt writes.
 */
extern const char *const kt_conffile_places[];

struct kt_conffile {
	char *path;
	char *shown;      /* with ~ for the home directory */
	const char *from; /* "-F", "KT_CONFIG", "default" */
	bool exists;
	bool used; /* at most one is */
};

struct kt_conffiles {
	struct kt_conffile v[KT_CONFFILES];
	size_t n;
};

/* The places in order. flag: the argument of -F or NULL. A file that was named and is not there is KT_USAGE. */
int kt_conffiles_find(struct kt_conffiles *out, const char *flag, struct kt_err *err) kt_must_check;

/* The one that is used, or NULL. */
const struct kt_conffile *kt_conffiles_used(const struct kt_conffiles *files);

void kt_conffiles_fini(struct kt_conffiles *files);

/* Where kt writes: $XDG_CONFIG_HOME/kt/config or ~/.config/kt/config, allocated; NULL without a home directory. */
char *kt_conffile_own(void);

/* path for people, allocated: the home directory as ~. */
char *kt_conffile_shown(const char *path);

/* Reads and parses a property file; messages call it `shown`. */
int kt_conffile_read(struct kt_properties *out, const char *path, const char *shown, struct kt_err *err) kt_must_check;

#endif
