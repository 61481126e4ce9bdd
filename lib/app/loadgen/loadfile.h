/* Finds and reads load files: those of the user, and those that are installed with kt. A name without a slash that is
 * not a file here may be one of the installed loads, with or without ".json". */
#ifndef KT_LOADFILE_H
#define KT_LOADFILE_H

#include "experiment_load.h"

/* The path of a load file, allocated; NULL and KT_USAGE when there is none. */
char *kt_loadfile_find(const char *name, struct kt_err *err) kt_must_check;

/* Appends the experiments of the file name. KT_USAGE when there is none, or when it does not hold what it should;
 * fields without a meaning are said. */
int kt_loadfile_read(struct kt_loads *loads, const char *name, struct kt_err *err) kt_must_check;

#endif
