/* What records are handed to: commands, one for each record (workjobs.h), commands that stay (workstream.h), or
 * requests (workpost.h).
 *
 *   while (runner.room(runner.self) && (item = kt_workitems_next(&items)))
 *           runner.start(runner.self, item, err)
 *   … its source in the loop: each record that was started ends in one call of how.ended …
 *   runner.free(runner.self)
 */
#ifndef KT_WORKRUNNER_H
#define KT_WORKRUNNER_H

#include "loop.h"
#include "out.h"
#include "workitems.h"
#include "workrules.h"

/* A command has that long after SIGTERM before SIGKILL comes. */
enum { KT_WORKRUNNER_KILL_MS = 5000 };

/* How much of what it said is kept. */
enum { KT_WORKRUNNER_WORDS = 1024 };

struct kt_workrunner_how {
	size_t jobs;        /* at a time */
	int64_t timeout_ms; /* of each record; 0: none */
	bool keeps_out;     /* results are kept in item->ending.out, instead of passing through */
	size_t out_max;     /* bytes of them */
	bool tied;          /* commands are killed when this process ends, however that comes about */
	struct kt_out *out; /* what passes through; borrowed */
	/* item->ending is filled in. Does not start another one. */
	void (*ended)(void *user, struct kt_workitem *item);
	void *user;
};

struct kt_workrunner {
	void *self;
	struct kt_loop_source source;
	/* How many more could be started. */
	size_t (*room)(void *self);
	/* The item is borrowed until it has ended. 1; 0: not now; -1: nothing was started, and the run cannot go on. */
	int (*start)(void *self, struct kt_workitem *item, struct kt_err *err);
	/* Ends one of them, or (NULL) all: SIGTERM, and SIGKILL when that was not enough. */
	void (*kill)(void *self, const struct kt_workitem *item);
	/* Whatever still runs is killed. */
	void (*free)(void *self);
};

/* What a command says on stderr goes to ours, which a slow reader may hold up. */
void kt_workrunner_pass_words(const char *data, size_t len);

/* Keeps the end of what was said. */
void kt_workrunner_keep_words(struct kt_buf *words, const char *data, size_t len);

#endif
