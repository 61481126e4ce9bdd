/* What every manual page says about the surroundings of kt, and what --version says about this build: the one place
 * that knows every library. */
#ifndef KT_ABOUT_H
#define KT_ABOUT_H

#include "buf.h"

/* For the manual: pairs of a name and what it means, NULL at the end. */
const char *const *kt_about_environment(void);

/* Appends what `-X list` prints: librdkafka's properties and kt's own settings. */
void kt_about_properties(struct kt_buf *out);

/* Appends one line per library with the version that is loaded now, and one with the optional features. */
void kt_about_libraries(struct kt_buf *out);

#endif
