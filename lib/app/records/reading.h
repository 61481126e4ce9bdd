/* Which records a consuming command reads: the options that are the same in all of them, and what is said about the
 * start.
 *
 *   struct x_opts { struct kt_client_opts client; struct kt_read_opts read; … };
 *   static const struct kt_opt opts[] = {…, {KT_INCLUDE(read, "Which records", kt_read_opts)}, …};
 *   kt_auto(kt_reading_fini) struct kt_reading r = {0};
 *   if (kt_reading_init(&r, &opts->read, &words, &settings, err) < 0) …
 *   r.how.user = …, r.how.at_end = …;
 *   kt_consumer_open(&consumer, &settings, &r.how, err)
 */
#ifndef KT_READING_H
#define KT_READING_H

#include "buf.h"
#include "consumer.h"
#include "opt.h"

struct kt_read_opts {
	const char *group, *reset, *commit, *isolation, *tail, *since, *until;
	struct kt_strs topics, offsets, partitions;
	int64_t count, idle_ms, console_ms;
	bool exit_at_end, follow, show_assign;
	int sort;
};
extern const struct kt_opt kt_read_opts[];

struct kt_reading {
	const struct kt_read_opts *opts; /* borrowed */
	const char *group;               /* NULL: none; borrowed from the settings */
	const char *commit;              /* when, as a word; borrowed */
	struct kt_strs topics;
	int32_t *partitions;
	struct kt_start *starts;
	struct kt_consumer_how how; /* the callbacks and `user` are the caller's to fill in */
	int64_t idle_ms;            /* the run ends when no record came for so long; 0: it does not */
	bool told;                  /* what is said once per run was said */
	bool bounded;               /* the run has an end of its own: -e, -c, or an end in -o */
};

/* The topics that a command reads: of -t and the words of the command line, else kt.topic of the settings. patterns:
 * names may be patterns (see kt_topic_is_pattern()), which become regular expressions. KT_USAGE when there is none, or
 * a name cannot be a topic's. */
int kt_choose_topics(struct kt_strs *out, const char *option, const struct kt_strs *words,
	const struct kt_settings *settings, bool patterns, struct kt_err *err) kt_must_check;

/* The group of -g or of the settings, NULL when there is none; borrowed from the settings, which are made ready for a
 * member (see kt_embedded_tune()). */
const char *kt_choose_group(struct kt_settings *settings, const char *option);

/* Checks the options and fills r. topics: the words of the command line; where they and -t name none, kt.topic of the
 * settings counts. Puts --isolation into the settings. KT_USAGE. */
int kt_reading_init(struct kt_reading *r, const struct kt_read_opts *opts, const struct kt_strs *topics,
	struct kt_settings *settings, int64_t timeout_ms, struct kt_err *err) kt_must_check;

/* Says on stderr what was assigned and from where, and what a reader would wonder about: a start that has expired, an
 * empty topic, --reset without effect. For kt_consumer_how.assigned. */
void kt_reading_say_start(struct kt_reading *r, const struct kt_partitions *parts);

/* The end of the partitions parts[0 … n), in the order in which they were reached; last: nothing is left to read. A
 * single one is kcat's line, and so is each of them with `verbose`: else it is one line for all. */
void kt_reading_say_ends(const struct kt_partition *parts, size_t n, bool last, bool verbose);

/* Appends what is assigned as the tutorial's Python consumer prints it. For kt_printloop.assigned. */
void kt_reading_print_assigned(void *user, struct kt_buf *out, const struct kt_partitions *parts);

void kt_reading_fini(struct kt_reading *r);

#endif
