/* kt acl add: gives rights, or forbids. */
#include "aclselect.h"
#include "aclshow.h"
#include "cmd.h"
#include "mem.h"
#include "say.h"
#include "topicselect.h"

struct add_opts {
	struct kt_client_opts client;
	struct kt_acl_opts acl;
	bool producer, consumer, dry_run;
};
#define OPTS struct add_opts

static const struct kt_opt opts[] = {
	{KT_INCLUDE(acl, "The ACLs", kt_acl_opts)},
	{.name = "producer", KT_FLAG(producer), .help = "what writing to the topics needs: write, describe, create"},
	{.name = "consumer", KT_FLAG(consumer), .help = "what reading needs: read and describe topics, read groups"},
	{.name = "dry-run", .letter = 'n', KT_FLAG(dry_run), .help = "show which ACLs would be added, and add none"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Adds ACLs: each of the principals, from each of the hosts, may do each of the operations with each of the "
	"resources. --deny-principal forbids, which beats any ACL that allows. An ACL that already exists is not an "
	"error. It needs the right to Alter the cluster.",
	"Operations are read, write, create, delete, alter, describe, cluster-action, describe-configs, alter-configs, "
	"idempotent-write and all. With --producer and --consumer they need not be named.",
	"The command ends when all brokers know of the change, if this client may list ACLs.",
	NULL,
};

static const char *const examples[] = {
	"Somebody may read a topic, in groups named after them",
	"kt acl add --principal alice --consumer -t orders -g alice --prefixed",
	"A program may write to all topics that begin with a prefix",
	"kt acl add --principal shop --producer --topic shop. --prefixed",
	"Nobody may delete this topic",
	"kt acl add --deny-principal '*' --operation delete --topic orders",
	NULL,
};

static void drop(struct kt_acls *acls, size_t at)
{
	kt_acl_fini(&acls->v[at]);
	acls->v[at] = acls->v[--acls->n];
}

/* Operations that mean nothing on that resource: Kafka's tool refuses them. */
static bool is_of_use(const struct kt_acl *acl)
{
	return acl->resource != RD_KAFKA_RESOURCE_GROUP || acl->operation == RD_KAFKA_ACL_OPERATION_READ;
}

/* As kafka-acls.sh has them (its --producer and --consumer). */
static int add_role(
	struct kt_acls *acls, const struct kt_acl_opts *words, const char *operations, bool groups, struct kt_err *err)
{
	struct kt_acl_opts role = *words;
	kt_auto(kt_strs_fini) struct kt_strs list = {0};
	kt_strs_add(&list, operations);
	role.operations = list;
	if (!groups)
		role.groups = (struct kt_strs){0};
	if (!role.topics.n)
		return kt_err_set(err, KT_USAGE, "--%s needs --topic", groups ? "consumer" : "producer");
	if (groups && !role.groups.n)
		return kt_err_set(err, KT_USAGE, "--consumer needs --group");
	return kt_aclselect_new(acls, &role, err);
}

static int make_acls(struct kt_acls *acls, const OPTS *o, struct kt_err *err)
{
	bool role = o->producer || o->consumer;
	if (role && (o->acl.cluster || o->acl.ids.n))
		return kt_err_set(err, KT_USAGE, "--producer and --consumer are about topics and groups");
	if (o->producer && add_role(acls, &o->acl, "write,describe,create", false, err) < 0)
		return -1;
	if (o->consumer && add_role(acls, &o->acl, "read,describe", true, err) < 0)
		return -1;
	for (size_t i = acls->n; i > 0; i--)
		if (!is_of_use(&acls->v[i - 1]))
			drop(acls, i - 1);
	return role && !o->acl.operations.n ? 0 : kt_aclselect_new(acls, &o->acl, err);
}

static void tell(const struct kt_acl *acl, bool dry_run)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_aclshow_sentence(&text, acl);
	kt_say(KT_NORMAL, "%s: %s", dry_run ? "would add" : "added", kt_buf_cstr(&text));
}

static int add_all(struct kt_topicselect *t, const struct kt_acls *acls, struct kt_err *err)
{
	struct kt_several several = {.kind = "ACL", .done_word = "added", .total = acls->n};
	struct kt_err *each = kt_calloc(acls->n, sizeof(*each));
	int result = kt_acls_add(t->client, acls, t->timeout_ms, each, err);
	for (size_t i = 0; result == 0 && i < acls->n; i++) {
		if (!each[i].status)
			tell(&acls->v[i], false);
		kt_several_add(&several, each[i].status ? -1 : 0, &each[i]);
	}
	free(each);
	return result < 0 ? -1 : kt_several_close(&several, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_acls_fini) struct kt_acls acls = {0};
	if (make_acls(&acls, o, err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "have ACLs", err) < 0)
		return -1;
	if (!o->dry_run)
		return add_all(&t, &acls, err);
	for (size_t i = 0; i < acls.n; i++)
		tell(&acls.v[i], true);
	return 0;
}

const struct kt_cmd kt_cmd_acl_add = {
	.name = "acl add",
	.summary = "give somebody rights, or forbid something",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
