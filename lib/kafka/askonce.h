/* One request for metadata, without serving the handle meanwhile: for a member that has joined, and for
 * kt_client_metadata(), which asks again and says what is wrong.
 *
 *   code = kt_askonce(client, "orders", 1000, &wait, &metadata);
 */
#ifndef KT_ASKONCE_H
#define KT_ASKONCE_H

#include "client.h"

/* topic as for kt_client_metadata(). *metadata is the caller's when the code is 0; limit_ms is over, or the owner's
 * stop came first: RD_KAFKA_RESP_ERR__TIMED_OUT. */
rd_kafka_resp_err_t kt_askonce(struct kt_client *c, const char *topic, int64_t limit_ms, struct kt_waiting *wait,
	const struct rd_kafka_metadata **metadata) kt_must_check;

#endif
