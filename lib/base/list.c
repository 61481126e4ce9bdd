#include "list.h"

#include <stdlib.h>

#include "mem.h"

void kt_strs_take(struct kt_strs *list, char *text)
{
	list->v = kt_grow(list->v, &list->cap, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = text;
}

void kt_strs_add(struct kt_strs *list, const char *text)
{
	kt_strs_take(list, kt_strdup(text));
}

void kt_strs_split(struct kt_strs *list, const char *text, const char *separators)
{
	while (*text) {
		size_t len = strcspn(text, separators), skip = strspn(text, " \t");
		size_t start = skip < len ? skip : len, end = len;
		while (end > start && strchr(" \t", text[end - 1]))
			end--;
		if (end > start)
			kt_strs_take(list, kt_strndup(text + start, end - start));
		text += len + (text[len] != '\0');
	}
}

bool kt_strs_has(const struct kt_strs *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], text))
			return true;
	return false;
}

void kt_strs_add_new(struct kt_strs *list, const char *text)
{
	if (!kt_strs_has(list, text))
		kt_strs_add(list, text);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void kt_strs_sort(struct kt_strs *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
}

void kt_strs_fini(struct kt_strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct kt_strs){0};
}
