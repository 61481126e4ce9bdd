/* kt: finds the subcommand, has its options parsed, runs it, and is the only one that speaks about how it ended. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "about.h"
#include "ask.h"
#include "client.h"
#include "cmd.h"
#include "command.h"
#include "complete.h"
#include "completions.h"
#include "conf.h"
#include "conffile.h"
#include "guesses.h"
#include "help.h"
#include "kcatline.h"
#include "man.h"
#include "manpages.h"
#include "mem.h"
#include "optionhint.h"
#include "out.h"
#include "say.h"
#include "sig.h"
#include "watch.h"

#define KT_CMD(id) extern const struct kt_cmd kt_cmd_##id;
#include "cmds.def"
#undef KT_CMD

static const struct kt_cmd *const cmds[] = {
#define KT_CMD(id) &kt_cmd_##id,
#include "cmds.def"
#undef KT_CMD
	NULL,
};

static const char *const about[] = {
	"kt writes records to Apache Kafka topics and reads them back, shows and changes what a cluster holds, and "
	"does it byte for byte: null is not empty, headers keep their order, an offset is committed only after what "
	"it stands for was written.",
	"Data goes to standard output, words go to standard error with \"% \" in front. Each command has a manual "
	"page of its own, and `kt COMMAND --help` is the short form of it.",
	NULL,
};

static const struct kt_program program = {
	.name = "kt",
	.version = KT_VERSION,
	.summary = "a Kafka toolkit for the shell",
	.about = about,
	.files = kt_conffile_places,
	.pages = kt_manpages,
	.cmds = cmds,
	.guesses = kt_guesses,
};

/* A standard descriptor that was closed would be given to the first socket, and data written into it. The stand-ins
 * refuse what the missing one was for, so that its use fails as it would have. */
static void guard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(KT_FAILED);
}

static int print(struct kt_buf *text, struct kt_err *err)
{
	return kt_out_print(STDOUT_FILENO, text, err);
}

static int print_command_help(const struct kt_cmd *cmd, bool all, struct kt_err *err)
{
	struct kt_buf text = {0};
	(all ? kt_help_command : kt_help_short)(&text, &program, cmd);
	return print(&text, err);
}

static int print_program_help(struct kt_err *err)
{
	struct kt_buf text = {0};
	kt_help_program(&text, &program);
	return print(&text, err);
}

static int print_page_help(const struct kt_manpage *page, struct kt_err *err)
{
	struct kt_buf text = {0};
	kt_help_page(&text, &program, page);
	return print(&text, err);
}

/* `kt topic --help`: the word is not a command, but some begin with it. */
static int print_family_help(const char *word, struct kt_err *err)
{
	struct kt_buf text = {0};
	return kt_help_family(&text, &program, word) ? print(&text, err) : -1;
}

/* `kt topic help create`. */
static int print_family_member(char *family, char *member, struct kt_err *err)
{
	char *words[] = {family, member};
	int used;
	const struct kt_cmd *cmd = kt_cmd_find(&program, 2, words, &used, err);
	return cmd ? print_command_help(cmd, true, err) : -1;
}

static int print_version(struct kt_err *err)
{
	struct kt_buf text = {0};
	kt_buf_addf(&text, "%s %s\n", program.name, program.version);
	kt_about_libraries(&text);
	return print(&text, err);
}

static int print_properties(struct kt_err *err)
{
	struct kt_buf text = {0};
	kt_about_properties(&text);
	return print(&text, err);
}

/* What was typed: the command once it is known, and whether it was kcat's way. */
struct typed {
	const struct kt_cmd *cmd;
	bool as_kcat;
	const char *chosen; /* the mode that kcat picks by itself, or NULL */
};

/* Where a parsed struct holds -q and -v and the common options, if its command has them. */
struct loudness {
	char *opts;
	int level;
	bool as_kcat, watch, json;
	struct kt_client_opts *client;
};

/* Takes from the options how loud it is to be, and lets them know their owner. */
static bool take_options(const struct kt_opt *row, size_t base, void *data)
{
	struct loudness *loud = data;
	if (row == kt_client_opts) {
		loud->client = (struct kt_client_opts *)(void *)(loud->opts + base);
		loud->client->owner = &kt_command;
		loud->client->as_kcat = loud->as_kcat;
	}
	bool given = row->type == KT_OPT_FLAG && *(bool *)(loud->opts + base + row->off);
	if (given && !strcmp(row->name, "quiet"))
		loud->level = KT_QUIET;
	loud->watch |= given && !strcmp(row->name, "watch");
	loud->json |= given && !strcmp(row->name, "json");
	if (row->type == KT_OPT_COUNT && !strcmp(row->name, "verbose"))
		loud->level += *(int *)(loud->opts + base + row->off);
	return false;
}

