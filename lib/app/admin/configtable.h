/* Configs as rows of a table: whose they are, the name, the value, and where it comes from. */
#ifndef KT_CONFIGTABLE_H
#define KT_CONFIGTABLE_H

#include "configs.h"
#include "table.h"

/* all: also those that are at Kafka's default. */
void kt_configtable_add(struct kt_table *table, const char *owner, const struct kt_configs *configs, bool all);

#endif
