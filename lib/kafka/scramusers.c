#include "scramusers.h"

#include "adminrequest.h"
#include "mem.h"
#include "version.h"

const char *kt_scramuser_mechanism(int mechanism)
{
	return mechanism == KT_SCRAM_256 ? "SCRAM-SHA-256" : mechanism == KT_SCRAM_512 ? "SCRAM-SHA-512" : "UNKNOWN";
}

void kt_scramusers_fini(struct kt_scramusers *users)
{
	for (size_t i = 0; i < users->n; i++)
		free(users->v[i].name);
	free(users->v);
	*users = (struct kt_scramusers){0};
}

#if RD_KAFKA_VERSION >= 0x020200ff

int kt_scramusers_can(struct kt_err *err)
{
	(void)err;
	return 0;
}

static int refuse(
	struct kt_client *c, const char *doing, const rd_kafka_error_t *error, const char *right, struct kt_err *err)
{
	rd_kafka_resp_err_t code = rd_kafka_error_code(error);
	/* "Attempt to describe a user credential that does not exist" */
	if (code == RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND)
		return kt_err_set(err, KT_NOT_FOUND, "%s: there is no such credential", doing);
	kt_adminrequest_refused(c, doing, code, rd_kafka_error_string(error), err);
	return code == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED
		       ? kt_err_hint(err, "it needs the right to %s the cluster", right)
		       : -1;
}

static int refuse_all(
	struct kt_client *c, const char *doing, rd_kafka_event_t *event, const char *right, struct kt_err *err)
{
	rd_kafka_error_t *error =
		rd_kafka_error_new(rd_kafka_event_error(event), "%s", rd_kafka_event_error_string(event));
	int result = refuse(c, doing, error, right, err);
	rd_kafka_error_destroy(error);
	return result;
}

static void take(struct kt_scramusers *out, const rd_kafka_UserScramCredentialsDescription_t *user)
{
	size_t n = rd_kafka_UserScramCredentialsDescription_scramcredentialinfo_count(user);
	for (size_t i = 0; i < n; i++) {
		const rd_kafka_ScramCredentialInfo_t *info =
			rd_kafka_UserScramCredentialsDescription_scramcredentialinfo(user, i);
		out->v = kt_grow(out->v, &out->cap, out->n + 1, sizeof(*out->v));
		out->v[out->n++] =
			(struct kt_scramuser){.name = kt_strdup(rd_kafka_UserScramCredentialsDescription_user(user)),
				.mechanism = (int)rd_kafka_ScramCredentialInfo_mechanism(info),
				.iterations = rd_kafka_ScramCredentialInfo_iterations(info)};
	}
}

static int compare(const void *a, const void *b)
{
	const struct kt_scramuser *x = a, *y = b;
	int order = strcmp(x->name, y->name);
	return order ? order : x->mechanism - y->mechanism;
}

static int take_answer(struct kt_client *c, rd_kafka_event_t *event, struct kt_scramusers *out, struct kt_err *err)
{
	size_t n = 0;
	const rd_kafka_DescribeUserScramCredentials_result_t *result =
		rd_kafka_event_DescribeUserScramCredentials_result(event);
	const rd_kafka_UserScramCredentialsDescription_t **users =
		result ? rd_kafka_DescribeUserScramCredentials_result_descriptions(result, &n) : NULL;
	int refused = 0;
	for (size_t i = 0; i < n; i++) {
		const rd_kafka_error_t *error = rd_kafka_UserScramCredentialsDescription_error(users[i]);
		kt_auto(kt_free_ptr) char *doing =
			kt_asprintf("user %.200s", rd_kafka_UserScramCredentialsDescription_user(users[i]));
		if (error && rd_kafka_error_code(error))
			refused = refuse(c, doing, error, "Describe", err);
		else
			take(out, users[i]);
	}
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare);
	return refused;
}

