#include "manpage.h"

#include "cmd.h"

const struct kt_manpage *kt_manpage_find(const struct kt_manpage *pages, const char *word)
{
	for (const struct kt_manpage *page = pages; page && page->name; page++)
		if (!strcmp(page->name, word) || kt_cmd_is_among(page->also, word))
			return page;
	return NULL;
}
