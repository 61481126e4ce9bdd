#include "aclcheck.h"

#include "clusterlook.h"
#include "parallel.h"
#include "say.h"

struct question {
	struct kt_probe *probe;
	int error, result;
	struct kt_err err;
};

static void ask(void *data, int stop_fd)
{
	struct question *q = data;
	q->probe->stop_fd = stop_fd;
	q->result = kt_brokerask_acls(q->probe, &q->error, &q->err);
}

static void show(void *user, size_t done)
{
	(void)user;
	(void)done;
}

static int judge(int error, struct kt_err *err)
{
	switch (error) {
	case 0:
		return 0;
	case KT_ERROR_NO_AUTHORIZER:
		kt_err_set(err, KT_FAILED, "reading ACLs: the cluster has no ACLs");
		return kt_err_hint(err, "its brokers have no authorizer (authorizer.class.name)");
	case KT_ERROR_CLUSTER_DENIED:
		kt_err_set(err, KT_FAILED, "reading ACLs: this client is not allowed to do that");
		return kt_err_hint(err, "it needs the right to Describe the cluster");
	default:
		return kt_err_set(err, KT_FAILED, "reading ACLs: the broker answers with error %d", error);
	}
}

static struct kt_probe *find_probe(const struct kt_clusterlook *look)
{
	for (size_t i = 0; i < look->n; i++)
		if (look->v[i]->probe.works)
			return &look->v[i]->probe;
	return NULL;
}

int kt_aclcheck(const struct kt_settings *settings, const struct kt_client_opts *opts, struct kt_err *err)
{
	kt_auto(kt_clusterlook_fini) struct kt_clusterlook look = {0};
	kt_settings_copy(&look.settings, settings);
	if (kt_clusterlook(&look, opts, err) < 0)
		return -1;
	struct question q = {.probe = find_probe(&look)};
	void *item = &q;
	if (!q.probe) {
		kt_say(KT_QUIET, "the cluster shows no ACLs: there are none, or this client may not see them");
		return 0;
	}
	if (kt_parallel_run(ask, &item, 1, opts->owner->stop, show, NULL) < 0)
		return kt_err_set(err, kt_owner_stopped(opts->owner), "%s", "");
	*err = q.err;
	return q.result < 0 ? -1 : judge(q.error, err);
}
