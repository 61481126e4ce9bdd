/* Which brokers hold which partitions of a new topic. */
#include "admin.h"
#include "mem.h"
#include "num.h"

/* The brokers of one partition, appended to *ids of n. */
static int read_partition(struct kt_assignment *out, const char *text, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs brokers = {0};
	kt_strs_split(&brokers, text, ":");
	int n = (int)brokers.n;
	if (!n || (out->partitions && n != out->replicas))
		return kt_err_set(err, KT_USAGE, "partition %d has %d replica%s, and partition 0 has %d",
			out->partitions, n, kt_plural(n), out->replicas);
	out->replicas = n;
	out->ids = kt_realloc(out->ids, (size_t)(out->partitions + 1) * brokers.n * sizeof(*out->ids));
	int32_t *ids = out->ids + (ptrdiff_t)out->partitions * n;
	for (int i = 0; i < n; i++) {
		int64_t id;
		if (kt_parse_i64(brokers.v[i], 0, INT32_MAX, &id, err) < 0)
			return -1;
		ids[i] = (int32_t)id;
		for (int k = 0; k < i; k++)
			if (ids[k] == ids[i])
				return kt_err_set(err, KT_USAGE, "partition %d names broker %d twice", out->partitions,
					(int)ids[i]);
	}
	out->partitions++;
	return 0;
}

int kt_assignment_parse(struct kt_assignment *out, const char *text, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs partitions = {0};
	kt_strs_split(&partitions, text, ",");
	if (!partitions.n || partitions.n > KT_TOPIC_MAX_PARTITIONS)
		return kt_err_set(err, KT_USAGE, "1 to %d partitions are needed", KT_TOPIC_MAX_PARTITIONS);
	for (size_t i = 0; i < partitions.n; i++)
		if (read_partition(out, partitions.v[i], err) < 0)
			return -1;
	return 0;
}

void kt_assignment_fini(struct kt_assignment *assignment)
{
	free(assignment->ids);
	*assignment = (struct kt_assignment){0};
}
