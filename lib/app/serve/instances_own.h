/* What the files of consumer instances share.
 *
 *   instances.c        their lives: members, waits, ends
 *   instancerequest.c  from a request to what is to be done
 *   instanceanswer.c   what is told of one
 *   instancebody.c     what bodies say
 */
#ifndef KT_INSTANCES_OWN_H
#define KT_INSTANCES_OWN_H

#include "groupreader.h"
#include "instancebody.h"
#include "instances.h"

/* What a request waits for. */
enum kt_instance_wait {
	KT_INSTANCE_NOTHING,
	KT_INSTANCE_JOINS,  /* its new topics are there */
	KT_INSTANCE_LEAVES, /* it has no topics any more */
	KT_INSTANCE_RECORDS,
	KT_INSTANCE_COMMITS, /* all marks so far */
	KT_INSTANCE_ENDS,
};

struct kt_instance_ask {
	enum kt_instance_wait wait;
	struct kt_httpd *httpd;
	uint64_t ticket;
	int64_t until_us;
	size_t most_bytes;    /* of RECORDS */
	uint64_t marks, lost; /* of COMMITS: as they were */
};

struct kt_instance {
	struct kt_instances *all;
	struct kt_instance *next;
	char *group;
	const void *owner; /* whose it is: kt_http_request.client */
	struct kt_instance_config config;
	struct kt_strs topics;         /* that it reads, or will once its reader has gone */
	struct kt_groupreader *reader; /* NULL: none */
	bool leaving;                  /* its reader is to end */
	bool over;                     /* and it, too: nobody finds it any more */
	struct kt_err why;             /* it lost its topics; status 0: it did not */
	int64_t used_us;
	struct kt_instance_ask ask;
};

struct kt_instances {
	struct kt_serve *serve;
	struct kt_instance *list;
	size_t n;
	int wake_fd;
	struct kt_loop_source source;
	struct kt_settings settings; /* with read_uncommitted */
	bool ending;
};

#define KT_INSTANCE_NOT_FOUND "Consumer instance not found."

/* The first time it is wanted; NULL: there are no descriptors. */
struct kt_instances *kt_instances_of(struct kt_serve *s);

/* A new one, which nothing has been said to but its configuration. Copies. */
struct kt_instance *kt_instance_add(
	struct kt_instances *all, const char *group, const void *owner, const struct kt_instance_config *config);

/* NULL: there is none. owner: of it, unless any is meant. */
struct kt_instance *kt_instance_find(
	const struct kt_instances *all, const char *group, const char *name, const void *owner, bool any);

/* Whether it has a reader that is to go on. */
bool kt_instance_reads(const struct kt_instance *i);

/* Its reader leaves the group; a new one follows when there are topics. */
void kt_instance_leave(struct kt_instance *i);

/* Defers the request until that has happened, or its time is over, or answers it by now. False, and an answer: another
 * one waits already. ask->httpd and ticket are filled in. */
bool kt_instance_wait(struct kt_instance *i, struct kt_serve_listener *at, struct kt_http_request *request,
	struct kt_instance_ask ask, struct kt_answer *answer);

/* Records that are there, or why the first cannot be shown. */
void kt_instance_write_records(struct kt_instance *i, size_t most_bytes, struct kt_answer *answer);

/* {"offsets":[…]} of these partitions; not listed: of all that it has. */
void kt_instance_write_offsets(struct kt_instance *i, const struct kt_instance_parts *wanted, struct kt_answer *answer);

/* {"partitions":[{"topic","partition"}]} */
void kt_instance_write_assignments(struct kt_instance *i, struct kt_answer *answer);

/* {"topics":[…]} */
void kt_instance_write_topics(const struct kt_instance *i, struct kt_answer *answer);

/* {"instance_id","base_uri"}: where the client has found this server, by its Host or what a proxy says. */
void kt_instance_write_new(const struct kt_instance *i, const struct kt_serve_listener *at,
	const struct kt_http_request *request, struct kt_answer *answer);

#endif
