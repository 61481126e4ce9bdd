/* A record as the REST proxy shows it, version 2:
 *
 *   {"topic":"t","key":null,"value":"aGk=","partition":0,"offset":5}
 *
 * and timestamp and headers besides, which that one does not have. */
#ifndef KT_RESTTEXT_H
#define KT_RESTTEXT_H

#include "restbody.h"

/* Appends it. False: it cannot be shown in this format, and why is appended instead: "the value of t [0] at offset 5 is
 * not JSON". */
bool kt_resttext_write(struct kt_buf *out, const struct kt_record *record, enum kt_rest_format format);

#endif
