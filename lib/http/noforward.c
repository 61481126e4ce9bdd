/* Stands in for forward.c where libcurl is not there. */
#include "forward.h"

int kt_forward_open(struct kt_forward **out, const struct kt_forward_how *how, struct kt_err *err)
{
	(void)out, (void)how;
	return kt_err_set(err, KT_USAGE, "cannot pass requests on: this kt was built without libcurl");
}

int kt_forward_check(const char *url, struct kt_err *err)
{
	return kt_err_set(err, KT_USAGE, "\"%.80s\": this kt was built without libcurl", url);
}

int kt_forward_begin(struct kt_forward *f, struct kt_forward_request *request)
{
	(void)f;
	kt_buf_fini(&request->body);
	return 0;
}

size_t kt_forward_active(const struct kt_forward *f)
{
	(void)f;
	return 0;
}

struct kt_loop_source kt_forward_source(struct kt_forward *f)
{
	return (struct kt_loop_source){.user = f};
}

void kt_forward_close(struct kt_forward *f)
{
	(void)f;
}
