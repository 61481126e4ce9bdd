/* kt completion: what a shell has to read for its Tab key to complete kt. */
#include <unistd.h>

#include "cmd.h"
#include "out.h"

struct completion_opts {
	int shell;
};
#define OPTS struct completion_opts

/* The files that are installed, as lib/embed.py has them; in the order of the words. */
struct part {
	const char *path, *type;
	const unsigned char *data;
	size_t len;
};
#include "shells.inc"

static const char *const shells[] = {"bash", "zsh", "fish", NULL};
_Static_assert(KT_LEN(parts) + 1 == KT_LEN(shells), "a script for each shell");

static const struct kt_opt opts[] = {
	{.name = "SHELL",
		.positional = true,
		.required = true,
		KT_ENUM(shell, shells),
		.help = "whose script to print: bash, zsh or fish"},
	KT_END,
};

static int run(void *data, struct kt_err *err)
{
	const OPTS *o = data;
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_add(&text, parts[o->shell].data, parts[o->shell].len);
	return kt_out_print(STDOUT_FILENO, &text, err);
}

static const char *const about[] = {
	"Prints the script by which the Tab key completes commands, options, and the topics, groups and profiles of the "
	"configured cluster. Packages and ./dev install put it where the shell finds it by itself; this is for a kt "
	"that came without one, such as a copied binary.",
	"The script asks the kt on the command line for everything that it offers, so it need not be renewed with kt. "
	"In zsh its line comes after compinit.",
	NULL,
};

static const char *const examples[] = {
	"bash, in ~/.bashrc",
	"source <(kt completion bash)",
	"zsh, in ~/.zshrc",
	"source <(kt completion zsh)",
	"fish, in ~/.config/fish/config.fish",
	"kt completion fish | source",
	NULL,
};

const struct kt_cmd kt_cmd_completion = {
	.name = "completion",
	.summary = "print the script that completes kt in bash, zsh or fish",
	.section = "Learning",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
