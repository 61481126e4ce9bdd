/* A server as a source of a run's loop. */
#include "httpd.h"
#include "say.h"

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

int kt_httpd_open_metrics(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_loop *loop,
	struct kt_loop_source *source, struct kt_err *err)
{
	if (!how->listen)
		return 0;
	if (kt_httpd_open(out, how, err) < 0)
		return kt_err_wrap(err, "--metrics-listen");
	kt_say(KT_NORMAL, "metrics at http://%s/metrics", kt_httpd_address(*out));
	*source = kt_httpd_source(*out);
	kt_loop_add(loop, source);
	return 0;
}
