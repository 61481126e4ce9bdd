/* A list of owned strings. Starts as {0}.
 *
 *   kt_auto(kt_strs_fini) struct kt_strs names = {0};
 *   kt_strs_add(&names, "client58");
 *   for (size_t i = 0; i < names.n; i++) use(names.v[i]);
 */
#ifndef KT_LIST_H
#define KT_LIST_H

#include "base.h"

struct kt_strs {
	char **v;
	size_t n, cap;
};

/* Copies text to the end. */
void kt_strs_add(struct kt_strs *list, const char *text);

/* Takes text (allocated) to the end. */
void kt_strs_take(struct kt_strs *list, char *text);

/* Adds the parts of text between any of the separator characters; empty parts are left out, blanks around trimmed. */
void kt_strs_split(struct kt_strs *list, const char *text, const char *separators);

/* Copies text to the end, unless it is there already. */
void kt_strs_add_new(struct kt_strs *list, const char *text);

bool kt_strs_has(const struct kt_strs *list, const char *text);
void kt_strs_sort(struct kt_strs *list);
void kt_strs_fini(struct kt_strs *list);

#endif
