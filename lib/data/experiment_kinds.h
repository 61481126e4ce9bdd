/* What the records of an experiment are called: in a topic, and in the log of their sender. */
#ifndef KT_EXPERIMENT_KINDS_H
#define KT_EXPERIMENT_KINDS_H

enum kt_event_kind {
	KT_EVENT_CONFIGURED,
	KT_EVENT_STABILIZATION,
	KT_EVENT_STARTED,
	KT_EVENT_MEASURED,
	KT_EVENT_TERMINATED,
	KT_EVENT_DOCUMENT,
	KT_EVENT_KINDS,
	KT_EVENT_NONE = KT_EVENT_KINDS,
};

/* "experiment_configured", …: the value of the header record_name. The document has none; it is "experiment_document"
 * here. */
extern const char *const kt_event_names[KT_EVENT_KINDS];

/* What the notification service has to be told about a sample. */
enum kt_range_event { KT_RANGE_NONE, KT_RANGE_STABILIZED, KT_RANGE_OUT };

/* NULL, "Stabilized", "OutOfRange". */
extern const char *const kt_range_names[];

#endif
