/* The JSON log of simulated experiments, as the original's --file-subscriber writes it: what was sent, as ground truth
 * for checking what arrived. One line per stage, sample average, range event, sensor value and failure,
 * and if wanted per message.
 *
 *   kt_auto(kt_loadlog_close) struct kt_loadlog j = {.fd = -1};
 *   if (kt_loadlog_open(&j, NULL, err) < 0)              logs/producer.json.log.2026-01-31
 *           return -1;
 *   kt_loadlog_stage(&j, id, KT_STAGE_CARRY_OUT);
 *
 * Each line is one write to a file opened for appending, so that processes may share it and a crash leaves whole lines.
 * `kt verify` reads it (verify/loadlogread.h). When a line cannot be written the log ends and says why in `failed`;
 * what is logged after that is dropped.
 */
#ifndef KT_LOADLOG_H
#define KT_LOADLOG_H

#include "avro_schema.h"
#include "buf.h"
#include "err.h"
#include "experiment.h"

enum { KT_LOADLOG_TARGETS = 2 };

struct kt_loadlog {
	const char *path;               /* NULL: a file per day (UTC) in logs/; borrowed */
	const char *topic, *document;   /* that messages go to; set for level TRACE, borrowed */
	int levels[KT_LOADLOG_TARGETS]; /* what is logged of each part of the original */
	int fd;                         /* -1: not open, nothing is logged */
	struct kt_buf line, text;
	struct kt_avro_schema *schemas[KT_EVENT_KINDS]; /* of the messages that were logged */
	int64_t day;                                    /* since the epoch, of the file that is open */
	int64_t second;                                 /* that `prefix` shows */
	char prefix[24];
	struct kt_err failed; /* why the log ended before its time; empty msg: it did not */
};

/* The stages' names in the log. */
#define KT_STAGE_STABILIZATION "stabilization"
#define KT_STAGE_CARRY_OUT "carry out"
#define KT_STAGE_TERMINATED "terminated"

/* Everything is logged but messages. KT_FAILED, naming the file. */
int kt_loadlog_open(struct kt_loadlog *j, const char *path, struct kt_err *err) kt_must_check;

/* What is logged, in the words of the original's RUST_LOG: off, error, warn, info, debug or trace, or a list of
 * target=level with commas between; a target stands for all that begin with it, and the longest counts. Words that are
 * about nothing here are said, and if all are, nothing changes. */
void kt_loadlog_filter(struct kt_loadlog *j, const char *directives);

/* The first stage. Names the researcher too, whom the original's log does not know. */
void kt_loadlog_configuration(struct kt_loadlog *j, const struct kt_experiment *e);

/* id: KT_UUID_LEN characters of the experiment's id, here and below. */
void kt_loadlog_stage(struct kt_loadlog *j, const char *id, const char *stage);

/* The last stage, with what the experiment and its two phases took. */
void kt_loadlog_terminated(
	struct kt_loadlog *j, const char *id, int64_t elapsed_ms, int64_t stabilization_ms, int64_t carry_out_ms);

/* Average, range event and each sensor's value. */
void kt_loadlog_sample(struct kt_loadlog *j, const struct kt_experiment *e, const struct kt_sample *sample);

/* Level TRACE: a message as it is sent. measurement: as below. */
void kt_loadlog_message(
	struct kt_loadlog *j, const char *id, const char *measurement, enum kt_event_kind kind, struct kt_bytes value);

/* So many events of a kind were not acknowledged, `maybe` of which may have been written all the same. measurement: the
 * sample's id, or NULL. */
void kt_loadlog_failure(struct kt_loadlog *j, const char *id, const char *measurement, enum kt_event_kind kind,
	int64_t count, int64_t maybe, const char *why);

/* For kt_auto(). */
void kt_loadlog_close(struct kt_loadlog *j);

#endif
