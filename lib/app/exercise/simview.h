/* A simulated group to be watched: as values, as lines, as JSON, or as a table on a terminal that is drawn again
 * and again.
 *
 *   struct kt_simview view = {.kind = KT_SIMVIEW_LINES, .out = &out, .start_us = kt_clock_us()};
 *   … kt_simview_event(&view, event)      from kt_groupsim_how.event
 *   kt_simview_draw(&view)                in the loop; does something for the table only
 *   kt_simview_end(&view, &verdict, &lines), and when that is written kt_simview_say(&view, &lines)
 */
#ifndef KT_SIMVIEW_H
#define KT_SIMVIEW_H

#include "groupsim.h"
#include "out.h"

enum kt_simview_kind {
	KT_SIMVIEW_VALUES, /* of one member: what it was assigned, and values */
	KT_SIMVIEW_LINES,  /* seconds, member, event, topic, partitions, and of a record offset, key, value; tabs
				between */
	KT_SIMVIEW_JSON,   /* an object per event; a record's also has the members of `kt consume -J` */
	KT_SIMVIEW_TABLE,
};

struct kt_simview {
	enum kt_simview_kind kind;
	struct kt_out *out;            /* borrowed */
	const struct kt_groupsim *sim; /* borrowed; NULL until it is open */
	const char *group;             /* borrowed */
	int64_t start_us;
	/* Below: simview.c's. */
	int64_t drawn_us, rebalances;
	size_t idle; /* members without a partition, when it was last told */
	bool stale;
};

/* Puts the event into the output; what a reader would wonder about is said on stderr. */
void kt_simview_event(struct kt_simview *v, const struct kt_simmember_event *event);

/* Draws the table when something has changed or some time has passed. How long until it wants to be called again. */
int64_t kt_simview_draw(struct kt_simview *v);

/* The end of the output: the table for the last time; as JSON what each member did, and the verdict. */
void kt_simview_end(struct kt_simview *v, const struct kt_verdict *verdict, const struct kt_strs *lines);

/* The same in words on stderr. */
void kt_simview_say(const struct kt_simview *v, const struct kt_strs *lines);

#endif
