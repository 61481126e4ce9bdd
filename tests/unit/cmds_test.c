/* Every registered command: its table and its texts. */
#include "cmd.h"

#include "tap.h"

#define KT_CMD(id) extern const struct kt_cmd kt_cmd_##id;
#include "cmds.def"
#undef KT_CMD

static const struct kt_cmd *const cmds[] = {
#define KT_CMD(id) &kt_cmd_##id,
#include "cmds.def"
#undef KT_CMD
	NULL,
};

TEST(tables_have_no_mistakes)
{
	for (const struct kt_cmd *const *cmd = cmds; *cmd; cmd++) {
		struct kt_err err = {0};
		if (kt_opts_check((*cmd)->opts, &err) < 0)
			TAP_FAIL("%s: %s", (*cmd)->name, err.msg);
	}
}

TEST(texts_are_complete)
{
	for (const struct kt_cmd *const *at = cmds; *at; at++) {
		const struct kt_cmd *cmd = *at;
		size_t len = strlen(cmd->summary);
		if (!len || len > 60 || cmd->summary[len - 1] == '.')
			TAP_FAIL("%s: summary \"%s\" is empty, longer than 60 or ends in a full stop", cmd->name,
				cmd->summary);
		if (!cmd->section || !cmd->run || !cmd->opts_size)
			TAP_FAIL("%s: section, run or opts_size is missing", cmd->name);
		if (cmd->hidden)
			continue;
		if (!cmd->about || !cmd->about[0] || !cmd->examples || !cmd->examples[0])
			TAP_FAIL("%s: about or examples are missing", cmd->name);
		for (size_t i = 0; cmd->examples && cmd->examples[i]; i += 2)
			if (!cmd->examples[i + 1]) {
				TAP_FAIL("%s: examples are not pairs", cmd->name);
				break;
			} else if (strlen(cmd->examples[i + 1]) > 74) {
				TAP_FAIL("%s: more than 74 columns: %s", cmd->name, cmd->examples[i + 1]);
			}
	}
}
