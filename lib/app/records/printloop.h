/* From topics to stdout: what every command does that prints records. Takes what has arrived, lets the command render
 * it, writes as much as is accepted, and counts a record as read only when all of its bytes were. Never blocks in a
 * write, so that a member stays in its group however slow the reader of its output is.
 *
 *   struct kt_printloop *flow = kt_printloop_new(&opts->client, &opts->read, user);
 *   flow->render = …;
 *   if (kt_reading_init(&flow->reading, …) < 0 || kt_printloop_open(flow, &settings, err) < 0)
 *           return -1;
 *   return kt_printloop_close(flow, kt_printloop_run(flow, err), err);
 */
#ifndef KT_PRINTLOOP_H
#define KT_PRINTLOOP_H

#include <poll.h>

#include "conf.h"
#include "out.h"
#include "progress.h"
#include "reading.h"

enum { KT_PRINTLOOP_BYTES = 1 << 20, KT_PRINTLOOP_RECORDS = 8192 };

/* What became of a record that was to be rendered; -1: err says why the run is to end before it. */
enum {
	KT_PRINTED_NOT, /* it was read, and does not count */
	KT_PRINTED,
	KT_PRINTED_PART, /* there is more of it: ask again when this part was written */
	KT_PRINTED_STOP, /* the run was stopped before that was known: it was not read */
};

struct kt_printloop {
	struct kt_reading reading;
	struct kt_out out;
	bool unbuffered;            /* each record is written at once */
	const char *metrics_listen; /* where /metrics is served; NULL: nowhere */
	void *user;
	/* Appends what is printed for a record: KT_PRINTED_… or -1. Records of which nothing is printed have been read
	 * all the same. */
	int (*render)(void *user, struct kt_buf *out, const struct kt_record *record, struct kt_err *err);
	/* The rest of a record of which a part was printed; not called for one whose partition was given away
	 * meanwhile, which its next owner reads from its beginning. NULL: records are printed whole. */
	int (*more)(void *user, struct kt_buf *out, struct kt_err *err);
	/* May be NULL: what such a record waits for, and for how long at most; 0: nothing, it can go on at once. */
	int64_t (*awaits)(void *user, struct pollfd *fd);
	/* May be NULL: appends what is printed about an assignment. */
	void (*assigned)(void *user, struct kt_buf *out, const struct kt_partitions *parts);
	int64_t taken; /* records that counted */
	bool ended;    /* everything that was asked for was done */

	/* The rest is printloop.c's own. */
	const struct kt_client_opts *client;
	const struct kt_read_opts *read;
	struct kt_consumer *consumer;
	struct kt_topicwatch *watch; /* NULL: the run ends with what was there at its start */
	struct kt_httpd *httpd;      /* NULL: no metrics */
	int64_t stored_ms;           /* when records last counted as written */
	struct kt_progress progress;
	bool by_count;                /* -c ends the run, rather than the ends of the logs */
	bool progresses;              /* on a terminal that nothing else writes to */
	int64_t seen, came_us;        /* records that came, and when the last one did */
	struct kt_partition *reached; /* ends that were not said yet; names are borrowed */
	bool reached_last;            /* the last of all is among them */
	size_t n_reached, reached_cap;
	struct kt_stop stop; /* of the run: the client's owner, or --run-for */
	struct kt_loop loop;
	struct kt_loop_source records, output, rest, metrics;
	bool refused;           /* a record was taken and not rendered, and the run ends */
	bool open;              /* of the last record only a part was rendered, */
	const char *open_topic; /* and this is where it is */
	int32_t open_partition;
	int64_t open_offset;
	size_t n_before;                    /* records that were written before the open one */
	int64_t base;                       /* out.written when the records below were begun */
	size_t n_ends;                      /* records rendered since the last ones were counted as written */
	int64_t ends[KT_PRINTLOOP_RECORDS]; /* where each of them ends in the output, from base */
};

/* Borrows the options. Output goes to stdout. */
struct kt_printloop *kt_printloop_new(const struct kt_client_opts *client, const struct kt_read_opts *read, void *user)
	__attribute__((returns_nonnull));

/* Opens the consumer, for which reading.how is ready but for its callbacks. */
int kt_printloop_open(struct kt_printloop *flow, const struct kt_settings *settings, struct kt_err *err) kt_must_check;

/* Until everything was read that was asked for, a signal, --run-for, or an error. */
int kt_printloop_run(struct kt_printloop *flow, struct kt_err *err) kt_must_check;

/* Finishes what was begun where the reader of the output allows it, commits, and leaves the group. result: what
 * kt_printloop_run() gave, whose err is kept. Returns it, or -1: also for a run that a signal or --run-for ended too
 * early.
 */
int kt_printloop_close(struct kt_printloop *flow, int result, struct kt_err *err) kt_must_check;

/* For kt_auto(). */
void kt_printloop_free(struct kt_printloop **flow);

#endif
