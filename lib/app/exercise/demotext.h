/* What the demonstrations of groups and commits say on stdout: the words of the tutorial's scripts, exactly what those
 * scripts print (Python), or one JSON object per event.
 */
#ifndef KT_DEMOTEXT_H
#define KT_DEMOTEXT_H

#include "buf.h"
#include "member.h"
#include "record.h"

enum kt_demotext_style { KT_DEMOTEXT_WORDS, KT_DEMOTEXT_PYTHON, KT_DEMOTEXT_JSON };

struct kt_demotext {
	enum kt_demotext_style style;
	struct kt_buf *out; /* borrowed */
};

/* Partitions for people, sorted: "client58 [0-7], other [1]". */
void kt_tell_parts(struct kt_buf *b, const struct kt_member_part *parts, size_t n);

/* A copy by topic and partition; the caller's to free. */
struct kt_member_part *kt_tell_sorted(const struct kt_member_part *parts, size_t n);

/* Those from `at` on that are of one topic, "0-7,9"; they have to be sorted. Returns where the next topic begins. */
size_t kt_tell_ranges(struct kt_buf *b, const struct kt_member_part *parts, size_t n, size_t at);

/* A line of partitions: "assigned: client58 [0-7]", Python's list, {"event":"assigned","partitions":[…]}. */
void kt_tell_assigned(const struct kt_demotext *t, const struct kt_member_part *parts, size_t n);

/* Only in JSON: event is "revoked" or "lost". */
void kt_tell_gone(const struct kt_demotext *t, const char *event, const struct kt_member_part *parts, size_t n);

/* The value; in JSON the record with "event":"record". */
void kt_tell_record(const struct kt_demotext *t, const struct kt_record *record);

enum kt_step { KT_STEP_STORING, KT_STEP_STORED, KT_STEP_STORED_BEFORE, KT_STEP_COMMITTED };

/* "Start Storing", "End Storing", "Message committed"; in JSON {"event":"storing","topic":…,"partition":…,"offset":…}:
 * the record's place, and for a commit the position: the offset of the next record. */
void kt_tell_step(const struct kt_demotext *t, enum kt_step step, const char *topic, int32_t partition, int64_t offset);

/* "EXITING SAFELY!". */
void kt_tell_exit(const struct kt_demotext *t);

/* Only in Python's form: what the script prints of an error. */
void kt_tell_trouble(const struct kt_demotext *t, const char *text);

#endif