int kt_scramusers_list(struct kt_client *c, const struct kt_strs *names, int64_t timeout_ms, struct kt_scramusers *out,
	struct kt_err *err)
{
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	if (kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_DESCRIBEUSERSCRAMCREDENTIALS, timeout_ms, err) < 0)
		return -1;
	rd_kafka_DescribeUserScramCredentials(kt_client_handle(c), names ? (const char **)(void *)names->v : NULL,
		names ? names->n : 0, r.options, r.queue);
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "listing users");
	if (rd_kafka_event_error(event))
		return refuse_all(c, "listing users", event, "Describe", err);
	return take_answer(c, event, out, err);
}

/* Takes the alteration. */
static int alter(struct kt_client *c, const char *doing, rd_kafka_UserScramCredentialAlteration_t *alteration,
	int64_t timeout_ms, struct kt_err *err)
{
	size_t n = 0;
	kt_auto(kt_adminrequest_fini) struct kt_adminrequest r = {0};
	int result = kt_adminrequest_init(&r, c, RD_KAFKA_ADMIN_OP_ALTERUSERSCRAMCREDENTIALS, timeout_ms, err);
	if (result == 0)
		rd_kafka_AlterUserScramCredentials(kt_client_handle(c), &alteration, 1, r.options, r.queue);
	rd_kafka_UserScramCredentialAlteration_destroy(alteration);
	if (result < 0)
		return -1;
	kt_auto(kt_adminrequest_free_event) rd_kafka_event_t *event = kt_adminrequest_await(&r, err);
	if (!event)
		return kt_err_wrap(err, "%s", doing);
	if (rd_kafka_event_error(event))
		return refuse_all(c, doing, event, "Alter", err);
	const rd_kafka_AlterUserScramCredentials_result_response_t **answers =
		rd_kafka_AlterUserScramCredentials_result_responses(
			rd_kafka_event_AlterUserScramCredentials_result(event), &n);
	if (n != 1)
		return kt_err_set(err, KT_FAILED, "%s: the answer does not mention it", doing);
	const rd_kafka_error_t *error = rd_kafka_AlterUserScramCredentials_result_response_error(answers[0]);
	return error && rd_kafka_error_code(error) ? refuse(c, doing, error, "Alter", err) : 0;
}

int kt_scramuser_set(struct kt_client *c, const struct kt_scramuser *user, struct kt_bytes password, int64_t timeout_ms,
	struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *doing = kt_asprintf("setting the password of user %.200s", user->name);
	return alter(c, doing,
		rd_kafka_UserScramCredentialUpsertion_new(user->name, (rd_kafka_ScramMechanism_t)user->mechanism,
			user->iterations, (const unsigned char *)password.data, password.len, NULL, 0),
		timeout_ms, err);
}

int kt_scramuser_remove(struct kt_client *c, const char *name, int mechanism, int64_t timeout_ms, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *doing =
		kt_asprintf("removing the password of user %.200s for %s", name, kt_scramuser_mechanism(mechanism));
	return alter(c, doing, rd_kafka_UserScramCredentialDeletion_new(name, (rd_kafka_ScramMechanism_t)mechanism),
		timeout_ms, err);
}

#else

int kt_scramusers_can(struct kt_err *err)
{
	kt_err_set(err, KT_FAILED, "SCRAM users need librdkafka 2.2 or newer; this one is %s", kt_rdkafka_version());
	return kt_err_hint(err, "kafka-configs.sh --entity-type users can do it");
}

int kt_scramusers_list(struct kt_client *c, const struct kt_strs *names, int64_t timeout_ms, struct kt_scramusers *out,
	struct kt_err *err)
{
	(void)c, (void)names, (void)timeout_ms, (void)out;
	return kt_scramusers_can(err);
}

int kt_scramuser_set(struct kt_client *c, const struct kt_scramuser *user, struct kt_bytes password, int64_t timeout_ms,
	struct kt_err *err)
{
	(void)c, (void)user, (void)password, (void)timeout_ms;
	return kt_scramusers_can(err);
}

int kt_scramuser_remove(struct kt_client *c, const char *name, int mechanism, int64_t timeout_ms, struct kt_err *err)
{
	(void)c, (void)name, (void)mechanism, (void)timeout_ms;
	return kt_scramusers_can(err);
}

#endif
