/* Which of the records that were read count: the same words in every command that has them.
 *
 *   struct x_opts { …; struct kt_filter_opts filter; };       {KT_INCLUDE(filter, "Only some of them", kt_filter_opts)}
 *   kt_auto(kt_filter_fini) struct kt_filter f = {0};
 *   if (kt_filter_open(&f, &opts->filter, err) < 0)
 *           return -1;
 *   … kt_filter_takes(&f, &record) && kt_filter_takes_value(&f, record.value) …
 */
#ifndef KT_FILTER_H
#define KT_FILTER_H

#include <regex.h>

#include "opt.h"
#include "record.h"

struct kt_filter_opts {
	const char *grep, *key, *key_grep;
	struct kt_strs headers, header_greps;
	bool ignore_case;
};
extern const struct kt_opt kt_filter_opts[];

struct kt_filter_header {
	struct kt_bytes name; /* borrowed from the options */
	const char *value;    /* NULL: only the name counts */
	regex_t regex;
	bool has_regex; /* then for the value, or where there is no name, for either of them */
};

struct kt_filter {
	const struct kt_filter_opts *opts; /* borrowed */
	bool any;                          /* else every record counts */
	bool has_grep, has_key_grep;
	regex_t grep, key_grep;
	struct kt_filter_header *headers; /* each of them has to be there */
	size_t n_headers;
};

/* Patterns know the letters of the locale, which is the environment's from now on: to be called before threads begin.
 * KT_USAGE. */
int kt_filter_open(struct kt_filter *f, const struct kt_filter_opts *opts, struct kt_err *err) kt_must_check;

/* By key and headers. */
bool kt_filter_takes(const struct kt_filter *f, const struct kt_record *record);

/* By value, or what it was decoded to. A null value is nothing that matches. */
bool kt_filter_takes_value(const struct kt_filter *f, struct kt_bytes value);

/* Whether records have to come with their headers. */
static inline bool kt_filter_wants_headers(const struct kt_filter *f)
{
	return f->n_headers > 0;
}

void kt_filter_fini(struct kt_filter *f);

#endif
