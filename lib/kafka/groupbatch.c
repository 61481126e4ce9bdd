#include "groupbatch.h"

#include "mem.h"
#include "sig.h"
#include "when.h"

enum { AT_ONCE = 200, PAUSE_MS = 50 };

bool kt_groupbatch_passing(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE ||
	       code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR ||
	       code == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

static int run_some(struct kt_client *c, struct kt_group **v, size_t n, const struct kt_groupbatch *rounds,
	int64_t start_us, struct kt_err *err)
{
	while (n) {
		int64_t left_ms = kt_left_ms(start_us, rounds->timeout_ms);
		if (rounds->ask(c, v, n, rounds, left_ms, err) < 0)
			return -1;
		size_t again = 0;
		for (size_t i = 0; i < n; i++)
			if (kt_groupbatch_passing(v[i]->code))
				v[again++] = v[i];
		n = again;
		if (left_ms <= PAUSE_MS || kt_client_stopped(c))
			break;
		if (n)
			kt_wait(NULL, 0, PAUSE_MS);
	}
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
		if (run_some(c, some, taken, rounds, start_us, err) < 0)
			return -1;
	}
	return 0;
}
