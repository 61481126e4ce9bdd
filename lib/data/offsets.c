#include "offsets.h"

#include "esc.h"
#include "num.h"
#include "when.h"

static const char forms[] =
	"understood: beginning, end, stored, N, -N (the last N), +N, A:B, @TIME, -1h (ago), @FROM:TO, s@TIME, e@TIME";

/* A date needs no @: no offset looks like it. */
static bool is_date(const char *text)
{
	return strspn(text, "0123456789") == 4 && text[4] == '-' && strspn(text + 5, "0123456789") == 2 &&
	       text[7] == '-';
}

static int not_a_span(const char *text, const char *why, struct kt_err *err)
{
	char quoted[80];
	kt_err_set(
		err, KT_USAGE, "%s %s", kt_quote(quoted, sizeof(quoted), (struct kt_bytes){text, strlen(text)}), why);
	return kt_err_hint(err, forms);
}

/* An hour without a dash, and rpk's end-5. */
static int not_an_offset(const char *text, struct kt_err *err)
{
	struct kt_err ignored;
	int64_t n;
	const char *dash = strchr(text, '-');
	not_a_span(text, "is not an offset", err);
	if (strlen(text) < 20 && kt_parse_duration_ms(text, &n, &ignored) == 0)
		return kt_err_hint(err, "that long ago is -%s", text);
	if (dash && dash > text && strspn(text, "abcdefghijklmnopqrstuvwxyz") == (size_t)(dash - text) &&
		kt_parse_i64(dash + 1, 1, INT64_MAX, &n, &ignored) == 0)
		return kt_err_hint(err, "the last %lld of each partition are -%lld", (long long)n, (long long)n);
	return -1;
}

static bool parse_word(struct kt_place *place, const char *text)
{
	static const struct {
		const char *word;
		enum kt_where where;
	} words[] = {
		{"beginning", KT_AT_BEGINNING},
		{"earliest", KT_AT_BEGINNING},
		{"start", KT_AT_BEGINNING},
		{"oldest", KT_AT_BEGINNING},
		{"end", KT_AT_END},
		{"latest", KT_AT_END},
		{"newest", KT_AT_END},
		{"stored", KT_AT_STORED},
	};
	for (size_t i = 0; i < KT_LEN(words); i++)
		if (!strcmp(text, words[i].word)) {
			*place = (struct kt_place){.where = words[i].where};
			return true;
		}
	return false;
}

/* One side of a range: a time, an offset, or the log's beginning or end. An empty text leaves the side as it is. */
static bool parse_side(struct kt_place *place, const char *text, bool time, int64_t now_ms)
{
	struct kt_err ignored;
	struct kt_place found = {.where = time ? KT_AT_TIME : KT_AT_OFFSET};
	if (!*text)
		return true;
	if (parse_word(&found, text) && found.where != KT_AT_STORED) {
		*place = found;
		return true;
	}
	if (time ? kt_parse_when_ms(text, now_ms, &found.n, &ignored) < 0
		 : *text == '+' || kt_parse_i64(text, 0, INT64_MAX, &found.n, &ignored) < 0)
		return false;
	*place = found;
	return true;
}

/* "A:B" in which A and B may hold colons themselves (RFC 3339): the first colon with a sensible text on both sides. */
static bool parse_range(struct kt_span *span, const char *text, bool time, int64_t now_ms)
{
	char left[64];
	for (const char *colon = strchr(text, ':'); colon; colon = strchr(colon + 1, ':')) {
		struct kt_span found = *span;
		size_t len = (size_t)(colon - text);
		if (len >= sizeof(left) || (!len && !colon[1]))
			return false;
		memcpy(left, text, len);
		left[len] = '\0';
		if (parse_side(&found.start, left, time, now_ms) && parse_side(&found.end, colon + 1, time, now_ms)) {
			*span = found;
			return true;
		}
	}
	return false;
}

