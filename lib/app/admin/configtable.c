#include "configtable.h"

void kt_configtable_add(struct kt_table *table, const char *owner, const struct kt_configs *configs, bool all)
{
	for (size_t i = 0; i < configs->n; i++) {
		const struct kt_config *config = &configs->v[i];
		if (config->is_default && !all)
			continue;
		kt_table_add(table, "%s", owner);
		kt_table_add(table, "%s", config->name);
		kt_table_add(table, "%s", config->value ? config->value : "(hidden)");
		kt_table_add(table, "%s", config->source);
	}
}
