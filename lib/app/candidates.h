/* What completion asks the configured cluster, the configuration file and librdkafka for. */
#ifndef KT_CANDIDATES_H
#define KT_CANDIDATES_H

#include "complete.h"

/* Silent when something is wrong, and never longer than a second. */
extern const struct kt_completers kt_candidates;

#endif
