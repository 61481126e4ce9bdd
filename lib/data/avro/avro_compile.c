/* From a schema, or a writer's and a reader's, to the operations that print its data. */
#include "avro_encode.h"
#include "avro_program.h"
#include "avro_resolve.h"
#include "esc.h"
#include "json.h"
#include "mem.h"
#include "python.h"

#define NOWHERE KT_AVRO_NONE

/* A record that is used in several places, or an enum: the writer's, and what it is read as. */
struct function {
	const struct kt_avro_type *writer, *reader;
	uint32_t at;  /* where the function begins, or the enum's table in targets; NOWHERE: still to be compiled */
	bool certain; /* all data calls it */
};

/* Functions that are to be compiled. */
struct queue {
	uint32_t *v;
	size_t n, cap, done;
};

/* A type is compiled together with the one that it is read as, which is mostly the same: then it is shown as it is. */
struct compiler {
	struct kt_avro_printer *program;
	const struct kt_avro_how *how;
	struct kt_buf pending; /* text that the next operation will add */
	struct kt_buf path;    /* "a.b" of the field that is compiled */
	bool reachable;        /* path is where wanted fields can be: not inside lists, maps and functions */
	bool certain;          /* all data comes here: not inside lists, maps and branches */
	uint32_t place;
	struct function *functions;
	size_t n_functions, functions_cap;
	struct kt_idmap by_types;
	struct queue queues[2]; /* the second one of those that are certain, which come first */
	struct kt_avro_resolver resolver;
	bool limited;      /* the program has limits: it may grow faster than the schemas */
	struct kt_buf why; /* the reason of the last refusal */
	struct kt_err err; /* what is wrong with all data; the message is empty when nothing is */
	bool too_long;     /* and that is that the program would be */
};

static bool compile(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader);

static uint32_t add_text(struct compiler *c, const void *text, size_t len)
{
	size_t at = c->program->texts.len;
	kt_buf_add(&c->program->texts, text, len);
	return (uint32_t)at;
}

/* Adds an operation; returns where. */
static uint32_t emit(struct compiler *c, enum code code, uint32_t arg, uint32_t least)
{
	struct kt_avro_printer *p = c->program;
	p->ops = kt_grow(p->ops, &p->ops_cap, p->n_ops + 1, sizeof(*p->ops));
	p->ops[p->n_ops] = (struct op){
		.code = code,
		.arg = arg,
		.least = least,
		.place = c->place,
		.text = add_text(c, c->pending.data, c->pending.len),
		.text_len = (uint32_t)c->pending.len,
	};
	c->pending.len = 0;
	return (uint32_t)p->n_ops++;
}

/* Where a jump can arrive: what is pending belongs to what comes before. */
static uint32_t label(struct compiler *c)
{
	if (c->pending.len)
		emit(c, KT_OP_TEXT, 0, 0);
	return (uint32_t)c->program->n_ops;
}

static uint32_t add_target(struct compiler *c, size_t n)
{
	struct kt_avro_printer *p = c->program;
	p->targets = kt_grow(p->targets, &p->targets_cap, p->n_targets + n, sizeof(*p->targets));
	p->n_targets += n;
	return (uint32_t)(p->n_targets - n);
}

/* One step down from the current place; returns the place to go back to. */
static uint32_t step_down(struct compiler *c, enum step step, const char *name)
{
	struct kt_avro_printer *p = c->program;
	uint32_t before = c->place;
	p->places = kt_grow(p->places, &p->places_cap, p->n_places + 1, sizeof(*p->places));
	p->places[p->n_places] = (struct place){.step = step, .parent = before};
	if (name) {
		p->places[p->n_places].text_len = (uint32_t)strlen(name);
		p->places[p->n_places].text = add_text(c, name, strlen(name));
	}
	c->place = (uint32_t)p->n_places++;
	return before;
}

static void quote(const struct compiler *c, struct kt_buf *out, const char *text)
{
	if (c->program->python)
		(void)kt_python_string(out, text, strlen(text));
	else
		kt_json_string(out, text, strlen(text));
}

/* The number of the wanted field at the current path, or -1; *below: there is one inside it. */
static int wanted(const struct compiler *c, bool *below)
{
	const struct kt_strs *all = c->how->wanted;
	int found = -1;
	*below = false;
	for (size_t i = 0; c->reachable && all && i < all->n; i++) {
		size_t len = c->path.len;
		if (strncmp(all->v[i], c->path.data, len) != 0)
			continue;
		if (!all->v[i][len])
			found = (int)i;
		else if (all->v[i][len] == '.')
			*below = true;
	}
	return found;
}

