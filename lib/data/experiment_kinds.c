#include "experiment_kinds.h"

#include <stddef.h>

const char *const kt_event_names[KT_EVENT_KINDS] = {
	[KT_EVENT_CONFIGURED] = "experiment_configured",
	[KT_EVENT_STABILIZATION] = "stabilization_started",
	[KT_EVENT_STARTED] = "experiment_started",
	[KT_EVENT_MEASURED] = "sensor_temperature_measured",
	[KT_EVENT_TERMINATED] = "experiment_terminated",
	[KT_EVENT_DOCUMENT] = "experiment_document",
};

const char *const kt_range_names[] = {
	[KT_RANGE_NONE] = NULL,
	[KT_RANGE_STABILIZED] = "Stabilized",
	[KT_RANGE_OUT] = "OutOfRange",
};
