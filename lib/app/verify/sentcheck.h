/* Whether what an experiment sent is what arrived: in a topic, or in what a service stored of it.
 *
 *   kt_sentlog_arrived(&sent, &arrival)                       each record of the topic
 *   kt_sentlog_settle(&sent, KT_SENTLOG_EVENTS, false);         what is missing
 *   … sent.v[i].counts, sent.findings …
 *
 * What the log itself says was not acknowledged may be there or not: neither is a fault.
 */
#ifndef KT_SENTCHECK_H
#define KT_SENTCHECK_H

#include "sentlog.h"

enum { KT_SENTLOG_FINDINGS = 10 }; /* of a kind and experiment, that are told one by one */

/* "missing", "repeated", "out of order", "different", "not in the log". */
extern const char *const kt_finding_names[KT_FINDINGS];

/* An event that was read somewhere. Ids and texts are as they were read; data NULL: not there. */
struct kt_arrival {
	enum kt_event_kind kind;
	struct kt_uuid experiment;
	struct kt_bytes measurement, sensor;
	float temperature;
	const char *unlike; /* what else is different from the log, as a sentence; or NULL */
	int32_t partition;
	int64_t offset;
};

/* An event of an experiment that the log has. */
void kt_sentlog_arrived(struct kt_sentlog *t, const struct kt_arrival *arrival);

/* Whether these are the sensors that the samples of the experiment have in the log, where it has any. */
bool kt_sentlog_has_sensors(const struct kt_sentlog *t, const struct kt_sentlog_experiment *x,
	const struct kt_idmap *sensors) kt_must_check;

/* What a service stored about a sample: its average, or with a sensor that one's temperature. line: for findings. */
void kt_sentlog_stored(struct kt_sentlog *t, struct kt_sentlog_experiment *x, struct kt_bytes measurement,
	struct kt_bytes sensor, double value, int64_t line);

/* Something is wrong in an experiment. Counts it, and keeps the line while there are not too many of its kind. */
void kt_sentlog_finding(struct kt_sentlog *t, struct kt_sentlog_experiment *x, enum kt_finding kind, const char *format,
	...) kt_printf(4, 5);

enum kt_sentlog_scope {
	KT_SENTLOG_EVENTS,  /* every event of the experiments */
	KT_SENTLOG_SAMPLES, /* an average per sample */
	KT_SENTLOG_SENSORS, /* a temperature per sensor and sample */
};

/* Looks for what did not arrive. carry_out: of samples, only those of the second phase. */
void kt_sentlog_settle(struct kt_sentlog *t, enum kt_sentlog_scope scope, bool carry_out);

#endif
