#include "simview.h"

#include <sys/ioctl.h>

#include "demotext.h"
#include "esc.h"
#include "jsonout.h"
#include "mem.h"
#include "num.h"
#include "recordjson.h"
#include "say.h"
#include "table.h"
#include "when.h"

enum { EVERY_US = 250000, SOON_US = 50000, SHORTEST_US = 500000, DEFAULT_ROWS = 24, DEFAULT_COLUMNS = 80 };

/* SAID: with more members than these the words say only what all of them did. */
enum { SAID = 50 };

/* Heading, title, the line that counts the rest, and the cursor's at the end. */
enum { OTHER_ROWS = 4 };

static const char *const kind_words[] = {
	[KT_SIMMEMBER_JOIN] = "joining",
	[KT_SIMMEMBER_ASSIGNED] = "assigned",
	[KT_SIMMEMBER_REVOKED] = "revoked",
	[KT_SIMMEMBER_LOST] = "lost",
	[KT_SIMMEMBER_RECORD] = "record",
	[KT_SIMMEMBER_GONE] = "left",
	[KT_SIMMEMBER_DIED] = "killed",
	[KT_SIMMEMBER_SETTLED] = "settled",
};

static void add_owned(struct kt_buf *b, const struct kt_simmember *m)
{
	kt_auto(kt_free_ptr) struct kt_member_part *parts = kt_calloc(m->n_parts + 1, sizeof(*parts));
	for (size_t i = 0; i < m->n_parts; i++)
		parts[i] = (struct kt_member_part){.topic = m->parts[i].topic, .partition = m->parts[i].partition};
	kt_tell_parts(b, parts, m->n_parts);
}

static void add_value_line(struct kt_simview *v, const struct kt_simmember_event *event)
{
	struct kt_buf *b = &v->out->buf;
	if (event->kind == KT_SIMMEMBER_ASSIGNED) {
		kt_buf_adds(b, "assigned: ");
		kt_tell_parts(b, event->parts, event->n_parts);
		kt_buf_adds(b, event->n_parts ? "\n" : "nothing\n");
	} else if (event->kind == KT_SIMMEMBER_RECORD) {
		kt_buf_add(b, event->record->value.data, event->record->value.len);
		kt_buf_addc(b, '\n');
	}
}

static void begin_line(struct kt_simview *v, const struct kt_simmember_event *event)
{
	int64_t ms = (kt_clock_us() - v->start_us) / 1000;
	kt_buf_addf(&v->out->buf, "%lld.%03d\t%s\t%s", (long long)ms / 1000, (int)(ms % 1000),
		event->member ? event->member->name : "-", kind_words[event->kind]);
}

static void add_line(struct kt_simview *v, const struct kt_simmember_event *event)
{
	struct kt_buf *b = &v->out->buf;
	const struct kt_record *r = event->record;
	char key[64], value[160];
	if (event->kind == KT_SIMMEMBER_SETTLED)
		return;
	begin_line(v, event);
	if (r) {
		kt_buf_addc(b, '\t');
		kt_words_add(b, r->topic.data, r->topic.len);
		kt_buf_addf(b, "\t%d\t%lld\t%s\t%s%s", (int)r->partition, (long long)r->offset,
			kt_quote(key, sizeof(key), r->key), kt_quote(value, sizeof(value), r->value),
			event->again ? "\tagain" : "");
	} else if (event->kind != KT_SIMMEMBER_JOIN && event->kind != KT_SIMMEMBER_GONE) {
		kt_auto(kt_free_ptr) struct kt_member_part *parts = kt_tell_sorted(event->parts, event->n_parts);
		if (!event->n_parts)
			kt_buf_adds(b, "\t-\tnothing");
		for (size_t at = 0; at < event->n_parts;) {
			if (at) {
				kt_buf_addc(b, '\n');
				begin_line(v, event);
			}
			kt_buf_addc(b, '\t');
			kt_words(b, parts[at].topic);
			kt_buf_addc(b, '\t');
			at = kt_tell_ranges(b, parts, event->n_parts, at);
		}
	}
	kt_buf_addc(b, '\n');
}

static void begin_object(struct kt_simview *v, const struct kt_simmember *m, const char *word)
{
	struct kt_buf *b = &v->out->buf;
	kt_buf_addc(b, '{');
	kt_jsonout_i64(b, "ms", (kt_clock_us() - v->start_us) / 1000);
	if (m)
		kt_jsonout_text(b, "member", m->name);
	kt_jsonout_text(b, "event", word);
}

