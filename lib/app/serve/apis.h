/* What the course's gateway has been told: which server stands behind which host. In memory, as long as it runs.
 *
 *   struct kt_apis apis = {0};
 *   status = kt_apis_add(&apis, "name=ping&hosts=ping-api.com&upstream_url=http://localhost:3000", now_ms, &answer)
 *   const struct kt_api *api = kt_apis_find(&apis, "ping-api.com:8000");
 *   kt_apis_list(&apis, &answer);
 *   kt_apis_fini(&apis);
 *
 * Answers are those of Kong 0.11.
 */
#ifndef KT_APIS_H
#define KT_APIS_H

#include "buf.h"
#include "list.h"
#include "random.h"
#include "tokens.h"

enum { KT_APIS_MOST = 1000 };

struct kt_api {
	char *name, *url;
	char id[KT_UUID_LEN + 1];
	struct kt_strs hosts;
	int64_t created_ms;
};

struct kt_apis {
	struct kt_api *v;
	size_t n, cap;
};

/* Adds one by a form, and writes the answer: 201, or 400, 403, 409, or 507 when there are too many. who has a right for
 * each of its hosts; NULL: anybody. */
unsigned kt_apis_add(
	struct kt_apis *apis, const char *form, const struct kt_token *who, int64_t now_ms, struct kt_buf *answer);

/* {"data":[…],"total":1}, of those for whose hosts who has a right. */
void kt_apis_list(const struct kt_apis *apis, const struct kt_token *who, struct kt_buf *answer);

/* The one for this host, which may have a port; NULL: there is none. */
const struct kt_api *kt_apis_find(const struct kt_apis *apis, const char *host);

void kt_apis_fini(struct kt_apis *apis);

#endif
