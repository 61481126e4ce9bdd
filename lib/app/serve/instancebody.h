/* Bodies of requests about consumer instances, as the REST proxy's version 2 has them.
 *
 *   {"name":"a","format":"json","auto.offset.reset":"earliest","auto.commit.enable":"false"}
 *   {"topics":["t","u"]}
 *   {"offsets":[{"topic":"t","partition":0,"offset":41}]}
 *   {"partitions":[{"topic":"t","partition":0}]}
 *
 * Numbers and truth may stand in quotes. A body may be missing; what is null is not said. 0; or the status for the
 * client with err: 400 for what is not JSON, 422 for what is not such a body, and then code is the proxy's own, or 0.
 */
#ifndef KT_INSTANCEBODY_H
#define KT_INSTANCEBODY_H

#include "buf.h"
#include "err.h"
#include "list.h"
#include "restbody.h"
#include "startoffsets.h"

/* Bytes of a name; topics and partitions of a body. WAIT_MS: that a read may wait. */
enum {
	KT_INSTANCE_NAME = 249,
	KT_INSTANCE_TOPICS = 100,
	KT_INSTANCE_PARTS = 10000,
	KT_INSTANCE_WAIT_MS = 60000,
	KT_INSTANCE_LEAST_BYTES = 1 << 20
};

enum { KT_INSTANCE_BAD_CONFIG = 42204 };

struct kt_instance_config {
	char name[KT_INSTANCE_NAME + 1]; /* of letters, digits, . _ and -; "": not said */
	enum kt_rest_format format;
	enum kt_reset reset;
	bool auto_commit;
	bool uncommitted;    /* records of transactions that are not over, too */
	int64_t wait_ms;     /* a read waits, unless it says so itself */
	int64_t least_bytes; /* a read waits for */
};

/* Fills in what is not said: binary, latest, auto_commit, 1000 ms, 1 byte. */
unsigned kt_instancebody_config(
	struct kt_instance_config *c, struct kt_bytes body, int64_t *code, struct kt_err *err) kt_must_check;

/* At least one; each once. They need not be names that a topic may have. */
unsigned kt_instancebody_topics(
	struct kt_strs *topics, struct kt_bytes body, int64_t *code, struct kt_err *err) kt_must_check;

struct kt_instance_part {
	size_t topic; /* its place in topics */
	int32_t partition;
	int64_t offset; /* -1: not said */
};

struct kt_instance_parts {
	struct kt_strs topics;
	struct kt_instance_part *v;
	size_t n, cap;
	bool listed; /* false: the body does not have the list, which stands for all */
};

/* offsets: it is that list, and each has an offset; else that of partitions. */
unsigned kt_instancebody_parts(
	struct kt_instance_parts *parts, struct kt_bytes body, bool offsets, struct kt_err *err) kt_must_check;
void kt_instance_parts_fini(struct kt_instance_parts *parts);

#endif
