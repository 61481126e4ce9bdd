/* What is said of the columns that were found in the values of records: by `kt sql` and `kt sink sqlite` alike. */
#ifndef KT_COLUMNSSAY_H
#define KT_COLUMNSSAY_H

#include "jsoncolumns.h"

/* Which there are, by so many records of the table (at least one). */
void kt_columnssay_found(const struct kt_jsoncolumns *c, const char *table, int64_t sampled);

/* Those that have another name than their field. */
void kt_columnssay_renamed(const struct kt_jsoncolumns *c, const char *table);

/* Which fields were met later, "N fields were met that no column has (a, b)", into out. Returns one of them, for an
 * example; "" when there is none. Borrowed from c. */
const char *kt_columnssay_later(const struct kt_jsoncolumns *c, struct kt_buf *out);

#endif
