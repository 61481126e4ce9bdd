/* A line for each answer, as Flask's server writes it. */
#include <time.h>

#include "esc.h"
#include "say.h"
#include "serve_own.h"

/* As Flask's server writes it, in local time, with English months whatever the locale. */
static void add_time(struct kt_buf *out)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	time_t now = time(NULL);
	struct tm t;
	localtime_r(&now, &t);
	kt_buf_addf(out, "%02d/%.3s/%04d %02d:%02d:%02d", t.tm_mday, months + 3 * t.tm_mon, t.tm_year + 1900, t.tm_hour,
		t.tm_min, t.tm_sec);
}

void kt_serve_log(const struct kt_http_request *request)
{
	kt_auto(kt_buf_fini) struct kt_buf line = {0};
	char client[KT_HTTP_CLIENT_TEXT];
	if (!kt_says(KT_NORMAL))
		return;
	kt_http_client(request, client);
	kt_buf_addf(&line, "%s - - [", client);
	add_time(&line);
	kt_buf_addf(&line, "] \"%s %s %s\" %u -", request->method, request->target, request->version, request->status);
	kt_say_plain("%s", kt_buf_cstr(&line));
}
