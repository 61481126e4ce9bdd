#include "groups.h"

#include "client.h"
#include "groupbatch.h"
#include "groupedit.h"
#include "mock.h"
#include "sig.h"
#include "tap.h"

static struct kt_group group;

static struct kt_group_part *add(const char *topic, int32_t partition, int64_t committed, int member)
{
	struct kt_group_part *part = kt_group_part(&group, topic, partition);
	part->committed = committed;
	part->member = member;
	return part;
}

static void reset(void)
{
	for (size_t i = 0; i < group.n_parts; i++)
		free(group.parts[i].log.topic);
	free(group.parts);
	group = (struct kt_group){0};
}

TEST(what_is_known_of_a_partition_comes_together)
{
	add("b", 1, KT_NO_OFFSET, 2);
	add("b", 0, 7, -1);
	add("a", 10, 3, -1);
	add("b", 1, 9, -1);
	add("a", 9, KT_NO_OFFSET, -1)->code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
	add("a", 9, KT_NO_OFFSET, 0);
	kt_group_settle(&group);
	static const struct {
		const char *topic;
		int32_t partition;
		int64_t committed;
		int member;
		int code;
	} rows[] = {
		{"a", 9, KT_NO_OFFSET, 0, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE},
		{"a", 10, 3, -1, 0},
		{"b", 0, 7, -1, 0},
		{"b", 1, 9, 2, 0},
	};
	CHECK_INT(group.n_parts, KT_LEN(rows));
	for (size_t i = 0; i < KT_LEN(rows) && i < group.n_parts; i++) {
		const struct kt_group_part *part = kt_group_find(&group, rows[i].topic, rows[i].partition);
		CHECK(part == &group.parts[i]);
		CHECK_INT(part->committed, rows[i].committed);
		CHECK_INT(part->member, rows[i].member);
		CHECK_INT(part->code, rows[i].code);
	}
	CHECK(!kt_group_find(&group, "a", 0));
	CHECK(!kt_group_find(&group, "c", 0));
	reset();
	kt_group_settle(&group);
	CHECK(!kt_group_find(&group, "a", 0));
}

TEST(lag)
{
	static const struct {
		int64_t committed, end;
		int code;
		int64_t lag;
	} rows[] = {
		{0, 0, 0, 0},
		{3, 10, 0, 7},
		{10, 10, 0, 0},
		{11, 10, 0, 0},
		{KT_NO_OFFSET, 10, 0, -1},
		{3, 10, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, -1},
		{0, INT64_MAX, 0, INT64_MAX},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_group_part part = {.committed = rows[i].committed,
			.log.log_end = rows[i].end,
			.code = (rd_kafka_resp_err_t)rows[i].code};
		CHECK_INT(kt_group_lag(&part), rows[i].lag);
	}
}

TEST(total)
{
	CHECK_INT(kt_group_total(&group).lag, -1);
	add("a", 0, KT_NO_OFFSET, -1)->log.log_end = 5;
	CHECK_INT(kt_group_total(&group).lag, 5);
	group.parts[0].log.begin = 3;
	CHECK_INT(kt_group_total(&group).lag, 2);
	add("a", 1, 5, -1)->log.log_end = 5;
	CHECK_INT(kt_group_total(&group).lag, 2);
	add("a", 2, 1, -1)->log.log_end = 5;
	add("a", 3, 2, -1)->log.log_end = 5;
	add("a", 4, 2, -1)->code = RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
	struct kt_group_total all = kt_group_total(&group);
	CHECK_INT(all.lag, -1);
	CHECK_INT(all.known, 9);
	CHECK_INT(all.unread, 2);
	CHECK_INT(all.uncommitted, 1);
	CHECK_INT(all.unknown, 1);
	reset();
}

TEST(who_counts_as_active)
{
	static char here[] = "h:1";
	static const struct {
		char *address; /* NULL: nobody was asked */
		rd_kafka_consumer_group_state_t state;
		size_t members;
		bool active;
	} rows[] = {
		{here, RD_KAFKA_CONSUMER_GROUP_STATE_STABLE, 1, true},
		{here, RD_KAFKA_CONSUMER_GROUP_STATE_STABLE, 0, true},
		{here, RD_KAFKA_CONSUMER_GROUP_STATE_PREPARING_REBALANCE, 0, true},
		{here, RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN, 0, true},
		{here, RD_KAFKA_CONSUMER_GROUP_STATE_EMPTY, 0, false},
		{here, RD_KAFKA_CONSUMER_GROUP_STATE_DEAD, 0, false},
		{NULL, RD_KAFKA_CONSUMER_GROUP_STATE_UNKNOWN, 0, false},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_group g = {.address = rows[i].address, .state = rows[i].state, .n_members = rows[i].members};
		CHECK_INT(kt_group_is_active(&g), rows[i].active);
	}
}

TEST(groups_by_name)
{
	struct kt_groups groups = {0};
	for (int i = 0; i < 20; i++) {
		char name[8];
		snprintf(name, sizeof(name), "g%d", i);
		struct kt_group *g = kt_groups_add(&groups, name);
		CHECK_STR(g->name, name);
		CHECK_INT(g->coordinator, -1);
	}
	CHECK_INT(groups.n, 20);
	kt_groups_fini(&groups);
	CHECK_INT(groups.n, 0);
	kt_groups_fini(&groups);
}

static size_t asked[8], n_asked;
static int left;

