/* kt acl remove: shows which ACLs it would remove, asks, and takes away exactly those. */
#include "aclcheck.h"
#include "aclselect.h"
#include "aclshow.h"
#include "ask.h"
#include "cmd.h"
#include "mem.h"
#include "num.h"
#include "say.h"
#include "topicselect.h"

struct remove_opts {
	struct kt_client_opts client;
	struct kt_acl_opts acl;
	bool yes, if_exists, dry_run, json;
};
#define OPTS struct remove_opts

static const struct kt_opt opts[] = {
	{KT_INCLUDE(acl, "Which ACLs", kt_acl_opts)},
	{.name = "yes", .letter = 'y', .also = "force", KT_FLAG(yes), .help = "do not ask"},
	{.name = "if-exists", KT_FLAG(if_exists), .help = "finding none of them is not an error"},
	{.name = "dry-run", .letter = 'n', KT_FLAG(dry_run), .help = "only show which ACLs would be removed"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "show them as one JSON object per line"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Removes the ACLs that `kt acl list` shows for the same options. They are printed first, and it asks on the "
	"terminal before it removes exactly those; without a terminal, --yes has to be given. It needs the rights to "
	"Describe and to Alter the cluster.",
	"Something has to be named: no command line removes all ACLs of a cluster. Those of a kind that librdkafka "
	"does not know (before 2.6, those of transactional ids) are left alone, and reported.",
	NULL,
};

static const char *const examples[] = {
	"Which ones would it be?",
	"kt acl remove --principal alice --dry-run",
	"What somebody may do with one topic",
	"kt acl remove --principal alice --topic orders",
	"In a script that may run twice",
	"kt acl remove --principal alice --yes --if-exists",
	NULL,
};

/* Takes out those that cannot be named to the library, and counts them. */
static size_t leave_foreign(struct kt_acls *acls)
{
	size_t n = 0, foreign = 0;
	for (size_t i = 0; i < acls->n; i++) {
		if (!kt_acl_is_foreign(&acls->v[i])) {
			acls->v[n++] = acls->v[i];
			continue;
		}
		kt_acl_fini(&acls->v[i]);
		foreign++;
	}
	acls->n = n;
	return foreign;
}

static int confirm(const struct kt_topicselect *t, const struct kt_acls *acls, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *question = kt_asprintf("Remove %s %zu ACL%s from %s?",
		acls->n == 1 ? "this" : "these", acls->n, kt_plural(acls->n), kt_client_brokers(t->client));
	return kt_ask_yes(question, "no ACL was removed", err);
}

static int remove_all(struct kt_topicselect *t, const struct kt_acls *acls, struct kt_err *err)
{
	struct kt_several several = {.kind = "ACL", .done_word = "removed", .total = acls->n};
	struct kt_err *each = kt_calloc(acls->n, sizeof(*each));
	int result = kt_acls_remove(t->client, acls, t->timeout_ms, each, err);
	for (size_t i = 0; result == 0 && i < acls->n; i++)
		kt_several_add(&several, each[i].status ? -1 : 0, &each[i]);
	free(each);
	if (result < 0)
		return -1;
	if (several.done)
		kt_say(KT_NORMAL, "removed %zu ACL%s", several.done, kt_plural(several.done));
	return kt_several_close(&several, err);
}

static int act(struct kt_topicselect *t, struct kt_acls *acls, const OPTS *o, struct kt_err *err)
{
	size_t foreign = leave_foreign(acls);
	if (foreign)
		kt_say(KT_QUIET, "%zu ACL%s of a kind that librdkafka does not know %s left alone", foreign,
			kt_plural(foreign), foreign == 1 ? "is" : "are");
	if (!acls->n && o->if_exists) {
		kt_say(KT_NORMAL, "there is no such ACL");
		return 0;
	}
	if (!acls->n)
		return kt_err_set(err, KT_NOT_FOUND, "there is no such ACL on %s", kt_client_brokers(t->client));
	if (kt_aclshow_print(acls, o->json, err) < 0)
		return -1;
	if (o->dry_run)
		return 0;
	if (!o->yes && confirm(t, acls, err) < 0)
		return -1;
	return remove_all(t, acls, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_acls_fini) struct kt_acls filters = {0}, acls = {0};
	if (kt_aclselect_all(&o->acl)) {
		kt_err_set(err, KT_USAGE, "no ACLs are named");
		return kt_err_hint(
			err, "--principal NAME, --topic TOPIC, …: `kt acl list` with the same options shows them");
	}
	if (kt_aclselect_filters(&filters, &o->acl, err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "have ACLs", err) < 0 ||
		kt_aclselect_find(t.client, &filters, t.timeout_ms, &acls, err) < 0 ||
		(!acls.n && kt_aclcheck(&t.settings, &o->client, err) < 0))
		return -1;
	return act(&t, &acls, o, err);
}

const struct kt_cmd kt_cmd_acl_remove = {
	.name = "acl remove",
	.summary = "take rights away, after showing which",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
