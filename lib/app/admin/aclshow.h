/* ACLs as output: the columns and the JSON of `kt acl list`, and the sentence that `kt acl add` says of each. */
#ifndef KT_ACLSHOW_H
#define KT_ACLSHOW_H

#include "acls.h"
#include "buf.h"

/* Prints them to stdout: aligned on a terminal, else with tabs between principal, host, permission, operation,
 * resource, name and pattern; or as one JSON object per line. */
int kt_aclshow_print(const struct kt_acls *acls, bool json, struct kt_err *err) kt_must_check;

/* Appends "User:a may READ topic t", not escaped; with "every topic that begins with" for a prefix, and "from HOST" for
 * a single one. */
void kt_aclshow_sentence(struct kt_buf *out, const struct kt_acl *acl);

#endif