static bool compile_default(struct compiler *c, const struct kt_avro_field *field);

/* Where data cannot be read: why is in c->why. */
static bool refuse(struct compiler *c)
{
	if (c->certain && !c->err.msg[0]) {
		kt_err_set(&c->err, KT_FAILED, "%s", kt_buf_cstr(&c->why));
		if (c->path.len)
			kt_err_wrap(&c->err, ".%s", kt_buf_cstr(&c->path));
	}
	emit(c, KT_OP_REFUSE, add_text(c, c->why.data, c->why.len), (uint32_t)c->why.len);
	return false;
}

/* writer: NULL where the field takes its default. */
static bool compile_field(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_field *field)
{
	size_t path_len = c->path.len;
	bool below;
	uint32_t before = step_down(c, KT_STEP_FIELD, field->name);
	quote(c, &c->pending, field->name);
	kt_buf_adds(&c->pending, c->program->colon);
	if (path_len)
		kt_buf_addc(&c->path, '.');
	kt_buf_adds(&c->path, field->name);
	int number = wanted(c, &below);
	if (number >= 0)
		emit(c, KT_OP_NOTE, (uint32_t)number, 0);
	bool fine = writer ? compile(c, writer, field->type) : compile_default(c, field);
	if (number >= 0)
		emit(c, KT_OP_NOTE_END, (uint32_t)number, 0);
	c->path.len = path_len;
	c->place = before;
	return fine;
}

/* A field that the reader does not have: checked as any other, and its text taken back. */
static void skip_field(struct compiler *c, const struct kt_avro_field *field)
{
	bool reachable = c->reachable;
	if (field->type->kind == KT_AVRO_NULL)
		return;
	uint32_t before = step_down(c, KT_STEP_FIELD, field->name);
	c->reachable = false;
	emit(c, KT_OP_FORGET, 0, 0);
	compile(c, field->type, field->type);
	emit(c, KT_OP_FORGET_END, 0, 0);
	c->reachable = reachable;
	c->place = before;
}

/* Fields that the data has in the reader's order. */
static bool compile_in_order(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader,
	const uint32_t *sources)
{
	uint32_t next = 0;
	bool fine = true;
	for (uint32_t i = 0; i < reader->n; i++) {
		if (i)
			kt_buf_adds(&c->pending, c->program->between);
		while (sources[i] != NOWHERE && next < sources[i])
			skip_field(c, &writer->fields[next++]);
		const struct kt_avro_type *type = sources[i] != NOWHERE ? writer->fields[next++].type : NULL;
		fine = compile_field(c, type, &reader->fields[i]) && fine;
	}
	while (next < writer->n)
		skip_field(c, &writer->fields[next++]);
	return fine;
}

/* writer: NULL where the field takes its default. */
static bool compile_piece(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader,
	uint32_t field, uint32_t order, uint32_t piece)
{
	emit(c, KT_OP_PIECE, reader->n - piece, 0);
	c->program->targets[order + 1 + field] = piece;
	return compile_field(c, writer, &reader->fields[field]);
}

/* Fields are printed in the order of the data, after them the defaults, each as a piece; then the pieces are put into
 * the reader's order. */
static bool compile_pieces(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader,
	const uint32_t *sources)
{
	kt_auto(kt_free_ptr) uint32_t *readers = kt_malloc((writer->n + 1) * sizeof(*readers));
	uint32_t order = add_target(c, 1 + reader->n), piece = 0;
	bool fine = true;
	c->program->targets[order] = reader->n;
	memset(readers, 0xff, writer->n * sizeof(*readers)); /* NOWHERE */
	for (uint32_t i = 0; i < reader->n; i++)
		if (sources[i] != NOWHERE)
			readers[sources[i]] = i;
	emit(c, KT_OP_REORDER, reader->n, 0);
	for (uint32_t k = 0; k < writer->n; k++) {
		if (readers[k] == NOWHERE)
			skip_field(c, &writer->fields[k]);
		else
			fine = compile_piece(c, writer->fields[k].type, reader, readers[k], order, piece++) && fine;
	}
	for (uint32_t i = 0; i < reader->n; i++)
		if (sources[i] == NOWHERE)
			fine = compile_piece(c, NULL, reader, i, order, piece++) && fine;
	emit(c, KT_OP_REORDER_END, order, 0);
	return fine;
}

