#include "partitions.h"

#include "tap.h"

TEST(an_entry_for_each_partition)
{
	struct kt_partitions parts = {0};
	CHECK(!kt_partitions_find(&parts, "a", 0));
	CHECK_INT(kt_partitions_assigned(&parts), 0);
	for (int32_t i = 0; i < 100; i++) {
		struct kt_partition *part = kt_partitions_add(&parts, i % 2 ? "odd" : "even", i);
		CHECK_INT(part->partition, i);
		CHECK_STR(part->topic, i % 2 ? "odd" : "even");
		CHECK_INT(part->topic_len, i % 2 ? 3 : 4);
		CHECK(!part->known && !part->assigned && !part->done);
		part->start = 1000 + i;
	}
	CHECK_INT(parts.n, 100);
	CHECK_INT(kt_partitions_add(&parts, "odd", 7)->start, 1007);
	CHECK_INT(parts.n, 100);
	CHECK_INT(kt_partitions_find(&parts, "even", 98)->start, 1098);
	CHECK(!kt_partitions_find(&parts, "even", 7));
	CHECK(!kt_partitions_find(&parts, "od", 7));
	kt_partitions_fini(&parts);
	CHECK_INT(parts.n, 0);
	kt_partitions_fini(&parts);
}

TEST(assigned_and_open_ones_are_counted)
{
	static const struct {
		bool assigned, done;
		size_t n_assigned, n_open; /* with all rows so far */
	} rows[] = {
		{true, false, 1, 1},
		{true, true, 2, 1},
		{false, false, 2, 1},
		{false, true, 2, 1},
		{true, false, 3, 2},
	};
	struct kt_partitions parts = {0};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		struct kt_partition *part = kt_partitions_add(&parts, "t", (int32_t)i);
		part->assigned = rows[i].assigned;
		part->done = rows[i].done;
		CHECK_INT(kt_partitions_assigned(&parts), rows[i].n_assigned);
		CHECK_INT(kt_partitions_open(&parts), rows[i].n_open);
	}
	kt_partitions_fini(&parts);
}

/* Messages as librdkafka gives them, of topics that no broker needs to know. */
TEST(messages_find_their_entries)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_set(conf, "log_level", "0", NULL, 0);
	rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, NULL, 0);
	rd_kafka_topic_t *a = rd_kafka_topic_new(rk, "a", NULL), *b = rd_kafka_topic_new(rk, "b", NULL);
	struct kt_partitions parts = {0};
	static const struct {
		int topic;
		int32_t partition;
		int64_t entry; /* -1: none */
	} rows[] = {
		{0, 0, 0}, {0, 0, 0}, {1, 0, 2}, {0, 0, 0}, {0, 1, 1}, {0, 2, -1}, {0, 1, 1}, {1, 1, -1}, {1, 0, 2}};
	kt_partitions_add(&parts, "a", 0);
	kt_partitions_add(&parts, "a", 1);
	kt_partitions_add(&parts, "b", 0);
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		rd_kafka_message_t message = {.rkt = rows[i].topic ? b : a, .partition = rows[i].partition};
		struct kt_partition *part = kt_partitions_of(&parts, &message);
		CHECK_INT(part ? part - parts.v : -1, rows[i].entry);
	}
	kt_partitions_fini(&parts);
	rd_kafka_message_t message = {.rkt = a};
	CHECK(!kt_partitions_of(&parts, &message));
	rd_kafka_topic_destroy(a);
	rd_kafka_topic_destroy(b);
	rd_kafka_destroy(rk);
}

TEST(each_start_has_its_word)
{
	static const struct {
		enum kt_start_why why;
		const char *word;
	} rows[] = {
		{KT_START_COMMITTED, "committed"},
		{KT_START_BEGINNING, "beginning"},
		{KT_START_END, "end"},
		{KT_START_ASKED, "asked for"},
		{KT_START_RESUMED, "where it was"},
		{KT_START_EXPIRED, "moved: the offset is gone"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++)
		CHECK_STR(kt_start_names[rows[i].why], rows[i].word);
}
