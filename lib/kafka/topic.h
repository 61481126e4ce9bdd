/* Topic names, as brokers judge them. */
#ifndef KT_TOPIC_H
#define KT_TOPIC_H

#include "err.h"

/* KT_USAGE unless name can be a topic's: 1 to 249 of the bytes a-z A-Z 0-9 . _ - and neither "." nor "..". */
int kt_topic_check(const char *name, struct kt_err *err) kt_must_check;

#endif