static bool compile_resolved(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	kt_auto(kt_free_ptr) uint32_t *sources = kt_calloc(reader->n + 1, sizeof(*sources));
	uint32_t missing = kt_avro_sources(sources, writer, reader), last = 0;
	bool in_order = true;
	char quoted[80];
	if (missing != NOWHERE) {
		const char *name = reader->fields[missing].name;
		c->why.len = 0;
		kt_buf_addf(&c->why, "the data has no field %s, which has no default in the reader's schema",
			kt_quote(quoted, sizeof(quoted), (struct kt_bytes){name, strlen(name)}));
		return refuse(c);
	}
	for (uint32_t i = 0; i < reader->n; i++) {
		in_order &= sources[i] == NOWHERE || sources[i] >= last;
		last = sources[i] == NOWHERE ? last : sources[i];
	}
	kt_buf_addc(&c->pending, '{');
	bool fine = (in_order ? compile_in_order : compile_pieces)(c, writer, reader, sources);
	kt_buf_addc(&c->pending, '}');
	return fine;
}

static bool compile_fields(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	if (writer != reader)
		return compile_resolved(c, writer, reader);
	kt_buf_addc(&c->pending, '{');
	for (uint32_t i = 0; i < writer->n; i++) {
		if (i)
			kt_buf_adds(&c->pending, c->program->between);
		compile_field(c, writer->fields[i].type, &writer->fields[i]);
	}
	kt_buf_addc(&c->pending, '}');
	return true;
}

/* The number of the function of two types, new or known. */
static uint32_t function_of(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	const struct kt_uuid types = kt_avro_pair(writer, reader);
	uint32_t *number = kt_idmap_put(&c->by_types, &types);
	if (*number != KT_IDMAP_NEW)
		return *number;
	*number = (uint32_t)c->n_functions;
	c->functions = kt_grow(c->functions, &c->functions_cap, c->n_functions + 1, sizeof(*c->functions));
	c->functions[c->n_functions++] = (struct function){.writer = writer, .reader = reader, .at = NOWHERE};
	return *number;
}

/* A record is compiled in place where it is used, unless it is used in several places and nothing inside it is wanted.
 */
static bool compile_record(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	bool below = true;
	if (c->path.len)
		(void)wanted(c, &below);
	if (writer->uses == 1 || (below && c->reachable && c->how->wanted))
		return compile_fields(c, writer, reader);
	size_t before = c->n_functions;
	uint32_t number = function_of(c, writer, reader);
	struct function *function = &c->functions[number];
	if (c->n_functions > before || (c->certain && !function->certain)) {
		struct queue *queue = &c->queues[c->certain];
		queue->v = kt_grow(queue->v, &queue->cap, queue->n + 1, sizeof(*queue->v));
		queue->v[queue->n++] = number;
		function->certain |= c->certain;
	}
	/* The number becomes the place of the function when all are known. */
	emit(c, KT_OP_CALL, number, writer->least);
	return true;
}

static void compile_list(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	bool map = writer->kind == KT_AVRO_MAP, reachable = c->reachable, certain = c->certain;
	const struct kt_avro_type *item = writer->fields[0].type;
	uint32_t least = item->least + map;
	c->reachable = c->certain = false;
	kt_buf_addc(&c->pending, map ? '{' : '[');
	uint32_t begin = emit(c, map ? KT_OP_MAP : KT_OP_LIST, 0, least),
		 before = step_down(c, map ? KT_STEP_VALUE : KT_STEP_ITEM, NULL);
	compile(c, item, reader->fields[0].type);
	emit(c, map ? KT_OP_MAP_END : KT_OP_LIST_END, begin + 1, least);
	c->program->ops[begin].arg = (uint32_t)c->program->n_ops;
	kt_buf_addc(&c->pending, map ? '}' : ']');
	c->reachable = reachable;
	c->certain = certain;
	c->place = before;
}

/* As a branch of a union, with its tag where the form has one. */
static bool compile_branch(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	bool tagged = c->how->form == KT_AVRO_TAGGED && reader->kind != KT_AVRO_NULL;
	if (tagged) {
		kt_buf_addc(&c->pending, '{');
		quote(c, &c->pending, kt_avro_name(reader));
		kt_buf_adds(&c->pending, c->program->colon);
	}
	bool fine = compile(c, writer, reader);
	if (tagged)
		kt_buf_addc(&c->pending, '}');
	return fine;
}

