/* Takes the place of httpd.c where libmicrohttpd is not there. */
#include "httpd.h"

int kt_httpd_open(struct kt_httpd **out, const struct kt_httpd_how *how, struct kt_err *err)
{
	(void)out;
	return kt_err_set(err, KT_FAILED, "cannot listen on %s: this kt was built without libmicrohttpd", how->listen);
}

const char *kt_httpd_address(const struct kt_httpd *h)
{
	(void)h;
	return "";
}

int kt_httpd_fd(const struct kt_httpd *h)
{
	(void)h;
	return -1;
}

int64_t kt_httpd_wait_ms(const struct kt_httpd *h)
{
	(void)h;
	return INT64_MAX;
}

void kt_httpd_serve(struct kt_httpd *h)
{
	(void)h;
}

void kt_httpd_wake(struct kt_httpd *h, struct kt_feed *feed)
{
	(void)h;
	(void)feed;
}

const struct kt_http_header kt_http_page_headers[] = {{NULL, NULL}};

const char *kt_http_header(const struct kt_http_request *request, const char *name)
{
	(void)request;
	(void)name;
	return "";
}

void kt_httpd_close(struct kt_httpd *h)
{
	(void)h;
}
