#include "sinkcmd.h"

#include <unistd.h>

#include "conf.h"
#include "out.h"

int kt_sinkcmd_serde(struct kt_sinkcmd *cmd, struct kt_err *err)
{
	const struct kt_strs *words = &cmd->opts->serdes;
	bool avro = false;
	for (size_t i = 0; i < words->n; i++) {
		const char *word = words->v[i];
		avro = !strcmp(word, "avro") || !strcmp(word, "value=avro");
		if (!avro && strcmp(word, "json") != 0)
			return kt_err_set(err, KT_USAGE, "--serde %s: expected json or avro", word);
	}
	cmd->decode = (struct kt_sinkdecode_how){.opts = avro ? &cmd->opts->decode : NULL,
		.client = cmd->client,
		.settings = &cmd->settings,
		.filter = &cmd->filter};
	return avro ? 0 : kt_decode_without(&cmd->opts->decode, err);
}

int kt_sinkcmd_read(struct kt_sinkcmd *cmd, const struct kt_strs *words, struct kt_err *err)
{
	if (kt_conf_load(&cmd->settings, cmd->client, err) < 0 ||
		kt_sinkopts_read(&cmd->reading, &cmd->filter, cmd->opts, words, &cmd->settings, cmd->client->timeout_ms,
			err) < 0)
		return -1;
	return kt_conf_resolve(&cmd->settings, err);
}

int kt_sinkcmd_open(struct kt_sinkcmd *cmd, const struct kt_sinkrun_how *own, struct kt_err *err)
{
	struct kt_sinkrun_how how = *own;
	how.owner = cmd->client->owner;
	how.settings = &cmd->settings;
	how.reading = &cmd->reading;
	how.filter = &cmd->filter;
	how.group = cmd->opts->group;
	how.metrics_listen = cmd->opts->metrics_listen;
	how.count = cmd->opts->read.count;
	how.run_for_ms = cmd->client->run_for_ms;
	return kt_sinkrun_open(&cmd->run, &how, err);
}

bool kt_sinkcmd_is_endless(const struct kt_sinkcmd *cmd)
{
	return !cmd->reading.bounded && !cmd->client->run_for_ms;
}

int kt_sinkcmd_print(const struct kt_sinkcmd *cmd, struct kt_buf *members, struct kt_err *err)
{
	kt_sinkrun_add(cmd->run, members);
	kt_jsonout_end(members, '}');
	kt_buf_addc(members, '\n');
	return kt_out_print(STDOUT_FILENO, members, err);
}

void kt_sinkcmd_fini(struct kt_sinkcmd *cmd)
{
	kt_sinkrun_close(cmd->run);
	kt_reading_fini(&cmd->reading);
	kt_filter_fini(&cmd->filter);
	kt_settings_fini(&cmd->settings);
}
