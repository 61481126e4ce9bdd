#include "copyflight.h"

#include "mem.h"

int64_t kt_copyflight_tag(const struct kt_copyflight *f)
{
	return f->end - f->first < KT_COPYFLIGHT_MOST ? f->end : -1;
}

struct kt_copyflight_record *kt_copyflight_at(const struct kt_copyflight *f, int64_t tag)
{
	return &f->v[tag & (KT_COPYFLIGHT_MOST - 1)];
}

void kt_copyflight_add(struct kt_copyflight *f, const struct kt_copyflight_record *record)
{
	if (!f->v)
		f->v = kt_calloc(KT_COPYFLIGHT_MOST, sizeof(*f->v));
	*kt_copyflight_at(f, f->end++) = *record;
}

bool kt_copyflight_skip(struct kt_copyflight *f, const struct kt_copyflight_record *record)
{
	struct kt_copyflight_record *last = kt_copyflight_is_empty(f) ? NULL : kt_copyflight_at(f, f->end - 1);
	if (last && last->skipped && last->place == record->place && last->taken == record->taken) {
		last->next = record->next;
		return true;
	}
	if (kt_copyflight_tag(f) < 0)
		return false;
	kt_copyflight_add(f, record);
	last = kt_copyflight_at(f, f->end - 1);
	last->skipped = last->done = true;
	return true;
}

void kt_copyflight_done(struct kt_copyflight *f, int64_t tag)
{
	kt_copyflight_at(f, tag)->done = true;
}

bool kt_copyflight_take(struct kt_copyflight *f, struct kt_copyflight_record *record)
{
	if (kt_copyflight_is_empty(f) || !kt_copyflight_at(f, f->first)->done)
		return false;
	*record = *kt_copyflight_at(f, f->first++);
	return true;
}

void kt_copyflight_fini(struct kt_copyflight *f)
{
	free(f->v);
	*f = (struct kt_copyflight){0};
}
