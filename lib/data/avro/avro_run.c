/* Runs the operations that avro_compile.c made over bytes from outside: checks each of them, and prints. */
#include <endian.h>
#include <stdarg.h>

#include "avro_logical.h"
#include "avro_program.h"
#include "esc.h"
#include "json.h"
#include "mem.h"
#include "num.h"
#include "python.h"
#include "shortest.h"
#include "zigzag.h"

/* Fills err with a reason, in front of which the path will be put. */
static int kt_printf(2, 3) fail(struct kt_avro_run *r, const char *format, ...)
{
	char reason[sizeof(r->err->msg)];
	va_list args;
	va_start(args, format);
	vsnprintf(reason, sizeof(reason), format, args);
	va_end(args);
	return kt_err_set(r->err, KT_FAILED, "%s", reason);
}

static int ends_in(struct kt_avro_run *r, const char *what)
{
	return fail(r, "the data ends inside %s", what);
}

static size_t left(const struct kt_avro_run *r)
{
	return (size_t)(r->end - r->at);
}

/* A number of any length. */
static int read_longer(struct kt_avro_run *r, int64_t *n)
{
	switch (kt_zigzag_read(&r->at, r->end, n)) {
	case KT_ZIGZAG_CUT:
		return ends_in(r, "a number");
	case KT_ZIGZAG_LONG:
		return fail(r, "a number of more than 64 bits");
	case KT_ZIGZAG_FINE:
		break;
	}
	return 0;
}

static inline int read_long(struct kt_avro_run *r, int64_t *n)
{
	if (r->at < r->end && *r->at < 0x80) {
		*n = *r->at >> 1 ^ -(*r->at & 1);
		r->at++;
		return 0;
	}
	return read_longer(r, n);
}

static int read_int(struct kt_avro_run *r, int64_t *n)
{
	const unsigned char *before = r->at;
	if (read_long(r, n) < 0)
		return -1;
	if (*n >= INT32_MIN && *n <= INT32_MAX)
		return 0;
	r->at = before;
	return fail(r, "%lld is not an int", (long long)*n);
}

/* The bytes after a length. */
static int read_bytes(struct kt_avro_run *r, const char *what, struct kt_bytes *bytes)
{
	const unsigned char *before = r->at;
	int64_t len = 0;
	if (read_long(r, &len) < 0)
		return -1;
	if (len >= 0 && (uint64_t)len <= left(r)) {
		*bytes = (struct kt_bytes){(const char *)r->at, (size_t)len};
		r->at += len;
		return 0;
	}
	size_t rest = left(r);
	r->at = before;
	if (len < 0)
		return fail(r, "%s of %lld bytes", what, (long long)len);
	return fail(r, "%s of %lld byte%s, but %zu %s left", what, (long long)len, kt_plural(len), rest,
		rest == 1 ? "is" : "are");
}

static int read_fixed(struct kt_avro_run *r, size_t len, struct kt_bytes *bytes)
{
	if (left(r) < len)
		return fail(r, "a fixed of %zu byte%s, but %zu %s left", len, kt_plural((int64_t)len), left(r),
			left(r) == 1 ? "is" : "are");
	*bytes = (struct kt_bytes){(const char *)r->at, len};
	r->at += len;
	return 0;
}

static int too_much(struct kt_avro_run *r)
{
	return fail(r, "more than %d MiB of text", KT_AVRO_TEXT_MAX >> 20);
}

/* A program of bounded length adds a bounded amount of text between two calls of this. */
static inline int check_text(struct kt_avro_run *r)
{
	if (r->out->len - r->start <= KT_AVRO_TEXT_MAX)
		return 0;
	if (!r->skip)
		return too_much(r);
	r->made += r->out->len - r->kept;
	r->out->len = r->kept;
	return 0;
}

