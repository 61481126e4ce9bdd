/* kt user remove: takes SCRAM credentials away; shows which, and asks. */
#include "ask.h"
#include "cmd.h"
#include "mem.h"
#include "say.h"
#include "scramusers.h"
#include "topicselect.h"

struct remove_opts {
	struct kt_client_opts client;
	struct kt_strs names;
	const char *mechanism;
	bool yes, if_exists;
};
#define OPTS struct remove_opts

static const struct kt_opt opts[] = {
	{.name = "USER", .positional = true, KT_LIST(names), .help = "whose"},
	{.name = "mechanism",
		KT_STR(mechanism),
		.arg = "NAME",
		.help = "only for SCRAM-SHA-256, or only SCRAM-SHA-512"},
	{.name = "yes", .letter = 'y', KT_FLAG(yes), .help = "do not ask"},
	{.name = "if-exists", KT_FLAG(if_exists), .help = "a user who has none is not an error"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Removes the SCRAM credentials of users, who can then no longer log in with these mechanisms; ACLs about "
	"them stay. It asks on the terminal first; without a terminal, --yes has to be given. It needs librdkafka "
	"2.2 and the rights to Describe and to Alter the cluster.",
	NULL,
};

static const char *const examples[] = {
	"A user who has left",
	"kt user remove alice",
	NULL,
};

static int confirm(const struct kt_topicselect *t, const struct kt_scramusers *users, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf question = {0};
	kt_buf_adds(&question, "Remove the password of ");
	for (size_t i = 0; i < users->n; i++)
		kt_buf_addf(&question, "%s%s (%s)", i ? ", " : "", users->v[i].name,
			kt_scramuser_mechanism(users->v[i].mechanism));
	kt_buf_addf(&question, " from %s?", kt_client_brokers(t->client));
	return kt_ask_yes(kt_buf_cstr(&question), "nothing was removed", err);
}

/* Keeps those of one mechanism in the list. */
static void keep(struct kt_scramusers *users, const char *mechanism)
{
	size_t n = 0;
	for (size_t i = 0; i < users->n; i++) {
		if (strcasecmp(mechanism, kt_scramuser_mechanism(users->v[i].mechanism)) == 0)
			users->v[n++] = users->v[i];
		else
			free(users->v[i].name);
	}
	users->n = n;
}

static int remove_all(struct kt_topicselect *t, const struct kt_scramusers *users, struct kt_err *err)
{
	struct kt_several several = {.kind = "credential", .done_word = "removed", .total = users->n};
	for (size_t i = 0; i < users->n && !several.stopped; i++) {
		struct kt_err one = {0};
		const struct kt_scramuser *user = &users->v[i];
		int result = kt_scramuser_remove(t->client, user->name, user->mechanism, t->timeout_ms, &one);
		if (result == 0)
			kt_say(KT_NORMAL, "removed the password of user %s for %s", user->name,
				kt_scramuser_mechanism(user->mechanism));
		kt_several_add(&several, result, &one);
	}
	return kt_several_close(&several, err);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	kt_auto(kt_scramusers_fini) struct kt_scramusers users = {0};
	if (!o->names.n)
		return kt_err_set(err, KT_USAGE, "no user is given");
	if (kt_scramusers_can(err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "have users", err) < 0)
		return -1;
	if (kt_scramusers_list(t.client, &o->names, t.timeout_ms, &users, err) < 0 &&
		!(o->if_exists && err->status == KT_NOT_FOUND))
		return -1;
	if (o->mechanism)
		keep(&users, o->mechanism);
	if (!users.n && !o->if_exists)
		return kt_err_set(err, KT_NOT_FOUND, "there is no such credential");
	if (users.n && !o->yes && confirm(&t, &users, err) < 0)
		return -1;
	return remove_all(&t, &users, err);
}

const struct kt_cmd kt_cmd_user_remove = {
	.name = "user remove",
	.summary = "take a user's SCRAM credentials away",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