/* Data of a type that is not a union, read as one. */
static bool compile_choice(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	uint32_t branch = kt_avro_branch(&c->resolver, writer, reader);
	if (branch != NOWHERE)
		return compile_branch(c, writer, reader->fields[branch].type);
	c->why.len = 0;
	kt_buf_adds(&c->why, "no branch of the reader's union takes ");
	kt_avro_describe(&c->why, writer);
	return refuse(c);
}

static bool compile_union(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	uint32_t table = add_target(c, 1 + writer->n);
	kt_auto(kt_free_ptr) uint32_t *jumps = kt_calloc(writer->n + 1, sizeof(*jumps));
	bool certain = c->certain, fine = !writer->n;
	c->program->targets[table] = writer->n;
	emit(c, KT_OP_UNION, table, 0);
	c->certain = false;
	for (uint32_t i = 0; i < writer->n; i++) {
		const struct kt_avro_type *branch = writer->fields[i].type;
		c->program->targets[table + 1 + i] = label(c);
		fine |= writer == reader ? compile_branch(c, branch, branch) : compile(c, branch, reader);
		jumps[i] = emit(c, KT_OP_JUMP, 0, 0);
	}
	uint32_t end = label(c);
	for (uint32_t i = 0; i < writer->n; i++)
		c->program->ops[jumps[i]].arg = end;
	c->certain = certain;
	return fine || refuse(c);
}

/* A symbol as its text, or why it has none. names: of the reader's symbols. */
static void show_symbol(const struct compiler *c, struct kt_buf *out, const char *symbol, struct kt_idmap *names,
	const struct kt_avro_type *reader)
{
	char quoted[80];
	struct kt_uuid id = kt_idmap_name(names, symbol, strlen(symbol));
	bool there = kt_idmap_get(names, &id);
	if (there || reader->fallback)
		quote(c, out, there ? symbol : reader->fallback);
	else
		kt_buf_addf(out, "the reader's enum does not have the symbol %s, and no default",
			kt_quote(quoted, sizeof(quoted), (struct kt_bytes){symbol, strlen(symbol)}));
}

/* The texts of the symbols are made once for each enum. */
static uint32_t symbol_table(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	uint32_t table = add_target(c, 2 + writer->n);
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_auto(kt_idmap_fini) struct kt_idmap names = {0};
	for (uint32_t i = 0; writer != reader && i < reader->n; i++) {
		struct kt_uuid id = kt_idmap_name(&names, reader->symbols[i], strlen(reader->symbols[i]));
		*kt_idmap_put(&names, &id) = i;
	}
	c->program->targets[table] = writer->n;
	for (uint32_t i = 0; i < writer->n; i++) {
		text.len = 0;
		if (writer == reader)
			quote(c, &text, writer->symbols[i]);
		else
			show_symbol(c, &text, writer->symbols[i], &names, reader);
		c->program->targets[table + 1 + i] = add_text(c, text.data, text.len);
	}
	c->program->targets[table + 1 + writer->n] = (uint32_t)c->program->texts.len;
	return table;
}

static void compile_enum(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	uint32_t number = function_of(c, writer, reader);
	if (c->functions[number].at == NOWHERE)
		c->functions[number].at = symbol_table(c, writer, reader);
	emit(c, KT_OP_ENUM, c->functions[number].at, 0);
}

/* False: this form shows the type as what it is based on. kind: of the data, when that is promoted. */
static bool compile_logical(struct compiler *c, enum kt_avro_kind kind, const struct kt_avro_type *type)
{
	bool fixed = type->kind == KT_AVRO_FIXED;
	if (c->how->form == KT_AVRO_TAGGED || (c->how->form == KT_AVRO_JSON && !c->how->logical))
		return false;
	switch (type->logical) {
	case KT_AVRO_PLAIN:
		return false;
	case KT_AVRO_DECIMAL:
		emit(c, fixed ? KT_OP_DECIMAL_FIXED : KT_OP_DECIMAL, type->scale, type->size);
		return true;
	case KT_AVRO_UUID:
		emit(c, fixed ? KT_OP_UUID_FIXED : KT_OP_UUID_STRING, 0, 0);
		return true;
	case KT_AVRO_BIG_DECIMAL:
		if (!c->program->python)
			emit(c, KT_OP_BIG_DECIMAL, 0, 0);
		return !c->program->python;
	case KT_AVRO_DURATION:
		if (!c->program->python)
			emit(c, KT_OP_DURATION, 0, 0);
		return !c->program->python;
	default:
		emit(c, kind == KT_AVRO_INT ? KT_OP_LOGICAL_INT : KT_OP_LOGICAL_LONG, type->logical, 0);
		return true;
	}
}

