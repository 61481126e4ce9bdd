#include "optionhint.h"

#include "configs.h"
#include "guess.h"
#include "mem.h"
#include "props.h"

static bool has(const struct kt_cmd *cmd, const char *option)
{
	return kt_opts_find(cmd->opts, option, strlen(option), 0) != NULL;
}

static bool is_config(const char *name)
{
	for (const struct kt_config_name *row = kt_config_names; row->name; row++)
		if (!strcmp(row->name, name))
			return true;
	return false;
}

void kt_optionhint(const struct kt_cmd *cmd, int argc, char *const *argv, struct kt_err *err)
{
	bool configs = has(cmd, "delete-config") || has(cmd, "replica-assignment");
	kt_auto(kt_free_ptr) char *name = kt_guess_unknown(cmd, argc, argv);
	for (char *at = name; at && *at; at++)
		*at = *at == '-' ? '.' : *at;
	if (name && configs && is_config(name))
		kt_err_hint(err, "it is a config: --config %s=VALUE", name);
	else if (name && !err->hint[0] && has(cmd, "property") && kt_props_known(name))
		kt_err_hint(err, "it is a property: -X %s=VALUE", name);
}
