/* Writing settings that were tried into the configuration file, so that later runs need no flags. */
#ifndef KT_PROFILE_H
#define KT_PROFILE_H

#include "err.h"
#include "settings.h"

/* Where to: the file and its section. */
struct kt_profile {
	char *path, *shown; /* shown: path for people; also the name in the origins of its settings */
	const char *name;   /* of the section; NULL: in front of the first one */
	bool exists;        /* the file */
	bool has_section;   /* the file has a section of that name */
};

/* The file that -F or $KT_CONFIG names, whether it exists or not, else kt's own place. KT_USAGE where something stands
 * that a file must not replace. */
int kt_profile_find(struct kt_profile *out, const char *flag, const char *name, struct kt_err *err) kt_must_check;

/* Of the settings of a trial, those to write: what was given by flags, and what the environment said about the
 * connection; paths and the paths of secrets made absolute. What follows from the --auth folder is left to it. Sorted
 * by key. */
void kt_profile_choose(struct kt_settings *out, const struct kt_settings *tried);

/* Writes chosen into the section. What tried did not use any more of the section's properties about the connection is
 * taken out, everything else in the file stays. The file is then readable by its owner alone. */
int kt_profile_write(const struct kt_profile *profile, const struct kt_settings *chosen,
	const struct kt_settings *tried, struct kt_err *err) kt_must_check;

void kt_profile_fini(struct kt_profile *profile);

#endif
