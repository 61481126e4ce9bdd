/* Where to start and where to end: the text of -o.
 *
 *   beginning (earliest) | end (latest) | stored | N | -N (the last N) | +N (after the first N) | A:B | A: | :B |
 *   @T | @T1:T2 | @T:end | s@ms | e@ms | -1h30m (so long ago)
 *
 * A and B are offsets, T as in when.h ("now", "-1h30m", RFC 3339 (whose colons are understood), epoch seconds or ms).
 * Ends are exclusive.
 */
#ifndef KT_OFFSETS_H
#define KT_OFFSETS_H

#include "err.h"

enum kt_where {
	KT_AT_DEFAULT, /* not given */
	KT_AT_BEGINNING,
	KT_AT_END,
	KT_AT_STORED, /* the group's committed offset */
	KT_AT_OFFSET, /* n: absolute */
	KT_AT_TAIL,   /* n: that many before the end */
	KT_AT_HEAD,   /* n: that many after the beginning */
	KT_AT_TIME,   /* n: first record with a timestamp >= n ms */
};

struct kt_place {
	enum kt_where where;
	int64_t n;
};

struct kt_span {
	struct kt_place start, end;
};

/* Reads text into *span; only the sides it names are changed, so that repeated options (kcat: -o s@1 -o e@2) add up.
 * now_ms is what relative times count from. KT_USAGE, with the accepted forms as the hint. */
int kt_span_parse(struct kt_span *span, const char *text, int64_t now_ms, struct kt_err *err) kt_must_check;

/* Where a single partition starts: a word, N or -N. KT_USAGE. */
int kt_place_parse(struct kt_place *place, const char *text, struct kt_err *err) kt_must_check;

/* Refuses offset n for a log that ends before it: KT_FAILED, with `option end` and `option @TIME` as the hint. */
int kt_place_beyond(int64_t n, const char *topic, int32_t partition, int64_t begin, int64_t end, const char *option,
	struct kt_err *err);

#endif
