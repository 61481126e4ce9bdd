/* The store of kt sink files, without a broker: what counts where something cannot be written. */
#include "sinkfiles.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static const struct kt_owner nobody;
static const struct kt_strs none;
static char top[] = "/tmp/kt-sinkfiles-test-XXXXXX";
static struct kt_err err;

static void open_store(struct kt_sinkfiles **files, struct kt_sinkstore *store)
{
	const struct kt_sinkfiles_how how = {
		.owner = &nobody, .path = top, .lines.columns = &none, .roll_bytes = 1 << 20, .roll_ms = 3600000};
	CHECK_INT(kt_sinkfiles_open(files, &how, &err), 0);
	*store = kt_sinkfiles_store(*files);
}

static int take(const struct kt_sinkstore *store, int32_t partition, int64_t offset)
{
	const struct kt_record record = {
		.topic = {"t", 1}, .partition = partition, .offset = offset, .value = {"{}", 2}};
	return store->take(store->user, &record, &err);
}

/* Where a partition goes on; -1: it has no file. */
static int64_t next_of(const struct kt_sinkfiles *files, int32_t partition)
{
	size_t n;
	const struct kt_sinkplace *places = kt_sinkfiles_places(files, &n);
	for (size_t i = 0; i < n; i++)
		if (places[i].partition == partition)
			return places[i].next;
	return -1;
}

/* With as many files as may be open, one has to be written before another is begun. */
TEST(a_record_that_was_not_taken_is_in_no_file)
{
	kt_auto(kt_sinkfiles_close) struct kt_sinkfiles *files = NULL;
	struct kt_sinkstore store;
	char command[100], way[100];
	CHECK(mkdtemp(top) != NULL);
	open_store(&files, &store);
	for (int32_t i = 0; i < KT_SINKFILES_OPEN; i++)
		CHECK_INT(take(&store, i, 0), 0);
	snprintf(way, sizeof(way), "%s/.t.0.jsonl.part", top);
	CHECK_INT(mkdir(way, 0700), 0);
	CHECK_INT(take(&store, KT_SINKFILES_OPEN, 0), -1);
	CHECK(strstr(err.msg, "is in the way: it is not a file") != NULL);
	CHECK_INT(store.commit(store.user, NULL, &err), -1);
	CHECK(strstr(err.msg, "t [0] was not written from offset 0 on") != NULL);
	kt_sinkfiles_close(&files);
	CHECK_INT(rmdir(way), 0);
	open_store(&files, &store);
	CHECK_INT(next_of(files, 0), -1);
	CHECK_INT(next_of(files, 1), 1);
	CHECK_INT(next_of(files, KT_SINKFILES_OPEN - 1), 1);
	CHECK_INT(next_of(files, KT_SINKFILES_OPEN), -1);
	snprintf(command, sizeof(command), "rm -r %s", top);
	CHECK_INT(system(command), 0);
}

static int pass(const struct kt_sinkstore *store, int64_t offset)
{
	const struct kt_record record = {.topic = {"t", 1}, .offset = offset};
	return store->pass(store->user, &record, &err);
}

static bool is_there(const char *name)
{
	char path[100];
	snprintf(path, sizeof(path), "%s/%s", top, name);
	return access(path, F_OK) == 0;
}

/* What filters leave out is between two records of a file, or in front of the first one. */
TEST(a_span_has_what_was_left_out)
{
	kt_auto(kt_sinkfiles_close) struct kt_sinkfiles *files = NULL;
	struct kt_sinkstore store;
	char command[100];
	CHECK_INT(mkdir(top, 0700), 0);
	open_store(&files, &store);
	CHECK_INT(pass(&store, 5), 0);
	CHECK_INT(pass(&store, 7), 0);
	CHECK_INT(take(&store, 0, 9), 0);
	CHECK_INT(pass(&store, 12), 0);
	CHECK_INT(store.commit(store.user, NULL, &err), 0);
	CHECK(is_there("t.0.5-12.jsonl"));
	CHECK_INT(pass(&store, 13), 0);
	CHECK_INT(store.commit(store.user, NULL, &err), 0);
	CHECK_INT(take(&store, 0, 20), 0);
	CHECK_INT(store.commit(store.user, NULL, &err), 0);
	CHECK(is_there("t.0.13-20.jsonl"));
	CHECK_INT(pass(&store, 21), 0);
	CHECK_INT(pass(&store, 20), -1);
	CHECK(strstr(err.msg, "t [0] goes on at offset 20, and") != NULL);
	kt_sinkfiles_close(&files);
	open_store(&files, &store);
	CHECK_INT(next_of(files, 0), 21);
	snprintf(command, sizeof(command), "rm -r %s", top);
	CHECK_INT(system(command), 0);
}
