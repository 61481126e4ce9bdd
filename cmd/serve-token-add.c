/* kt serve token add: a token for a client of kt serve. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "file.h"
#include "out.h"
#include "say.h"
#include "tokens.h"

struct token_opts {
	struct kt_client_opts client;
	const char *name, *file;
	struct kt_strs rights;
};
#define OPTS struct token_opts

static const struct kt_opt opts[] = {
	{.name = "NAME", .positional = true, .required = true, KT_STR(name), .help = "whom it is for"},
	{.name = "RIGHT",
		.positional = true,
		.required = true,
		KT_LIST(rights),
		.help = "produce:TOPIC, consume:TOPIC, group:GROUP, gateway:HOST, or a pattern (*?[])"},
	{.name = "token-file",
		.required = true,
		KT_STR(file),
		.arg = "FILE",
		.comp = KT_COMP_FILE,
		.help = "put it there; the file is made if need be"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

static const char *const about[] = {
	"Makes a token that nobody can guess, prints it, and adds its hash, the name and the rights to the file that kt "
	"serve --token-file reads when it starts. The token itself is kept nowhere: who loses it gets a new one, "
	"by another name or after the old line was taken out. A client sends it with each request, as Authorization: "
	"Bearer TOKEN. With gateway:HOST it may put a server behind that host of kt serve's gateway; what it may write to or "
	"read says nothing of that. With group:GROUP it may be a member of that group, as ?group= of kt serve has it, for "
	"topics that it may consume.",
	NULL,
};

static const char *const examples[] = {
	"who has it may write to all topics that begin with t",
	"kt serve token add shop 'produce:t*' --token-file tokens",
	NULL,
};

/* What is printed is valid from the moment that the file is there: a token that could not be printed is not added. */
static int add(const OPTS *o, struct kt_err *err)
{
	kt_auto(kt_tokens_fini) struct kt_tokens tokens = {0};
	kt_auto(kt_buf_wipe) struct kt_buf token = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	bool there = access(o->file, F_OK) == 0;
	if (there && kt_file_read(&text, o->file, KT_TOKENS_MAX, err) < 0)
		return -1;
	if (text.len && text.data[text.len - 1] != '\n')
		kt_buf_addc(&text, '\n');
	if (kt_token_make(&token, &text, o->name, &o->rights, err) < 0 ||
		kt_tokens_add(&tokens, o->file, (struct kt_bytes){text.data, text.len}, err) < 0 ||
		kt_file_replaceable(o->file, err) < 0)
		return -1;
	kt_buf_addc(&token, '\n');
	if (kt_out_print(STDOUT_FILENO, &token, err) < 0 || kt_file_replace(o->file, text.data, text.len, err) < 0)
		return -1;
	kt_say(KT_NORMAL, "added %s to %s", o->name, o->file);
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	int lock = kt_file_lock(o->file, err);
	if (lock < 0)
		return -1;
	int result = add(o, err);
	close(lock);
	return result;
}

const struct kt_cmd kt_cmd_serve_token_add = {
	.name = "serve token add",
	.summary = "a token for a client of kt serve",
	.section = "Records",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
