/* Points in time as Kafka has them: milliseconds since 1970-01-01T00:00:00Z. */
#ifndef KT_WHEN_H
#define KT_WHEN_H

#include "err.h"

/* Accepts: epoch seconds ("1700000000", with a fraction too), epoch milliseconds (12 digits or more before the
 * point), RFC 3339 ("2026-01-31T12:00:00Z", "…+02:00", fraction, blank instead of T; without zone: local time;
 * "2026-01-31" alone: midnight local time), "today" and "yesterday" (their midnight), "now", and an offset from now:
 * "-1h30m", "+5s", "now-10m", "2h ago", "2 hours ago". A
 * signed number needs its unit there: -1 and -2 are the end and the beginning to Kafka's tools.
 * now_ms is what "now" means, so that one command sees one now. */
int kt_parse_when_ms(const char *text, int64_t now_ms, int64_t *out_ms, struct kt_err *err) kt_must_check;

/* The same for what Kafka's own tools take, where a time without a zone is UTC. */
int kt_parse_when_utc_ms(const char *text, int64_t now_ms, int64_t *out_ms, struct kt_err *err) kt_must_check;

/* RFC 3339 in UTC with milliseconds ("2026-01-31T12:00:00.123Z") into out (at least 40 bytes); returns out. */
const char *kt_show_when(int64_t ms, char *out);

int64_t kt_now_ms(void);   /* wall clock, milliseconds since the epoch */
int64_t kt_clock_us(void); /* monotonic, microseconds from an arbitrary start: for timeouts and rates */

/* The wall clock when kt_clock_us() was at_us, unless it was set meanwhile. The two clocks are read together: who takes
 * one and then the other may have been held up for seconds between them. */
int64_t kt_wall_ms(int64_t at_us);

/* What is left of limit_ms since start_us (kt_clock_us()): 0 when it is over, INT64_MAX when limit_ms is 0 (no limit).
 */
int64_t kt_left_ms(int64_t start_us, int64_t limit_ms);

/* How long it is until at_us (of kt_clock_us()): 0 when it has come, INT64_MAX for INT64_MAX (never). Rounded up, so
 * that it has come for who waits this long. */
int64_t kt_until_ms(int64_t at_us);

/* The time of day in so many milliseconds, for calls of pthreads that wait up to it. */
struct timespec kt_time_in_ms(int64_t ms);

#endif
