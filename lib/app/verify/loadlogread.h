/* Lines of the JSON log of an experiment producer, kt's own or the original's.
 *
 *   kt_auto(kt_buf_fini) struct kt_buf decoded = {0};
 *   struct kt_log_entry entry;
 *   if (kt_log_read(&entry, &decoded, line.data, line.len, err) < 0)
 *           return -1;                                       not a JSON object: half a line, or another file
 *   if (entry.kind == KT_LOG_STAGE) … entry.text …
 */
#ifndef KT_LOADLOGREAD_H
#define KT_LOADLOGREAD_H

#include "buf.h"
#include "err.h"
#include "idmap.h"

enum kt_log_kind {
	KT_LOG_OTHER,   /* nothing about an experiment that is known here */
	KT_LOG_STAGE,   /* text: its name; researcher, with the first one of kt's own logs */
	KT_LOG_AVERAGE, /* value */
	KT_LOG_RANGE,   /* text: "Stabilized", "OutOfRange" */
	KT_LOG_SENSOR,  /* text: its id; value */
	KT_LOG_FAILURE, /* text: the event's record_name; count, maybe */
};

struct kt_log_entry {
	enum kt_log_kind kind;
	struct kt_bytes timestamp; /* as written; data NULL: none */
	struct kt_uuid experiment, measurement;
	bool has_experiment, has_measurement;
	bool in_experiment; /* the innermost span is an experiment */
	struct kt_bytes text, number, researcher;
	double value; /* of number */
	int64_t count, maybe;
};

/* Reads one line. What the entry points to is in line or decoded, which is emptied first. KT_FAILED for what is not a
 * JSON object; unknown members, and known ones of another type, make KT_LOG_OTHER. */
int kt_log_read(struct kt_log_entry *entry, struct kt_buf *decoded, const char *line, size_t len,
	struct kt_err *err) kt_must_check;

#endif
