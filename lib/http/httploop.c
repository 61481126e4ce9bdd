/* A server as a source of a run's loop. */
#include "httpd.h"

static int64_t wait_for_requests(void *user, struct pollfd *fd)
{
	*fd = (struct pollfd){.fd = kt_httpd_fd(user), .events = POLLIN};
	return kt_httpd_wait_ms(user);
}

static int serve_requests(void *user, short revents, struct kt_err *err)
{
	(void)revents, (void)err;
	kt_httpd_serve(user);
	return 0;
}

struct kt_loop_source kt_httpd_source(struct kt_httpd *h)
{
	return (struct kt_loop_source){.user = h, .wait = wait_for_requests, .serve = serve_requests};
}
