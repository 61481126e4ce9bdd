#include "acls.h"

#include "adminrequest.h"
#include "mem.h"
#include "sig.h"
#include "version.h"
#include "when.h"

enum {
	BROKER_MS = 2000, /* for one broker of several: one that died may be listed for a while */
	SETTLE_MS = 5000, /* until all brokers know of a change */
	PAUSE_MS = 50,
};

#if RD_KAFKA_VERSION >= 0x020600ff
const int kt_acls_transactional = RD_KAFKA_RESOURCE_TRANSACTIONAL_ID;
#else
const int kt_acls_transactional = RD_KAFKA_RESOURCE_UNKNOWN;
#endif

int kt_acls_can_transactional(struct kt_err *err)
{
	if (kt_acls_transactional != RD_KAFKA_RESOURCE_UNKNOWN)
		return 0;
	kt_err_set(err, KT_FAILED, "ACLs of transactional ids need librdkafka 2.6 or newer; this one is %s",
		kt_rdkafka_version());
	return kt_err_hint(err, "kafka-acls.sh --transactional-id can do it; `kt acl list` shows them as UNKNOWN");
}

void kt_acls_take(struct kt_acls *acls, struct kt_acl acl)
{
	acls->v = kt_grow(acls->v, &acls->cap, acls->n + 1, sizeof(*acls->v));
	acls->v[acls->n++] = acl;
}

void kt_acl_fini(struct kt_acl *acl)
{
	free(acl->principal);
	free(acl->host);
	free(acl->name);
}

void kt_acls_fini(struct kt_acls *acls)
{
	for (size_t i = 0; i < acls->n; i++)
		kt_acl_fini(&acls->v[i]);
	free(acls->v);
	*acls = (struct kt_acls){0};
}

bool kt_acl_is_foreign(const struct kt_acl *acl)
{
	return acl->resource <= RD_KAFKA_RESOURCE_ANY || acl->resource >= RD_KAFKA_RESOURCE__CNT ||
	       acl->pattern < RD_KAFKA_RESOURCE_PATTERN_LITERAL ||
	       acl->pattern >= RD_KAFKA_RESOURCE_PATTERN_TYPE__CNT || acl->operation <= RD_KAFKA_ACL_OPERATION_ANY ||
	       acl->operation >= RD_KAFKA_ACL_OPERATION__CNT || acl->permission <= RD_KAFKA_ACL_PERMISSION_TYPE_ANY ||
	       acl->permission >= RD_KAFKA_ACL_PERMISSION_TYPE__CNT;
}

/* --- words --- */

const char *kt_acl_resource(int resource)
{
	return resource == RD_KAFKA_RESOURCE_BROKER ? "CLUSTER"
						    : rd_kafka_ResourceType_name((rd_kafka_ResourceType_t)resource);
}

const char *kt_acl_pattern(int pattern)
{
	return rd_kafka_ResourcePatternType_name((rd_kafka_ResourcePatternType_t)pattern);
}

const char *kt_acl_operation(int operation)
{
	return rd_kafka_AclOperation_name((rd_kafka_AclOperation_t)operation);
}

const char *kt_acl_permission(int permission)
{
	return rd_kafka_AclPermissionType_name((rd_kafka_AclPermissionType_t)permission);
}

/* --- listing --- */

static int compare(const void *a, const void *b)
{
	const struct kt_acl *x = a, *y = b;
	int order = x->resource != y->resource ? x->resource - y->resource : strcmp(x->name, y->name);
	order = order ? order : x->pattern - y->pattern;
	order = order ? order : strcmp(x->principal, y->principal);
	order = order ? order : strcmp(x->host, y->host);
	order = order ? order : x->permission - y->permission;
	return order ? order : x->operation - y->operation;
}

static void sort(struct kt_acls *acls)
{
	size_t n = 0;
	if (acls->n)
		qsort(acls->v, acls->n, sizeof(*acls->v), compare);
	for (size_t i = 0; i < acls->n; i++) {
		if (n && compare(&acls->v[n - 1], &acls->v[i]) == 0)
			kt_acl_fini(&acls->v[i]);
		else
			acls->v[n++] = acls->v[i];
	}
	acls->n = n;
}

/* A refusal that concerns every request about ACLs. */
static int refuse(struct kt_client *c, const char *doing, rd_kafka_resp_err_t code, const char *text, const char *right,
	struct kt_err *err)
{
	if (code == RD_KAFKA_RESP_ERR_SECURITY_DISABLED) {
		kt_err_set(err, KT_FAILED, "%s: the cluster has no ACLs", doing);
		return kt_err_hint(err, "its brokers have no authorizer (authorizer.class.name)");
	}
	kt_adminrequest_refused(c, doing, code, text, err);
	return code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
		       ? kt_err_hint(err, "it needs the right to %s the cluster", right)
		       : -1;
}

