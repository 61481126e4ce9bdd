/* Property files in both styles, and ${VAR} in their values. The first byte chooses the style. */
#include <stdlib.h>

#include "properties.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char *lookup(const char *name)
{
	static char value[] = "value";
	return name[0] == 'U' ? NULL : value;
}

/* Every row that was read is on a line of its own, in the file's order, and its profile is in the list. */
static void check(const struct kt_properties *p)
{
	for (size_t i = 0; i < p->n; i++) {
		struct kt_err err = {0};
		const struct kt_property *row = &p->v[i];
		if (!row->line || (i && row->line <= p->v[i - 1].line))
			abort();
		if (row->profile && !kt_strs_has(&p->profiles, row->profile))
			abort();
		char *value = kt_properties_expand(row->value, lookup, &err);
		if (!value && !err.msg[0])
			abort();
		free(value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	struct kt_properties p = {0};
	if (!size)
		return 0;
	enum kt_style style = data[0] & 1 ? KT_STYLE_JAVA : KT_STYLE_PLAIN;
	if (kt_properties_parse(&p, (const char *)data + 1, size - 1, "fuzz", style, &err) == 0)
		check(&p);
	else if (p.n || !err.msg[0])
		abort();
	kt_properties_fini(&p);
	return 0;
}
