/* What the topic commands begin with: the cluster that is configured, its topics, and those of them that the words of
 * the command line mean.
 *
 *   kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
 *   if (kt_topicselect_open(&t, &opts->client, err) < 0)
 *           return -1;
 *   kt_topicselect_pick(&t, &opts->names);
 *   for (size_t i = 0; i < t.pick.found.n; i++) … kt_topicselect_find(&t, t.pick.found.v[i]) …
 */
#ifndef KT_TOPICSELECT_H
#define KT_TOPICSELECT_H

#include "client.h"
#include "conf.h"
#include "embedded.h"
#include "match.h"
#include "several.h"

/* Topics that brokers keep for themselves. */
#define KT_TOPICSELECT_INTERNAL "__"

/* clang-format off */
/* Two rows of an option table: topics as words, with their help, and as -t. */
#define KT_TOPICSELECT_ROWS(field, words)                                                                                   \
	{.name = "TOPIC", .positional = true, KT_LIST(field), .comp = KT_COMP_TOPIC, .help = words},                    \
	{.name = "topic", .letter = 't', KT_LIST(field), .arg = "TOPIC", .comp = KT_COMP_TOPIC,                         \
		.help = "the same as TOPIC; may be repeated"}
/* clang-format on */

struct kt_topicselect {
	struct kt_settings settings;
	struct kt_client *client;
	int64_t timeout_ms;
	bool embedded;                            /* they are those of this user's `kt broker` */
	struct kt_embedded local;                 /* that broker */
	const struct rd_kafka_metadata *metadata; /* of all topics; sorted by name, their partitions by number */
	struct kt_strs names;                     /* theirs, in the same order */
	struct kt_match pick;                     /* filled by kt_topicselect_pick() */
};

/* Loads the configuration, reaches the cluster and asks for all topics. t is all zero before. */
int kt_topicselect_open(struct kt_topicselect *t, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;

/* Asks for the topics once more. What was picked before stays. */
int kt_topicselect_again(struct kt_topicselect *t, struct kt_err *err) kt_must_check;

/* words: names, also several with commas between, and patterns; there may be none. */
void kt_topicselect_pick(struct kt_topicselect *t, const struct kt_strs *words);

/* Where there are no words, kt.topic of the settings is one; KT_USAGE without it. */
int kt_topicselect_default(const struct kt_topicselect *t, struct kt_strs *words, struct kt_err *err) kt_must_check;

/* kt_topicselect_pick(), with that topic where there are no words. */
int kt_topicselect_pick_some(struct kt_topicselect *t, const struct kt_strs *words, struct kt_err *err) kt_must_check;

/* NULL when there is no such topic. */
const struct rd_kafka_metadata_topic *kt_topicselect_find(const struct kt_topicselect *t, const char *name);

/* Several topics to do something with: those that were found, and the missing ones, which are failures already. */
struct kt_several kt_topicselect_several(struct kt_topicselect *t, const char *done_word);

/* For commands that only show: fails for the words to which no topic answers. */
int kt_topicselect_shown(struct kt_topicselect *t, struct kt_err *err) kt_must_check;

/* KT_FAILED when these are the topics of an embedded broker: it "cannot WHAT". */
int kt_topicselect_refuse_embedded(const struct kt_topicselect *t, const char *what, struct kt_err *err) kt_must_check;

void kt_topicselect_fini(struct kt_topicselect *t);

#endif