/* The coordinator of group "late" answers at the third try, that of "never" never does. */
static int ask(struct kt_client *c, struct kt_group *const *v, size_t n, const struct kt_groupbatch *rounds,
	int64_t left_ms, struct kt_err *err)
{
	(void)c, (void)rounds, (void)err, (void)left_ms;
	if (n_asked < KT_LEN(asked))
		asked[n_asked] = n;
	n_asked++;
	left--;
	for (size_t i = 0; i < n; i++)
		v[i]->code = !strcmp(v[i]->name, "never") || (!strcmp(v[i]->name, "late") && left > 0)
				     ? RD_KAFKA_RESP_ERR_NOT_COORDINATOR
				     : RD_KAFKA_RESP_ERR_NO_ERROR;
	return 0;
}

TEST(asked_again_while_coordinators_change)
{
	static char a[] = "a", late[] = "late", never[] = "never", hidden[] = "hidden";
	struct kt_group v[] = {{.name = a}, {.name = late}, {.name = never},
		{.name = hidden, .code = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED}};
	struct kt_group *groups[] = {&v[0], &v[1], &v[3], &v[2]};
	struct kt_err err = {0};
	left = 3;
	CHECK_INT(
		kt_groupbatch_run(NULL, groups, 3, &(struct kt_groupbatch){.ask = ask, .timeout_ms = 60000}, &err), 0);
	CHECK_INT(n_asked, 3);
	CHECK_INT(asked[0], 2);
	CHECK_INT(asked[1], 1);
	CHECK_INT(v[1].code, 0);
	CHECK_INT(v[3].code, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
	CHECK_INT(kt_groupbatch_run(NULL, groups + 3, 1, &(struct kt_groupbatch){.ask = ask, .timeout_ms = 120}, &err),
		0);
	CHECK_INT(v[2].code, RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
}

TEST(tries_take_twice_as_long_each)
{
	struct kt_grouptries tries = {.timeout_ms = 60000};
	CHECK_INT(kt_grouptries_ms(&tries), 2000);
	CHECK(kt_grouptries_passing(&tries, RD_KAFKA_RESP_ERR__TIMED_OUT));
	CHECK(kt_grouptries_passing(&tries, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE));
	CHECK(!kt_grouptries_passing(&tries, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED));
	CHECK(!kt_grouptries_passing(&tries, RD_KAFKA_RESP_ERR_NO_ERROR));
	CHECK_INT(kt_grouptries_ms(&tries), 4000);
	CHECK_INT(kt_grouptries_ms(&tries), 8000);
	/* The last one. */
	tries = (struct kt_grouptries){.timeout_ms = 1500};
	CHECK(kt_grouptries_ms(&tries) <= 1500);
	CHECK(!kt_grouptries_passing(&tries, RD_KAFKA_RESP_ERR__TIMED_OUT));
	CHECK(kt_grouptries_passing(&tries, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE));
}

/* Should the library ever go on asking by itself, shares are not needed any more. */
TEST(a_coordinator_that_is_long_in_coming)
{
	struct kt_mock *mock;
	struct kt_err err = {0};
	char answer[64];
	static char name[] = "g";
	struct kt_group one = {.name = name}, *groups[] = {&one};
	kt_auto(kt_settings_fini) struct kt_settings s = {0};
	kt_auto(kt_client_fini) struct kt_client *c = NULL;
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_topic_partition_list_add(list, "t", 0)->offset = 7;
	kt_sig_block();
	CHECK_INT(kt_mock_start(&mock, 1, 0, NULL, &err), 0);
	CHECK_INT(kt_mock_tell(mock, "create t 1", answer, sizeof(answer), &err), 0);
	kt_settings_put(&s, KT_RANK_FLAG, "bootstrap.servers", kt_mock_bootstrap(mock), "test");
	CHECK_INT(kt_client_open(&c, KT_ROLE_ADMIN, &s, NULL, &err), 0);
	CHECK_INT(kt_client_reach(c, 60000, &err), 0);
	char three[] = "error FindCoordinator COORDINATOR_NOT_AVAILABLE 3";
	CHECK_INT(kt_mock_tell(mock, three, answer, sizeof(answer), &err), 0);
	CHECK_INT(kt_groups_commits(c, groups, 1, list, 60000, &err), 0);
	CHECK_INT(one.code, 0);
	char again[] = "error FindCoordinator COORDINATOR_NOT_AVAILABLE 3";
	CHECK_INT(kt_mock_tell(mock, again, answer, sizeof(answer), &err), 0);
	CHECK_INT(kt_group_commit(c, name, list, 60000, &err), 0);
	CHECK_INT(list->elems[0].err, 0);
	kt_client_close(kt_steal(c));
	kt_mock_stop(mock);
}

TEST(many_groups_in_portions)
{
	enum { MANY = 450 };
	static struct kt_group v[MANY];
	static struct kt_group *groups[MANY];
	static char name[] = "g";
	struct kt_err err = {0};
	for (size_t i = 0; i < MANY; i++) {
		v[i].name = name;
		groups[i] = &v[i];
	}
	n_asked = 0;
	CHECK_INT(kt_groupbatch_run(NULL, groups, MANY, &(struct kt_groupbatch){.ask = ask, .timeout_ms = 1000}, &err),
		0);
	CHECK_INT(n_asked, 3);
	CHECK_INT(asked[0] + asked[1] + asked[2], MANY);
}
