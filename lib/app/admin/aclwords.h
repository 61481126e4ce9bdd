/* ACLs as words of a command line, and as lines of its output: the options that name resources, who, and what, and
 * which ACLs they stand for.
 *
 *   struct x_opts { struct kt_acl_opts acl; … };      rows: {KT_INCLUDE(acl, "Which ACLs", kt_acl_opts)}
 *   if (kt_aclwords_new(&acls, &opts->acl, err) < 0)             to be added: every combination
 *   if (kt_aclwords_which(&filters, &opts->acl, err) < 0)        what to look for: what is not named is any
 */
#ifndef KT_ACLWORDS_H
#define KT_ACLWORDS_H

#include "acls.h"
#include "buf.h"
#include "list.h"
#include "opt.h"

struct kt_acl_opts {
	struct kt_strs principals, deny, operations, topics, groups, ids, hosts;
	const char *pattern;
	bool cluster;
};
extern const struct kt_opt kt_acl_opts[];

/* The ACLs that these words add; host "*" and the pattern LITERAL where none is named. KT_USAGE when somebody,
 * something or an operation is missing. */
int kt_aclwords_new(struct kt_acls *out, const struct kt_acl_opts *o, struct kt_err *err) kt_must_check;

/* Filters, of which an ACL has to match one. */
int kt_aclwords_which(struct kt_acls *out, const struct kt_acl_opts *o, struct kt_err *err) kt_must_check;

/* True when the words leave nothing out: every ACL is meant. */
bool kt_aclwords_all(const struct kt_acl_opts *o);

/* Adds all ACLs that match one of the filters, each once. */
int kt_aclwords_find(struct kt_client *c, const struct kt_acls *filters, int64_t timeout_ms, struct kt_acls *out,
	struct kt_err *err) kt_must_check;

/* Prints them to stdout: aligned on a terminal, else with tabs between principal, host, permission, operation,
 * resource, name and pattern; or as one JSON object per line. */
int kt_aclwords_print(const struct kt_acls *acls, bool json, struct kt_err *err) kt_must_check;

/* Appends "User:a may READ topic t", not escaped; with "topics that begin with" for a prefix, and "from HOST" for a
 * single one. */
void kt_aclwords_sentence(struct kt_buf *out, const struct kt_acl *acl);

#endif
