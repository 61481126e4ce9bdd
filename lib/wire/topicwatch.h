/* Whether topics that are being read are still the same: a topic that was deleted and recreated under its name has
 * another id (KIP-516). librdkafka goes on at its position, and where the new log has grown past that before it looks,
 * the records up to there are never seen.
 *
 *   kt_auto(kt_topicwatch_free) struct kt_topicwatch *watch = kt_topicwatch_new(&settings);
 *   kt_topicwatch_add(watch, "orders");                     any number of times
 *   char *anew = kt_topicwatch_take(watch);                 in each turn of a loop; a topic, to be freed, or NULL
 *
 * A thread with a connection of its own, made a second after the first topic came, asks every few seconds. Where that
 * cannot be (brokers before 2.8, a SASL mechanism that only librdkafka speaks) nothing is watched.
 */
#ifndef KT_TOPICWATCH_H
#define KT_TOPICWATCH_H

#include "proto.h"
#include "settings.h"

struct kt_topicwatch;

/* The settings, as kt_conf_resolve() leaves them, are borrowed. NULL where there are no threads. */
struct kt_topicwatch *kt_topicwatch_new(const struct kt_settings *settings);

/* Watches one more, up to some hundred; nothing for one that is watched. watch may be NULL, as below. */
void kt_topicwatch_add(struct kt_topicwatch *watch, const char *topic);
void kt_topicwatch_remove(struct kt_topicwatch *watch, const char *topic);

char *kt_topicwatch_take(struct kt_topicwatch *watch);

/* For kt_auto(). Ends the thread. */
void kt_topicwatch_free(struct kt_topicwatch **watch);

/* The id that a topic has now, asked for at once, for some seconds at most: false where it cannot be told. */
bool kt_topicwatch_ask(const struct kt_settings *settings, const char *topic, unsigned char id[KT_TOPIC_ID]);

#endif