/* "-1h": a number without a unit is one of records. */
static bool is_ago(const char *text)
{
	size_t digits = *text == '-' ? strspn(text + 1, "0123456789.") : 0;
	return digits && strchr("smhd", text[1 + digits]) && text[1 + digits];
}

/* now, yesterday, 2 hours ago: no number is written so. */
static bool is_said(const char *text, int64_t now_ms)
{
	struct kt_err ignored;
	int64_t ms;
	return text[strspn(text, "0123456789.-+:@TZ")] && (!strchr("0123456789@-+", *text) || strchr(text, ' ')) &&
	       kt_parse_when_ms(text, now_ms, &ms, &ignored) == 0;
}

int kt_place_parse(struct kt_place *place, const char *text, struct kt_err *err)
{
	struct kt_place found = {.where = KT_AT_TAIL};
	struct kt_err ignored;
	if (parse_word(place, text))
		return 0;
	if (*text == '-' ? text[1] != '-' && kt_parse_i64(text + 1, 0, INT64_MAX, &found.n, &ignored) == 0
			 : parse_side(&found, text, false, 0) && *text) {
		*place = found;
		return 0;
	}
	not_a_span(text, "is not where one partition starts", err);
	return kt_err_hint(err, "understood: beginning, end, stored, N, -N (the last N)");
}

int kt_span_parse(struct kt_span *span, const char *text, int64_t now_ms, struct kt_err *err)
{
	struct kt_span found = *span;
	struct kt_place *side = text[0] == 'e' && text[1] == '@' ? &found.end : &found.start;
	if (parse_word(&found.start, text)) {
		*span = found;
		return 0;
	}
	if (*text && text[1] == '@' && (*text == 's' || *text == 'e')) {
		if (kt_parse_when_ms(text + 2, now_ms, &side->n, err) < 0)
			return kt_err_hint(err, forms);
		side->where = KT_AT_TIME;
	} else if (is_ago(text) || is_said(text, now_ms)) {
		if (kt_parse_when_ms(text, now_ms, &found.start.n, err) < 0)
			return kt_err_hint(err, forms);
		found.start.where = KT_AT_TIME;
	} else if (*text == '-') {
		found.start.where = KT_AT_TAIL;
		if (text[1] == '+' || text[1] == '-' || kt_parse_i64(text + 1, 0, INT64_MAX, &found.start.n, err) < 0)
			return not_a_span(text, "is not a number of records before the end", err);
	} else if (*text == '+') {
		found.start.where = KT_AT_HEAD;
		if (strspn(text + 1, "+-") || kt_parse_i64(text + 1, 0, INT64_MAX, &found.start.n, err) < 0)
			return not_a_span(text, "is not a number of records after the beginning", err);
	} else {
		bool at = *text == '@', time = at || is_date(text);
		const char *sides = text + at;
		if (!*sides ||
			(!parse_side(&found.start, sides, time, now_ms) && !parse_range(&found, sides, time, now_ms)))
			return time ? not_a_span(text, "is neither a point in time nor two", err)
				    : not_an_offset(text, err);
	}
	if (found.start.where == found.end.where && found.start.n > found.end.n &&
		(found.end.where == KT_AT_OFFSET || found.end.where == KT_AT_TIME))
		return not_a_span(text, "ends before it starts", err);
	*span = found;
	return 0;
}

int kt_place_beyond(int64_t n, const char *topic, int32_t partition, int64_t begin, int64_t end, const char *option,
	struct kt_err *err)
{
	enum { YEAR_2001_S = 1000000000 };
	kt_err_set(err, KT_FAILED, "%s [%d]: offset %lld is out of range: the log is from %lld to %lld", topic,
		(int)partition, (long long)n, (long long)begin, (long long)end);
	if (n >= YEAR_2001_S)
		return kt_err_hint(err, "a time is written with @: %s @%lld", option, (long long)n);
	return kt_err_hint(err, "%s end is where each log ends, %s @TIME where it was at a time", option, option);
}
