/* libcurl inside the caller's own loop: its functions, loaded when somebody asks for them, and its sockets behind one
 * descriptor. For the files of this room.
 *
 *   if (kt_curl_load(err) < 0) return -1;
 *   kt_curl_multi_open(&m);
 *   kt_curl.multi_add_handle(m.multi, easy);
 *   … wait for m.epoll to be readable, kt_curl_multi_left_ms(&m) at most …
 *   kt_curl_multi_go_on(&m);                      then ask kt_curl.multi_info_read()
 *   kt_curl_multi_close(&m);
 */
#ifndef KT_CURLMULTI_H
#define KT_CURLMULTI_H

#include <curl/curl.h>

#include "err.h"

/* clang-format off */
#define KT_CURL_FUNCTIONS(F) \
	F(easy_cleanup) F(easy_getinfo) F(easy_init) F(easy_reset) F(easy_setopt) F(easy_strerror) F(global_init) \
	F(multi_add_handle) F(multi_cleanup) F(multi_info_read) F(multi_init) F(multi_remove_handle) F(multi_setopt) \
	F(multi_socket_action) F(slist_append) F(slist_free_all)
/* clang-format on */
#define KT_CURL_DECLARE(name) __typeof__(curl_##name) *name;
struct kt_curl {
	KT_CURL_FUNCTIONS(KT_CURL_DECLARE)
};
extern struct kt_curl kt_curl;

/* KT_USAGE where it is not there. */
int kt_curl_load(struct kt_err *err) kt_must_check;

struct kt_curl_multi {
	CURLM *multi;
	int epoll;
	int64_t timer_us;
};

void kt_curl_multi_open(struct kt_curl_multi *m);

/* What libcurl waits for besides its sockets; a second at most. */
int64_t kt_curl_multi_left_ms(const struct kt_curl_multi *m);

/* Serves the sockets that are ready, and the timer. */
void kt_curl_multi_go_on(struct kt_curl_multi *m);

/* Its transfers have been taken out. */
void kt_curl_multi_close(struct kt_curl_multi *m);

#endif
