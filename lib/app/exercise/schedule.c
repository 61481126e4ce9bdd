#include "schedule.h"

#include "mem.h"
#include "num.h"

int kt_schedule_add(struct kt_schedule *t, enum kt_do what, const char *text, struct kt_err *err)
{
	struct kt_appointment a = {.what = what};
	const char *at = strchr(text, '@'), *time = what == KT_DO_JOIN ? text : at ? at + 1 : NULL;
	if (!time)
		return kt_err_set(err, KT_USAGE, "%s: expected MEMBER@TIME, as in m2@5", text);
	if (kt_parse_duration_ms(time, &a.at_ms, err) < 0)
		return -1;
	if (what != KT_DO_JOIN) {
		const char *word = text[0] == 'm' ? text + 1 : text;
		kt_auto(kt_free_ptr) char *number = kt_strndup(word, (size_t)(at - word));
		if (kt_parse_i64(number, 1, INT32_MAX, &a.member, err) < 0)
			return kt_err_set(err, KT_USAGE, "%s: members are m1, m2, …", text);
	}
	t->v = kt_grow(t->v, &t->cap, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = a;
	return 0;
}

void kt_schedule_sort(struct kt_schedule *t)
{
	for (size_t i = 1; i < t->n; i++) {
		struct kt_appointment a = t->v[i];
		size_t at = i;
		for (; at > 0 && t->v[at - 1].at_ms > a.at_ms; at--)
			t->v[at] = t->v[at - 1];
		t->v[at] = a;
	}
}

int kt_schedule_check(const struct kt_schedule *t, int64_t members, struct kt_err *err)
{
	int64_t joining = 0;
	for (size_t i = 0; i < t->n; i++)
		joining += t->v[i].what == KT_DO_JOIN;
	for (size_t i = 0; i < t->n; i++)
		if (t->v[i].member > members + joining)
			return kt_err_set(err, KT_USAGE, "there is no m%lld: %lld at the start, and %lld that join",
				(long long)t->v[i].member, (long long)members, (long long)joining);
	return 0;
}

const struct kt_appointment *kt_schedule_due(struct kt_schedule *t, int64_t now_ms)
{
	return t->next < t->n && t->v[t->next].at_ms <= now_ms ? &t->v[t->next++] : NULL;
}

int64_t kt_schedule_wait_ms(const struct kt_schedule *t, int64_t now_ms)
{
	if (t->next == t->n)
		return INT64_MAX;
	int64_t left_ms = t->v[t->next].at_ms - now_ms;
	return left_ms > 0 ? left_ms : 0;
}

void kt_schedule_fini(struct kt_schedule *t)
{
	free(t->v);
	*t = (struct kt_schedule){0};
}
