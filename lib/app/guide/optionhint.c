#include "optionhint.h"

#include "guess.h"
#include "mem.h"
#include "props.h"

void kt_optionhint(const struct kt_cmd *cmd, int argc, char *const *argv, struct kt_err *err)
{
	static const char option[] = "property";
	bool takes_properties = kt_opts_find(cmd->opts, option, strlen(option), 0) != NULL;
	kt_auto(kt_free_ptr) char *name = takes_properties && !err->hint[0] ? kt_guess_unknown(cmd, argc, argv) : NULL;
	for (char *at = name; at && *at; at++)
		*at = *at == '-' ? '.' : *at;
	if (name && kt_props_known(name))
		kt_err_hint(err, "it is a property: -X %s=VALUE", name);
}
