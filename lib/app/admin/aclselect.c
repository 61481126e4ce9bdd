#include "aclselect.h"

#include "buf.h"
#include "mem.h"

#define OPTS struct kt_acl_opts

/* clang-format off */
const struct kt_opt kt_acl_opts[] = {
	{.name = "principal", .also = "allow-principal", KT_LIST(principals), .arg = "NAME",
		.help = "who: User:alice, or only alice; User:* is everybody; may be repeated"},
	{.name = "deny-principal", KT_LIST(deny), .arg = "NAME",
		.help = "the same for ACLs that forbid, which beat those that allow"},
	{.name = "operation", KT_LIST(operations), .arg = "NAME,…",
		.help = "read, write, create, delete, alter, describe, all, …; may be repeated"},
	{.name = "topic", .letter = 't', KT_LIST(topics), .arg = "TOPIC", .comp = KT_COMP_TOPIC,
		.help = "a topic, * for all; may be repeated"},
	{.name = "group", .letter = 'g', KT_LIST(groups), .arg = "GROUP", .comp = KT_COMP_GROUP,
		.help = "a group, * for all; may be repeated"},
	{.name = "transactional-id", KT_LIST(ids), .arg = "ID", .help = "a transactional id (librdkafka 2.6); may be repeated"},
	{.name = "cluster", KT_FLAG(cluster), .help = "the cluster itself"},
	{.name = "pattern", .also = "resource-pattern-type", KT_STR(pattern), .arg = "HOW",
		.help = "how names are meant: literal, prefixed; to find them also any, match"},
	{.name = "prefixed", KT_PRESET(pattern, "prefixed"), .help = "--pattern prefixed: all that begin with the name"},
	{.name = "host", .also = "allow-host deny-host", KT_LIST(hosts), .arg = "ADDRESS",
		.help = "from this address only; may be repeated"},
	KT_END,
};
/* clang-format on */

/* The name of the one resource of its type, as Kafka's authorizer has it (kafka.security.authorizer). */
static const char cluster_name[] = "kafka-cluster";

/* Letter case, '-' and '_' aside: "describe-configs" is DESCRIBE_CONFIGS. */
static bool is_word(const char *typed, const char *name)
{
	for (;; typed++, name++) {
		typed += strspn(typed, "-_");
		name += strspn(name, "-_");
		if (!*typed || !*name || (*typed | 0x20) != (*name | 0x20))
			return !*typed && !*name;
	}
}

static int parse_word(const char *option, const char *typed, int first, int end, const char *(*name_of)(int), int *out,
	struct kt_err *err)
{
	for (int i = first; i < end; i++) {
		if (is_word(typed, name_of(i))) {
			*out = i;
			return 0;
		}
	}
	kt_err_set(err, KT_USAGE, "--%s %.100s: there is no such word", option, typed);
	kt_auto(kt_buf_fini) struct kt_buf all = {0};
	for (int i = first; i < end; i++)
		kt_buf_addf(&all, "%s%s", i > first ? ", " : "", name_of(i));
	return kt_err_hint(err, "one of %s", kt_buf_cstr(&all));
}

/* Resources, who, from where, what: each combination of them is an ACL. */
struct parts {
	struct kt_acls resources, people;
	struct kt_strs hosts;
	int operations[RD_KAFKA_ACL_OPERATION__CNT];
	size_t n_operations;
};

static void parts_fini(struct parts *p)
{
	kt_acls_fini(&p->resources);
	kt_acls_fini(&p->people);
	kt_strs_fini(&p->hosts);
}

static void add_resources(struct parts *p, int type, int pattern, const struct kt_strs *names)
{
	for (size_t i = 0; i < names->n; i++)
		kt_acls_take(&p->resources,
			(struct kt_acl){.resource = type, .pattern = pattern, .name = kt_strdup(names->v[i])});
}

static int read_resources(struct parts *p, const struct kt_acl_opts *o, int pattern, struct kt_err *err)
{
	if (o->ids.n && kt_acls_can_transactional(err) < 0)
		return -1;
	add_resources(p, RD_KAFKA_RESOURCE_TOPIC, pattern, &o->topics);
	add_resources(p, RD_KAFKA_RESOURCE_GROUP, pattern, &o->groups);
	add_resources(p, kt_acls_transactional, pattern, &o->ids);
	if (o->cluster)
		kt_acls_take(&p->resources, (struct kt_acl){.resource = RD_KAFKA_RESOURCE_BROKER,
						    .pattern = RD_KAFKA_RESOURCE_PATTERN_LITERAL,
						    .name = kt_strdup(cluster_name)});
	return 0;
}

/* "alice" is User:alice; a type is letters with a colon after them. */
static void add_people(struct parts *p, const struct kt_strs *names, int permission)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	for (size_t i = 0; i < names->n; i++) {
		size_t type = strspn(names->v[i], letters);
		bool typed = type && names->v[i][type] == ':';
		kt_acls_take(&p->people, (struct kt_acl){.permission = permission,
						 .principal = kt_asprintf("%s%s", typed ? "" : "User:", names->v[i])});
	}
}

