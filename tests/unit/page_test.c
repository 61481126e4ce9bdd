#include "page.h"

#include <math.h>

#include "tap.h"

static const struct kt_page_how how = {
	.title = "Title \"1\"",
	.metric = "x_total",
	.unit = "x/s",
	.by = "topic",
	.from = &(struct kt_strs){.v = (char *[]){(char *)"localhost:3001", (char *)"other:1"}, .n = 2},
	.interval_ms = 1000,
};

/* What a viewer with this Last-Event-ID is sent by now; *answer goes on from there. */
static void join(struct kt_page *page, const char *last_event, struct kt_answer *answer)
{
	*answer = (struct kt_answer){0};
	CHECK(kt_page_answer(page, "/events", last_event, answer));
	CHECK(answer->more != NULL);
}

static void read_on(struct kt_answer *answer)
{
	kt_auto(kt_buf_fini) struct kt_buf piece = {0};
	do {
		piece.len = 0;
		answer->more(answer->source, &answer->at, &piece);
		kt_buf_add(&answer->body, piece.data, piece.len);
	} while (piece.len);
}

static int count(struct kt_answer *answer, const char *what)
{
	int n = 0;
	for (const char *at = kt_buf_cstr(&answer->body); (at = strstr(at, what)); at++)
		n++;
	return n;
}

static void add_points(struct kt_page *page, int64_t from, int64_t to)
{
	for (int64_t i = from; i < to; i++)
		kt_page_point(page, i * 1000, (double)i, NULL);
}

TEST(files)
{
	static const struct {
		const char *path, *type, *start;
	} rows[] = {
		{"/", "text/html; charset=utf-8", "<!doctype html>"},
		{"/page.css", "text/css; charset=utf-8", ":root"},
		{"/page.js", "text/javascript; charset=utf-8", "//"},
		{"/icon.svg", "image/svg+xml", "<svg"},
		{"/page.html", NULL, NULL},
		{"/../page.js", NULL, NULL},
		{"//", NULL, NULL},
		{"", NULL, NULL},
	};
	kt_auto(kt_page_fini) struct kt_page page;
	kt_page_init(&page, &how);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_answer answer = {0};
		CHECK(kt_page_answer(&page, rows[i].path, "", &answer) == (rows[i].type != NULL));
		if (rows[i].type) {
			CHECK_STR(answer.type, rows[i].type);
			CHECK_MEM(answer.body.data, strlen(rows[i].start), rows[i].start, strlen(rows[i].start));
		}
		kt_buf_fini(&answer.body);
	}
}

TEST(history_and_then_each_point)
{
	kt_auto(kt_page_fini) struct kt_page page;
	struct kt_answer viewer;
	kt_page_init(&page, &how);
	snprintf(page.run, sizeof(page.run), "r");
	kt_page_point(&page, 1000, NAN, "other:1: Connection refused");
	join(&page, "", &viewer);
	read_on(&viewer);
	kt_page_point(&page, 2000, 49.5, NULL);
	read_on(&viewer);
	CHECK_STR(kt_buf_cstr(&viewer.body),
		"retry: 1000\nevent: about\ndata: {\"run\":\"r\",\"title\":\"Title \\\"1\\\"\",\"metric\":\"x_total\","
		"\"unit\":\"x/s\",\"by\":\"topic\",\"from\":[\"localhost:3001\",\"other:1\"],\"interval\":1000,"
		"\"points\":300}\n\n"
		"id: r.0\ndata: {\"trouble\":\"other:1: Connection refused\",\"t\":1000,\"rate\":null,\"by\":{}}\n\n"
		"id: r.1\ndata: {\"t\":2000,\"rate\":49.5,\"by\":{}}\n\n");
	kt_buf_fini(&viewer.body);
}

TEST(latency_and_an_end)
{
	kt_auto(kt_page_fini) struct kt_page page;
	struct kt_answer viewer, late;
	struct kt_page_how timed = how;
	timed.timed = true;
	kt_page_init(&page, &timed);
	snprintf(page.run, sizeof(page.run), "r");
	join(&page, "", &viewer);
	CHECK_INT(count(&viewer, "\"points\":300,\"timed\":true}"), 1);
	page.times = (struct kt_page_times){.p50_ms = 0.25, .p99_ms = 12.5, .failed = 3};
	kt_page_point(&page, 1000, 10, NULL);
	page.times = (struct kt_page_times){.p50_ms = NAN, .p99_ms = NAN, .failed = 4};
	kt_page_point(&page, 2000, 0, "1 record failed");
	read_on(&viewer);
	CHECK_INT(count(&viewer, "{\"t\":1000,\"rate\":10,\"p50\":0.25,\"p99\":12.5,\"failed\":3,\"by\":{}}"), 1);
	CHECK_INT(count(&viewer, "{\"trouble\":\"1 record failed\",\"t\":2000,\"rate\":0,\"p50\":null,\"p99\":null,"
				 "\"failed\":4,\"by\":{}}"),
		1);
	CHECK_INT(count(&viewer, "event: over"), 0);
	kt_page_end(&page, NULL);
	read_on(&viewer);
	CHECK_INT(count(&viewer, "event: over\n"), 1);
	CHECK(viewer.at == KT_STREAM_OVER);
	/* Who comes then is shown what there is, and told so, too. */
	join(&page, "", &late);
	read_on(&late);
	CHECK_INT(count(&late, "id: r."), 2);
	CHECK_INT(count(&late, "event: over\n"), 1);
	kt_buf_fini(&viewer.body);
	kt_buf_fini(&late.body);
}