static void add_parts(struct kt_buf *b, const struct kt_simmember_event *event)
{
	kt_jsonout_begin(b, "partitions", '[');
	for (size_t i = 0; i < event->n_parts; i++) {
		const struct kt_member_part *p = &event->parts[i];
		kt_jsonout_begin(b, NULL, '{');
		kt_jsonout_words(b, "topic", p->topic);
		kt_jsonout_i64(b, "partition", p->partition);
		if (p->offset != KT_NO_OFFSET)
			kt_jsonout_i64(b, "offset", p->offset);
		kt_jsonout_end(b, '}');
	}
	kt_jsonout_end(b, ']');
}

static void add_object(struct kt_simview *v, const struct kt_simmember_event *event)
{
	struct kt_buf *b = &v->out->buf;
	begin_object(v, event->member, kind_words[event->kind]);
	if (event->again)
		kt_jsonout_bool(b, "again", true);
	if (event->record) {
		kt_jsonout_key(b, NULL);
		kt_recordjson_members(b, event->record, KT_ENC_UTF8);
	} else if (event->kind == KT_SIMMEMBER_SETTLED) {
		kt_jsonout_i64(b, "members", (int64_t)kt_groupsim_present(v->sim));
		kt_jsonout_i64(b, "idle", (int64_t)v->idle);
	} else if (event->kind != KT_SIMMEMBER_JOIN && event->kind != KT_SIMMEMBER_GONE) {
		add_parts(b, event);
	}
	kt_buf_adds(b, "}\n");
}

static bool is_idle(const struct kt_simmember *m)
{
	return m->state == KT_SIMMEMBER_MEMBER && m->settled && !m->n_parts;
}

static size_t count_idle(const struct kt_simview *v)
{
	size_t n = 0;
	for (size_t i = 0; i < kt_groupsim_members(v->sim); i++) {
		const struct kt_simmember *m = kt_groupsim_member(v->sim, i);
		n += is_idle(m);
	}
	return n;
}

/* Said when it becomes so, with the first of their names. */
static void say_idle(struct kt_simview *v)
{
	enum { NAMED = 5 };
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	size_t partitions = kt_groupsim_partitions(v->sim), members = kt_groupsim_present(v->sim);
	size_t named = 0, was = v->idle;
	v->idle = count_idle(v);
	if (!v->idle || v->idle == was)
		return;
	for (size_t i = 0; i < kt_groupsim_members(v->sim) && named < NAMED; i++) {
		const struct kt_simmember *m = kt_groupsim_member(v->sim, i);
		if (is_idle(m))
			kt_buf_addf(&names, "%s%s", named++ ? ", " : "", m->name);
	}
	if (v->idle > NAMED)
		kt_buf_addf(&names, " and %zu more", v->idle - NAMED);
	kt_say(KT_NORMAL, "%s own%s nothing: %zu partition%s for %zu member%s here, and a partition has one owner",
		kt_buf_cstr(&names), v->idle == 1 ? "s" : "", partitions, kt_plural(partitions), members,
		kt_plural(members));
}

static void say_killed(const struct kt_simview *v, const struct kt_simmember_event *event)
{
	char session[32];
	kt_say(KT_NORMAL,
		"%s is killed: it has not left, so what it owned comes back when its session expires, after %s "
		"(session.timeout.ms)",
		event->member->name, kt_show_ms(kt_groupsim_session_ms(v->sim), session));
}

void kt_simview_event(struct kt_simview *v, const struct kt_simmember_event *event)
{
	if (event->kind == KT_SIMMEMBER_SETTLED) {
		v->rebalances++;
		say_idle(v);
	}
	if (event->kind == KT_SIMMEMBER_DIED)
		say_killed(v, event);
	if (event->kind != KT_SIMMEMBER_RECORD)
		v->stale = true;
	if (v->kind == KT_SIMVIEW_VALUES)
		add_value_line(v, event);
	else if (v->kind == KT_SIMVIEW_LINES)
		add_line(v, event);
	else if (v->kind == KT_SIMVIEW_JSON)
		add_object(v, event);
}

/* 0 when the time is too short to say anything. */
static double rate(int64_t records, int64_t us)
{
	return us >= SHORTEST_US ? (double)records * 1e6 / (double)us : 0;
}

static double rate_of(const struct kt_simmember *m)
{
	return rate(m->records, m->last_us - m->first_us);
}

