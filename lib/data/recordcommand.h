/* A command that is given one record: its value on stdin, byte for byte, its place and key in the environment, and all
 * but the value as JSON (recordjson.h) on descriptor 3. Value and JSON are files in memory: the command reads them, or
 * not, at its own pace.
 *
 *   struct kt_child child;
 *   const struct kt_recordcommand command = {.words = &words, .out = STDERR_FILENO};
 *   if (kt_recordcommand_start(&child, &command, &record, 1, err) < 0)
 *           return -1;
 *   … as child.h: wait for child.fd, kt_child_end(&child) …
 */
#ifndef KT_RECORDCOMMAND_H
#define KT_RECORDCOMMAND_H

#include "child.h"
#include "record.h"

/* What the command finds in its environment. _KEY is not set for a null key; nor for one that does not fit there, with
 * a NUL or of more than KT_RECORDCOMMAND_KEY bytes: then _KEY_OMITTED is 1. _TIMESTAMP: milliseconds; _ATTEMPT: from 1.
 */
#define KT_RECORDCOMMAND_VARIABLES                                                                                     \
	"KT_RECORD_TOPIC, KT_RECORD_PARTITION, KT_RECORD_OFFSET, KT_RECORD_KEY, KT_RECORD_TIMESTAMP, KT_RECORD_ATTEMPT"

/* Linux takes 128 KiB for a variable, and for all of them a quarter of the stack's limit. */
enum { KT_RECORDCOMMAND_KEY = 32 << 10 };

struct kt_recordcommand {
	const struct kt_strs *words;
	int out, err; /* become its stdout and stderr; 0: this process's */
	bool tied;    /* it is killed when this process ends */
};

/* Starts it in a process group of its own, with none of this process's other descriptors. Borrows everything for the
 * call only. As kt_child_start(). */
int kt_recordcommand_start(struct kt_child *child, const struct kt_recordcommand *command,
	const struct kt_record *record, int64_t attempt, struct kt_err *err) kt_must_check;

#endif