static int run_boolean(struct kt_avro_run *r)
{
	static const char *const words[] = {"false", "true", "False", "True"};
	if (!left(r))
		return ends_in(r, "a boolean");
	if (*r->at > 1)
		return fail(r, "a boolean is 0 or 1, not %u", *r->at);
	kt_buf_adds(r->out, words[*r->at++ + (r->program->python ? 2 : 0)]);
	return 0;
}

static void add_double(struct kt_avro_run *r, double value)
{
	if (r->program->python)
		kt_python_double(r->out, value);
	else
		kt_json_double(r->out, value);
}

static int run_float(struct kt_avro_run *r, bool as_double)
{
	uint32_t bits;
	float value;
	if (left(r) < sizeof(bits))
		return ends_in(r, "a float");
	memcpy(&bits, r->at, sizeof(bits));
	bits = le32toh(bits);
	memcpy(&value, &bits, sizeof(value));
	r->at += sizeof(bits);
	if (as_double)
		add_double(r, (double)value);
	else
		kt_json_float(r->out, value);
	return 0;
}

static int run_double(struct kt_avro_run *r)
{
	uint64_t bits;
	double value;
	if (left(r) < sizeof(bits))
		return ends_in(r, "a double");
	memcpy(&bits, r->at, sizeof(bits));
	bits = le64toh(bits);
	memcpy(&value, &bits, sizeof(value));
	r->at += sizeof(bits);
	add_double(r, value);
	return 0;
}

static int run_number(struct kt_avro_run *r, enum code code)
{
	int64_t n = 0;
	if (code == KT_OP_INT ? read_int(r, &n) < 0 : read_long(r, &n) < 0)
		return -1;
	kt_buf_add_i64(r->out, n);
	return 0;
}

/* A whole number as the number that it is promoted to. */
static int run_as_real(struct kt_avro_run *r, const struct op *op)
{
	int64_t n = 0;
	if (op->code == KT_OP_INT_AS_REAL ? read_int(r, &n) < 0 : read_long(r, &n) < 0)
		return -1;
	if (op->arg == KT_OP_FLOAT)
		kt_json_float(r->out, (float)n);
	else
		add_double(r, op->arg == KT_OP_FLOAT_AS_DOUBLE ? (double)(float)n : (double)n);
	return 0;
}

static int run_logical(struct kt_avro_run *r, const struct op *op)
{
	int64_t n = 0;
	if (op->code == KT_OP_LOGICAL_INT ? read_int(r, &n) < 0 : read_long(r, &n) < 0)
		return -1;
	kt_avro_logical_number(r->out, (enum kt_avro_logical)op->arg, n, r->program->python);
	return 0;
}

/* Text in the quotes of the form. */
static int add_string(struct kt_avro_run *r, struct kt_bytes text)
{
	if (r->skip)
		return 0;
	if (text.len > KT_AVRO_TEXT_MAX)
		return too_much(r);
	if (r->program->python ? kt_python_string(r->out, text.data, text.len)
			       : kt_json_string_exact(r->out, text.data, text.len))
		return 0;
	r->at = (const unsigned char *)text.data;
	return fail(r, "a string that is not UTF-8");
}

static int run_string(struct kt_avro_run *r)
{
	struct kt_bytes text = {0};
	return read_bytes(r, "a string", &text) < 0 ? -1 : add_string(r, text);
}

/* JSON has no bytes: each becomes the character of its number. */
static void add_json_bytes(struct kt_buf *out, struct kt_bytes bytes)
{
	static const char hex[] = "0123456789abcdef";
	kt_buf_addc(out, '"');
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];
		if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
			kt_buf_addc(out, (char)c);
		else if (c == '"' || c == '\\')
			kt_buf_add(out, (char[]){'\\', (char)c}, 2);
		else
			kt_buf_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
	}
	kt_buf_addc(out, '"');
}

