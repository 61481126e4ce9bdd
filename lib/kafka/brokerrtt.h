/* How long brokers take to answer, of the library's statistics.
 *
 *   us = kt_brokerrtt_of((struct kt_bytes){json, strlen(json)});
 */
#ifndef KT_BROKERRTT_H
#define KT_BROKERRTT_H

#include "buf.h"

/* The mean of the broker that is slowest, in microseconds; -1: none has answered anything in that time. */
int64_t kt_brokerrtt_of(struct kt_bytes statistics);

#endif
