/* The groups that a command line means: names and patterns against what the cluster has, and what is said of those
 * that are not there, may not be seen, or cannot be asked for at the embedded broker.
 *
 *   kt_auto(kt_groupselect_fini) struct kt_groupselect set = {0};
 *   if (kt_groupselect_open(&set, &opts->client, err) < 0 || kt_groupselect_pick(&set, &words, true, err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < set.n; i++) … set.v[i] …
 *   return kt_groupselect_close(&set, "described", err);
 */
#ifndef KT_GROUPSELECT_H
#define KT_GROUPSELECT_H

#include "conf.h"
#include "groups.h"
#include "opt.h"
#include "several.h"

struct kt_groupselect {
	struct kt_settings settings;
	struct kt_client *client, *stable; /* stable: of kt_client_open_stable(), when it was needed */
	int64_t timeout_ms;
	bool take_new; /* set before kt_groupselect_pick(): a name that is not a group's yet means one that is to be */
	bool partial;  /* some that are meant may not be known: a broker did not tell its groups */
	struct kt_groups groups;
	struct kt_strs names; /* of all groups that the cluster shows */
	struct kt_group **v;  /* what the words mean, in their order; borrowed from groups */
	size_t n;
	struct kt_strs missing;                   /* words to which nothing answers */
	const struct rd_kafka_metadata *metadata; /* of all topics, from kt_groupselect_commits() on */
};

/* Loads the configuration, reaches the cluster, and lists its groups. */
int kt_groupselect_open(
	struct kt_groupselect *set, const struct kt_client_opts *opts, struct kt_err *err) kt_must_check;

/* Where there are no words, kt.group of the settings is one; KT_USAGE without it. */
int kt_groupselect_default(const struct kt_groupselect *set, struct kt_strs *words, struct kt_err *err) kt_must_check;

/* Lists the groups again, for those who wait: as after kt_groupselect_open(). */
int kt_groupselect_again(struct kt_groupselect *set, struct kt_err *err) kt_must_check;

/* Fills v and missing. Without words: every group. describe: asks for states and members, and also for groups that are
 * named and not in the list. On a cluster that knows no requests about groups (groups.blind) names are taken as they
 * are. */
int kt_groupselect_pick(
	struct kt_groupselect *set, const struct kt_strs *words, bool describe, struct kt_err *err) kt_must_check;

/* Adds what they have committed. Where groups.blind is set, a group that has committed nothing counts as missing. */
int kt_groupselect_commits(struct kt_groupselect *set, struct kt_err *err) kt_must_check;

/* Adds the ends of the logs to a group's partitions, and `at` as the start of each. */
int kt_groupselect_logs(
	struct kt_groupselect *set, struct kt_group *group, struct kt_place at, struct kt_err *err) kt_must_check;

/* Adds what open transactions hold back, after kt_groupselect_logs(). */
int kt_groupselect_held(struct kt_groupselect *set, struct kt_group *group, struct kt_err *err) kt_must_check;

/* Fills err for a word of `missing`: KT_NOT_FOUND, with the nearest name. Returns -1. */
int kt_groupselect_missing(const struct kt_groupselect *set, const char *word, struct kt_err *err);

/* Fills err for what a cluster without requests about groups cannot do ("list groups"). Returns -1. */
int kt_groupselect_blind(const struct kt_groupselect *set, const char *what, struct kt_err *err);

/* 0 when the group can be seen; else err says why not. */
int kt_groupselect_check(
	const struct kt_groupselect *set, const struct kt_group *group, struct kt_err *err) kt_must_check;

/* 0 when the group has no members; else KT_FAILED, saying who they are. */
int kt_groupselect_idle(const struct kt_group *group, struct kt_err *err) kt_must_check;

/* What a command that only shows groups ends with: an error for those that are missing or cannot be seen, and
 * KT_PARTIAL for one with a partition that could not be asked about (no leader). done: as in several.h. */
int kt_groupselect_close(const struct kt_groupselect *set, const char *done, struct kt_err *err) kt_must_check;

/* What a command that does something to each of them ends with: kt_several_close(), or KT_PARTIAL when that is well but
 * there may be more groups. */
int kt_groupselect_end(
	const struct kt_groupselect *set, const struct kt_several *several, struct kt_err *err) kt_must_check;

/* The code of a group or partition in a few words, for a table: "not permitted", "the topic is gone". */
const char *kt_groupselect_why(rd_kafka_resp_err_t code);

/* The protocol by which its members share partitions, in Kafka's words: "classic", "consumer" (KIP-848), or "none" for
 * a group that only ever was committed for. */
const char *kt_groupselect_type(const struct kt_group *group);

/* The group's state in the brokers' words; "-" when they do not tell it. */
const char *kt_groupselect_state(const struct kt_group *group);

/* The host of a member without the slash that Java puts in front of an address. */
const char *kt_groupselect_host(const struct kt_group_member *member);

void kt_groupselect_fini(struct kt_groupselect *set);

#endif
