#include "sinklines.h"

#include "columnssay.h"
#include "mem.h"
#include "num.h"
#include "say.h"

int kt_sinklines_open(struct kt_sinklines *l, const struct kt_sinklines_how *how, struct kt_err *err)
{
	kt_auto(kt_sinktext_fini) struct kt_sinktext first = {.format = how->format};
	l->how = *how;
	/* What is wrong with --column is to be said before anything is read. */
	if (kt_sinktext_columns(&first, how->columns, err) < 0)
		return -1;
	return kt_sinkdecode_open(&l->decode, &how->sample.decode, err);
}

static int find_columns(struct kt_sinklines *l, struct kt_sinklines_topic *t, struct kt_err *err)
{
	struct kt_jsoncolumns *columns = &t->text.columns;
	int64_t sampled;
	if (kt_sinksample(columns, t->name, &l->how.sample, &sampled, err) < 0)
		return -1;
	kt_sinktext_learnt(&t->text);
	kt_columnssay_found(columns, t->name, sampled);
	kt_columnssay_renamed(columns, t->name);
	return 0;
}

struct kt_sinktext *kt_sinklines_text(struct kt_sinklines *l, const char *topic, struct kt_err *err)
{
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->v[i]->name, topic))
			return &l->v[i]->text;
	struct kt_sinklines_topic *t = kt_calloc(1, sizeof(*t));
	l->v = kt_grow(l->v, &l->cap, l->n + 1, sizeof(struct kt_sinklines_topic *));
	l->v[l->n++] = t;
	t->name = kt_strdup(topic);
	t->text = (struct kt_sinktext){.format = l->how.format, .values = l->how.values};
	if (kt_sinktext_columns(&t->text, l->how.columns, err) < 0)
		return NULL;
	bool finds = l->how.format == KT_SINKFORMAT_CSV && !l->how.columns->n;
	return finds && find_columns(l, t, err) < 0 ? NULL : &t->text;
}

/* The lines that a message becomes. */
struct message {
	struct kt_sinklines *lines;
	struct kt_sinktext *text;
};

static int take_datum(void *user, const struct kt_record *shown, uint32_t part, bool json, struct kt_err *err)
{
	struct message *m = user;
	struct kt_sinklines *l = m->lines;
	(void)part;
	(void)err;
	/* With why it could not be decoded. */
	bool raw = !json && l->decode.decode.bad && l->how.format == KT_SINKFORMAT_JSONL && !l->how.values;
	if (raw)
		kt_decode_add_raw(&l->decode.decode, &l->lines, shown, KT_ENC_UTF8);
	else
		kt_sinktext_add(m->text, shown, json, &l->lines);
	return 0;
}

int kt_sinklines_take(struct kt_sinklines *l, struct kt_sinktext *text, const struct kt_record *r,
	struct kt_sinkdata *data, struct kt_err *err)
{
	struct message message = {l, text};
	l->lines.len = 0;
	int64_t n = kt_sinkdecode_each(&l->decode, r, take_datum, &message, err);
	if (n < 0)
		return -1;
	*data = (struct kt_sinkdata){{l->lines.data, l->lines.len}, n};
	return n ? 0 : 1;
}

static void say_later(const struct kt_sinklines_topic *t)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	(void)kt_columnssay_later(&t->text.columns, &text);
	kt_say(KT_NORMAL, "%s: %s: _value has all of such a record, and --column NAME=PATH makes one a column", t->name,
		kt_buf_cstr(&text));
}

void kt_sinklines_say(const struct kt_sinklines *l)
{
	char digits[32];
	for (size_t i = 0; i < l->n; i++) {
		const struct kt_sinktext *text = &l->v[i]->text;
		if (text->bad)
			kt_say(KT_NORMAL, "%s: %s value%s: columns of fields are empty there", l->v[i]->name,
				kt_group_digits(text->bad, digits),
				text->bad == 1 ? " is not a JSON object" : "s are not JSON objects");
		if (text->found && text->columns.n_later)
			say_later(l->v[i]);
	}
}

void kt_sinklines_fini(struct kt_sinklines *l)
{
	for (size_t i = 0; i < l->n; i++) {
		kt_sinktext_fini(&l->v[i]->text);
		free(l->v[i]->name);
		free(l->v[i]);
	}
	free(l->v);
	kt_sinkdecode_fini(&l->decode);
	kt_buf_fini(&l->lines);
}
