/* Takes the place of fetch.c where libcurl is not there. */
#include "fetch.h"

int kt_fetch_load(struct kt_err *err)
{
	return kt_err_set(err, KT_USAGE, "cannot speak HTTP: this kt was built without libcurl");
}

void kt_fetch_begin(struct kt_fetch *f, int64_t timeout_ms)
{
	(void)timeout_ms;
	f->state = KT_FETCH_FAILED;
}

struct pollfd kt_fetch_poll(const struct kt_fetch *f)
{
	(void)f;
	return (struct pollfd){.fd = -1};
}

int64_t kt_fetch_left_ms(const struct kt_fetch *f)
{
	(void)f;
	return INT64_MAX;
}

void kt_fetch_go_on(struct kt_fetch *f)
{
	(void)f;
}

void kt_fetch_fini(struct kt_fetch *f)
{
	(void)f;
}