static void take_bindings(struct kt_acls *out, const rd_kafka_AclBinding_t **bindings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const rd_kafka_AclBinding_t *b = bindings[i];
		const char *principal = rd_kafka_AclBinding_principal(b), *host = rd_kafka_AclBinding_host(b),
			   *name = rd_kafka_AclBinding_name(b);
		kt_acls_take(out, (struct kt_acl){
					  .principal = kt_strdup(principal ? principal : ""),
					  .host = kt_strdup(host ? host : ""),
					  .name = kt_strdup(name ? name : ""),
					  .resource = (int)rd_kafka_AclBinding_restype(b),
					  .pattern = (int)rd_kafka_AclBinding_resource_pattern_type(b),
					  .operation = (int)rd_kafka_AclBinding_operation(b),
					  .permission = (int)rd_kafka_AclBinding_permission_type(b),
				  });
	}
}

static void destroy_binding(rd_kafka_AclBinding_t **binding)
{
	if (*binding)
		rd_kafka_AclBinding_destroy(*binding);
}

static rd_kafka_AclBindingFilter_t *filter_of(const struct kt_acl *acl, struct kt_err *err)
{
	char why[256];
	rd_kafka_AclBindingFilter_t *filter = rd_kafka_AclBindingFilter_new((rd_kafka_ResourceType_t)acl->resource,
		acl->name, (rd_kafka_ResourcePatternType_t)acl->pattern, acl->principal, acl->host,
		(rd_kafka_AclOperation_t)acl->operation, (rd_kafka_AclPermissionType_t)acl->permission, why,
		sizeof(why));
	if (!filter)
		kt_err_set(err, KT_USAGE, "these ACLs cannot be asked for: %s", why);
	return filter;
}

/* broker: -1 for any. */
static int list_from(struct kt_client *c, int32_t broker, const struct kt_acl *which, int64_t timeout_ms,
	struct kt_acls *out, struct kt_err *err)
{
	char why[256];
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(destroy_binding) rd_kafka_AclBindingFilter_t *filter = filter_of(which, err);
	if (!filter || kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DESCRIBEACLS, timeout_ms, err) < 0)
		return -1;
	if (broker >= 0 && rd_kafka_AdminOptions_set_broker(r.options, broker, why, sizeof(why)))
		return kt_err_set(err, KT_FAILED, "asking broker %d for ACLs: %s", (int)broker, why);
	rd_kafka_DescribeAcls(kt_client_handle(c), filter, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "reading ACLs");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		return refuse(c, "reading ACLs", code, rd_kafka_event_error_string(event), "Describe", err);
	const rd_kafka_DescribeAcls_result_t *result = rd_kafka_event_DescribeAcls_result(event);
	const rd_kafka_AclBinding_t **bindings = result ? rd_kafka_DescribeAcls_result_acls(result, &n) : NULL;
	take_bindings(out, bindings, n);
	sort(out);
	return 0;
}

int kt_acls_list(
	struct kt_client *c, const struct kt_acl *which, int64_t timeout_ms, struct kt_acls *out, struct kt_err *err)
{
	return list_from(c, -1, which, timeout_ms, out, err);
}

/* --- waiting --- */

static bool has(const struct kt_acls *all, const struct kt_acl *acl)
{
	return all->n && bsearch(acl, all->v, all->n, sizeof(*all->v), compare);
}

/* 1: the broker shows them as they should be, or shows nothing; 0: not yet. */
static int is_told(struct kt_client *c, int32_t broker, const struct kt_acls *acls, const struct kt_err *each,
	bool there, struct kt_err *err)
{
	const struct kt_acl any = KT_ACL_ANY;
	kt_auto(kt_acls_fini) struct kt_acls all = {0};
	if (list_from(c, broker, &any, BROKER_MS, &all, err) < 0)
		return err->status >= KT_SIGNAL ? -1 : 1;
	/* Not allowed to list them, which looks the same as none. */
	if (!all.n)
		return 1;
	for (size_t i = 0; i < acls->n; i++)
		if (!each[i].status && has(&all, &acls->v[i]) != there)
			return 0;
	return 1;
}

static int await_brokers(struct kt_client *c, const struct rd_kafka_metadata *brokers, const struct kt_acls *acls,
	const struct kt_err *each, bool there, struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	kt_auto(kt_waiting_end) struct kt_waiting wait = {.owner = kt_client_owner(c)};
	for (int i = 0; i < brokers->broker_cnt;) {
		int told = is_told(c, brokers->brokers[i].id, acls, each, there, err);
		if (told < 0)
			return -1;
		i += told;
		if (told)
			continue;
		if (!kt_left_ms(start_us, SETTLE_MS) || kt_client_stopped(c)) {
			kt_owner_say(kt_client_owner(c), KT_NOTE_ADMIN, "not all brokers know of the change yet");
			return 0;
		}
		kt_waiting_say(&wait, "all brokers to hear of it");
		kt_wait(NULL, 0, PAUSE_MS);
	}
	return 0;
}