static int run_bytes(struct kt_avro_run *r, const struct op *op)
{
	struct kt_bytes bytes = {0};
	bool fixed = op->code == KT_OP_FIXED || op->code == KT_OP_PYTHON_FIXED;
	if (fixed ? read_fixed(r, op->arg, &bytes) < 0 : read_bytes(r, "bytes", &bytes) < 0)
		return -1;
	if (r->skip)
		return 0;
	if (bytes.len > KT_AVRO_TEXT_MAX)
		return too_much(r);
	if (r->program->python)
		kt_python_bytes(r->out, bytes);
	else
		add_json_bytes(r->out, bytes);
	return 0;
}

static int run_decimal(struct kt_avro_run *r, const struct op *op)
{
	struct kt_bytes bytes = {0};
	const unsigned char *before = r->at;
	if (op->code == KT_OP_DECIMAL_FIXED ? read_fixed(r, op->least, &bytes) < 0 : read_bytes(r, "bytes", &bytes) < 0)
		return -1;
	if (r->skip)
		return 0;
	if (bytes.len <= KT_AVRO_DECIMAL_MAX && op->arg <= KT_AVRO_DECIMAL_MAX) {
		kt_avro_decimal(r->out, bytes, op->arg, r->program->python);
		return 0;
	}
	r->at = before;
	return fail(r, "a decimal of %zu byte%s and scale %u, more than %d", bytes.len, kt_plural((int64_t)bytes.len),
		op->arg, KT_AVRO_DECIMAL_MAX);
}

static int run_big_decimal(struct kt_avro_run *r)
{
	const unsigned char *before = r->at;
	struct kt_bytes bytes = {0}, number;
	int64_t scale;
	if (read_bytes(r, "bytes", &bytes) < 0)
		return -1;
	if (r->skip)
		return 0;
	if (!kt_avro_split_big_decimal(bytes, &number, &scale)) {
		r->at = before;
		return fail(r, "%zu byte%s not a big decimal", bytes.len, bytes.len == 1 ? " that is" : "s that are");
	}
	size_t start = r->out->len;
	kt_avro_decimal(r->out, number, scale > 0 ? (uint32_t)scale : 0, false);
	bool zero = r->out->len == start + 1 && r->out->data[start] == '0';
	for (; scale < 0 && !zero; scale++)
		kt_buf_addc(r->out, '0');
	return 0;
}

static int run_uuid(struct kt_avro_run *r, enum code code)
{
	struct kt_bytes bytes = {0};
	if (code == KT_OP_UUID_FIXED ? read_fixed(r, 16, &bytes) < 0 : read_bytes(r, "a string", &bytes) < 0)
		return -1;
	if (code == KT_OP_UUID_FIXED)
		kt_avro_uuid(r->out, bytes, r->program->python);
	else if (!r->program->python || !kt_avro_python_uuid(r->out, bytes))
		return add_string(r, bytes);
	return 0;
}

static int run_duration(struct kt_avro_run *r)
{
	struct kt_bytes bytes = {0};
	if (read_fixed(r, 12, &bytes) < 0)
		return -1;
	kt_avro_duration(r->out, bytes);
	return 0;
}

/* Which of the n entries of a table; the table follows its size. */
static int read_index(struct kt_avro_run *r, const char *what, const char *of, uint32_t n, int64_t *index)
{
	const unsigned char *before = r->at;
	if (read_long(r, index) < 0)
		return -1;
	if (*index >= 0 && *index < n)
		return 0;
	r->at = before;
	return fail(r, "%s %lld of %s that has %u", what, (long long)*index, of, n);
}

static int run_enum(struct kt_avro_run *r, const uint32_t *table)
{
	const unsigned char *before = r->at;
	int64_t i = 0;
	if (read_index(r, "symbol", "an enum", table[0], &i) < 0)
		return -1;
	const char *text = r->program->texts.data + table[1 + i];
	uint32_t len = table[2 + i] - table[1 + i];
	if (*text != '"' && *text != '\'') {
		r->at = before;
		return fail(r, "%.*s", (int)len, text);
	}
	kt_buf_add(r->out, text, len);
	return check_text(r);
}