static void add_state(struct kt_table *t, const struct kt_simview *v, const struct kt_simmember *m)
{
	static const char *const words[] = {"waiting", "joining", NULL, "leaving", "left", "killed"};
	int64_t left_ms = kt_groupsim_session_ms(v->sim) - (kt_clock_us() - m->ended_us) / 1000;
	if (m->state == KT_SIMMEMBER_KILLED && left_ms > 0)
		kt_table_add(t, "killed, %lld s", (long long)(left_ms + 999) / 1000);
	else if (m->state == KT_SIMMEMBER_MEMBER)
		kt_table_add(t, "%s",
			is_idle(m)    ? "idle"
			: !m->settled ? "rebalances"
			: m->busy_us  ? "works"
				      : "reads");
	else
		kt_table_add(t, "%s", words[m->state]);
}

static void add_row(struct kt_table *t, const struct kt_simview *v, const struct kt_simmember *m)
{
	kt_auto(kt_buf_fini) struct kt_buf parts = {0};
	char count[32];
	double rate = rate_of(m);
	add_owned(&parts, m);
	kt_table_add(t, "%s", m->name);
	add_state(t, v, m);
	kt_table_add(t, "%zu", m->n_parts);
	kt_table_add(t, "%s", m->n_parts ? kt_buf_cstr(&parts) : "-");
	kt_table_add(t, "%s", m->records ? kt_group_digits(m->records, count) : "-");
	kt_table_add(t, rate > 0 ? "%.1f" : "-", rate);
	kt_table_add(t, "%s", m->last);
}

static void add_title(struct kt_buf *b, const struct kt_simview *v)
{
	char time[32], count[32];
	size_t idle = count_idle(v), partitions = kt_groupsim_partitions(v->sim), members = kt_groupsim_present(v->sim);
	int64_t records = 0;
	for (size_t i = 0; i < kt_groupsim_members(v->sim); i++)
		records += kt_groupsim_member(v->sim, i)->records;
	kt_buf_addf(b, "%s  group %s: %zu partition%s, %zu member%s",
		kt_show_ms((kt_clock_us() - v->start_us) / 1000, time), v->group, partitions, kt_plural(partitions),
		members, kt_plural(members));
	if (idle)
		kt_buf_addf(b, " (%zu idle)", idle);
	kt_buf_addf(b, ", %s record%s, %lld rebalance%s\n", kt_group_digits(records, count), kt_plural(records),
		(long long)v->rebalances, kt_plural(v->rebalances));
}

/* As many members as there is room for: those that are gone give way first. */
static void add_members(struct kt_buf *b, const struct kt_simview *v, size_t rows)
{
	static const struct kt_column columns[] = {{"MEMBER", false}, {"STATE", false}, {"OWNS", true},
		{"PARTITIONS", false}, {"RECORDS", true}, {"PER S", true}, {"LAST", false}, {NULL, false}};
	kt_auto(kt_table_fini) struct kt_table t = {.columns = columns};
	size_t n = kt_groupsim_members(v->sim), shown = 0;
	bool all = n <= rows;
	for (size_t i = 0; i < n; i++) {
		const struct kt_simmember *m = kt_groupsim_member(v->sim, i);
		if (!all && (m->state >= KT_SIMMEMBER_LEFT || shown + 1 >= rows))
			continue;
		add_row(&t, v, m);
		shown++;
	}
	kt_table_render(&t, b, true);
	if (shown < n)
		kt_buf_addf(b, "and %zu more\n", n - shown);
}

/* Writes lines of text to the terminal, none longer than its width; returns how many. */
static size_t add_cut(struct kt_buf *out, const struct kt_buf *text, size_t columns)
{
	size_t lines = 0, shown = 0;
	for (size_t i = 0; i < text->len; i++) {
		char c = text->data[i];
		bool begins = ((unsigned char)c & 0xc0) != 0x80;
		if (c == '\n') {
			kt_buf_addc(out, c);
			lines++;
			shown = 0;
		} else if (shown + begins < columns) {
			kt_buf_addc(out, c);
			shown += begins;
		} else {
			shown = columns;
		}
	}
	return lines;
}

/* The cursor rests where the table begins, so that words on stderr take its place, and the next table is drawn below
 * them. */
