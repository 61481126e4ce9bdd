#include "groupbatch.h"

#include "mem.h"
#include "sig.h"
#include "when.h"

enum { AT_ONCE = 200, PAUSE_MS = 50, FIRST_MS = 2000 };

int64_t kt_grouptries_ms(struct kt_grouptries *tries)
{
	if (!tries->start_us)
		tries->start_us = kt_clock_us();
	tries->share_ms = tries->share_ms ? 2 * tries->share_ms : FIRST_MS;
	tries->left_ms = kt_left_ms(tries->start_us, tries->timeout_ms);
	return tries->left_ms < tries->share_ms ? tries->left_ms : tries->share_ms;
}

bool kt_grouptries_passing(const struct kt_grouptries *tries, rd_kafka_resp_err_t code)
{
	switch ((int)code) {
	case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
	case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
	case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
	case RD_KAFKA_RESP_ERR__WAIT_COORD:
		return tries->left_ms > PAUSE_MS;
	case RD_KAFKA_RESP_ERR__TIMED_OUT:
		return tries->left_ms > tries->share_ms;
	default:
		return false;
	}
}

bool kt_grouptries_again(struct kt_grouptries *tries, const struct kt_client *c, rd_kafka_resp_err_t code)
{
	if (!kt_grouptries_passing(tries, code) || kt_client_stopped(c))
		return false;
	kt_wait(NULL, 0, PAUSE_MS);
	return true;
}

static int run_some(struct kt_client *c, struct kt_group **v, size_t n, const struct kt_groupbatch *rounds,
	int64_t start_us, struct kt_err *err)
{
	struct kt_grouptries tries = {.timeout_ms = rounds->timeout_ms, .start_us = start_us};
	rd_kafka_resp_err_t code;
	do {
		if (rounds->ask(c, v, n, rounds, kt_grouptries_ms(&tries), err) < 0)
			return -1;
		size_t again = 0;
		for (size_t i = 0; i < n; i++)
			if (kt_grouptries_passing(&tries, v[i]->code))
				v[again++] = v[i];
		n = again;
		code = n ? v[0]->code : RD_KAFKA_RESP_ERR_NO_ERROR;
	} while (kt_grouptries_again(&tries, c, code));
	return 0;
}

int kt_groupbatch_run(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	struct kt_err *err)
{
	int64_t start_us = kt_clock_us();
	struct kt_group *some[AT_ONCE];
	for (size_t i = 0; i < n;) {
		size_t taken = 0;
		for (; i < n && taken < AT_ONCE; i++)
			if (!v[i]->code)
				some[taken++] = v[i];
		if (taken && run_some(c, some, taken, rounds, start_us, err) < 0)
			return -1;
	}
	return 0;
}
