#include "avro_program.h"
#include "json.h"
#include "mem.h"
#include "python.h"

#define NOWHERE UINT32_MAX

struct compiler {
	struct kt_avro_text *program;
	const struct kt_avro_schema *schema;
	const struct kt_avro_how *how;
	struct kt_buf pending; /* text that the next operation will add */
	struct kt_buf path;    /* "a.b" of the field that is compiled */
	bool reachable;        /* path is where wanted fields can be: not inside lists, maps and functions */
	uint32_t place;
	uint32_t *functions; /* of each type, where its function begins, or NOWHERE */
	uint32_t *symbols;   /* of each enum, its table in targets, or NOWHERE */
	uint32_t *waiting;   /* types whose functions are still to be compiled */
	size_t n_waiting, waiting_cap;
};

static void compile(struct compiler *c, const struct kt_avro_type *type);

static uint32_t add_text(struct compiler *c, const void *text, size_t len)
{
	size_t at = c->program->texts.len;
	kt_buf_add(&c->program->texts, text, len);
	return (uint32_t)at;
}

/* Adds an operation; returns where. */
static uint32_t emit(struct compiler *c, enum code code, uint32_t arg, uint32_t least)
{
	struct kt_avro_text *p = c->program;
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
		emit(c, TEXT, 0, 0);
	return (uint32_t)c->program->n_ops;
}

static uint32_t add_target(struct compiler *c, size_t n)
{
	struct kt_avro_text *p = c->program;
	p->targets = kt_grow(p->targets, &p->targets_cap, p->n_targets + n, sizeof(*p->targets));
	p->n_targets += n;
	return (uint32_t)(p->n_targets - n);
}

