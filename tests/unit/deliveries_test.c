#include "deliveries.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hear.h"
#include "say.h"
#include "sig.h"
#include "tap.h"

static const struct kt_strs no_files;

/* An input that reads stdin, of which 1000 lines were read. */
static void start(struct kt_deliveries *a, struct kt_input *input)
{
	struct kt_input_how how = {.files = &no_files};
	kt_input_init(input, &how);
	input->first_lines[0] = 1;
	input->next_file = 1;
	*a = (struct kt_deliveries){.topic = "t", .input = input};
}

static void deliver(struct kt_deliveries *a, int64_t line, const char *failed, bool maybe)
{
	struct kt_delivery d = {
		.tag = line, .partition = 2, .offset = 40 + line, .ts_ms = 1000, .failed = failed, .maybe = maybe};
	kt_deliveries_delivery(a, &d);
}

TEST(neighbours_that_fail_alike_are_named_together)
{
	static const struct {
		int64_t line;
		const char *failed;
		bool maybe;
	} deliveries[] = {
		{1, NULL, false}, {2, "no", false}, {3, "no", false}, {4, "no", false}, /* a range */
		{6, "no", false},                                                       /* not its neighbour */
		{7, "never", false},                                                    /* another reason */
		{8, "never", true},                                                     /* another state */
		{9, "never", true}, {10, NULL, false},   /* a success in between ends nothing by itself */
		{10, "never", true}, {9, "never", true}, /* backwards is not a range */
	};
	struct kt_deliveries a;
	struct kt_input input;
	start(&a, &input);
	hear_stderr();
	for (size_t i = 0; i < KT_LEN(deliveries); i++)
		deliver(&a, deliveries[i].line, deliveries[i].failed, deliveries[i].maybe);
	CHECK(a.failed);
	kt_deliveries_tell(&a);
	kt_deliveries_tell(&a);
	CHECK_STR(heard(), "% line 2 to line 4: no\n"
			   "% line 6: no\n"
			   "% line 7: never\n"
			   "% line 8 to line 10: never (it may have been written all the same)\n"
			   "% line 9: never (it may have been written all the same)\n");
	kt_input_fini(&input);
}

TEST(what_waits_for_neighbours_is_said_when_asked_for)
{
	struct kt_deliveries a;
	struct kt_input input;
	start(&a, &input);
	hear_stderr();
	kt_deliveries_tell(&a);
	deliver(&a, 1, "no", false);
	CHECK_INT(a.shown, 0);
	kt_deliveries_tell(&a);
	CHECK_INT(a.shown, 1);
	deliver(&a, 2, "no", false);
	kt_deliveries_tell(&a);
	CHECK_STR(heard(), "% line 1: no\n% line 2: no\n");
	kt_input_fini(&input);
}

TEST(a_hundred_failures_are_enough)
{
	struct kt_deliveries a;
	struct kt_input input;
	struct kt_err err = {0};
	start(&a, &input);
	hear_stderr();
	for (int64_t line = 2; line <= 600; line += 2)
		deliver(&a, line, "no", false);
	CHECK_INT(kt_deliveries_close(&a, (struct kt_producer_counts){600, 300, 300}, &err), -1);
	const char *text = heard();
	size_t lines = 0;
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	CHECK_INT(lines, 102);
	CHECK(strstr(text, "% line 200: no\n% further failures are only counted; --report names each\n% 300 records "
			   "delivered to t\n"));
	CHECK_STR(err.msg, "300 of 600 records not delivered");
	kt_input_fini(&input);
}

TEST(failures_are_said_even_under_q)
{
	struct kt_deliveries a;
	struct kt_input input;
	struct kt_err err = {0};
	start(&a, &input);
	kt_say_level(KT_QUIET);
	hear_stderr();
	deliver(&a, 1, "no", false);
	CHECK_INT(kt_deliveries_close(&a, (struct kt_producer_counts){1, 0, 1}, &err), -1);
	CHECK_STR(heard(), "% line 1: no\n");
	kt_say_level(KT_NORMAL);
	kt_input_fini(&input);
}

TEST(places_are_those_of_the_files)
{
	struct kt_strs files = {0};
	struct kt_input_how how = {.files = &files};
	struct kt_input input;
	struct kt_deliveries a;
	kt_strs_add(&files, "a.txt");
	kt_strs_add(&files, "b.txt");
	kt_input_init(&input, &how);
	input.first_lines[0] = 1;
	input.first_lines[1] = 11;
	input.next_file = 2;
	a = (struct kt_deliveries){.topic = "t", .input = &input};
	hear_stderr();
	for (int64_t line = 10; line <= 12; line++)
		deliver(&a, line, "no", false);
	kt_deliveries_tell(&a);
	CHECK_STR(heard(), "% a.txt:10 to b.txt:2: no\n");
	kt_input_fini(&input);
	kt_strs_fini(&files);
}

