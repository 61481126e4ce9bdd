#include "groupaudit.h"

#include "esc.h"
#include "groupaudit_own.h"
#include "mem.h"

enum { OWNERS = 4, TABLE = 2 * KT_GROUPAUDIT_KEYS, NOBODY = KT_GROUPAUDIT_NOBODY };

/* What the group had committed. */
struct position {
	int64_t asked, committed;
	bool refused;
};

/* Offsets that one owner read in one go. */
struct span {
	int64_t from, next;
	int member;
	bool ended;
	enum kt_yield how;
	bool followed;        /* somebody has taken over: */
	struct position then; /* at that time; what was committed later says nothing about these offsets */
};

struct owner {
	int member;
	int64_t start;
	bool read;
};

struct kt_groupaudit_part {
	size_t topic;
	int32_t partition;
	struct owner owners[OWNERS];
	size_t n_owners;
	int last_owner;
	int64_t next, free_us;
	bool outside, was_outside;
	bool repeating;     /* the last record was read again */
	struct span *spans; /* in the order of reading */
	size_t n, cap;
	int64_t forgotten; /* spans up to here were dropped */
	struct position now, taken;
};

struct kt_groupaudit_key {
	uint64_t hash; /* 0: free */
	int32_t partition;
	bool moved;
};

struct kt_groupaudit *kt_groupaudit_new(void)
{
	struct kt_groupaudit *l = kt_calloc(1, sizeof(*l));
	l->keys = kt_calloc(TABLE, sizeof(*l->keys));
	return l;
}

size_t kt_groupaudit_member(struct kt_groupaudit *l, const char *name)
{
	kt_strs_add(&l->members, name);
	return l->members.n - 1;
}

static size_t topic_id(struct kt_groupaudit *l, const char *topic, size_t len)
{
	for (size_t i = 0; i < l->topics.n; i++)
		if (!strncmp(l->topics.v[i], topic, len) && !l->topics.v[i][len])
			return i;
	kt_strs_take(&l->topics, kt_strndup(topic, len));
	return l->topics.n - 1;
}

