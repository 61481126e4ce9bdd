/* What an audit found, in sentences. */
#include "groupaudit_own.h"
#include "num.h"

enum { PLACES = 4 };

static const char *name_of(const struct kt_groupaudit *l, int member)
{
	return member == KT_GROUPAUDIT_NOBODY ? "an earlier owner" : l->members.v[member];
}

static void add_line(struct kt_strs *lines, struct kt_buf *line)
{
	kt_strs_add(lines, kt_buf_cstr(line));
	line->len = 0;
}

/* "client58 [3] 40 to 56", or one offset. */
static void add_place(const struct kt_groupaudit *l, struct kt_buf *b, const struct kt_groupaudit_finding *f)
{
	kt_buf_addf(b, "%s [%d] %lld", l->topics.v[f->topic], (int)f->partition, (long long)f->from);
	if (f->next - f->from > 1)
		kt_buf_addf(b, " to %lld", (long long)f->next - 1);
}

static void add_rest(struct kt_strs *lines, struct kt_buf *b, int64_t n, const struct kt_groupaudit_findings *list)
{
	if (list->n == KT_GROUPAUDIT_TOLD && n > KT_GROUPAUDIT_TOLD) {
		kt_buf_addf(b, "  (the first %d findings)", KT_GROUPAUDIT_TOLD);
		add_line(lines, b);
	}
}

static void tell_owners(
	const struct kt_groupaudit *l, const struct kt_verdict *v, int64_t now_us, struct kt_strs *lines)
{
	kt_auto(kt_buf_fini) struct kt_buf b = {0};
	char text[32];
	if (!l->n)
		kt_buf_adds(&b, "no partition had an owner");
	else
		kt_buf_addf(&b, "%zu partition%s", l->n, kt_plural(l->n));
	if (v->overlaps)
		kt_buf_addf(&b, ", with two owners at once %s time%s:", kt_group_digits(v->overlaps, text),
			kt_plural(v->overlaps));
	else if (l->n)
		kt_buf_adds(&b, l->n == 1 ? ", with one owner at any time" : ", each with one owner at any time");
	if (!v->overlaps && v->unowned_us)
		kt_buf_addf(&b, ", or none while it changed hands (%s at most)",
			kt_show_ms((v->unowned_us + 999) / 1000, text));
	add_line(lines, &b);
	if (v->outside) {
		kt_buf_addf(&b, "  %s of them also belonged to members outside this run",
			kt_group_digits(v->outside, text));
		add_line(lines, &b);
	}
	for (size_t i = 0; i < l->overlaps.n; i++) {
		const struct kt_groupaudit_finding *f = &l->overlaps.v[i];
		kt_buf_addf(&b, "  %s [%d]: %s and %s for %s", l->topics.v[f->topic], (int)f->partition,
			name_of(l, f->a), name_of(l, f->b),
			kt_show_ms(((f->over ? f->next : now_us) - f->from + 999) / 1000, text));
		add_line(lines, &b);
	}
	add_rest(lines, &b, v->overlaps, &l->overlaps);
}

static bool is_alike(const struct kt_groupaudit_finding *a, const struct kt_groupaudit_finding *b)
{
	return a->a == b->a && a->b == b->b && a->why == b->why;
}

static bool is_first_of_kind(const struct kt_groupaudit_findings *list, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (is_alike(&list->v[i], &list->v[at]))
			return false;
	return true;
}

/* ": client58 [3] 40 to 56, client58 [4] 7 and 12 more": where all findings like this one are. */
static void add_places(const struct kt_groupaudit *l, struct kt_buf *b, size_t at)
{
	size_t shown = 0;
	int64_t rest = 0;
	for (size_t i = at; i < l->repeats.n; i++) {
		const struct kt_groupaudit_finding *f = &l->repeats.v[i];
		if (!is_alike(f, &l->repeats.v[at]))
			continue;
		if (shown == PLACES) {
			rest += f->n;
			continue;
		}
		kt_buf_adds(b, shown++ ? ", " : ": ");
		add_place(l, b, f);
	}
	if (rest)
		kt_buf_addf(b, " and %lld more", (long long)rest);
}