TEST(the_report)
{
	kt_auto(kt_buf_fini) struct kt_buf report = {0};
	struct kt_deliveries a;
	struct kt_input input;
	start(&a, &input);
	a.report = &report;
	hear_stderr();
	deliver(&a, 1, NULL, false);
	deliver(&a, 2, "a \"bad\"\nrecord", false);
	deliver(&a, 3, "gone", true);
	kt_deliveries_refuse(&a, 4, "too large");
	kt_deliveries_tell(&a);
	heard();
	CHECK_STR(kt_buf_cstr(&report),
		"{\"topic\":\"t\",\"record\":1,\"place\":\"line 1\",\"partition\":2,\"offset\":41,\"ts\":1000}\n"
		"{\"topic\":\"t\",\"record\":2,\"place\":\"line 2\",\"error\":\"a \\\"bad\\\"\\nrecord\","
		"\"maybe_written\":false}\n"
		"{\"topic\":\"t\",\"record\":3,\"place\":\"line 3\",\"error\":\"gone\",\"maybe_written\":true}\n"
		"{\"topic\":\"t\",\"record\":4,\"place\":\"line 4\",\"error\":\"too "
		"large\",\"maybe_written\":false}\n");
	CHECK_INT(a.refused, 1);
	kt_input_fini(&input);
}

TEST(a_reason_of_any_length)
{
	char why[2000];
	struct kt_deliveries a;
	struct kt_input input;
	memset(why, 'w', sizeof(why) - 1);
	why[sizeof(why) - 1] = '\0';
	start(&a, &input);
	hear_stderr();
	deliver(&a, 1, why, false);
	kt_deliveries_tell(&a);
	CHECK_INT(strlen(heard()), strlen("% line 1: \n") + sizeof(a.why) - 1);
	kt_input_fini(&input);
}

struct ending {
	struct kt_producer_counts counts;
	int64_t refused;
	bool stops, terminal, complete;
	int signal;
	int status;
	const char *said, *msg, *hint;
};

/* In a process of its own, since a signal is remembered for good. */
static int end_as(const struct ending *row)
{
	struct kt_deliveries a;
	struct kt_input input;
	struct kt_err err = {0};
	start(&a, &input);
	a.stops = row->stops;
	a.terminal = row->terminal;
	a.complete = row->complete;
	a.stopped = row->signal ? KT_SIGNAL + row->signal : 0;
	for (int64_t i = 0; i < row->refused; i++)
		kt_deliveries_refuse(&a, i + 1, "no");
	hear_stderr();
	int result = kt_deliveries_close(&a, row->counts, &err);
	CHECK_INT(result, row->status ? -1 : 0);
	CHECK_STR(heard(), row->said);
	CHECK_INT(err.status, row->status);
	CHECK_STR(err.msg, row->msg);
	CHECK_STR(err.hint, row->hint);
	kt_input_fini(&input);
	return tap_failed_checks;
}

TEST(how_a_run_ends)
{
	static const struct ending rows[] = {
		{{0, 0, 0}, 0, false, false, false, 0, 0, "% 0 records delivered to t\n", "", ""},
		{{1, 1, 0}, 0, false, false, false, 0, 0, "% 1 record delivered to t\n", "", ""},
		{{1234567, 1234567, 0}, 0, true, false, false, 0, 0, "% 1,234,567 records delivered to t\n", "", ""},
		{{3, 2, 1}, 0, false, false, false, 0, KT_PARTIAL, "% 2 records delivered to t\n",
			"1 of 3 records not delivered", ""},
		{{3, 2, 1}, 0, true, false, false, 0, KT_PARTIAL, "% 2 records delivered to t\n",
			"1 of 3 records not delivered", "the input was read no further; --on-error continue goes on"},
		{{3, 3, 0}, 2, false, false, false, 0, KT_PARTIAL,
			"% line 1 to line 2: no\n% 3 records delivered to t\n", "2 of 5 records not delivered", ""},
		{{3, 3, 0}, 0, false, false, false, SIGTERM, KT_SIGNAL + SIGTERM, "% 3 records delivered to t\n",
			"ended by a signal: 3 delivered, 0 not", ""},
		{{3, 1, 2}, 0, true, false, false, SIGINT, KT_SIGNAL + SIGINT, "% 1 record delivered to t\n",
			"ended by a signal: 1 delivered, 2 not", ""},
		{{3, 3, 0}, 0, false, true, false, SIGINT, 0, "% 3 records delivered to t\n", "", ""},
		{{3, 2, 1}, 0, false, true, false, SIGINT, KT_SIGNAL + SIGINT, "% 2 records delivered to t\n",
			"ended by a signal: 2 delivered, 1 not", ""},
		{{3, 3, 0}, 0, false, false, true, SIGTERM, 0, "% 3 records delivered to t\n", "", ""},
		{{3, 2, 1}, 0, false, false, true, SIGTERM, KT_PARTIAL, "% 2 records delivered to t\n",
			"1 of 3 records not delivered", ""},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		int status;
		fflush(stdout);
		pid_t pid = fork();
		if (pid == 0)
			_exit(end_as(&rows[i]) != 0);
		waitpid(pid, &status, 0);
		CHECK_INT(status, 0);
	}
}