TEST(a_viewer_who_comes_back_misses_and_repeats_nothing)
{
	static const struct {
		const char *last;
		int points;
	} rows[] = {
		{"", 5},
		{"r.2", 2},
		{"r.4", 0},
		{"r.5", 5},
		{"s.2", 5},
		{"r2", 5},
		{"r.-1", 5},
		{"r.99999999999999999999", 5},
		{"r.x", 4},
	};
	kt_auto(kt_page_fini) struct kt_page page;
	kt_page_init(&page, &how);
	snprintf(page.run, sizeof(page.run), "r");
	add_points(&page, 0, 5);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_answer viewer;
		join(&page, rows[i].last, &viewer);
		read_on(&viewer);
		CHECK_INT(count(&viewer, "id: r."), rows[i].points);
		kt_buf_fini(&viewer.body);
	}
}

TEST(who_is_slow_goes_on_with_what_is_kept)
{
	kt_auto(kt_page_fini) struct kt_page page;
	struct kt_answer viewer;
	kt_page_init(&page, &how);
	add_points(&page, 0, 10);
	join(&page, "", &viewer);
	add_points(&page, 10, 10 + 3 * KT_PAGE_POINTS);
	read_on(&viewer);
	CHECK_INT(count(&viewer, "id: "), KT_PAGE_POINTS);
	CHECK_INT(count(&viewer, "\"t\":909000,"), 1);
	kt_buf_fini(&viewer.body);
}

TEST(time_goes_forward)
{
	kt_auto(kt_page_fini) struct kt_page page;
	struct kt_answer viewer;
	kt_page_init(&page, &how);
	kt_page_point(&page, 5000, 1, NULL);
	kt_page_point(&page, 4000, 2, NULL);
	join(&page, "", &viewer);
	read_on(&viewer);
	CHECK_INT(count(&viewer, "\"t\":5001,\"rate\":2"), 1);
	kt_buf_fini(&viewer.body);
}

static void scrape(struct kt_counters *c, int keys, double value)
{
	char label[200];
	kt_counters_begin(c);
	for (int i = 0; i < keys; i++) {
		snprintf(label, sizeof(label), "key=\"k%d\",topic=\"a\\nb\"", i);
		kt_counters_add(c, label, value);
	}
	kt_counters_end(c);
}

static void add_point(struct kt_page *page, struct kt_counters *c, int keys, double value)
{
	scrape(c, keys, value);
	kt_page_add(page, c, 2);
	kt_page_point(page, 0, 1, NULL);
}

TEST(by_label)
{
	kt_auto(kt_page_fini) struct kt_page page;
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	struct kt_answer viewer;
	kt_page_init(&page, &how);
	scrape(&c, 10, 0);
	add_point(&page, &c, 2, 4);
	add_point(&page, &c, 10, 8);
	join(&page, "", &viewer);
	read_on(&viewer);
	CHECK_INT(count(&viewer, "\"by\":{\"key\":{\"k0\":2,\"k1\":2},\"topic\":{\"a\\nb\":4}}}"), 1);
	CHECK_INT(count(&viewer, "\"by\":{\"key\":{\"k0\":2,\"k1\":2,\"k2\":4,\"k3\":4,\"k4\":4,\"k5\":4,\"k6\":4,"
				 "\"k7\":4,\"\":8},\"topic\":{\"a\\nb\":36}}}"),
		1);
	kt_buf_fini(&viewer.body);
}

TEST(a_value_that_has_ended_makes_room)
{
	kt_auto(kt_page_fini) struct kt_page page;
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	struct kt_answer viewer;
	kt_page_init(&page, &how);
	scrape(&c, KT_PAGE_SERIES, 0);
	add_point(&page, &c, KT_PAGE_SERIES, 2);
	for (int i = 0; i < 12; i++)
		kt_page_point(&page, 0, 0, NULL);
	kt_counters_begin(&c);
	kt_counters_add(&c, "key=\"new\"", 3);
	kt_counters_end(&c);
	c.v[c.n - 1].grown = 3;
	kt_page_add(&page, &c, 1);
	kt_page_point(&page, 0, 3, NULL);
	join(&page, "", &viewer);
	read_on(&viewer);
	CHECK_INT(count(&viewer, "\"by\":{\"key\":{\"new\":3},"), 1);
	kt_buf_fini(&viewer.body);
}

TEST(hostile_labels)
{
	kt_auto(kt_page_fini) struct kt_page page;
	kt_auto(kt_counters_fini) struct kt_counters c = {0};
	struct kt_answer viewer;
	static char many[20000];
	size_t len = 0;
	kt_page_init(&page, &how);
	for (int i = 0; i < 40; i++)
		len += (size_t)snprintf(many + len, sizeof(many) - len, "l%d=\"%0400d\",", i, i);
	snprintf(many + len, sizeof(many) - len, "%0200d=\"x\"", 7);
	for (int i = 0; i < 2; i++) {
		kt_counters_begin(&c);
		kt_counters_add(&c, many, i);
		kt_counters_add(&c, "x=\"</script>\xff\"", i);
		kt_counters_add(&c, "no label", 1e308 * i);
		kt_counters_add(&c, "nor this", 1e308 * i);
		kt_counters_end(&c);
	}
	kt_page_add(&page, &c, 1e-9);
	kt_page_point(&page, 0, (double)INFINITY, NULL);
	CHECK_INT(page.n_labels, KT_PAGE_LABELS);
	join(&page, "", &viewer);
	read_on(&viewer);
	CHECK_INT(count(&viewer, "\"rate\":null"), 1);
	CHECK(viewer.body.len < 2000);
	kt_buf_fini(&viewer.body);
}
