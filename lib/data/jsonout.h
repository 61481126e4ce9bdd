/* JSON objects, member by member.
 *
 *   kt_jsonout_begin(out, NULL, '{');
 *   kt_jsonout_words(out, "topic", topic);               {"topic":"t"
 *   kt_jsonout_i64(out, "offset", 42);                   {"topic":"t","offset":42
 *   kt_jsonout_begin(out, "isr", '[');
 *   kt_jsonout_i64(out, NULL, 1);                        an element: without a name
 *   kt_jsonout_end(out, ']');
 *   kt_jsonout_end(out, '}');                            and a newline where it is a line
 *
 * There is nothing to keep beside the buffer: its last byte says whether a comma is due. What is written by other means
 * in between (kt_json_string(), after kt_jsonout_key()) has to end with its own last byte, not with blanks. Where
 * records are printed by the million, recordjson.c writes by itself.
 */
#ifndef KT_JSONOUT_H
#define KT_JSONOUT_H

#include "buf.h"

/* The comma that is due, and the name. name NULL: an element of a list, or the outermost value. */
void kt_jsonout_key(struct kt_buf *out, const char *name);

/* bracket: '{' or '['; and its counterpart. */
void kt_jsonout_begin(struct kt_buf *out, const char *name, char bracket);
void kt_jsonout_end(struct kt_buf *out, char bracket);

/* As kt_json_string(): text of which nothing but validity is known. NULL is null. */
void kt_jsonout_text(struct kt_buf *out, const char *name, const char *text);

/* As kt_json_words(): what is not a record's own, such as names from a cluster. NULL is null. */
void kt_jsonout_words(struct kt_buf *out, const char *name, const char *text);

void kt_jsonout_i64(struct kt_buf *out, const char *name, int64_t n);
/* null when it is negative, which is: not known. */
void kt_jsonout_count(struct kt_buf *out, const char *name, int64_t n);

void kt_jsonout_bool(struct kt_buf *out, const char *name, bool value);
void kt_jsonout_null(struct kt_buf *out, const char *name);

/* The shortest text that reads back; what is not finite is null. */
void kt_jsonout_double(struct kt_buf *out, const char *name, double value);

/* So many digits after the point; value is finite. */
void kt_jsonout_fixed(struct kt_buf *out, const char *name, double value, int decimals);

#endif
