#include "stop.h"

#include "sig.h"
#include "when.h"

static int own_status(const struct kt_stop *stop)
{
	int called = atomic_load(&stop->called);
	int sig = stop->signals && !stop->answered ? kt_sig_caught() : 0;
	if (called || sig)
		return called ? called : KT_SIGNAL + sig;
	return stop->end_us && kt_clock_us() >= stop->end_us ? KT_RUN_ENDED : 0;
}

int kt_stop_status(const struct kt_stop *stop)
{
	int status = 0, own;
	for (; stop; stop = stop->outer)
		if ((own = own_status(stop)))
			status = own;
	return status;
}

int64_t kt_stop_left_ms(const struct kt_stop *stop)
{
	int64_t least_ms = kt_stop_status(stop) ? 0 : INT64_MAX;
	for (; stop && least_ms; stop = stop->outer) {
		int64_t left_ms = stop->end_us ? kt_until_ms(stop->end_us) : INT64_MAX;
		least_ms = left_ms < least_ms ? left_ms : least_ms;
	}
	return least_ms;
}

void kt_stop_call(struct kt_stop *stop, int status)
{
	atomic_store(&stop->called, status);
}

void kt_stop_begin(struct kt_stop *stop, int64_t limit_ms)
{
	kt_stop_drain(stop, limit_ms);
	if (stop->signals)
		kt_sig_renew();
	stop->answered = false;
}

void kt_stop_drain(struct kt_stop *stop, int64_t limit_ms)
{
	atomic_store(&stop->called, 0);
	stop->end_us = limit_ms ? kt_clock_us() + limit_ms * 1000 : 0;
	stop->answered = stop->signals && kt_sig_caught();
}