static void compile_simple(struct compiler *c, enum kt_avro_kind kind, const struct kt_avro_type *type)
{
	static const struct {
		enum code json, python;
	} codes[] = {
		[KT_AVRO_BOOLEAN] = {KT_OP_BOOLEAN, KT_OP_BOOLEAN},
		[KT_AVRO_INT] = {KT_OP_INT, KT_OP_INT},
		[KT_AVRO_LONG] = {KT_OP_LONG, KT_OP_LONG},
		[KT_AVRO_FLOAT] = {KT_OP_FLOAT, KT_OP_FLOAT_AS_DOUBLE},
		[KT_AVRO_DOUBLE] = {KT_OP_DOUBLE, KT_OP_PYTHON_DOUBLE},
		[KT_AVRO_BYTES] = {KT_OP_BYTES, KT_OP_PYTHON_BYTES},
		[KT_AVRO_STRING] = {KT_OP_STRING, KT_OP_PYTHON_STRING},
		[KT_AVRO_FIXED] = {KT_OP_FIXED, KT_OP_PYTHON_FIXED},
	};
	enum code code = c->program->python ? codes[type->kind].python : codes[type->kind].json;
	bool real = type->kind == KT_AVRO_FLOAT || type->kind == KT_AVRO_DOUBLE;
	if (real && (kind == KT_AVRO_INT || kind == KT_AVRO_LONG))
		emit(c, kind == KT_AVRO_INT ? KT_OP_INT_AS_REAL : KT_OP_LONG_AS_REAL, code, 0);
	else if (real && kind != type->kind)
		emit(c, KT_OP_FLOAT_AS_DOUBLE, 0, 0);
	else
		emit(c, kind == KT_AVRO_INT ? KT_OP_INT : code, type->size, 0);
}

static bool compile_alike(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	switch (writer->kind) {
	case KT_AVRO_NULL:
		kt_buf_adds(&c->pending, c->program->python ? "None" : "null");
		break;
	case KT_AVRO_RECORD:
		return compile_record(c, writer, reader);
	case KT_AVRO_ENUM:
		compile_enum(c, writer, reader);
		break;
	case KT_AVRO_ARRAY:
	case KT_AVRO_MAP:
		compile_list(c, writer, reader);
		break;
	default:
		if (!compile_logical(c, writer->kind, reader))
			compile_simple(c, writer->kind, reader);
	}
	return true;
}

/* Everything about a default was decided when its schema was read: its bytes take the place of the data. */
static bool compile_default(struct compiler *c, const struct kt_avro_field *field)
{
	kt_auto(kt_buf_fini) struct kt_buf bytes = {0};
	struct kt_err err = {0};
	if (kt_avro_encode_default(&bytes, field, &err) < 0) {
		c->why.len = 0;
		kt_buf_addf(&c->why, "the reader's default is not valid: %s", err.msg);
		return refuse(c);
	}
	if (bytes.len)
		emit(c, KT_OP_DEFAULT, add_text(c, bytes.data, bytes.len), (uint32_t)bytes.len);
	compile(c, field->type, field->type);
	if (bytes.len)
		emit(c, KT_OP_DEFAULT_END, 0, 0);
	return true;
}

/* False when no data can be read. */
static bool compile(struct compiler *c, const struct kt_avro_type *writer, const struct kt_avro_type *reader)
{
	if (c->limited && (c->program->n_ops > KT_AVRO_OPS_MAX || c->program->texts.len > KT_AVRO_TEXTS_MAX)) {
		c->too_long = true;
		kt_err_set(&c->err, KT_FAILED, "too much to resolve: more than %d operations", KT_AVRO_OPS_MAX);
		return true;
	}
	if (c->resolver.pairs > KT_AVRO_PAIRS_MAX) {
		kt_err_set(&c->err, KT_FAILED, "too much to resolve: more than %d pairs of branches with other names",
			KT_AVRO_PAIRS_MAX);
		return true;
	}
	if (writer->kind == KT_AVRO_UNION)
		return compile_union(c, writer, reader);
	if (reader->kind == KT_AVRO_UNION)
		return compile_choice(c, writer, reader);
	c->why.len = 0;
	if (writer != reader && !kt_avro_fits(writer, reader, &c->why))
		return refuse(c);
	return compile_alike(c, writer, reader);
}

/* The next function that is to be compiled, or NULL. What all data calls comes first: only from there is it known what
 * else all data calls. */
