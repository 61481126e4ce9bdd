/* Writing into the configuration file: settings that were tried, single properties, or a text that somebody edited.
 *
 *   kt_auto(kt_profile_fini) struct kt_profile profile = {0};
 *   kt_auto(kt_buf_fini) struct kt_buf text = {0};
 *   if (kt_profile_find(&profile, &opts->client, true, err) < 0)
 *           return -1;
 *   kt_buf_add(&text, profile.text.data, profile.text.len);
 *   if (kt_profile_change(&text, &profile, profile.name, "kt.topic", "client58", err) < 0 ||
 *       kt_profile_save(&profile, &text, err) < 0)
 *           return -1;
 */
#ifndef KT_PROFILE_H
#define KT_PROFILE_H

#include "buf.h"
#include "conf.h"
#include "properties.h"

/* Where to: the file and its section. */
struct kt_profile {
	char *path, *shown;        /* shown: path for people; also the name in the origins of its settings */
	char *name;                /* of the section; NULL: in front of the first one */
	struct kt_buf text;        /* what the file holds */
	struct kt_properties file; /* the same, read */
	bool exists;               /* the file */
	bool has_section;          /* the file has a section of that name */
	int lock;                  /* what keeps others from changing it, as long as held */
	bool held;
};

/* The file that -F or $KT_CONFIG names, whether it exists or not, else kt's own place; and the section that --profile,
 * KT_PROFILE or the file's kt.profile names, which may be a new one. hold: nobody else changes the file until
 * kt_profile_fini(). KT_USAGE where something stands that a file must not replace, where the file may not be written,
 * and for a name that no section can have. */
int kt_profile_find(
	struct kt_profile *out, const struct kt_client_opts *opts, bool hold, struct kt_err *err) kt_must_check;

/* Of the settings of a trial, those to write: what was given by flags, and what the environment said about the
 * connection; paths and the paths of secrets made absolute. What follows from the --auth folder is left to it. Sorted
 * by key. */
void kt_profile_choose(struct kt_settings *out, const struct kt_settings *tried);

/* Writes chosen into the section. What tried did not use any more of the section's properties about the connection is
 * taken out, everything else in the file stays. The file is then readable by its owner alone. */
int kt_profile_write(struct kt_profile *profile, const struct kt_settings *chosen, const struct kt_settings *tried,
	struct kt_err *err) kt_must_check;

/* Changes text, which is the file's or has been it: the property of one section (NULL: in front of all) is set, where
 * it stands or at the section's end, or with NULL as the value taken out, under whichever name it stands there. */
int kt_profile_change(struct kt_buf *text, const struct kt_profile *profile, const char *section, const char *key,
	const char *value, struct kt_err *err) kt_must_check;

/* Puts text in the file's place, readable by its owner alone, unless somebody has changed the file since it was found:
 * then KT_FAILED. */
int kt_profile_save(struct kt_profile *profile, const struct kt_buf *text, struct kt_err *err) kt_must_check;

void kt_profile_fini(struct kt_profile *profile);

#endif
