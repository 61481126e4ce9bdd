/* kt config edit: the configuration file in an editor, and back only when it can be read. */
#include <unistd.h>

#include "ask.h"
#include "child.h"
#include "cmd.h"
#include "conf.h"
#include "file.h"
#include "mem.h"
#include "profile.h"
#include "say.h"
#include "whichprofile.h"

struct edit_opts {
	struct kt_client_opts client;
};

#define OPTS struct edit_opts
static const struct kt_opt opts[] = {
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

/* What somebody who has no file yet sees. */
static const char fresh[] =
	"# Settings of kt: NAME=VALUE, with the properties of librdkafka and kt's own (`-X list`).\n"
	"# Lines after [profile NAME] count with --profile NAME only.\n"
	"#\n"
	"# bootstrap.servers=localhost:9092\n"
	"# kt.auth=~/auth\n"
	"# kt.topic=TOPIC\n";

struct edit {
	struct kt_profile profile;
	char *copy; /* what is edited, beside the file */
	struct kt_err *err;
};

static void edit_fini(struct edit *e)
{
	free(e->copy);
	kt_profile_fini(&e->profile);
}

/* In the file's folder and with its ending, so that it means the same; readable by its owner alone. */
static int make_copy(struct edit *e)
{
	const struct kt_profile *p = &e->profile;
	const char *slash = strrchr(p->path, '/'), *name = slash ? slash + 1 : p->path;
	e->copy = kt_asprintf("%.*skt-edit-%ld-%s", (int)(name - p->path), p->path, (long)getpid(), name);
	if (access(e->copy, F_OK) == 0)
		return kt_err_set(e->err, KT_FAILED, "%s exists already", e->copy);
	return p->exists ? kt_file_replace(e->copy, p->text.data, p->text.len, e->err)
			 : kt_file_replace(e->copy, fresh, strlen(fresh), e->err);
}

static const char *editor(void)
{
	static const char *const names[] = {"VISUAL", "EDITOR"};
	for (size_t i = 0; i < KT_LEN(names); i++) {
		const char *value = getenv(names[i]);
		if (value && *value)
			return value;
	}
	return "vi";
}

/* As git runs it: the variable is a piece of shell, such as "code --wait". */
static int run_editor(struct edit *e)
{
	struct kt_child child;
	kt_auto(kt_strs_fini) struct kt_strs words = {0};
	kt_strs_add(&words, "sh");
	kt_strs_add(&words, "-c");
	kt_strs_take(&words, kt_asprintf("%s \"$1\"", editor()));
	kt_strs_add(&words, "kt config edit");
	kt_strs_add(&words, e->copy);
	if (kt_child_start(&child, &words, NULL, e->err) < 0)
		return -1;
	int status = kt_child_end(&child);
	if (status == 0)
		return 0;
	unlink(e->copy);
	kt_err_set(e->err, KT_FAILED, "the editor (%s) ended with status %d: nothing was changed", editor(), status);
	return kt_err_hint(e->err, "VISUAL or EDITOR names another");
}

/* What a variable says is not known before a command runs. */
static int check_row(const struct edit *e, const struct kt_property *row)
{
	struct kt_err unset = {0};
	kt_auto(kt_free_ptr) char *origin = kt_asprintf("%s:%u", e->copy, row->line);
	char *value = kt_properties_expand(row->value, getenv, &unset);
	int result = 0;
	if (value && (row->profile || strcmp(row->key, "kt.profile") != 0))
		result = kt_conf_check(row->key, value, origin, e->err);
	kt_wipe(value);
	free(value);
	return result;
}

static int check(struct edit *e, const struct kt_buf *text)
{
	kt_auto(kt_properties_fini) struct kt_properties file = {0};
	struct kt_whichprofile which = {0};
	if (kt_properties_parse(&file, text->data, text->len, e->copy, kt_properties_style(e->copy), e->err) < 0 ||
		kt_whichprofile_find(&which, &file, e->copy, e->err) < 0)
		return -1;
	for (size_t i = 0; i < file.n; i++)
		if (check_row(e, &file.v[i]) < 0)
			return -1;
	return 0;
}

/* Reads the copy and judges it: 0, or -1 with what is wrong. */
static int read_copy(struct edit *e, struct kt_buf *text)
{
	text->len = 0;
	return kt_file_read(text, e->copy, KT_PROPERTIES_MAX, e->err) < 0 || check(e, text) < 0 ? -1 : 0;
}

/* A mistake is shown, and can be fixed if somebody is there to do it. */
static int edit_until_right(struct edit *e, struct kt_buf *text)
{
	for (;;) {
		if (run_editor(e) < 0)
			return -1;
		if (read_copy(e, text) == 0)
			return 0;
		struct kt_err wrong = *e->err;
		kt_auto(kt_free_ptr) char *question =
			kt_asprintf("%s%s%s: edit it again?", wrong.msg, wrong.hint[0] ? "; " : "", wrong.hint);
		if (kt_ask_yes(question, "the file was left as it was", e->err) == 0)
			continue;
		if (e->err->status == KT_USAGE)
			*e->err = wrong;
		kt_say(KT_WARNING, "what was edited is in %s", e->copy);
		return -1;
	}
}

static int edit(struct edit *e)
{
	kt_auto(kt_buf_wipe) struct kt_buf text = {0};
	if (edit_until_right(e, &text) < 0)
		return -1;
	const struct kt_buf *old = &e->profile.text;
	bool same = e->profile.exists ? text.len == old->len && (!text.len || !memcmp(text.data, old->data, text.len))
				      : text.len == strlen(fresh) && !memcmp(text.data, fresh, text.len);
	if (same) {
		kt_say(KT_NORMAL, "nothing was changed");
	} else if (kt_profile_save(&e->profile, &text, e->err) < 0) {
		kt_say(KT_WARNING, "what was edited is in %s", e->copy);
		return -1;
	} else {
		kt_say(KT_NORMAL, "wrote %s", e->profile.shown);
	}
	unlink(e->copy);
	return 0;
}

static int run(void *data, struct kt_err *err)
{
	const struct edit_opts *o = data;
	kt_auto(edit_fini) struct edit e = {.err = err};
	struct kt_client_opts client = {.config = o->client.config, .profile = ""};
	if (kt_profile_find(&e.profile, &client, false, err) < 0 || make_copy(&e) < 0)
		return -1;
	return edit(&e);
}

static const char *const about[] = {
	"Opens the configuration file in $VISUAL, else $EDITOR, else vi, and puts it back once all of it can be "
	"read: unknown names and impossible values are reported with their line, and the editor opens again if you "
	"like. Until then, and when the editor ends with a status other than 0, the file stays as it was; an edit "
	"that was refused is kept beside it, under a name that is printed.",
	"The file is the argument of -F, else $KT_CONFIG, else ~/.config/kt/config; a new one begins with a few "
	"lines to fill in. It is replaced in one step, a symbolic link stays one, and only its owner can read it "
	"then. If somebody else has changed it meanwhile, it stays as they left it.",
	NULL,
};

static const char *const examples[] = {
	"With another editor than usual",
	"VISUAL=nano kt config edit",
	NULL,
};

const struct kt_cmd kt_cmd_config_edit = {
	.name = "config edit",
	.summary = "edit the configuration, and check it",
	.section = "Configuration",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