static struct function *next_function(struct compiler *c)
{
	for (int certain = 1; certain >= 0 && !c->err.msg[0]; certain--) {
		struct queue *queue = &c->queues[certain];
		while (queue->done < queue->n) {
			struct function *function = &c->functions[queue->v[queue->done++]];
			if (function->at == NOWHERE)
				return function;
		}
	}
	return NULL;
}

/* The functions after the main program; compiling one may need others. */
static void compile_functions(struct compiler *c)
{
	struct function *function;
	c->reachable = false;
	while ((function = next_function(c))) {
		step_down(c, KT_STEP_ROOT, NULL);
		function->at = label(c);
		c->certain = function->certain;
		compile_fields(c, function->writer, function->reader);
		emit(c, KT_OP_RETURN, 0, 0);
	}
	for (size_t i = 0; i < c->program->n_ops; i++)
		if (c->program->ops[i].code == KT_OP_CALL)
			c->program->ops[i].arg = c->functions[c->program->ops[i].arg].at;
}

static void fini(struct compiler *c)
{
	free(c->functions);
	free(c->queues[0].v);
	free(c->queues[1].v);
	kt_idmap_fini(&c->by_types);
	kt_avro_resolver_fini(&c->resolver);
	kt_buf_fini(&c->pending);
	kt_buf_fini(&c->path);
	kt_buf_fini(&c->why);
}

/* noting: wanted fields are noted, for which the records around them stand where they are used. */
static struct kt_avro_printer *compile_program(struct compiler *c, const struct kt_avro_type *writer,
	const struct kt_avro_type *reader, const struct kt_avro_how *how, bool noting)
{
	struct kt_avro_printer *p = kt_calloc(1, sizeof(*p));
	c->program = p;
	c->how = how;
	c->reachable = noting;
	c->certain = true;
	c->limited = noting || writer != reader;
	p->python = how->form == KT_AVRO_PYTHON;
	p->between = p->python ? ", " : ",";
	p->colon = p->python ? ": " : ":";
	p->n_wanted = how->wanted ? how->wanted->n : 0;
	kt_buf_cstr(&c->path);
	step_down(c, KT_STEP_ROOT, NULL);
	compile(c, writer, reader);
	emit(c, KT_OP_END, 0, 0);
	compile_functions(c);
	memset(kt_buf_reserve(&p->texts, KT_OP_TEXT_SLACK), 0, KT_OP_TEXT_SLACK);
	fini(c);
	return p;
}

/* What is too long with the wanted fields noted is compiled without. err: empty unless no data can be read. */
static struct kt_avro_printer *compile_for(const struct kt_avro_type *writer, const struct kt_avro_type *reader,
	const struct kt_avro_how *how, struct kt_err *err)
{
	struct compiler c = {0};
	bool noting = how->wanted && how->wanted->n;
	struct kt_avro_printer *program = compile_program(&c, writer, reader, how, noting);
	if (noting && c.too_long) {
		kt_avro_printer_free(program);
		c = (struct compiler){0};
		program = compile_program(&c, writer, reader, how, false);
	}
	*err = c.err;
	return program;
}

struct kt_avro_printer *kt_avro_printer_compile(const struct kt_avro_schema *schema, const struct kt_avro_how *how)
{
	struct kt_err none;
	return compile_for(schema->root, schema->root, how, &none);
}

int kt_avro_printer_resolve(struct kt_avro_printer **out, const struct kt_avro_schema *writer,
	const struct kt_avro_schema *reader, const struct kt_avro_how *how, struct kt_err *err)
{
	struct kt_err why;
	struct kt_avro_printer *program = compile_for(writer->root, reader->root, how, &why);
	if (why.msg[0]) {
		kt_avro_printer_free(program);
		kt_err_set(err, KT_FAILED, "%s", why.msg);
		return kt_err_wrap(err, "the data cannot be read with the reader's schema");
	}
	*out = program;
	return 0;
}

void kt_avro_printer_free(struct kt_avro_printer *p)
{
	if (!p)
		return;
	free(p->ops);
	free(p->targets);
	free(p->places);
	kt_buf_fini(&p->texts);
	free(p);
}

size_t kt_avro_printer_size(const struct kt_avro_printer *p)
{
	return sizeof(*p) + p->ops_cap * sizeof(*p->ops) + p->targets_cap * sizeof(*p->targets) +
	       p->places_cap * sizeof(*p->places) + p->texts.cap;
}
