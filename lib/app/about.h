/* What this build of kt consists of, for --version: the one place that knows every library. */
#ifndef KT_ABOUT_H
#define KT_ABOUT_H

#include "buf.h"

/* Appends one line per library with the version that is loaded now, and one with the optional features. */
void kt_about_libraries(struct kt_buf *out);

#endif
