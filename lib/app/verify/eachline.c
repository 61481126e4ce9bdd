#include "eachline.h"

#include "ending.h"
#include "input.h"

enum { POOL_BYTES = 4 * KT_EACH_LINE_MAX };

static void note_bad(struct kt_each_line *each, int64_t number)
{
	if (each->bad++ == 0)
		each->first_bad = number;
}

static void take_piece(struct kt_each_line *each, struct kt_input *input, const struct kt_piece *piece)
{
	if (piece->value.len && each->take(each->user, piece->value.data, piece->value.len, piece->line) < 0)
		note_bad(each, piece->line);
	kt_block_unref(&input->pool, piece->block);
}

int kt_each_line(struct kt_each_line *each, struct kt_err *err)
{
	kt_auto(kt_strs_fini) struct kt_strs files = {0};
	kt_auto(kt_input_fini) struct kt_input input = {0};
	struct kt_input_how how = {
		.files = &files, .split.delim = {"\n", 1}, .max_record = KT_EACH_LINE_MAX, .max_bytes = POOL_BYTES};
	struct kt_piece piece;
	kt_strs_add(&files, each->path);
	kt_input_init(&input, &how);
	for (enum kt_input_state state; (state = kt_input_next(&input, &piece)) != KT_INPUT_END;) {
		if (state == KT_INPUT_PIECE)
			take_piece(each, &input, &piece);
		else if (state == KT_INPUT_TOO_LARGE)
			note_bad(each, piece.line);
		else if (kt_ended(kt_stop_status(each->stop), err, "before the end of %s", each->path) < 0)
			return -1;
		else if (kt_input_fill(&input, err) < 0)
			return -1;
	}
	return 0;
}