static void draw(struct kt_simview *v, bool last)
{
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	struct winsize size = {0};
	if (ioctl(v->out->fd, TIOCGWINSZ, &size) < 0 || size.ws_row < 6 || size.ws_col < 20)
		size = (struct winsize){.ws_row = DEFAULT_ROWS, .ws_col = DEFAULT_COLUMNS};
	add_title(&text, v);
	add_members(&text, v, size.ws_row - (size_t)OTHER_ROWS);
	kt_buf_adds(&v->out->buf, "\r\033[J");
	size_t lines = add_cut(&v->out->buf, &text, size.ws_col);
	if (!last)
		kt_buf_addf(&v->out->buf, "\033[%zuA", lines);
	kt_say_over(!last);
	v->drawn_us = kt_clock_us();
	v->stale = false;
}

int64_t kt_simview_draw(struct kt_simview *v)
{
	if (v->kind != KT_SIMVIEW_TABLE)
		return INT64_MAX;
	/* Not while the terminal has not taken the last picture yet. */
	int64_t due_us = v->drawn_us + (v->stale ? SOON_US : EVERY_US), now_us = kt_clock_us();
	if (now_us >= due_us && !kt_out_pending(v->out)) {
		draw(v, false);
		due_us = now_us + EVERY_US;
	}
	return due_us > now_us ? (due_us - now_us) / 1000 + 1 : 1;
}

static void say_rate(const char *who, int64_t records, double per_second)
{
	char count[32];
	if (per_second > 0)
		kt_say(KT_NORMAL, "%s: %s records, %.1f per second", who, kt_group_digits(records, count), per_second);
	else
		kt_say(KT_NORMAL, "%s: %s record%s", who, kt_group_digits(records, count), kt_plural(records));
}

/* The table has already said what each one did. */
static void say_members(const struct kt_simview *v)
{
	size_t n = kt_groupsim_members(v->sim);
	int64_t first_us = INT64_MAX, last_us = 0, records = 0;
	for (size_t i = 0; i < n; i++) {
		const struct kt_simmember *m = kt_groupsim_member(v->sim, i);
		if (v->kind != KT_SIMVIEW_TABLE && n > 1 && n <= SAID)
			say_rate(m->name, m->records, rate_of(m));
		if (!m->records)
			continue;
		records += m->records;
		first_us = m->first_us < first_us ? m->first_us : first_us;
		last_us = m->last_us > last_us ? m->last_us : last_us;
	}
	if (records)
		say_rate("all", records, rate(records, last_us - first_us));
}

static void add_verdict(struct kt_simview *v, const struct kt_verdict *verdict, const struct kt_strs *lines)
{
	struct kt_buf *b = &v->out->buf;
	for (size_t i = 0; i < kt_groupsim_members(v->sim); i++) {
		const struct kt_simmember *m = kt_groupsim_member(v->sim, i);
		begin_object(v, m, "summary");
		kt_jsonout_i64(b, "records", m->records);
		kt_jsonout_fixed(b, "per_second", rate_of(m), 1);
		kt_buf_adds(b, "}\n");
	}
	begin_object(v, NULL, "check");
	kt_jsonout_bool(b, "holds", verdict->holds);
	kt_jsonout_i64(b, "records", verdict->records);
	kt_jsonout_i64(b, "repeats", verdict->repeats);
	kt_jsonout_i64(b, "unexplained", verdict->unexplained);
	kt_jsonout_i64(b, "passed_over", verdict->passed_over);
	kt_jsonout_i64(b, "overlaps", verdict->overlaps);
	kt_jsonout_i64(b, "disordered", verdict->disordered);
	kt_jsonout_i64(b, "keys", verdict->keys);
	kt_jsonout_i64(b, "moved_keys", verdict->moved);
	kt_jsonout_i64(b, "uncommitted", verdict->uncommitted);
	kt_jsonout_i64(b, "unowned_ms", verdict->unowned_us / 1000);
	kt_jsonout_begin(b, "findings", '[');
	for (size_t i = 0; i < lines->n; i++)
		kt_jsonout_words(b, NULL, lines->v[i]);
	kt_buf_adds(b, "]}\n");
}

void kt_simview_end(struct kt_simview *v, const struct kt_verdict *verdict, const struct kt_strs *lines)
{
	if (v->kind == KT_SIMVIEW_TABLE)
		draw(v, true);
	else if (v->kind == KT_SIMVIEW_JSON)
		add_verdict(v, verdict, lines);
}

void kt_simview_say(const struct kt_simview *v, const struct kt_strs *lines)
{
	say_members(v);
	for (size_t i = 0; i < lines->n; i++)
		kt_say(KT_NORMAL, "%s", lines->v[i]);
}
