/* kt user set: a user's password for SCRAM. */
#include "ask.h"
#include "cmd.h"
#include "file.h"
#include "mem.h"
#include "say.h"
#include "scramusers.h"
#include "topicselect.h"

static const char *const mechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-512", NULL};

enum {
	LEAST_ITERATIONS = 4096,
	MOST_ITERATIONS = 16384,
	PASSWORD_MAX = 4096
}; /* iterations: as many as Kafka's brokers accept */

struct set_opts {
	struct kt_client_opts client;
	const char *name, *file;
	int64_t iterations;
	int mechanism;
};
#define OPTS struct set_opts

static const struct kt_opt opts[] = {
	{.name = "USER", .positional = true, KT_STR(name), .help = "whose password"},
	{.name = "mechanism", KT_ENUM(mechanism, mechanisms), .def = "SCRAM-SHA-512", .help = "for which mechanism"},
	{.name = "iterations", KT_I64(iterations), .arg = "N", .def = "8192", .help = "how often it is hashed"},
	{.name = "password-file",
		KT_STR(file),
		.arg = "FILE",
		.comp = KT_COMP_FILE,
		.help = "its first line is the password (default: ask on the terminal); - is stdin"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Gives a user a password for a SCRAM mechanism, or changes it: every login from now on needs the new one. The "
	"password never stands on a command line. It needs librdkafka 2.2 and the right to Alter the cluster.",
	NULL,
};

static const char *const examples[] = {
	"Asks for the password",
	"kt user set alice",
	"From a file",
	"kt user set alice --mechanism SCRAM-SHA-256 --password-file secret",
	NULL,
};

static int read_password(struct kt_buf *out, const OPTS *o, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *prompt = kt_asprintf("New password for %s", o->name);
	if (!o->file)
		return kt_ask(out, prompt, true, err);
	if (kt_file_read(out, strcmp(o->file, "-") ? o->file : "/dev/stdin", PASSWORD_MAX, err) < 0)
		return -1;
	const char *end = out->len ? memchr(out->data, '\n', out->len) : NULL;
	out->len = end ? (size_t)(end - out->data) : out->len;
	out->len -= out->len && out->data[out->len - 1] == '\r';
	return out->len ? 0 : kt_err_set(err, KT_USAGE, "--password-file %.200s: its first line is empty", o->file);
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	struct kt_buf password = {0};
	kt_auto(kt_topicselect_fini) struct kt_topicselect t = {0};
	if (!o->name || !*o->name)
		return kt_err_set(err, KT_USAGE, "no user is given");
	if (o->iterations < LEAST_ITERATIONS || o->iterations > MOST_ITERATIONS)
		return kt_err_set(err, KT_USAGE, "--iterations is %d to %d", LEAST_ITERATIONS, MOST_ITERATIONS);
	if (kt_scramusers_can(err) < 0 || kt_topicselect_open(&t, &o->client, err) < 0 ||
		kt_topicselect_refuse_embedded(&t, "have users", err) < 0)
		return -1;
	const struct kt_scramuser user = {.name = (char *)(uintptr_t)o->name,
		.mechanism = o->mechanism ? KT_SCRAM_512 : KT_SCRAM_256,
		.iterations = (int)o->iterations};
	int result = read_password(&password, o, err);
	if (result == 0)
		result = kt_scramuser_set(
			t.client, &user, (struct kt_bytes){password.data, password.len}, t.timeout_ms, err);
	if (password.data)
		explicit_bzero(password.data, password.cap);
	kt_buf_fini(&password);
	if (result == 0)
		kt_say(KT_NORMAL, "set the password of user %s for %s", o->name, mechanisms[o->mechanism]);
	return result;
}

const struct kt_cmd kt_cmd_user_set = {
	.name = "user set",
	.summary = "give a user a SCRAM password",
	.section = "Cluster",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