static void tell_repeats(const struct kt_groupaudit *l, const struct kt_verdict *v, struct kt_strs *lines)
{
	static const char *const whys[] = {
		[KT_WHY_KILLED] = "was killed before it had committed them",
		[KT_WHY_LOST] = "had lost the partition before it could commit them",
		[KT_WHY_REFUSED] = "gave the partition away, and its commit was refused",
		[KT_WHY_UNANSWERED] = "gave the partition away before its commit was answered",
		[KT_WHY_UNCOMMITTED] = "had not committed them",
		[KT_WHY_COMMITTED] = "had committed them",
		[KT_WHY_BOTH] = "owned the partition at the same time",
		[KT_WHY_ITSELF] = "went back to them by itself",
	};
	kt_auto(kt_buf_fini) struct kt_buf b = {0};
	bool refused = false;
	for (size_t i = 0; i < l->repeats.n; i++) {
		const struct kt_groupaudit_finding *f = &l->repeats.v[i];
		if (!is_first_of_kind(&l->repeats, i))
			continue;
		kt_buf_addf(&b, "  %s, then %s: %s %s", name_of(l, f->a), f->a == f->b ? "again" : name_of(l, f->b),
			name_of(l, f->a), whys[f->why]);
		refused |= f->why == KT_WHY_REFUSED;
		add_places(l, &b, i);
		add_line(lines, &b);
	}
	add_rest(lines, &b, v->repeats, &l->repeats);
	if (refused) {
		kt_buf_addf(&b, "  the last refusal: %s", l->refusal);
		add_line(lines, &b);
	}
}

static void tell_records(const struct kt_groupaudit *l, const struct kt_verdict *v, struct kt_strs *lines)
{
	kt_auto(kt_buf_fini) struct kt_buf b = {0};
	char n[32], more[32];
	kt_buf_addf(&b, "%s record%s", v->records ? kt_group_digits(v->records, n) : "no", kt_plural(v->records));
	if (v->repeats)
		kt_buf_addf(&b, ", %s read again:", kt_group_digits(v->repeats, more));
	else if (v->records)
		kt_buf_adds(&b, v->records == 1 ? ", to exactly one member" : ", each to exactly one member");
	add_line(lines, &b);
	tell_repeats(l, v, lines);
	if (!v->passed_over)
		return;
	kt_buf_addf(&b, "%s offset%s passed over:", kt_group_digits(v->passed_over, n), kt_plural(v->passed_over));
	add_line(lines, &b);
	for (size_t i = 0; i < l->gaps.n; i++) {
		kt_buf_addf(&b, "  %s had stopped there, %s began after them: ", name_of(l, l->gaps.v[i].a),
			name_of(l, l->gaps.v[i].b));
		add_place(l, &b, &l->gaps.v[i]);
		add_line(lines, &b);
	}
}

static void tell_keys(const struct kt_groupaudit *l, const struct kt_verdict *v, struct kt_strs *lines)
{
	kt_auto(kt_buf_fini) struct kt_buf b = {0};
	char n[32], more[32];
	if (v->disordered)
		kt_buf_addf(&b, "%s record%s came after a later one of the partition; ",
			kt_group_digits(v->disordered, more), kt_plural(v->disordered));
	if (!v->keys)
		kt_buf_adds(&b, "no record had a key");
	else
		kt_buf_addf(&b, "%s key%s", kt_group_digits(v->keys, n), kt_plural(v->keys));
	if (v->moved)
		kt_buf_addf(&b, ", %s of them in more than one partition:", kt_group_digits(v->moved, more));
	else if (v->keys)
		kt_buf_addf(&b, ", %s in one partition%s", v->keys == 1 ? "it was" : "each",
			v->disordered ? "" : " and in order");
	if (v->unwatched)
		kt_buf_addf(&b, " (%s record%s had further keys, which were not watched)",
			kt_group_digits(v->unwatched, more), kt_plural(v->unwatched));
	add_line(lines, &b);
	for (size_t i = 0; i < KT_LEN(l->moved) && (int64_t)i < v->moved; i++) {
		const struct kt_groupaudit_moved *m = &l->moved[i];
		kt_buf_addf(&b, "  %s: %s [%d], then [%d]", m->text, l->topics.v[m->topic], (int)m->was, (int)m->is);
		add_line(lines, &b);
	}
}

void kt_groupverdict_tell(
	const struct kt_groupaudit *l, const struct kt_verdict *v, int64_t now_us, struct kt_strs *lines)
{
	tell_owners(l, v, now_us, lines);
	tell_records(l, v, lines);
	if (v->records)
		tell_keys(l, v, lines);
}