static int count_empties(struct kt_avro_run *r, uint64_t n)
{
	if (n > r->empties)
		return fail(r, "more than %d values that take no bytes", KT_AVRO_EMPTIES);
	r->empties -= n;
	return 0;
}

static int push(struct kt_avro_run *r)
{
	if (r->depth == KT_AVRO_DEPTH)
		return fail(r, "nested deeper than %d levels", KT_AVRO_DEPTH);
	if (check_text(r) < 0)
		return -1;
	r->depth++;
	return 0;
}

/* The head of the next block of a list or map into its frame: how many items it has, 0 after the last. A negative
 * count is followed by the block's length, which is for those who skip it. */
static int read_block(struct kt_avro_run *r, struct kt_avro_frame *frame, uint32_t least)
{
	const unsigned char *before = r->at;
	int64_t count = 0, size = 0;
	if (read_long(r, &count) < 0 || (count < 0 && read_long(r, &size) < 0))
		return -1;
	uint64_t n = count < 0 ? -(uint64_t)count : (uint64_t)count, rest = left(r);
	frame->left = n;
	if (size >= 0 && (uint64_t)size <= rest && (least ? n <= rest / least : !n))
		return 0;
	if (size >= 0 && (uint64_t)size <= rest && !least)
		return count_empties(r, n);
	r->at = before;
	if (size < 0 || (uint64_t)size > rest)
		return fail(r, "a block of %lld byte%s, but %llu %s left", (long long)size, kt_plural(size),
			(unsigned long long)rest, rest == 1 ? "is" : "are");
	return fail(r, "a block of %llu item%s, but %llu byte%s left", (unsigned long long)n, n == 1 ? "" : "s",
		(unsigned long long)rest, rest == 1 ? " is" : "s are");
}

static int run_key(struct kt_avro_run *r, struct kt_avro_frame *frame)
{
	frame->key = (struct kt_bytes){"", 0};
	if (read_bytes(r, "a key", &frame->key) < 0 || add_string(r, frame->key) < 0)
		return -1;
	kt_buf_adds(r->out, r->program->colon);
	return 0;
}

/* 1: the first item follows; 0: there is none. */
static int begin_list(struct kt_avro_run *r, const struct op *op)
{
	if (push(r) < 0)
		return -1;
	struct kt_avro_frame *frame = &r->frames[r->depth - 1];
	*frame = (struct kt_avro_frame){0};
	int more = read_block(r, frame, op->least);
	if (!more && frame->left)
		more = op->code == KT_OP_MAP && run_key(r, frame) < 0 ? -1 : 1;
	if (more <= 0)
		r->depth--;
	return more;
}

/* 1: another item follows; 0: that was the last. */
static int next_item(struct kt_avro_run *r, const struct op *op)
{
	struct kt_avro_frame *frame = &r->frames[r->depth - 1];
	frame->index++;
	if (!--frame->left && read_block(r, frame, op->least) < 0)
		return -1;
	if (!frame->left) {
		r->depth--;
		return 0;
	}
	if (check_text(r) < 0)
		return -1;
	kt_buf_adds(r->out, r->program->between);
	return op->code == KT_OP_MAP_END && run_key(r, frame) < 0 ? -1 : 1;
}

/* Short texts are copied in steps, which read and write a little too far. */
static inline void add_text(struct kt_buf *out, const char *text, size_t len)
{
	char *to = kt_buf_reserve(out, len + KT_OP_TEXT_SLACK);
	for (size_t i = 0; i < len; i += KT_OP_TEXT_SLACK)
		memcpy(to + i, text + i, KT_OP_TEXT_SLACK);
	out->len += len;
}