/* -X dump: what `kt config show` prints, with the common options of any command. */
static int print_settings(const struct kt_client_opts *client, struct kt_err *err)
{
	kt_auto(kt_free_ptr) char *opts = kt_calloc(1, kt_cmd_config_show.opts_size);
	kt_auto(kt_strs_fini) struct kt_strs properties = {0};
	struct loudness show = {.opts = opts};
	kt_opts_walk(kt_cmd_config_show.opts, take_options, &show);
	for (size_t i = 0; i < client->properties.n; i++)
		if (strcmp(client->properties.v[i], "dump") != 0)
			kt_strs_add(&properties, client->properties.v[i]);
	*show.client = *client;
	show.client->properties = properties;
	return kt_cmd_config_show.run(opts, err);
}

static int run(const struct typed *typed, char *opts, struct kt_err *err)
{
	struct loudness loud = {.opts = opts, .level = KT_NORMAL, .as_kcat = typed->as_kcat};
	kt_opts_walk(typed->cmd->opts, take_options, &loud);
	kt_say_level(loud.level);
	if (loud.client && kt_strs_has(&loud.client->properties, "list"))
		return print_properties(err);
	if (loud.client && kt_strs_has(&loud.client->properties, "dump"))
		return print_settings(loud.client, err);
	if (typed->chosen)
		kt_say(KT_NORMAL, "Auto-selecting %s mode (use -P or -C to override)", typed->chosen);
	struct kt_client_opts *watched = loud.watch ? loud.client : NULL;
	const struct kt_watch_how how = {
		watched ? &watched->owner : NULL, watched ? watched->run_for_ms : 0, loud.json};
	int result = watched ? kt_watch(typed->cmd, opts, &how, err) : typed->cmd->run(opts, err);
	kt_say_progress("%s", "");
	if (result < 0 && err->status == KT_OK && err->msg[0])
		err->status = KT_FAILED;
	return result;
}

static void hint_usage(const struct typed *typed, struct kt_err *err)
{
	kt_auto(kt_buf_fini) struct kt_buf usage = {0};
	kt_help_usage(&usage, &program, typed->cmd);
	if (typed->chosen && typed->cmd == &kt_cmd_produce)
		kt_err_hint(err, "stdin is not a terminal, so this writes, as kcat does; to read: kt -C …");
	else
		kt_err_hint(err, "usage: %s", kt_buf_cstr(&usage));
}

static int parse_and_run(const struct typed *typed, int argc, char *const *argv, struct kt_err *err)
{
	const struct kt_cmd *cmd = typed->cmd;
	char *opts = kt_calloc(1, cmd->opts_size);
	int result = kt_opts_parse(cmd->opts, argc, argv, opts, err);
	if (result == 'h' || result == 'H') {
		result = print_command_help(cmd, result == 'H', err);
	} else if (result == 'V') {
		result = print_version(err);
	} else if (result == 0) {
		result = run(typed, opts, err);
	} else {
		kt_guess_hint(&program, cmd, argc, argv, err);
		kt_optionhint(cmd, argc, argv, err);
		if (!err->hint[0] || typed->chosen)
			hint_usage(typed, err);
	}
	kt_opts_fini(cmd->opts, opts);
	free(opts);
	return result < 0 ? -1 : 0;
}

static int print_man(int argc, char **argv, struct kt_err *err)
{
	struct kt_buf text = {0};
	int used;
	struct kt_program whole = program;
	whole.environment = kt_about_environment();
	const struct kt_manpage *page = argc == 1 ? kt_manpage_find(kt_manpages, argv[0]) : NULL;
	const struct kt_cmd *cmd = argc && !page ? kt_cmd_find(&whole, argc, argv, &used, err) : NULL;
	if (argc && !cmd && !page)
		return -1;
	if (page)
		kt_man_page(&text, &whole, page);
	else if (cmd)
		kt_man_command(&text, &whole, cmd);
	else
		kt_man_program(&text, &whole);
	return print(&text, err);
}

static void give_up(int sig)
{
	(void)sig;
	_exit(KT_OK);
}

/* A shell waits for this. What cannot be bounded from inside, such as a resolver that gets no answer, ends here. */
static int print_completions(bool line, int argc, char **argv, struct kt_err *err)
{
	struct kt_buf text = {0};
	kt_say_level(KT_QUIET);
	kt_ask_nobody();
	signal(SIGALRM, give_up);
	alarm(1);
	if (line)
		kt_complete_line(
			&text, &program, &kt_completions, argc > 0 ? argv[0] : "", argc > 1 ? argv[1] : "\"'><=;|&(:");
	else
		kt_complete(&text, &program, &kt_completions, argc, argv);
	return print(&text, err);
}

static bool is_word(const char *text, const char *a, const char *b, const char *c)
{
	return !strcmp(text, a) || !strcmp(text, b) || !strcmp(text, c);
}

