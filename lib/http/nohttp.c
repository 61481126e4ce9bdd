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

void kt_httpd_release(void *hold)
{
	(void)hold;
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

struct kt_peer *kt_http_enter(const struct kt_http_request *request, struct kt_peers *peers)
{
	(void)request, (void)peers;
	return NULL;
}

void kt_http_client(const struct kt_http_request *request, char text[KT_HTTP_CLIENT_TEXT])
{
	(void)request;
	text[0] = '\0';
}

uint64_t kt_http_client_key(const struct kt_http_request *request)
{
	(void)request;
	return 0;
}

void kt_http_each_header(const struct kt_http_request *request,
	void (*each)(void *user, const char *name, const char *value), void *user)
{
	(void)request, (void)each, (void)user;
}

struct kt_buf kt_http_take_body(struct kt_http_request *request)
{
	(void)request;
	return (struct kt_buf){0};
}

uint64_t kt_httpd_defer(struct kt_http_request *request)
{
	(void)request;
	return 0;
}

bool kt_httpd_has_closed(const struct kt_httpd *h, uint64_t ticket)
{
	(void)h, (void)ticket;
	return false;
}

void kt_httpd_make_room(struct kt_httpd *h, size_t bytes)
{
	(void)h, (void)bytes;
}

void kt_httpd_answer(struct kt_httpd *h, uint64_t ticket, struct kt_answer *answer)
{
	(void)h, (void)ticket;
	kt_answer_fini(answer);
}

bool kt_httpd_is_local(const struct kt_httpd *h)
{
	(void)h;
	return true;
}

int kt_httpd_renew(struct kt_httpd *h, const struct kt_httpd_tls *tls, struct kt_err *err)
{
	(void)h, (void)tls;
	return kt_err_set(err, KT_FAILED, "this kt was built without libmicrohttpd");
}

void kt_httpd_stop_listening(struct kt_httpd *h)
{
	(void)h;
}

size_t kt_httpd_unsent(const struct kt_httpd *h)
{
	(void)h;
	return 0;
}

size_t kt_httpd_busy(const struct kt_httpd *h)
{
	(void)h;
	return 0;
}
