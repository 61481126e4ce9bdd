/* Up to the first NUL the words of a column, after it a text that it is cut out of, and that others are learnt from. */
#include "fuzz.h"
#include "json.h"
#include "jsoncolumns.h"
#include "jsonfind.h"
#include "mem.h"

static void check_cells(struct kt_jsoncolumns *c, struct kt_bytes text)
{
	struct kt_cell cell;
	for (size_t i = 0; i < c->n; i++) {
		kt_jsoncolumns_cell(c, i, &cell);
		REQUIRE(cell.kind != KT_CELL_TEXT || cell.text.len <= text.len);
		REQUIRE(c->v[i].name[0]);
		for (size_t k = 0; k < i; k++)
			REQUIRE(strcasecmp(c->v[i].name, c->v[k].name) != 0);
	}
}

/* A column is what is found by its path. */
static void check_found(struct kt_jsoncolumns *c, struct kt_bytes text, const char *path)
{
	kt_auto(kt_buf_fini) struct kt_buf scratch = {0}, decoded = {0};
	struct kt_bytes value = {0};
	struct kt_cell cell, found;
	bool there = kt_json_find(&value, text, path, &scratch);
	if (!there)
		value.data = NULL;
	kt_cell_of_json(&found, value, KT_COLUMN_JSON, &decoded);
	kt_jsoncolumns_cell(c, 0, &cell);
	REQUIRE(cell.kind == found.kind);
	REQUIRE(cell.kind != KT_CELL_TEXT || fuzz_same(cell.text, found.text));
}

/* Columns that are put again by their paths are the same, and so are those of members that come later. */
static void check_kept(struct kt_jsoncolumns *c, struct kt_bytes text)
{
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns again = {0}, later = {0};
	struct kt_err err = {0};
	struct kt_cell cell, other;
	for (size_t i = 0; i < c->n; i++) {
		kt_auto(kt_buf_fini) struct kt_buf path = {0};
		kt_jsoncolumns_path(c, i, &path);
		REQUIRE(kt_jsoncolumns_put(&again, c->v[i].name, kt_buf_cstr(&path), c->v[i].type, &err) == 0);
		REQUIRE(kt_jsoncolumns_find(&again, c->v[i].name) == i);
	}
	REQUIRE(kt_jsoncolumns_cut(&again, text) == kt_jsoncolumns_cut(c, text));
	(void)kt_jsoncolumns_cut(&later, text);
	kt_jsoncolumns_adopt(&later);
	for (size_t i = 0; i < c->n; i++) {
		kt_jsoncolumns_cell(c, i, &cell);
		kt_jsoncolumns_cell(&again, i, &other);
		REQUIRE(cell.kind == other.kind);
		REQUIRE(cell.kind != KT_CELL_TEXT || fuzz_same(cell.text, other.text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_free_ptr) char *words = fuzz_text(data, size);
	size_t used = strlen(words) + 1 > size ? size : strlen(words) + 1;
	struct kt_bytes text = {(const char *)data + used, size - used};
	kt_auto(kt_jsoncolumns_fini) struct kt_jsoncolumns named = {0}, learnt = {0};
	struct kt_err err = {0};
	if (size > 8192)
		return 0;
	if (kt_jsoncolumns_add(&named, words, &err) == 0) {
		if (kt_jsoncolumns_cut(&named, text) && named.v[0].type == KT_COLUMN_JSON && !strncmp(words, "x=", 2)) {
			words[strlen(words) - strlen(":json")] = '\0';
			if (words[2] != '$')
				check_found(&named, text, words + 2);
		}
		check_cells(&named, text);
	} else {
		REQUIRE(err.status == KT_USAGE && err.msg[0]);
	}
	bool object = kt_jsoncolumns_learn(&learnt, text);
	check_cells(&learnt, text);
	REQUIRE(kt_jsoncolumns_cut(&learnt, text) == object);
	check_cells(&learnt, text);
	if (object)
		check_kept(&learnt, text);
	return 0;
}