/* "help tutorial" is the name of a command; any other word after help asks about the command it names. */
static bool names_command(int argc, char **argv)
{
	int used;
	struct kt_err ignored;
	return argc > 1 && kt_cmd_find(&program, argc, argv, &used, &ignored) && used == 2;
}

/* A command and its words, or what people who know another tool type instead. */
static int find_and_run(int argc, char *const *argv, struct typed *typed, struct kt_err *err)
{
	int used;
	kt_auto(kt_strs_fini) struct kt_strs line = {0};
	int took = typed->as_kcat ? 0 : kt_guess_take(&line, &program, argc, argv, err);
	if (took < 0)
		return -1;
	if (took) {
		argc = (int)line.n;
		argv = line.v;
	}
	typed->cmd = kt_cmd_find(&program, argc, argv, &used, err);
	if (!typed->cmd && !err->hint[0])
		kt_guess_meant(&program, argc, argv, err);
	return typed->cmd ? parse_and_run(typed, argc - used, argv + used, err) : -1;
}

/* Options first: kcat's way, or common options before a command. */
static int dispatch_line(int argc, char *const *argv, struct typed *typed, struct kt_err *err)
{
	kt_auto(kt_kcatline_fini) struct kt_kcatline line = {0};
	if (kt_kcatline_read(&line, &program, argc, argv, isatty(STDIN_FILENO), err) < 0)
		return -1;
	typed->as_kcat = line.kcat;
	typed->chosen = line.chosen;
	return find_and_run((int)line.words.n, line.words.v, typed, err);
}

/* argv: the words after "kt". */
static int dispatch(int argc, char **argv, struct typed *typed, struct kt_err *err)
{
	int used;
	if (argc && is_word(argv[0], "version", "--version", "-V"))
		return print_version(err);
	if (argc && !strcmp(argv[0], "__man"))
		return print_man(argc - 1, argv + 1, err);
	if (argc && (!strcmp(argv[0], "__complete") || !strcmp(argv[0], "__complete_line")))
		return print_completions(argv[0][strlen("__complete")] == '_', argc - 1, argv + 1, err);
	bool help = !argc || (is_word(argv[0], "help", "--help", "-h") && !names_command(argc, argv));
	if (help && argc < 2)
		return print_program_help(err);
	argc -= help;
	argv += help;
	const struct kt_manpage *page = help && argc == 1 ? kt_manpage_find(kt_manpages, argv[0]) : NULL;
	if (page)
		return print_page_help(page, err);
	if (!help && argv[0][0] == '-' && argv[0][1])
		return dispatch_line(argc, argv, typed, err);
	if (!help && argc == 3 && !strcmp(argv[1], "help"))
		return print_family_member(argv[0], argv[2], err);
	const struct kt_cmd *found = kt_cmd_find(&program, argc, argv, &used, err);
	bool family = help ? argc == 1 : argc == 2 && is_word(argv[1], "help", "--help", "-h");
	if (!found && family && print_family_help(argv[0], err) == 0)
		return 0;
	if (!found && help && !err->hint[0])
		kt_guess_meant(&program, argc, argv, err);
	if (help)
		return found ? print_command_help(found, true, err) : -1;
	*err = (struct kt_err){0};
	return find_and_run(argc, argv, typed, err);
}

/* A reader that has had enough closes its end (EPIPE): that is not a failure. */
static int close_stdout(struct kt_err *err)
{
	errno = 0;
	bool failed = ferror(stdout) != 0;
	failed |= fclose(stdout) != 0;
	if (!failed || errno == EPIPE)
		return 0;
	if (!errno)
		errno = EIO;
	return kt_err_sys(err, "writing to standard output");
}

static void complain(const struct kt_cmd *cmd, const struct kt_err *err)
{
	if (!err->msg[0])
		return;
	kt_say_plain("%s%s%s: %s", program.name, cmd ? " " : "", cmd ? cmd->name : "", err->msg);
	if (err->hint[0])
		kt_say_plain("hint: %s", err->hint);
}

int main(int argc, char **argv)
{
	struct kt_err err = {0}, closing = {0};
	struct typed typed = {0};
	guard_descriptors();
	kt_mem_keep();
	kt_sig_block();

	/* kt-produce, a symbolic link to kt, is `kt produce`. */
	const char *called = argc ? argv[0] : "";
	const char *slash = strrchr(called, '/');
	called = slash ? slash + 1 : called;
	bool linked = !strncmp(called, "kt-", 3) && called[3];
	if (linked)
		argv[0] += called - argv[0] + 3;
	int skip = linked || !argc ? 0 : 1;

	kt_command_typed(program.name, argc - skip, argv + skip);
	int result = dispatch(argc - skip, argv + skip, &typed, &err);
	if (close_stdout(&closing) < 0 && result == 0) {
		result = -1;
		err = closing;
	}
	if (result < 0)
		complain(typed.cmd, &err);
	int status = result < 0 ? err.status : KT_OK;
	if (kt_client_left_threads())
		_exit(status);
	return status;
}
