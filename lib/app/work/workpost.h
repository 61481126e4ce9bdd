/* Each record as the body of a POST, as many at a time as is said, over connections that are kept.
 *
 *   kt_workpost_open(&runner, "http://localhost:3000/notify", &headers, &how, err)        … as workrunner.h …
 *
 * Its type is that of the record's header content-type, else application/json for what is that, else
 * application/octet-stream. Request headers say the rest: Kt-Record-Topic, -Partition, -Offset, -Attempt, -Timestamp,
 * -Key (of visible ASCII only), and Idempotency-Key, which is the same for each attempt. The body of an answer is the
 * result.
 */
#ifndef KT_WORKPOST_H
#define KT_WORKPOST_H

#include "list.h"
#include "workrunner.h"

/* headers: more of them, NAME: VALUE. Borrows all. KT_USAGE for what is not an http or https URL, and where libcurl is
 * not there. */
int kt_workpost_open(struct kt_workrunner *out, const char *url, const struct kt_strs *headers,
	const struct kt_workrunner_how *how, struct kt_err *err) kt_must_check;

#endif
