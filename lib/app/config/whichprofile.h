/* Which profile counts: the one of --profile, else of KT_PROFILE, else the one that kt.profile names in front of the
 * file's sections.
 *
 *   struct kt_whichprofile which = kt_whichprofile_named(opts->profile);
 *   … read the file, unless which.none …
 *   if (kt_whichprofile_find(&which, &file, shown, err) < 0)
 *           return -1;
 *
 * "default" is what stands in front of all sections, unless a section has that name; "none" is no file at all.
 */
#ifndef KT_WHICHPROFILE_H
#define KT_WHICHPROFILE_H

#include "properties.h"
#include "settings.h"

#define KT_PROFILE_FRONT "default"
#define KT_PROFILE_NONE "none"

struct kt_whichprofile {
	const char *word;      /* as it was said, borrowed; NULL: nobody named one */
	const char *section;   /* borrowed; NULL: what stands in front of all */
	struct kt_origin from; /* who said it */
	enum kt_rank rank;
	bool none;
};

/* What the option (NULL: it is not there; "": no section, whatever else says) and the environment say. */
struct kt_whichprofile kt_whichprofile_named(const char *flag);

/* Where nobody has named one yet: the last kt.profile in front of the sections of file. */
void kt_whichprofile_default(struct kt_whichprofile *which, const struct kt_properties *file, const char *shown);

/* What file says to that; shown is its name for people, NULL where there is none. KT_USAGE for a profile that is not in
 * it. */
int kt_whichprofile_find(struct kt_whichprofile *which, const struct kt_properties *file, const char *shown,
	struct kt_err *err) kt_must_check;

/* Whether a section may be given this name: KT_USAGE for what cannot stand in a [profile NAME] line, is longer than 100
 * bytes, or means something else. */
int kt_whichprofile_check(const char *name, struct kt_err *err) kt_must_check;

#endif
