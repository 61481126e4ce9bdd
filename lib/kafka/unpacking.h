/* What compressed batches may take unpacked. librdkafka unpacks all batches of an answer before it gives out their
 * first record, and bounds each of them (but gzip) by receive.message.max.bytes and not their sum: 260 kB of zstd are 8
 * GB. While it is armed, a batch whose unpacking would begin with more than that in use is refused. The library takes
 * this for one that is damaged: it gives out the records before it, reports the batch, and fetches it again half a
 * second later, when what was unpacked before has been written.
 *
 *   kt_unpacking_arm(conf);                             before rd_kafka_new() of a consumer
 *   … a message has an error …
 *   if (kt_unpacking_is_refusal(m->err)) continue;      it comes again
 */
#ifndef KT_UNPACKING_H
#define KT_UNPACKING_H

#include <stdbool.h>

#include <librdkafka/rdkafka.h>

/* Batches begin to be unpacked while the process uses less than this and what a consumer may have waiting. */
enum { KT_UNPACKED_MB = 512 };

/* From the properties receive.message.max.bytes and queued.max.messages.kbytes; of several consumers the largest count.
 */
void kt_unpacking_arm(const rd_kafka_conf_t *conf);

/* Whether a batch that is reported with this error was refused. Each refusal answers for one report. */
bool kt_unpacking_is_refusal(rd_kafka_resp_err_t code);

#endif
