#include "columnssay.h"

#include "num.h"
#include "say.h"

enum { SHOWN_NAMES = 12 };

void kt_columnssay_found(const struct kt_jsoncolumns *c, const char *table, int64_t sampled)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	for (size_t i = 0; i < c->n && i < SHOWN_NAMES; i++)
		kt_buf_addf(&text, "%s%s", i ? ", " : "", c->v[i].name);
	if (c->n > SHOWN_NAMES)
		kt_buf_addf(&text, ", and %zu more", c->n - SHOWN_NAMES);
	if (!c->n)
		kt_say(KT_NORMAL,
			"%s: none of the first %lld values is a JSON object: the columns are those of records", table,
			(long long)sampled);
	else
		kt_say(KT_NORMAL, "%s: columns by %s%lld record%s: %s", table, sampled > 1 ? "the first " : "its ",
			(long long)sampled, kt_plural(sampled), kt_buf_cstr(&text));
}

void kt_columnssay_renamed(const struct kt_jsoncolumns *c, const char *table)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].renamed)
			kt_say(KT_NORMAL, "%s: %s is column %s: there is a %s already, and SQL sees no case", table,
				c->members[c->v[i].member].name, c->v[i].name, c->members[c->v[i].member].name);
}

const char *kt_columnssay_later(const struct kt_jsoncolumns *c, struct kt_buf *out)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	const char *example = "";
	size_t shown = 0;
	for (size_t i = 0; i < c->n_members && shown < SHOWN_NAMES; i++) {
		if (!c->members[i].later)
			continue;
		example = shown ? example : c->members[i].name;
		kt_buf_addf(&text, "%s%s", shown++ ? ", " : "", c->members[i].name);
	}
	kt_buf_addf(out, "%s%zu field%s met that no column has (%s%s)", c->more_later ? "more than " : "", c->n_later,
		c->n_later == 1 ? " was" : "s were", kt_buf_cstr(&text), c->n_later > shown ? ", …" : "");
	return example;
}