static void note(struct kt_avro_run *r, const struct op *op)
{
	struct kt_avro_noted *noted = &r->noted[op->arg];
	size_t here = r->out->len - r->start;
	if (op->code == KT_OP_NOTE)
		*noted = (struct kt_avro_noted){.there = true, .at = here};
	else
		noted->len = here - noted->at;
}

/* The bytes of a default take the place of the data. Nothing in them is a default. */
static void begin_default(struct kt_avro_run *r, const struct op *op)
{
	r->back = r->at;
	r->back_end = r->end;
	r->at = (const unsigned char *)r->program->texts.data + op->arg;
	r->end = r->at + op->least;
}

static void end_default(struct kt_avro_run *r)
{
	r->at = r->back;
	r->end = r->back_end;
	r->back = NULL;
}

/* A record whose fields come in another order than they are printed in: its pieces are on the stack when it is over. */
static void begin_pieces(struct kt_avro_run *r, const struct op *op)
{
	r->pieces = kt_grow(r->pieces, &r->pieces_cap, r->n_pieces + op->arg, sizeof(*r->pieces));
	r->n_pieces += op->arg;
}

static size_t piece_end(const struct kt_avro_run *r, const size_t *pieces, uint32_t n, uint32_t piece)
{
	return piece + 1 < n ? pieces[piece + 1] : r->out->len;
}

/* Wanted fields move with the piece that they are in; here out is as before. */
static void move_notes(struct kt_avro_run *r, const size_t *pieces, const uint32_t *order, size_t between)
{
	uint32_t n = order[0];
	for (size_t i = 0; i < r->program->n_wanted; i++) {
		struct kt_avro_noted *noted = &r->noted[i];
		size_t at = r->start + noted->at, to = pieces[0];
		for (uint32_t k = 1; noted->there && k <= n; k++) {
			size_t begin = pieces[order[k]], end = piece_end(r, pieces, n, order[k]);
			if (at >= begin && at < end) {
				noted->at = to + (at - begin) - r->start;
				break;
			}
			to += end - begin + between;
		}
	}
}

/* Each byte is moved once for each such record that it is inside of, of which there are KT_AVRO_DEPTH at most. */
static void end_pieces(struct kt_avro_run *r, const uint32_t *order)
{
	uint32_t n = order[0];
	const size_t *pieces = r->pieces + (r->n_pieces -= n);
	size_t between = strlen(r->program->between), begin = pieces[0], len = r->out->len - begin;
	if (r->program->n_wanted)
		move_notes(r, pieces, order, between);
	r->moved.len = 0;
	kt_buf_reserve(&r->moved, len + n * between);
	for (uint32_t k = 1; k <= n; k++) {
		size_t from = pieces[order[k]];
		if (k > 1)
			kt_buf_add(&r->moved, r->program->between, between);
		kt_buf_add(&r->moved, r->out->data + from, piece_end(r, pieces, n, order[k]) - from);
	}
	r->out->len = begin;
	kt_buf_add(r->out, r->moved.data, r->moved.len);
}

/* Operations that come up only where one schema is read as another. */
static int run_resolved(struct kt_avro_run *r, const struct op *op)
{
	switch ((enum code)op->code) {
	case KT_OP_FORGET:
		r->kept = r->out->len;
		r->skip = true;
		return 0;
	case KT_OP_FORGET_END:
		r->out->len = r->kept;
		r->skip = false;
		return 0;
	case KT_OP_DEFAULT:
		begin_default(r, op);
		return 0;
	case KT_OP_DEFAULT_END:
		end_default(r);
		return 0;
	case KT_OP_REORDER:
		begin_pieces(r, op);
		return 0;
	case KT_OP_PIECE:
		r->pieces[r->n_pieces - op->arg] = r->out->len;
		return 0;
	case KT_OP_REORDER_END:
		end_pieces(r, r->program->targets + op->arg);
		return 0;
	case KT_OP_INT_AS_REAL:
	case KT_OP_LONG_AS_REAL:
		return run_as_real(r, op);
	default:
		return fail(r, "%.*s", (int)op->least, r->program->texts.data + op->arg);
	}
}

