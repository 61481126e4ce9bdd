/* What every manual page says about the surroundings of kt, and what --version says about this build: the one place
 * that knows every library. */
#ifndef KT_ABOUT_H
#define KT_ABOUT_H

#include "buf.h"

/* For the manual: pairs of a name and what it means, NULL at the end. */
extern const char *const kt_about_environment[];
extern const char *const kt_about_files[];

/* Appends one line per library with the version that is loaded now, and one with the optional features. */
void kt_about_libraries(struct kt_buf *out);

#endif
