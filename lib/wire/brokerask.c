#include "brokerask.h"

#include "when.h"

static int exchange(struct kt_probe *p, const struct kt_buf *request, struct kt_bytes *answer, struct kt_err *err)
{
	struct kt_limit until = {kt_clock_us() + p->limit_ms * 1000, p->stop_fd};
	return kt_connection_exchange(&p->link, request, answer, &until, err);
}

int kt_brokerask_features(struct kt_probe *p, struct kt_features *out, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_bytes answer;
	int version = kt_versions_pick(&p->versions, KT_API_VERSIONS, KT_VERSIONS_FEATURES, KT_VERSIONS_LAST);
	if (version < 0)
		return 0;
	kt_ask_features(&request, ++p->link.id, version);
	return exchange(p, &request, &answer, err) < 0 ? -1 : kt_read_features(out, answer, err);
}

int kt_brokerask_controller(struct kt_probe *p, enum kt_controller_state *state, int32_t *id, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_bytes answer;
	int error;
	*state = KT_CONTROLLER_UNASKED;
	if (kt_versions_pick(&p->versions, KT_API_DESCRIBE_QUORUM, 0, 0) < 0)
		return 0;
	kt_ask_quorum(&request, ++p->link.id);
	if (exchange(p, &request, &answer, err) < 0 || kt_read_quorum(&error, id, answer, err) < 0)
		return -1;
	*state = error == KT_ERROR_CLUSTER_DENIED ? KT_CONTROLLER_DENIED
		 : error || *id < 0               ? KT_CONTROLLER_NONE
						  : KT_CONTROLLER_TOLD;
	return 0;
}

int kt_brokerask_acls(struct kt_probe *p, int *error, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_bytes answer;
	*error = KT_ERROR_NO_AUTHORIZER;
	if (kt_versions_pick(&p->versions, KT_API_DESCRIBE_ACLS, 1, 1) < 0)
		return 0;
	kt_ask_acls(&request, ++p->link.id);
	return exchange(p, &request, &answer, err) < 0 ? -1 : kt_read_acls(error, answer, err);
}

int kt_brokerask_logsizes(struct kt_probe *p, struct kt_logsize *sizes, size_t n, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf request = {0};
	struct kt_bytes answer;
	int error;
	int version = kt_versions_pick(&p->versions, KT_API_DESCRIBE_LOG_DIRS, KT_LOGDIRS_FIRST, KT_LOGDIRS_LAST);
	for (size_t i = 0; i < n; i++)
		sizes[i].bytes = -1;
	if (version < 0)
		return 0;
	kt_ask_logdirs(&request, ++p->link.id, version, sizes, n);
	return exchange(p, &request, &answer, err) < 0 ? -1 : kt_read_logdirs(&error, sizes, n, answer, version, err);
}
