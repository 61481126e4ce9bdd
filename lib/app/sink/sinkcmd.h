/* What the commands of all sinks have in common, whatever the store is.
 *
 *   kt_auto(free_sink) struct sink s = {.cmd = {.client = &o->client, .opts = &o->sink}};
 *   if (kt_sinkcmd_serde(&s.cmd, err) < 0 ||                   what values are
 *           kt_sinkcmd_read(&s.cmd, &o->topics, err) < 0)      settings, topics and filters
 *           return -1;
 *   … open the store …
 *   if (kt_sinkcmd_open(&s.cmd, &own, err) < 0)                own: what only this sink knows
 *           return -1;
 *   result = kt_sinkrun_go(s.cmd.run, err);
 *   kt_sinkcmd_fini(&s.cmd);
 */
#ifndef KT_SINKCMD_H
#define KT_SINKCMD_H

#include "sinkdecode.h"
#include "sinkopts.h"
#include "sinkrun.h"

/* Starts as {0}, with the first two set; both are borrowed. */
struct kt_sinkcmd {
	const struct kt_client_opts *client;
	const struct kt_sink_opts *opts;
	struct kt_settings settings; /* resolved */
	struct kt_reading reading;
	struct kt_filter filter;
	struct kt_sinkdecode_how decode; /* its opts: NULL: values are not Avro */
	struct kt_sinkrun *run;          /* NULL: it is not open */
};

/* -s. KT_USAGE, also for options of Avro without it. */
int kt_sinkcmd_serde(struct kt_sinkcmd *cmd, struct kt_err *err) kt_must_check;

/* words: the topics. KT_USAGE. */
int kt_sinkcmd_read(struct kt_sinkcmd *cmd, const struct kt_strs *words, struct kt_err *err) kt_must_check;

/* own: the store, its places, and their names; the rest is that of the options. */
int kt_sinkcmd_open(struct kt_sinkcmd *cmd, const struct kt_sinkrun_how *own, struct kt_err *err) kt_must_check;

/* Whether it goes on until somebody ends it. */
bool kt_sinkcmd_is_endless(const struct kt_sinkcmd *cmd);

/* -J: members is an object that was begun; the counts of the run end it. */
int kt_sinkcmd_print(const struct kt_sinkcmd *cmd, struct kt_buf *members, struct kt_err *err) kt_must_check;

void kt_sinkcmd_fini(struct kt_sinkcmd *cmd);

#endif