/* Where the partition is, or would be. */
static size_t place_of(const struct kt_groupaudit *l, size_t topic, int32_t partition)
{
	size_t low = 0, high = l->n;
	while (low < high) {
		size_t mid = (low + high) / 2;
		const struct kt_groupaudit_part *p = &l->parts[mid];
		if (p->topic < topic || (p->topic == topic && p->partition < partition))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct kt_groupaudit_part *part_of(struct kt_groupaudit *l, size_t topic, int32_t partition)
{
	size_t at = place_of(l, topic, partition);
	if (at < l->n && l->parts[at].topic == topic && l->parts[at].partition == partition)
		return &l->parts[at];
	l->parts = kt_grow(l->parts, &l->cap, l->n + 1, sizeof(*l->parts));
	memmove(l->parts + at + 1, l->parts + at, (l->n++ - at) * sizeof(*l->parts));
	struct kt_groupaudit_part *p = &l->parts[at];
	*p = (struct kt_groupaudit_part){.topic = topic, .partition = partition, .last_owner = NOBODY, .next = -1};
	p->now = p->taken = (struct position){.asked = -1, .committed = -1};
	return p;
}

static struct kt_groupaudit_part *part_named(struct kt_groupaudit *l, const char *topic, int32_t partition)
{
	return part_of(l, topic_id(l, topic, strlen(topic)), partition);
}

static struct kt_groupaudit_finding *find(struct kt_groupaudit_findings *list, const struct kt_groupaudit_part *p,
	int a, int b, enum kt_groupaudit_why why)
{
	for (size_t i = list->n; i-- > 0;) {
		struct kt_groupaudit_finding *f = &list->v[i];
		if (f->topic == p->topic && f->partition == p->partition && f->a == a && f->b == b && f->why == why)
			return f;
	}
	return NULL;
}

/* When there are many, those without a reason replace those with one. */
static void note(struct kt_groupaudit_findings *list, const struct kt_groupaudit_part *p, int a, int b, int64_t from,
	int64_t next, enum kt_groupaudit_why why)
{
	size_t at = list->n < KT_GROUPAUDIT_TOLD ? list->n++ : KT_GROUPAUDIT_TOLD;
	for (size_t i = 0; at == KT_GROUPAUDIT_TOLD && why > KT_WHY_UNANSWERED && i < list->n; i++)
		if (list->v[i].why <= KT_WHY_UNANSWERED)
			at = i;
	if (at == KT_GROUPAUDIT_TOLD)
		return;
	list->v[at] = (struct kt_groupaudit_finding){.topic = p->topic,
		.partition = p->partition,
		.a = a,
		.b = b,
		.from = from,
		.next = next,
		.n = 1,
		.why = why};
}

static void end_overlaps(
	struct kt_groupaudit *l, const struct kt_groupaudit_part *p, const struct owner *gone, int64_t now_us)
{
	for (size_t i = 0; i < l->overlaps.n; i++) {
		struct kt_groupaudit_finding *f = &l->overlaps.v[i];
		bool about = f->topic == p->topic && f->partition == p->partition && !f->over;
		if (!about || (f->a != gone->member && f->b != gone->member))
			continue;
		f->over = true;
		f->next = now_us;
	}
}

void kt_groupaudit_take(
	struct kt_groupaudit *l, size_t member, const char *topic, int32_t partition, int64_t start, int64_t now_us)
{
	struct kt_groupaudit_part *p = part_named(l, topic, partition);
	int me = (int)member;
	for (size_t i = 0; i < p->n_owners; i++)
		if (p->owners[i].member == me)
			return;
	for (size_t i = 0; i < p->n_owners; i++) {
		l->sums.overlaps++;
		note(&l->overlaps, p, p->owners[i].member, me, now_us, now_us, KT_WHY_BOTH);
	}
	if (!p->n_owners && !p->outside && p->last_owner != NOBODY && now_us - p->free_us > l->sums.unowned_us)
		l->sums.unowned_us = now_us - p->free_us;
	if (p->next >= 0 && start > p->next && !p->outside) {
		l->sums.passed_over += start - p->next;
		note(&l->gaps, p, p->last_owner, me, p->next, start, KT_WHY_BOTH);
	}
	if (start > p->next)
		p->next = start;
	if (p->n_owners < OWNERS)
		p->owners[p->n_owners++] = (struct owner){.member = me, .start = start};
	p->taken = p->now;
	for (size_t i = p->n; i-- > 0 && !p->spans[i].followed;)
		if (p->spans[i].ended) {
			p->spans[i].followed = true;
			p->spans[i].then = p->now;
		}
	p->last_owner = me;
	p->outside = p->repeating = false;
}

void kt_groupaudit_yield(
	struct kt_groupaudit *l, size_t member, const char *topic, int32_t partition, enum kt_yield how, int64_t now_us)
{
	struct kt_groupaudit_part *p = part_named(l, topic, partition);
	int me = (int)member;
	for (size_t i = 0; i < p->n_owners; i++) {
		if (p->owners[i].member != me)
			continue;
		end_overlaps(l, p, &p->owners[i], now_us);
		p->owners[i] = p->owners[--p->n_owners];
		p->free_us = now_us;
		p->last_owner = me;
		break;
	}
	for (size_t i = p->n; i-- > 0 && i + OWNERS >= p->n;)
		if (p->spans[i].member == me && !p->spans[i].ended) {
			p->spans[i].ended = true;
			p->spans[i].how = how;
		}
}

void kt_groupaudit_outside(struct kt_groupaudit *l, const char *topic, int32_t partition)
{
	struct kt_groupaudit_part *p = part_named(l, topic, partition);
	p->outside = p->was_outside = true;
}

void kt_groupaudit_ask_commit(struct kt_groupaudit *l, const char *topic, int32_t partition, int64_t next)
{
	part_named(l, topic, partition)->now.asked = next;
}

void kt_groupaudit_commit(
	struct kt_groupaudit *l, const char *topic, int32_t partition, int64_t next, const char *refused)
{
	struct kt_groupaudit_part *p = part_named(l, topic, partition);
	p->now.refused = refused != NULL;
	if (refused)
		snprintf(l->refusal, sizeof(l->refusal), "%s", refused);
	else
		p->now.committed = next;
}

static void forget_half(struct kt_groupaudit_part *p)
{
	size_t drop = p->n / 2;
	for (size_t i = 0; i < drop; i++)
		if (p->spans[i].next > p->forgotten)
			p->forgotten = p->spans[i].next;
	memmove(p->spans, p->spans + drop, (p->n - drop) * sizeof(*p->spans));
	p->n -= drop;
}

/* Offsets between two of its records are gaps in the log itself: a later owner does not find records there either. */
static void cover(struct kt_groupaudit_part *p, int me, int64_t offset)
{
	int64_t from = offset;
	for (size_t i = p->n; i-- > 0 && i + OWNERS >= p->n;) {
		struct span *s = &p->spans[i];
		if (s->member != me || s->ended || offset < s->next)
			continue;
		s->next = offset + 1;
		return;
	}
	for (size_t i = 0; i < p->n_owners; i++)
		if (p->owners[i].member == me && !p->owners[i].read && p->owners[i].start >= 0 &&
			p->owners[i].start < offset)
			from = p->owners[i].start;
	if (p->n == KT_GROUPAUDIT_SPANS)
		forget_half(p);
	p->spans = kt_grow(p->spans, &p->cap, p->n + 1, sizeof(*p->spans));
	p->spans[p->n++] = (struct span){.from = from, .next = offset + 1, .member = me};
}

/* Who read the offset last, or NULL. */
static const struct span *reader_of(const struct kt_groupaudit_part *p, int64_t offset)
{
	for (size_t i = p->n; i-- > 0;)
		if (p->spans[i].from <= offset && offset < p->spans[i].next)
			return &p->spans[i];
	return NULL;
}

static enum kt_groupaudit_why why_again(
	const struct kt_groupaudit_part *p, const struct span *before, int me, int64_t offset)
{
	if (before && !before->ended)
		return before->member == me ? KT_WHY_ITSELF : KT_WHY_BOTH;
	const struct position *then = before && before->followed ? &before->then : &p->taken;
	if (then->committed > offset)
		return KT_WHY_COMMITTED;
	if (before && before->how == KT_YIELD_KILLED)
		return KT_WHY_KILLED;
	if (before && before->how == KT_YIELD_LOST)
		return KT_WHY_LOST;
	return then->refused ? KT_WHY_REFUSED : then->asked > offset ? KT_WHY_UNANSWERED : KT_WHY_UNCOMMITTED;
}

static void note_repeat(
	struct kt_groupaudit *l, struct kt_groupaudit_part *p, const struct span *before, int me, int64_t offset)
{
	enum kt_groupaudit_why why = why_again(p, before, me, offset);
	int first = before ? before->member : NOBODY;
	struct kt_groupaudit_finding *f = find(&l->repeats, p, first, me, why);
	l->sums.repeats++;
	if (why > KT_WHY_UNANSWERED)
		l->sums.unexplained++;
	if (f && p->repeating && f->next <= offset) {
		f->next = offset + 1;
		f->n++;
	} else {
		note(&l->repeats, p, first, me, offset, offset + 1, why);
	}
	p->repeating = true;
}

/* A late record from an earlier place: perhaps one that was counted as passed over. */
static void note_late(struct kt_groupaudit *l, const struct kt_groupaudit_part *p, int64_t offset)
{
	l->sums.disordered++;
	for (size_t i = 0; i < l->gaps.n; i++) {
		const struct kt_groupaudit_finding *f = &l->gaps.v[i];
		if (f->topic == p->topic && f->partition == p->partition && f->from <= offset && offset < f->next) {
			l->sums.passed_over--;
			return;
		}
	}
}

static uint64_t hash_of(size_t topic, struct kt_bytes key)
{
	uint64_t hash = 0xcbf29ce484222325u ^ topic;
	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ (unsigned char)key.data[i]) * 0x100000001b3u;
	hash ^= hash >> 32;
	return hash ? hash : 1;
}

static void watch_key(struct kt_groupaudit *l, size_t topic, const struct kt_record *r)
{
	uint64_t hash = hash_of(topic, r->key);
	struct kt_groupaudit_key *k = &l->keys[hash % TABLE];
	while (k->hash && k->hash != hash)
		k = k + 1 < l->keys + TABLE ? k + 1 : l->keys;
	if (!k->hash && l->sums.keys == KT_GROUPAUDIT_KEYS) {
		l->sums.unwatched++;
	} else if (!k->hash) {
		*k = (struct kt_groupaudit_key){.hash = hash, .partition = r->partition};
		l->sums.keys++;
	} else if (k->partition != r->partition && !k->moved) {
		k->moved = true;
		if (l->sums.moved < (int64_t)KT_LEN(l->moved)) {
			struct kt_groupaudit_moved *m = &l->moved[l->sums.moved];
			*m = (struct kt_groupaudit_moved){.topic = topic, .was = k->partition, .is = r->partition};
			kt_quote(m->text, sizeof(m->text), r->key);
		}
		l->sums.moved++;
	}
}

bool kt_groupaudit_record(struct kt_groupaudit *l, size_t member, const struct kt_record *r)
{
	size_t topic = topic_id(l, r->topic.data, r->topic.len);
	struct kt_groupaudit_part *p = part_of(l, topic, r->partition);
	const struct span *before = r->offset < p->next ? reader_of(p, r->offset) : NULL;
	bool first = !before && r->offset >= p->forgotten;
	if (!first)
		note_repeat(l, p, before, (int)member, r->offset);
	else if (r->offset < p->next)
		note_late(l, p, r->offset);
	if (first) {
		l->sums.records++;
		p->repeating = false;
	}
	if (r->offset >= p->next)
		p->next = r->offset + 1;
	cover(p, (int)member, r->offset);
	for (size_t i = 0; i < p->n_owners; i++)
		p->owners[i].read |= p->owners[i].member == (int)member;
	if (first && r->key.data)
		watch_key(l, topic, r);
	return first;
}

int64_t kt_groupaudit_next(const struct kt_groupaudit *l, const char *topic, int32_t partition)
{
	for (size_t i = 0; i < l->topics.n; i++) {
		size_t at = strcmp(l->topics.v[i], topic) ? l->n : place_of(l, i, partition);
		if (at < l->n && l->parts[at].topic == i && l->parts[at].partition == partition)
			return l->parts[at].next;
	}
	return -1;
}

size_t kt_groupaudit_partitions(const struct kt_groupaudit *l)
{
	return l->n;
}

struct kt_verdict kt_groupaudit_judge(const struct kt_groupaudit *l, int64_t now_us, struct kt_strs *lines)
{
	struct kt_verdict v = l->sums;
	v.refusal = l->refusal;
	for (size_t i = 0; i < l->n; i++) {
		const struct kt_groupaudit_part *p = &l->parts[i];
		v.outside += p->was_outside;
		if (p->n && !p->outside && p->next > p->now.committed)
			v.uncommitted +=
				p->next - (p->now.committed > p->spans[0].from ? p->now.committed : p->spans[0].from);
	}
	v.holds = !v.overlaps && !v.passed_over && !v.disordered && !v.unexplained && !v.moved;
	if (lines)
		kt_groupverdict_tell(l, &v, now_us, lines);
	return v;
}

void kt_groupaudit_free(struct kt_groupaudit **l)
{
	if (!*l)
		return;
	for (size_t i = 0; i < (*l)->n; i++)
		free((*l)->parts[i].spans);
	free((*l)->parts);
	free((*l)->keys);
	kt_strs_fini(&(*l)->members);
	kt_strs_fini(&(*l)->topics);
	free(*l);
	*l = NULL;
}
