/* The options that all sinks have: which records, and how a run tells of itself.
 *
 *   struct x_opts { struct kt_client_opts client; struct kt_sink_opts sink; … };
 *   {KT_INCLUDE(sink, "Which records", kt_sink_opts)}, {KT_INCLUDE(sink.filter, "Only some of them", kt_filter_opts)},
 *   {KT_INCLUDE(sink.decode, "Avro values (with -s avro)", kt_decode_opts)}
 *   if (kt_sinkopts_read(&reading, &filter, &opts->sink, &words, &settings, timeout_ms, err) < 0)
 *           return -1;
 */
#ifndef KT_SINKOPTS_H
#define KT_SINKOPTS_H

#include "decode.h"
#include "filter.h"
#include "reading.h"

struct kt_sink_opts {
	struct kt_read_opts read; /* its group stays NULL: a sink's place is where its records are */
	struct kt_filter_opts filter;
	struct kt_strs serdes;
	struct kt_decode_opts decode;
	const char *group, *metrics_listen;
	bool json;
};
extern const struct kt_opt kt_sink_opts[];

/* The topics of words, read without a group from their beginning on, unless -o says otherwise. KT_USAGE. */
int kt_sinkopts_read(struct kt_reading *reading, struct kt_filter *filter, const struct kt_sink_opts *opts,
	const struct kt_strs *words, struct kt_settings *settings, int64_t timeout_ms,
	struct kt_err *err) kt_must_check;

#endif
