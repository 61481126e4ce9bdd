/* The live page: how fast a counter grows, as a chart in the browser for everybody who looks. It is served as the page
 * itself, its parts, and a stream of events (text/event-stream): what the page is about, the points that are kept, and
 * then each new one.
 *
 *   struct kt_page page;
 *   kt_page_init(&page, &how);
 *   … in the server's answer(): if (kt_page_answer(&page, path, last_event, answer)) return true; …
 *   kt_page_add(&page, &counters, seconds);                  each second, each source
 *   kt_page_point(&page, at_ms, rate, NULL);
 *   kt_httpd_wake(httpd, &page.feed);
 *   kt_page_fini(&page);
 *
 * Where the page is all that is served, kt_page_serve() does the first two.
 *
 * A point is kept once, as the text of its event, however many read it and how slowly. Where the counters have labels
 * the page can show one series per value of a label: eight values that grow are told apart, the others are summed up.
 */
#ifndef KT_PAGE_H
#define KT_PAGE_H

#include "counters.h"
#include "httpd.h"
#include "list.h"

enum { KT_PAGE_PORT = 8501, KT_PAGE_POINTS = 300, KT_PAGE_LABELS = 4, KT_PAGE_SERIES = 8, KT_PAGE_TEXT = 100 };

/* For the events of kt loadgen and of the program whose metrics it imitates, in the words of that one's page. */
#define KT_PAGE_TITLE "Producer Metrics"
#define KT_PAGE_UNIT "events/s"

struct kt_page_how {
	const char *title, *metric, *unit; /* borrowed, all of it */
	const char *by;                    /* the label that is shown first; NULL: none */
	const struct kt_strs *from;        /* addresses of the sources */
	int64_t interval_ms;               /* between two points */
	bool timed;                        /* points may have a latency, which has a chart of its own */
};

/* How long things took that were done in the time of a point, in milliseconds, and how many failed so far. */
struct kt_page_times {
	double p50_ms, p99_ms; /* NAN: nothing was done */
	int64_t failed;
};

/* A value of a label that has a series of its own. */
struct kt_page_series {
	char value[KT_PAGE_TEXT]; /* cut */
	double rate;
	uint64_t grew; /* in that point, the last time; 0: the place is free */
};

struct kt_page_label {
	char name[KT_PAGE_TEXT];
	struct kt_page_series series[KT_PAGE_SERIES];
	double others;
};

struct kt_page {
	struct kt_page_how how;
	struct kt_feed feed; /* has more after each point */
	char run[24];        /* tells this page's points from those of an earlier process */
	uint64_t n;          /* points so far; the last KT_PAGE_POINTS of them are kept */
	int64_t at_ms;
	struct kt_page_label labels[KT_PAGE_LABELS];
	size_t n_labels;
	struct kt_page_times times; /* of the next point, of a page with latencies */
	bool over;                  /* there are no more points */
	struct kt_buf points[KT_PAGE_POINTS];
};

void kt_page_init(struct kt_page *page, const struct kt_page_how *how);

/* Also opens a server where listen says (as kt_httpd_how has it; KT_PAGE_PORT for a HOST alone), and says where the
 * page is. The server borrows the page. */
int kt_page_serve(struct kt_page *page, const struct kt_page_how *how, const char *listen, struct kt_httpd **httpd,
	struct kt_err *err) kt_must_check;

/* For kt_httpd_how.answer. last_event: the header Last-Event-ID, or "". False: the path is not the page's. */
bool kt_page_answer(struct kt_page *page, const char *path, const char *last_event, struct kt_answer *answer);

/* What the next point is made of: by how much the counters of a source grew in so many seconds. Their labels are sets
 * as they stand between the braces. */
void kt_page_add(struct kt_page *page, const struct kt_counters *counters, double seconds);

/* rate: of all together; NAN: nobody has answered. trouble: who did not, and why; NULL: nobody. */
void kt_page_point(struct kt_page *page, int64_t at_ms, double rate, const char *trouble);

/* What is shown has ended: viewers stop asking for more, after the points that there are. */
void kt_page_end(struct kt_page *page, struct kt_httpd *httpd);

void kt_page_fini(struct kt_page *page);

#endif
