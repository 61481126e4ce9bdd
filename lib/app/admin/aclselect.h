/* The ACLs that a command line means: the options that name principals, resources and operations, the ACLs that they
 * add, and those of a cluster that match them.
 *
 *   struct x_opts { struct kt_acl_opts acl; … };      rows: {KT_INCLUDE(acl, "Which ACLs", kt_acl_opts)}
 *   if (kt_aclselect_new(&acls, &opts->acl, err) < 0)            to be added: every combination
 *   if (kt_aclselect_filters(&filters, &opts->acl, err) < 0)     what to look for: what is not named is any
 */
#ifndef KT_ACLSELECT_H
#define KT_ACLSELECT_H

#include "acls.h"
#include "list.h"
#include "opt.h"

struct kt_acl_opts {
	struct kt_strs principals, deny, operations, topics, groups, ids, hosts;
	const char *pattern;
	bool cluster;
};
extern const struct kt_opt kt_acl_opts[];

/* The ACLs that these options add; host "*" and the pattern LITERAL where none is named. KT_USAGE when no principal, no
 * resource or no operation is named. */
int kt_aclselect_new(struct kt_acls *out, const struct kt_acl_opts *o, struct kt_err *err) kt_must_check;

/* Filters, of which an ACL has to match one. */
int kt_aclselect_filters(struct kt_acls *out, const struct kt_acl_opts *o, struct kt_err *err) kt_must_check;

/* True when no option restricts them: every ACL is meant. */
bool kt_aclselect_all(const struct kt_acl_opts *o);

/* Adds all ACLs that match one of the filters, as kt_acls_list() does: each once, and the whole list sorted. */
int kt_aclselect_find(struct kt_client *c, const struct kt_acls *filters, int64_t timeout_ms, struct kt_acls *out,
	struct kt_err *err) kt_must_check;

#endif