/* A value that is no more than that. */
static int run_value(struct kt_avro_run *r, const struct op *op)
{
	switch ((enum code)op->code) {
	case KT_OP_BOOLEAN:
		return run_boolean(r);
	case KT_OP_INT:
	case KT_OP_LONG:
		return run_number(r, (enum code)op->code);
	case KT_OP_FLOAT:
	case KT_OP_FLOAT_AS_DOUBLE:
		return run_float(r, op->code == KT_OP_FLOAT_AS_DOUBLE);
	case KT_OP_DOUBLE:
	case KT_OP_PYTHON_DOUBLE:
		return run_double(r);
	case KT_OP_STRING:
	case KT_OP_PYTHON_STRING:
		return run_string(r);
	case KT_OP_ENUM:
		return run_enum(r, r->program->targets + op->arg);
	case KT_OP_LOGICAL_INT:
	case KT_OP_LOGICAL_LONG:
		return run_logical(r, op);
	case KT_OP_BIG_DECIMAL:
		return run_big_decimal(r);
	case KT_OP_DECIMAL:
	case KT_OP_DECIMAL_FIXED:
		return run_decimal(r, op);
	case KT_OP_UUID_STRING:
	case KT_OP_UUID_FIXED:
		return run_uuid(r, (enum code)op->code);
	case KT_OP_DURATION:
		return run_duration(r);
	case KT_OP_NOTE:
	case KT_OP_NOTE_END:
		note(r, op);
		return 0;
	case KT_OP_BYTES:
	case KT_OP_PYTHON_BYTES:
	case KT_OP_FIXED:
	case KT_OP_PYTHON_FIXED:
		return run_bytes(r, op);
	default:
		return run_resolved(r, op);
	}
}

static int call(struct kt_avro_run *r, const struct op *op, uint32_t back)
{
	if ((!op->least && count_empties(r, 1) < 0) || push(r) < 0)
		return -1;
	r->frames[r->depth - 1].back = back;
	return 0;
}

/* Runs until KT_OP_END: 0; or until something is wrong: -1, and *at is the operation. */
static int run_program(struct kt_avro_run *r, const struct op **at)
{
	const struct kt_avro_printer *p = r->program;
	int64_t branch;
	int more = 0;
	for (const struct op *op = p->ops;; op++) {
		*at = op;
		add_text(r->out, p->texts.data + op->text, op->text_len);
		switch ((enum code)op->code) {
		case KT_OP_END:
			return 0;
		case KT_OP_TEXT:
			break;
		case KT_OP_JUMP:
			op = p->ops + op->arg - 1;
			break;
		case KT_OP_CALL:
			if (call(r, op, (uint32_t)(op - p->ops)) < 0)
				return -1;
			op = p->ops + op->arg - 1;
			break;
		case KT_OP_RETURN:
			op = p->ops + r->frames[--r->depth].back;
			break;
		case KT_OP_UNION:
			if (read_index(r, "branch", "a union", p->targets[op->arg], &branch) < 0)
				return -1;
			op = p->ops + p->targets[op->arg + 1 + branch] - 1;
			break;
		case KT_OP_LIST:
		case KT_OP_MAP:
			more = begin_list(r, op);
			op = more ? op : p->ops + op->arg - 1;
			break;
		case KT_OP_LIST_END:
		case KT_OP_MAP_END:
			more = next_item(r, op);
			op = more ? p->ops + op->arg - 1 : op;
			break;
		default:
			more = run_value(r, op);
		}
		if (more < 0)
			return -1;
	}
}

