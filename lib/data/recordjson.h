/* The JSON form of a record (-J), one object per line, kcat's names; what is written here reads back without loss.
 *
 *   {"topic":"t","partition":0,"offset":42,"tstype":"create","ts":1700000000123,
 *    "headers":[{"key":"a","value":"x"},{"key":"a","value":null}],"key":null,"payload":"…"}
 *
 * Read are the names of others too: "value" for payload, "timestamp" for ts, a time as RFC 3339 has it for
 * milliseconds, and any of them with a capital. What only describes where a record was, or how large, is passed over;
 * any other member is refused.
 *
 * null is null and "" is empty. Bytes that are not UTF-8 are base64, said by "payload_encoding":"base64",
 * "key_encoding", and "encoding" in a header (a header name that is not UTF-8: "key_encoding" in that header).
 * "tstype" is "create" or, when the broker set the time, "logappend".
 */
#ifndef KT_RECORDJSON_H
#define KT_RECORDJSON_H

#include "buf.h"
#include "err.h"
#include "json.h"
#include "record.h"

enum kt_encoding { KT_ENC_UTF8, KT_ENC_BASE64, KT_ENC_HEX };
extern const char *const kt_encodings[]; /* "utf8", "base64", "hex", NULL: for an option's choices */

/* The members, for the manual: those that are written in their order, and others that are read. */
struct kt_recordjson_name {
	struct kt_bytes name;
	int is; /* what it stands for */
	const char *help;
};
extern const struct kt_recordjson_name kt_recordjson_names[]; /* help NULL at the end */

/* Appends the object and no newline. encoding: how key, payload and header values are written; KT_ENC_UTF8 falls back
 * to base64 per field. "headers" is left out when there are none; "ts" and "tstype" with KT_TS_NONE; topic, partition
 * and offset when they are not given. */
void kt_recordjson_write(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding);

/* Appends what stands in front of the payload: {"topic":…,"payload": and it is the caller who adds the payload as JSON
 * and the closing brace, or lets kt_recordjson_end() add it as bytes. json_key: the key is JSON too. */
void kt_recordjson_begin(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding, bool json_key);
void kt_recordjson_end(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding);

/* Appends the object's members alone, for an object of the caller's that has others too. */
void kt_recordjson_members(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding);

/* Appends the object without its payload, for callers that have it elsewhere: only a null one is said. */
void kt_recordjson_head(struct kt_buf *out, const struct kt_record *record, enum kt_encoding encoding);

/* A reader that is used for many lines and keeps its memory. Starts as {0}. */
struct kt_recordjson {
	struct kt_buf bytes; /* decoded text of the current record */
	struct kt_header *headers;
	size_t headers_cap;
	struct kt_record record; /* of the last successful read; valid until the next */
	bool has_content;        /* it named a key or a payload, maybe as null */
};

/* Reads one JSON object; what it does not name is not given, null, or KT_TS_NONE ("ts" without "tstype": create).
 *
 * Also taken: "value" for "payload"; kcat's flat header list (["a","x","a",null]) and a plain object ({"a":"x"}, or
 * {"a":["x",null]} for several of one name) as headers, in the order they are written. Members that only describe
 * the record are passed over, unknown ones are refused, and each may appear only once. A key, payload or header value
 * that is itself an object, list, number or boolean becomes its JSON text without blanks. Numbers must be whole and in
 * range: partition and offset >= 0, ts any int64.
 *
 * Errors are KT_FAILED and name the path and what was expected ("payload_encoding: expected "base64" or "hex", got
 * "b64""), without line number: the caller knows it. A NUL in a header name is one. Depth is bounded. */
int kt_recordjson_read(struct kt_recordjson *e, const char *text, size_t len, struct kt_err *err) kt_must_check;

void kt_recordjson_fini(struct kt_recordjson *e);

#endif
