#include "curlmulti.h"

#include <sys/epoll.h>
#include <unistd.h>

#include "dlload.h"
#include "when.h"

/* Loaded only when it is asked for: with the two dozen libraries that it needs, libcurl takes longer to start than all
 * of kt. */
#define LIBRARY KT_SONAME_CURL
enum { LOOK_MS = 1000 }; /* at least this often, whatever libcurl is waiting for */
struct kt_curl kt_curl;

int kt_curl_load(struct kt_err *err)
{
#define ROW(name) {"curl_" #name, &kt_curl.name},
	const struct kt_dlload_row rows[] = {KT_CURL_FUNCTIONS(ROW)};
	if (kt_curl.slist_free_all)
		return 0;
	if (kt_dlload(LIBRARY, rows, KT_LEN(rows), err) < 0) {
		kt_err_wrap(err, "cannot speak HTTP");
		err->status = KT_USAGE;
		return kt_err_hint(err, "the library is in the package libcurl4");
	}
	kt_curl.global_init(CURL_GLOBAL_DEFAULT);
	return 0;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
	const struct kt_curl_multi *m = user;
	struct epoll_event event = {.data.fd = fd};
	(void)easy;
	(void)assigned;
	event.events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
	if (what == CURL_POLL_REMOVE)
		epoll_ctl(m->epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(m->epoll, EPOLL_CTL_MOD, fd, &event) < 0)
		epoll_ctl(m->epoll, EPOLL_CTL_ADD, fd, &event);
	return 0;
}

static int on_timer(CURLM *multi, long ms, void *user)
{
	struct kt_curl_multi *m = user;
	(void)multi;
	m->timer_us = ms < 0 ? INT64_MAX : kt_clock_us() + ms * 1000;
	return 0;
}

void kt_curl_multi_open(struct kt_curl_multi *m)
{
	m->timer_us = INT64_MAX;
	m->epoll = epoll_create1(EPOLL_CLOEXEC);
	m->multi = kt_curl.multi_init();
	kt_curl.multi_setopt(m->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	kt_curl.multi_setopt(m->multi, CURLMOPT_SOCKETDATA, m);
	kt_curl.multi_setopt(m->multi, CURLMOPT_TIMERFUNCTION, on_timer);
	kt_curl.multi_setopt(m->multi, CURLMOPT_TIMERDATA, m);
}

int64_t kt_curl_multi_left_ms(const struct kt_curl_multi *m)
{
	int64_t left_us = m->timer_us - kt_clock_us();
	return left_us <= 0 ? 0 : left_us < LOOK_MS * 1000 ? left_us / 1000 + 1 : LOOK_MS;
}

void kt_curl_multi_go_on(struct kt_curl_multi *m)
{
	struct epoll_event events[64];
	int running, n = epoll_wait(m->epoll, events, KT_LEN(events), 0);
	for (int i = 0; i < n; i++) {
		int mask = (events[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) |
			   (events[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
			   (events[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
		kt_curl.multi_socket_action(m->multi, events[i].data.fd, mask, &running);
	}
	if (m->timer_us <= kt_clock_us())
		kt_curl.multi_socket_action(m->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void kt_curl_multi_close(struct kt_curl_multi *m)
{
	kt_curl.multi_cleanup(m->multi);
	close(m->epoll);
}
