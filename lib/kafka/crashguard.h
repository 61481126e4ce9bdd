/* When librdkafka itself crashes or aborts, which brokers can make it do (numbers of SCRAM, metadata that makes no
 * sense, an answer about another group: 2.0.2 asserts), the run ends with a sentence that says at which broker, and
 * with KT_FAILED. It is for threads of the library only: a crash of kt's own code ends the process as ever.
 *
 *   rd_kafka_conf_t *conf = …;
 *   kt_crashguard_add(conf, brokers);       before rd_kafka_new()
 */
#ifndef KT_CRASHGUARD_H
#define KT_CRASHGUARD_H

#include <stdbool.h>

#include <librdkafka/rdkafka.h>

/* brokers: named where the thread is not that of one broker. It is borrowed for as long as the handle lives. */
void kt_crashguard_add(rd_kafka_conf_t *conf, const char *brokers);

/* Whether the calling thread is one of the library's. */
bool kt_crashguard_is_here(void);

/* In place of rd_kafka_conf_destroy() where rd_kafka_new() failed: it has then freed the list of interceptors, which
 * the configuration still points to (2.0.2 and 2.8.0), and destroying that one frees the list again. Takes conf. */
void kt_crashguard_spoilt(rd_kafka_conf_t *conf);

#endif
