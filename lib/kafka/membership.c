#include "membership.h"

#include "when.h"

enum { JOIN_MS = 3000 };

int kt_membership_join(struct kt_client *c, const struct kt_strs *topics, const char *group, struct kt_err *err)
{
	kt_auto(kt_client_free_list) rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)topics->n);
	for (size_t i = 0; i < topics->n; i++)
		rd_kafka_topic_partition_list_add(list, topics->v[i], RD_KAFKA_PARTITION_UA);
	rd_kafka_resp_err_t code = rd_kafka_subscribe(kt_client_handle(c), list);
	return code ? kt_client_fail(c, code, err, "joining group %s", group) : 0;
}

bool kt_membership_is_cooperative(struct kt_client *c)
{
	const char *protocol = rd_kafka_rebalance_protocol(kt_client_handle(c));
	return protocol && !strcmp(protocol, "COOPERATIVE");
}

int kt_membership_change(
	struct kt_client *c, bool take, const rd_kafka_topic_partition_list_t *partitions, struct kt_err *err)
{
	rd_kafka_t *rk = kt_client_handle(c);
	rd_kafka_error_t *error = NULL;
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	if (!kt_membership_is_cooperative(c)) {
		code = rd_kafka_assign(rk, take ? partitions : NULL);
	} else {
		error = take ? rd_kafka_incremental_assign(rk, partitions)
			     : rd_kafka_incremental_unassign(rk, partitions);
		code = error ? rd_kafka_error_code(error) : code;
	}
	if (error)
		rd_kafka_error_destroy(error);
	return code ? kt_client_fail(c, code, err, "%s partitions", take ? "taking" : "giving up") : 0;
}

bool kt_membership_is_shut_out(struct kt_client *c, int64_t joined_us)
{
	return kt_client_is_refused(c) && kt_clock_us() - joined_us >= JOIN_MS * 1000;
}

bool kt_membership_is_over(rd_kafka_resp_err_t code)
{
	switch (code) {
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
	case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
		return true;
	default:
		return false;
	}
}