/* One step of a path as text; false where the path begins. *depth goes down where the step is a frame's. */
static bool show_step(char *out, size_t size, const struct kt_avro_run *r, const struct place *place, uint32_t *depth)
{
	const struct kt_avro_frame *frame = *depth ? &r->frames[*depth - 1] : NULL;
	char shown[48];
	if (place->step == KT_STEP_FIELD)
		snprintf(out, size, ".%.*s", place->text_len < 80 ? (int)place->text_len : 80,
			r->program->texts.data + place->text);
	else if (!frame)
		return false;
	else if (place->step == KT_STEP_ITEM)
		snprintf(out, size, "[%llu]", (unsigned long long)frame->index);
	else if (place->step == KT_STEP_VALUE)
		snprintf(out, size, "[%s]", kt_quote(shown, sizeof(shown), frame->key));
	else
		*out = '\0';
	*depth -= place->step != KT_STEP_FIELD;
	return true;
}

/* The path to what an operation prints into out, from its end to its beginning, which is left out when there is no room
 * for it; returns where it begins. */
static const char *show_path(char *out, size_t size, const struct kt_avro_run *r, const struct op *op)
{
	static const char cut[] = "…";
	const struct place *place = &r->program->places[op->place];
	char *at = out + size - 1, step[96];
	uint32_t depth = r->depth;
	*at = '\0';
	while (show_step(step, sizeof(step), r, place, &depth)) {
		size_t len = strlen(step);
		if ((size_t)(at - out) < len + sizeof(cut))
			return memcpy(at - (sizeof(cut) - 1), cut, sizeof(cut) - 1);
		at -= len;
		memcpy(at, step, len);
		place = &r->program->places[place->step == KT_STEP_ROOT ? r->program->ops[r->frames[depth].back].place
									: place->parent];
	}
	return at;
}

struct kt_avro_run *kt_avro_run_new(void)
{
	return kt_calloc(1, sizeof(struct kt_avro_run));
}

void kt_avro_run_free(struct kt_avro_run *run)
{
	if (!run)
		return;
	free(run->noted);
	free(run->pieces);
	kt_buf_fini(&run->moved);
	free(run);
}

/* at: where it was when something was wrong. */
static int run(const struct kt_avro_printer *program, struct kt_avro_run *r, const struct kt_bytes *data,
	struct kt_buf *out, const struct op **at, struct kt_err *err)
{
	r->program = program;
	r->at = (const unsigned char *)data->data;
	r->end = r->at + data->len;
	r->out = out;
	r->start = r->kept = out->len;
	r->err = err;
	r->empties = KT_AVRO_EMPTIES;
	r->depth = 0;
	r->n_pieces = 0;
	r->back = NULL;
	int result = run_program(r, at);
	if (result == 0)
		result = check_text(r);
	r->made += out->len - r->start + 1;
	return result;
}

int kt_avro_printer_skip(const struct kt_avro_printer *program, struct kt_avro_run *r, struct kt_bytes *data)
{
	const struct op *at;
	struct kt_err ignored = {0};
	/* A writer's program moves nothing. */
	r->moved.len = 0;
	r->skip = true;
	int result = run(program, r, data, &r->moved, &at, &ignored);
	if (result == 0)
		*data = (struct kt_bytes){(const char *)r->at, left(r)};
	return result;
}

int kt_avro_printer_run(const struct kt_avro_printer *program, struct kt_avro_run *r, struct kt_bytes *data,
	struct kt_buf *out, struct kt_err *err)
{
	const struct op *at = program->ops;
	char path[240];
	r->skip = false;
	if (program->n_wanted) {
		r->noted = kt_grow(r->noted, &r->n_noted, program->n_wanted, sizeof(*r->noted));
		memset(r->noted, 0, program->n_wanted * sizeof(*r->noted));
	}
	if (run(program, r, data, out, &at, err) < 0) {
		const char *shown = show_path(path, sizeof(path), r, at);
		out->len = r->start;
		r->at = r->back ? r->back : r->at;
		return *shown ? kt_err_wrap(err, "%s", shown) : -1;
	}
	*data = (struct kt_bytes){(const char *)r->at, left(r)};
	return 0;
}
