/* org.apache.kafka.common.config.TopicConfig, and the two throttles of replication. */
#include "configs.h"

#include "mem.h"
#include "suggest.h"

#define BOOLEAN "true false"

const struct kt_config_name kt_config_names[] = {
	{"cleanup.policy", "what happens to old segments", "delete compact compact,delete"},
	{"compression.gzip.level", "level of gzip, when the broker compresses", NULL},
	{"compression.lz4.level", "level of lz4, when the broker compresses", NULL},
	{"compression.type", "how the log is compressed", "producer uncompressed gzip snappy lz4 zstd"},
	{"compression.zstd.level", "level of zstd, when the broker compresses", NULL},
	{"delete.retention.ms", "how long compaction keeps tombstones", NULL},
	{"file.delete.delay.ms", "time before a file is removed", NULL},
	{"flush.messages", "records between two flushes to disk", NULL},
	{"flush.ms", "time between two flushes to disk", NULL},
	{"follower.replication.throttled.replicas", "replicas whose followers are throttled", NULL},
	{"index.interval.bytes", "bytes between two entries of the index", NULL},
	{"leader.replication.throttled.replicas", "replicas whose leaders are throttled", NULL},
	{"local.retention.bytes", "size of what stays local, with remote storage", NULL},
	{"local.retention.ms", "age of what stays local, with remote storage", NULL},
	{"max.compaction.lag.ms", "longest time that a record stays uncompacted", NULL},
	{"max.message.bytes", "largest batch of records", NULL},
	{"message.timestamp.after.max.ms", "how far in the future a timestamp may be", NULL},
	{"message.timestamp.before.max.ms", "how far in the past a timestamp may be", NULL},
	{"message.timestamp.type", "whose clock stamps the records", "CreateTime LogAppendTime"},
	{"min.cleanable.dirty.ratio", "share of uncompacted log at which compaction starts", NULL},
	{"min.compaction.lag.ms", "shortest time that a record stays uncompacted", NULL},
	{"min.insync.replicas", "replicas that must have a record for acks=all", NULL},
	{"preallocate", "create files at their full size", BOOLEAN},
	{"remote.log.copy.disable", "copy nothing more to remote storage", BOOLEAN},
	{"remote.log.delete.on.disable", "delete the remote log when it is switched off", BOOLEAN},
	{"remote.storage.enable", "keep old segments in remote storage", BOOLEAN},
	{"retention.bytes", "size per partition above which old segments are deleted", NULL},
	{"retention.ms", "age after which segments are deleted", NULL},
	{"segment.bytes", "size of a segment of the log", NULL},
	{"segment.index.bytes", "size of a segment's index", NULL},
	{"segment.jitter.ms", "random part of segment.ms", NULL},
	{"segment.ms", "age at which a segment is closed", NULL},
	{"unclean.leader.election.enable", "let a replica that is not in sync lead", BOOLEAN},
	{NULL, NULL, NULL},
};

/* Where in text a second config begins, as in a=1,b=2, or NULL. */
static const char *find_second(const char *text)
{
	for (const char *at = strchr(text, ','); at; at = strchr(at + 1, ','))
		for (const struct kt_config_name *known = kt_config_names; known->name; known++) {
			size_t len = strlen(known->name);
			if (!strncmp(at + 1, known->name, len) && at[1 + len] == '=')
				return at + 1;
		}
	return NULL;
}

int kt_config_hint(const struct kt_strs *texts, struct kt_err *err)
{
	for (size_t i = 0; i < texts->n; i++) {
		const char *second = find_second(texts->v[i]);
		if (second)
			return kt_err_hint(err, "one --config for each: --config %.*s --config %.100s",
				(int)(second - texts->v[i] - 1), texts->v[i], second);
		kt_auto(kt_free_ptr) char *name = kt_strndup(texts->v[i], strcspn(texts->v[i], "="));
		struct kt_suggest near = {.word = name};
		for (const struct kt_config_name *known = kt_config_names; known->name; known++)
			kt_suggest_offer(&near, known->name);
		if (near.best && near.distance)
			return kt_err_hint(err, "did you mean %s?", near.best);
	}
	return -1;
}
