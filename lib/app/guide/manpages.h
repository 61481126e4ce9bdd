/* The pages of the manual that are not about one command, from the list in meson.build. Each is a function in a file of
 * its own, manpage_NAME.c, that takes the facts from the tables where they are used. */
#ifndef KT_MANPAGES_H
#define KT_MANPAGES_H

#include "manpage.h"

void kt_manpages_config(struct kt_manpage_writer *w);
void kt_manpages_json(struct kt_manpage_writer *w);
void kt_manpages_format(struct kt_manpage_writer *w);
void kt_manpages_status(struct kt_manpage_writer *w);

extern const struct kt_manpage kt_manpages[]; /* name NULL at the end */

#endif