static int read_operations(struct parts *p, const struct kt_acl_opts *o, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	for (size_t i = 0; i < o->operations.n; i++)
		kt_strs_split(&words, o->operations.v[i], ", ");
	for (size_t i = 0; i < words.n; i++) {
		int operation = RD_KAFKA_ACL_OPERATION_UNKNOWN;
		if (parse_word("operation", words.v[i], RD_KAFKA_ACL_OPERATION_ALL, RD_KAFKA_ACL_OPERATION__CNT,
			    kt_acl_operation, &operation, err) < 0)
			return -1;
		bool twice = false;
		for (size_t k = 0; k < p->n_operations; k++)
			twice |= p->operations[k] == operation;
		if (!twice)
			p->operations[p->n_operations++] = operation;
	}
	return 0;
}

static int read_pattern(const struct kt_acl_opts *o, int first, int absent, int *out, struct kt_err *err)
{
	*out = absent;
	return o->pattern ? parse_word("pattern", o->pattern, first, RD_KAFKA_RESOURCE_PATTERN_TYPE__CNT,
				    kt_acl_pattern, out, err)
			  : 0;
}

static void combine(struct kt_acls *out, const struct parts *p)
{
	for (size_t r = 0; r < p->resources.n; r++)
		for (size_t i = 0; i < p->people.n * p->hosts.n * p->n_operations; i++) {
			const struct kt_acl *who = &p->people.v[i / p->n_operations / p->hosts.n];
			const struct kt_acl *what = &p->resources.v[r];
			const char *host = p->hosts.v[i / p->n_operations % p->hosts.n];
			kt_acls_take(out, (struct kt_acl){
						  .principal = who->principal ? kt_strdup(who->principal) : NULL,
						  .host = *host ? kt_strdup(host) : NULL,
						  .name = what->name ? kt_strdup(what->name) : NULL,
						  .resource = what->resource,
						  .pattern = what->pattern,
						  .operation = p->operations[i % p->n_operations],
						  .permission = who->permission,
					  });
		}
}

int kt_aclselect_new(struct kt_acls *out, const struct kt_acl_opts *o, struct kt_err *err)
{
	int pattern;
	kt_auto(parts_fini) struct parts p = {0};
	if (read_pattern(o, RD_KAFKA_RESOURCE_PATTERN_LITERAL, RD_KAFKA_RESOURCE_PATTERN_LITERAL, &pattern, err) < 0 ||
		read_resources(&p, o, pattern, err) < 0 || read_operations(&p, o, err) < 0)
		return -1;
	add_people(&p, &o->principals, RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW);
	add_people(&p, &o->deny, RD_KAFKA_ACL_PERMISSION_TYPE_DENY);
	for (size_t i = 0; i < o->hosts.n; i++)
		kt_strs_add_new(&p.hosts, o->hosts.v[i]);
	if (!p.hosts.n)
		kt_strs_add(&p.hosts, "*");
	if (!p.people.n)
		return kt_err_set(err, KT_USAGE, "no principal is named: --principal NAME, or --deny-principal NAME");
	if (!p.resources.n)
		return kt_err_set(
			err, KT_USAGE, "no resource is named: --topic, --group, --transactional-id or --cluster");
	if (!p.n_operations)
		return kt_err_set(err, KT_USAGE, "no operation is named: --operation read,write for example");
	combine(out, &p);
	return 0;
}

int kt_aclselect_filters(struct kt_acls *out, const struct kt_acl_opts *o, struct kt_err *err)
{
	const struct kt_acl any = KT_ACL_ANY;
	int pattern;
	kt_auto(parts_fini) struct parts p = {0};
	if (read_pattern(o, RD_KAFKA_RESOURCE_PATTERN_ANY, RD_KAFKA_RESOURCE_PATTERN_ANY, &pattern, err) < 0 ||
		read_resources(&p, o, pattern, err) < 0 || read_operations(&p, o, err) < 0)
		return -1;
	add_people(&p, &o->principals, o->deny.n ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW : any.permission);
	add_people(&p, &o->deny, RD_KAFKA_ACL_PERMISSION_TYPE_DENY);
	for (size_t i = 0; i < o->hosts.n; i++)
		kt_strs_add_new(&p.hosts, o->hosts.v[i]);
	if (!p.hosts.n)
		kt_strs_add(&p.hosts, "");
	if (!p.people.n)
		kt_acls_take(&p.people, any);
	if (!p.resources.n)
		kt_acls_take(&p.resources, (struct kt_acl){.resource = any.resource, .pattern = pattern});
	if (!p.n_operations)
		p.operations[p.n_operations++] = any.operation;
	combine(out, &p);
	return 0;
}

bool kt_aclselect_all(const struct kt_acl_opts *o)
{
	return !o->principals.n && !o->deny.n && !o->operations.n && !o->topics.n && !o->groups.n && !o->ids.n &&
	       !o->hosts.n && !o->cluster && !o->pattern;
}

int kt_aclselect_find(
	struct kt_client *c, const struct kt_acls *filters, int64_t timeout_ms, struct kt_acls *out, struct kt_err *err)
{
	for (size_t i = 0; i < filters->n; i++)
		if (kt_acls_list(c, &filters->v[i], timeout_ms, out, err) < 0)
			return -1;
	return 0;
}
