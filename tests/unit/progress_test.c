#include "progress.h"

#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hear.h"
#include "say.h"
#include "tap.h"
#include "when.h"

static char shown[4096];

/* Runs show() in a process whose stderr is a terminal of that many columns; what it showed is in shown. The terminal is
 * kept open on this side too: when its last user goes, the kernel may drop what has not been read yet. */
static void on_a_terminal(void (*show)(void), unsigned short columns)
{
	int master, slave, status;
	size_t len = 0;
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	fflush(stdout);
	if (openpty(&master, &slave, NULL, NULL, &size) < 0)
		abort();
	pid_t pid = fork();
	if (pid == 0) {
		dup2(slave, STDERR_FILENO);
		show();
		kt_say_plain(".");
		_exit(0);
	}
	shown[0] = '\0';
	for (struct pollfd ready = {.fd = master, .events = POLLIN};
		!strstr(shown, ".\r\n") && poll(&ready, 1, 60000) > 0;) {
		ssize_t n = read(master, shown + len, sizeof(shown) - 1 - len);
		if (n <= 0)
			break;
		len += (size_t)n;
		shown[len] = '\0';
	}
	waitpid(pid, &status, 0);
	CHECK_INT(status, 0);
	close(slave);
	close(master);
}

/* A run that has been going on for so long, and was last shown so long ago. */
static struct kt_progress going(int64_t for_ms, int64_t shown_ms_ago, int64_t shown_records)
{
	int64_t now_us = kt_clock_us();
	return (struct kt_progress){now_us - for_ms * 1000, now_us - shown_ms_ago * 1000, shown_records};
}

/* Whether it shows what is right, in one of ten tries: where a machine stands still for a moment between two looks at
 * the clock, something else is. */
static bool shows(void (*show)(void), bool (*right)(void))
{
	for (int tries = 0; tries < 10; tries++) {
		on_a_terminal(show, 80);
		if (right())
			return true;
	}
	printf("# shown: %s\n", shown);
	return false;
}

static void show_early(void)
{
	struct kt_progress p = {0};
	for (int i = 0; i < 1000; i++)
		kt_progress_records(&p, i);
	p = going(900, 900, 0);
	kt_progress_records(&p, 5);
}

static bool nothing(void)
{
	return !strcmp(shown, ".\r\n");
}

TEST(nothing_in_the_first_second)
{
	CHECK(shows(show_early, nothing));
}

static void show_once(void)
{
	struct kt_progress p = going(20000, 10000, 234567);
	kt_progress_records(&p, 1234567);
	for (int i = 0; i < 10; i++)
		kt_progress_records(&p, 2000000); /* too soon */
}

static bool only_the_first(void)
{
	static const char line[] = "\r\033[K1,234,567 records, ";
	return !strncmp(shown, line, strlen(line)) && strstr(shown, "/s\r\033[K.\r\n") && !strstr(shown, "2,000,000");
}

TEST(five_times_a_second_at_most)
{
	CHECK(shows(show_once, only_the_first));
}

/* A million records in ten seconds, plus whatever the machine took between two looks at the clock. */
static bool a_hundred_thousand_per_second(void)
{
	const char *rate = strstr(shown, "records, ");
	long thousands = rate ? strtol(rate + strlen("records, "), NULL, 10) : -1;
	return thousands > 80 && thousands <= 100;
}

TEST(the_rate_is_that_since_it_was_shown)
{
	CHECK(shows(show_once, a_hundred_thousand_per_second));
}

TEST(a_narrow_terminal_gets_what_fits)
{
	on_a_terminal(show_once, 12);
	CHECK(!strncmp(shown, "\r\033[K1,234,567 r\r\033[K", 19));
}

/* A quarter in 20 seconds. */
static void show_share(void)
{
	struct kt_progress p = going(20000, 10000, 0);
	p.done = 250;
	p.total = 1000;
	kt_progress_records(&p, 99);
	p = going(20000, 10000, 0);
	p.done = p.total = 1000;
	kt_progress_records(&p, 98);
}

TEST(how_much_is_done_and_how_long_the_rest_takes)
{
	on_a_terminal(show_share, 80);
	CHECK(strstr(shown, "99 records, ") && strstr(shown, "/s, 25%, 1 min ") && strstr(shown, " left\r"));
	const char *last = strstr(shown, "98 records");
	CHECK(last && !strstr(last, "%"));
}

static void show_under_q(void)
{
	kt_say_level(KT_QUIET);
	show_once();
}

TEST(nothing_under_q)
{
	on_a_terminal(show_under_q, 80);
	CHECK_STR(shown, ".\r\n");
}

TEST(nothing_without_a_terminal)
{
	hear_stderr();
	show_once();
	CHECK_STR(heard(), "");
}