/* One step down from the current place; returns the place to go back to. */
static uint32_t step_down(struct compiler *c, enum step step, const char *name)
{
	struct kt_avro_text *p = c->program;
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

static void compile_field(struct compiler *c, const struct kt_avro_field *field)
{
	size_t path_len = c->path.len;
	bool below;
	uint32_t before = step_down(c, FIELD, field->name);
	if (path_len)
		kt_buf_addc(&c->path, '.');
	kt_buf_adds(&c->path, field->name);
	int number = wanted(c, &below);
	if (number >= 0)
		emit(c, NOTE, (uint32_t)number, 0);
	compile(c, field->type);
	if (number >= 0)
		emit(c, NOTE_END, (uint32_t)number, 0);
	c->path.len = path_len;
	c->place = before;
}

static void compile_fields(struct compiler *c, const struct kt_avro_type *type)
{
	kt_buf_addc(&c->pending, '{');
	for (uint32_t i = 0; i < type->n; i++) {
		if (i)
			kt_buf_adds(&c->pending, c->program->between);
		quote(c, &c->pending, type->fields[i].name);
		kt_buf_adds(&c->pending, c->program->colon);
		compile_field(c, &type->fields[i]);
	}
	kt_buf_addc(&c->pending, '}');
}

/* A record stands where it is used, unless it is used in several places and nothing inside it is wanted. */
static void compile_record(struct compiler *c, const struct kt_avro_type *type)
{
	bool below = true;
	if (c->path.len)
		(void)wanted(c, &below);
	if (type->uses == 1 || (below && c->reachable && c->how->wanted)) {
		compile_fields(c, type);
		return;
	}
	if (c->functions[type->id] == NOWHERE) {
		c->functions[type->id] = 0;
		c->waiting = kt_grow(c->waiting, &c->waiting_cap, c->n_waiting + 1, sizeof(*c->waiting));
		c->waiting[c->n_waiting++] = type->id;
	}
	/* The type's number becomes the place of its function when all are known. */
	emit(c, CALL, type->id, type->least);
}

static void compile_list(struct compiler *c, const struct kt_avro_type *type)
{
	bool map = type->kind == KT_AVRO_MAP, reachable = c->reachable;
	const struct kt_avro_type *item = type->fields[0].type;
	uint32_t least = item->least + map;
	c->reachable = false;
	kt_buf_addc(&c->pending, map ? '{' : '[');
	uint32_t begin = emit(c, map ? MAP : LIST, 0, least), before = step_down(c, map ? VALUE : ITEM, NULL);
	compile(c, item);
	emit(c, map ? MAP_END : LIST_END, begin + 1, least);
	c->program->ops[begin].arg = (uint32_t)c->program->n_ops;
	kt_buf_addc(&c->pending, map ? '}' : ']');
	c->reachable = reachable;
	c->place = before;
}

/* A branch with its tag, where the form has one. */
static void compile_branch(struct compiler *c, const struct kt_avro_type *type)
{
	bool tagged = c->how->form == KT_AVRO_TAGGED && type->kind != KT_AVRO_NULL;
	if (tagged) {
		kt_buf_addc(&c->pending, '{');
		quote(c, &c->pending, kt_avro_name(type));
		kt_buf_adds(&c->pending, c->program->colon);
	}
	compile(c, type);
	if (tagged)
		kt_buf_addc(&c->pending, '}');
}

static void compile_union(struct compiler *c, const struct kt_avro_type *type)
{
	uint32_t table = add_target(c, 1 + type->n);
	kt_auto(kt_free_ptr) uint32_t *jumps = kt_calloc(type->n + 1, sizeof(*jumps));
	c->program->targets[table] = type->n;
	emit(c, UNION, table, 0);
	for (uint32_t i = 0; i < type->n; i++) {
		c->program->targets[table + 1 + i] = label(c);
		compile_branch(c, type->fields[i].type);
		jumps[i] = emit(c, JUMP, 0, 0);
	}
	uint32_t end = label(c);
	for (uint32_t i = 0; i < type->n; i++)
		c->program->ops[jumps[i]].arg = end;
}

/* The texts of the symbols are made once for each enum. */
static uint32_t symbol_table(struct compiler *c, const struct kt_avro_type *type)
{
	uint32_t table = add_target(c, 2 + type->n);
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	c->program->targets[table] = type->n;
	for (uint32_t i = 0; i < type->n; i++) {
		text.len = 0;
		quote(c, &text, type->symbols[i]);
		c->program->targets[table + 1 + i] = add_text(c, text.data, text.len);
	}
	c->program->targets[table + 1 + type->n] = (uint32_t)c->program->texts.len;
	return table;
}

static void compile_enum(struct compiler *c, const struct kt_avro_type *type)
{
	if (c->symbols[type->id] == NOWHERE)
		c->symbols[type->id] = symbol_table(c, type);
	emit(c, ENUM, c->symbols[type->id], 0);
}

/* False: this form shows the type as what it is based on. */
static bool compile_logical(struct compiler *c, const struct kt_avro_type *type)
{
	bool fixed = type->kind == KT_AVRO_FIXED;
	if (c->how->form == KT_AVRO_TAGGED || (c->how->form == KT_AVRO_JSON && !c->how->logical))
		return false;
	switch (type->logical) {
	case KT_AVRO_PLAIN:
		return false;
	case KT_AVRO_DECIMAL:
		emit(c, fixed ? DECIMAL_FIXED : DECIMAL, type->scale, type->size);
		return true;
	case KT_AVRO_UUID:
		emit(c, fixed ? UUID_FIXED : UUID_STRING, 0, 0);
		return true;
	case KT_AVRO_DURATION:
		if (!c->program->python)
			emit(c, DURATION, 0, 0);
		return !c->program->python;
	default:
		emit(c, type->kind == KT_AVRO_INT ? LOGICAL_INT : LOGICAL_LONG, type->logical, 0);
		return true;
	}
}

static void compile_simple(struct compiler *c, const struct kt_avro_type *type)
{
	static const struct {
		enum code json, python;
	} codes[] = {
		[KT_AVRO_BOOLEAN] = {BOOLEAN, BOOLEAN},
		[KT_AVRO_INT] = {INT, INT},
		[KT_AVRO_LONG] = {LONG, LONG},
		[KT_AVRO_FLOAT] = {FLOAT, FLOAT_AS_DOUBLE},
		[KT_AVRO_DOUBLE] = {DOUBLE, PYTHON_DOUBLE},
		[KT_AVRO_BYTES] = {BYTES, PYTHON_BYTES},
		[KT_AVRO_STRING] = {STRING, PYTHON_STRING},
		[KT_AVRO_FIXED] = {FIXED, PYTHON_FIXED},
	};
	emit(c, c->program->python ? codes[type->kind].python : codes[type->kind].json, type->size, 0);
}

static void compile(struct compiler *c, const struct kt_avro_type *type)
{
	switch (type->kind) {
	case KT_AVRO_NULL:
		kt_buf_adds(&c->pending, c->program->python ? "None" : "null");
		break;
	case KT_AVRO_RECORD:
		compile_record(c, type);
		break;
	case KT_AVRO_ENUM:
		compile_enum(c, type);
		break;
	case KT_AVRO_ARRAY:
	case KT_AVRO_MAP:
		compile_list(c, type);
		break;
	case KT_AVRO_UNION:
		compile_union(c, type);
		break;
	default:
		if (!compile_logical(c, type))
			compile_simple(c, type);
	}
}

/* The functions behind the main program; compiling one may need others. */
static void compile_functions(struct compiler *c)
{
	c->reachable = false;
	for (size_t i = 0; i < c->n_waiting; i++) {
		const struct kt_avro_type *type = c->schema->types[c->waiting[i]];
		step_down(c, ROOT, NULL);
		c->functions[type->id] = label(c);
		compile_fields(c, type);
		emit(c, RETURN, 0, 0);
	}
	for (size_t i = 0; i < c->program->n_ops; i++)
		if (c->program->ops[i].code == CALL)
			c->program->ops[i].arg = c->functions[c->program->ops[i].arg];
}

struct kt_avro_text *kt_avro_text_compile(const struct kt_avro_schema *schema, const struct kt_avro_how *how)
{
	struct kt_avro_text *p = kt_calloc(1, sizeof(*p));
	kt_auto(kt_free_ptr) uint32_t *functions = kt_malloc((schema->n_types + 1) * sizeof(*functions));
	kt_auto(kt_free_ptr) uint32_t *symbols = kt_malloc((schema->n_types + 1) * sizeof(*symbols));
	struct compiler c = {.program = p,
		.schema = schema,
		.how = how,
		.reachable = true,
		.functions = functions,
		.symbols = symbols};
	memset(functions, 0xff, schema->n_types * sizeof(*functions));
	memset(symbols, 0xff, schema->n_types * sizeof(*symbols));
	p->python = how->form == KT_AVRO_PYTHON;
	p->between = p->python ? ", " : ",";
	p->colon = p->python ? ": " : ":";
	p->n_wanted = how->wanted ? how->wanted->n : 0;
	kt_buf_cstr(&c.path);
	step_down(&c, ROOT, NULL);
	compile(&c, schema->root);
	emit(&c, END, 0, 0);
	compile_functions(&c);
	memset(kt_buf_reserve(&p->texts, TEXT_SLACK), 0, TEXT_SLACK);
	free(c.waiting);
	kt_buf_fini(&c.pending);
	kt_buf_fini(&c.path);
	return p;
}

void kt_avro_text_free(struct kt_avro_text *p)
{
	if (!p)
		return;
	free(p->ops);
	free(p->targets);
	free(p->places);
	kt_buf_fini(&p->texts);
	free(p);
}

size_t kt_avro_text_size(const struct kt_avro_text *p)
{
	return sizeof(*p) + p->ops_cap * sizeof(*p->ops) + p->targets_cap * sizeof(*p->targets) +
	       p->places_cap * sizeof(*p->places) + p->texts.cap;
}
