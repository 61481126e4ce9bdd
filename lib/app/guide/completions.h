/* What completion asks the configured cluster, the configuration file and librdkafka for. */
#ifndef KT_COMPLETIONS_H
#define KT_COMPLETIONS_H

#include "complete.h"

/* Silent when something is wrong, and never longer than a second. */
extern const struct kt_completers kt_completions;

#endif
