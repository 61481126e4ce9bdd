/* What kt serve sets for its producer, and what it leaves to whoever has said otherwise. */
#include "serve.h"
#include "tap.h"

TEST(what_is_said_on_the_command_line_counts_more_than_a_default)
{
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	/* The loader files message.timeout.ms under this name. */
	kt_settings_put(&settings, KT_RANK_FLAG, "delivery.timeout.ms", "2000", "-X");
	kt_serve_settings(&settings, 10000);
	CHECK_STR(kt_settings_text(&settings, "delivery.timeout.ms", "none"), "2000");
	CHECK_STR(kt_settings_text(&settings, "message.timeout.ms", "none"), "none");
	CHECK_STR(kt_settings_text(&settings, "linger.ms", "none"), "1");
}

TEST(a_record_is_given_up_with_its_request)
{
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_serve_settings(&settings, 10000);
	CHECK_STR(kt_settings_text(&settings, "delivery.timeout.ms", "none"), "10000");
	CHECK_STR(kt_settings_text(&settings, "allow.auto.create.topics", "none"), "false");
}
