#include "waiting.h"

#include "tap.h"
#include "when.h"

struct heard {
	int n;
	char what[64];
	int64_t ms;
	bool over;
};

static bool hear(void *user, const char *what, int64_t ms)
{
	struct heard *h = user;
	h->n++;
	h->over = !what;
	h->ms = ms;
	snprintf(h->what, sizeof(h->what), "%s", what ? what : "");
	return what != NULL;
}

TEST(a_short_wait_is_nobodys_business)
{
	struct heard h = {0};
	const struct kt_owner owner = {.user = &h, .waiting = hear};
	struct kt_waiting wait = {.owner = &owner};
	CHECK(!kt_waiting_say(&wait, "%d", 1));
	CHECK(!kt_waiting_say(&wait, "%d", 2));
	kt_waiting_end(&wait);
	CHECK_INT(h.n, 0);
}

TEST(a_long_one_is_told_until_it_is_over)
{
	struct heard h = {0};
	const struct kt_owner owner = {.user = &h, .waiting = hear};
	struct kt_waiting wait = {.owner = &owner, .start_us = kt_clock_us() - 90500000};
	CHECK(kt_waiting_say(&wait, "%s to answer", "b:9092"));
	CHECK_STR(h.what, "b:9092 to answer");
	CHECK_INT(h.ms / 1000, 90);
	/* Not more often than one can read. */
	wait.said_us = kt_clock_us() + 1000000;
	CHECK(kt_waiting_say(&wait, "again"));
	CHECK_INT(h.n, 1);
	kt_waiting_end(&wait);
	CHECK(h.over);
	kt_waiting_end(&wait);
	CHECK_INT(h.n, 2);
}

TEST(who_stood_still_waited_for_nobody)
{
	struct heard h = {0};
	const struct kt_owner owner = {.user = &h, .waiting = hear};
	struct kt_waiting wait = {.owner = &owner};
	CHECK(!kt_waiting_say(&wait, "first"));
	/* As if it had been a minute ago. */
	wait.start_us -= 60000000;
	wait.looked_us -= 60000000;
	CHECK(!kt_waiting_say(&wait, "later"));
	wait.start_us -= 600000;
	CHECK(kt_waiting_say(&wait, "for long enough"));
	CHECK(h.ms < 60000);
}

TEST(nobody_has_to_listen)
{
	const struct kt_owner deaf = {0};
	struct kt_waiting wait = {.start_us = 1}, other = {.owner = &deaf, .start_us = 1};
	CHECK(!kt_waiting_say(&wait, "x"));
	CHECK(!kt_waiting_say(&other, "x"));
	kt_waiting_end(&wait);
	kt_waiting_end(&other);
}