static int await_all(struct kt_client *c, const struct kt_acls *acls, const struct kt_err *each, bool there,
	int64_t timeout_ms, struct kt_err *err)
{
	const struct rd_kafka_metadata *brokers;
	struct kt_err ignored = {0};
	if (kt_client_metadata(c, NULL, timeout_ms, &brokers, &ignored) < 0)
		return 0;
	int result = await_brokers(c, brokers, acls, each, there, err);
	rd_kafka_metadata_destroy(brokers);
	return result < 0 ? kt_err_wrap(err, "the ACLs were changed") : 0;
}

/* --- changing --- */

/* What is to be sent. */
struct bindings {
	rd_kafka_AclBinding_t **v;
	size_t n;
};

static void bindings_fini(struct bindings *bindings)
{
	for (size_t i = 0; i < bindings->n; i++)
		rd_kafka_AclBinding_destroy(bindings->v[i]);
	free(bindings->v);
}

static int add_binding(struct bindings *bindings, const struct kt_acl *acl, struct kt_err *err)
{
	char why[256];
	rd_kafka_AclBinding_t *binding = rd_kafka_AclBinding_new((rd_kafka_ResourceType_t)acl->resource, acl->name,
		(rd_kafka_ResourcePatternType_t)acl->pattern, acl->principal, acl->host,
		(rd_kafka_AclOperation_t)acl->operation, (rd_kafka_AclPermissionType_t)acl->permission, why,
		sizeof(why));
	if (!binding)
		return kt_err_set(err, KT_USAGE, "this ACL cannot be: %s", why);
	bindings->v[bindings->n++] = binding;
	return 0;
}

/* How adding or removing one ACL went, by its part of the answer. doing: "adding an ACL". */
static void judge(
	struct kt_client *c, const char *doing, const rd_kafka_error_t *error, bool answered, struct kt_err *one)
{
	if (!answered)
		kt_err_set(one, KT_FAILED, "%s: the answer does not mention it", doing);
	else if (error && rd_kafka_error_code(error))
		refuse(c, doing, rd_kafka_error_code(error), rd_kafka_error_string(error), "Alter", one);
}

int kt_acls_add(
	struct kt_client *c, const struct kt_acls *acls, int64_t timeout_ms, struct kt_err *each, struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(bindings_fini) struct bindings new = {.v = kt_calloc(acls->n + 1, sizeof(rd_kafka_AclBinding_t *))};
	for (size_t i = 0; i < acls->n; i++)
		if (add_binding(&new, &acls->v[i], err) < 0)
			return -1;
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_CREATEACLS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_CreateAcls(kt_client_handle(c), new.v, new.n, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "adding ACLs");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		return refuse(c, "adding ACLs", code, rd_kafka_event_error_string(event), "Alter", err);
	const rd_kafka_CreateAcls_result_t *result = rd_kafka_event_CreateAcls_result(event);
	const rd_kafka_acl_result_t **answers = result ? rd_kafka_CreateAcls_result_acls(result, &n) : NULL;
	for (size_t i = 0; i < acls->n; i++)
		judge(c, "adding an ACL", i < n ? rd_kafka_acl_result_error(answers[i]) : NULL, i < n, &each[i]);
	return await_all(c, acls, each, true, timeout_ms, err);
}

int kt_acls_remove(
	struct kt_client *c, const struct kt_acls *acls, int64_t timeout_ms, struct kt_err *each, struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	kt_auto(bindings_fini) struct bindings old = {.v = kt_calloc(acls->n + 1, sizeof(rd_kafka_AclBinding_t *))};
	for (size_t i = 0; i < acls->n; i++) {
		old.v[old.n] = filter_of(&acls->v[i], err);
		if (!old.v[old.n])
			return -1;
		old.n++;
	}
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DELETEACLS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_DeleteAcls(kt_client_handle(c), old.v, old.n, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "removing ACLs");
	rd_kafka_resp_err_t code = rd_kafka_event_error(event);
	if (code)
		return refuse(c, "removing ACLs", code, rd_kafka_event_error_string(event), "Alter", err);
	const rd_kafka_DeleteAcls_result_t *result = rd_kafka_event_DeleteAcls_result(event);
	const rd_kafka_DeleteAcls_result_response_t **answers =
		result ? rd_kafka_DeleteAcls_result_responses(result, &n) : NULL;
	for (size_t i = 0; i < acls->n; i++)
		judge(c, "removing an ACL", i < n ? rd_kafka_DeleteAcls_result_response_error(answers[i]) : NULL, i < n,
			&each[i]);
	return await_all(c, acls, each, false, timeout_ms, err);
}
