#include "aclshow.h"

#include <unistd.h>

#include "jsonout.h"
#include "out.h"
#include "table.h"

static void add_row(struct kt_table *table, const struct kt_acl *acl)
{
	kt_table_add(table, "%s", acl->principal);
	kt_table_add(table, "%s", acl->host);
	kt_table_add(table, "%s", kt_acl_permission(acl->permission));
	kt_table_add(table, "%s", kt_acl_operation(acl->operation));
	kt_table_add(table, "%s", kt_acl_resource(acl->resource));
	kt_table_add(table, "%s", acl->name);
	kt_table_add(table, "%s", kt_acl_pattern(acl->pattern));
}

static void add_json(struct kt_buf *out, const struct kt_acl *acl)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_words(out, "principal", acl->principal);
	kt_jsonout_words(out, "host", acl->host);
	kt_jsonout_text(out, "permission", kt_acl_permission(acl->permission));
	kt_jsonout_text(out, "operation", kt_acl_operation(acl->operation));
	kt_jsonout_text(out, "resource", kt_acl_resource(acl->resource));
	kt_jsonout_words(out, "name", acl->name);
	kt_jsonout_text(out, "pattern", kt_acl_pattern(acl->pattern));
	kt_jsonout_end(out, '}');
	kt_buf_addc(out, '\n');
}

int kt_aclshow_print(const struct kt_acls *acls, bool json, struct kt_err *err)
{
	static const struct kt_column columns[] = {
		{"PRINCIPAL"}, {"HOST"}, {"PERMISSION"}, {"OPERATION"}, {"RESOURCE"}, {"NAME"}, {"PATTERN"}, {NULL}};
	struct kt_buf out = {0};
	kt_auto(kt_table_fini) struct kt_table table = {.columns = columns};
	for (size_t i = 0; i < acls->n; i++) {
		if (json)
			add_json(&out, &acls->v[i]);
		else
			add_row(&table, &acls->v[i]);
	}
	if (table.cells.n)
		kt_table_render(&table, &out, isatty(STDOUT_FILENO) == 1);
	int result = kt_out_print(STDOUT_FILENO, &out, err);
	kt_buf_fini(&out);
	return result;
}

void kt_aclshow_sentence(struct kt_buf *out, const struct kt_acl *acl)
{
	static const char *const kinds[] = {[RD_KAFKA_RESOURCE_TOPIC] = "topic", [RD_KAFKA_RESOURCE_GROUP] = "group"};
	bool prefixed = acl->pattern == RD_KAFKA_RESOURCE_PATTERN_PREFIXED;
	kt_buf_addf(out, "%s %s %s ", acl->principal,
		acl->permission == RD_KAFKA_ACL_PERMISSION_TYPE_DENY ? "may not" : "may",
		kt_acl_operation(acl->operation));
	if (acl->resource == RD_KAFKA_RESOURCE_BROKER)
		kt_buf_adds(out, "the cluster");
	else
		kt_buf_addf(out, prefixed ? "every %s that begins with %s" : "%s %s",
			acl->resource < (int)KT_LEN(kinds) && kinds[acl->resource] ? kinds[acl->resource]
										   : "transactional id",
			acl->name);
	if (strcmp(acl->host, "*") != 0)
		kt_buf_addf(out, " from %s", acl->host);
}
