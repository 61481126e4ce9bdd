#include "sinkdecode.h"

int kt_sinkdecode_open(struct kt_sinkdecode *d, const struct kt_sinkdecode_how *how, struct kt_err *err)
{
	d->on = how->opts != NULL;
	d->filter = how->filter;
	d->decode = (struct kt_decode){.form = KT_AVRO_JSON};
	return d->on ? kt_decode_open(&d->decode, how->opts, how->client, how->settings, err) : 0;
}

int64_t kt_sinkdecode_each(
	struct kt_sinkdecode *d, const struct kt_record *r, kt_sinkdecode_take *take, void *user, struct kt_err *err)
{
	static const struct kt_buf nowhere;
	struct kt_datum datum;
	int64_t taken = 0;
	uint32_t parts = 0;
	int more;
	kt_decode_begin(&d->decode, r, NULL, &nowhere);
	while ((more = kt_decode_next(&d->decode, &nowhere, &datum, err)) > 0) {
		/* A message is taken whole or not at all: its size is bounded. */
		if (more == KT_DECODE_PAUSED)
			continue;
		const struct kt_record *shown = datum.known ? datum.shown : r;
		uint32_t part = parts++;
		if (!kt_filter_takes_value(d->filter, shown->value))
			continue;
		if (take(user, shown, part, datum.known != NULL, err) < 0)
			return -1;
		taken++;
	}
	if (more < 0)
		return -1;
	/* What is in no datum is kept as it came. */
	if ((d->decode.bad || !parts) && kt_filter_takes_value(d->filter, r->value)) {
		if (take(user, r, parts, false, err) < 0)
			return -1;
		taken++;
	}
	return taken;
}

void kt_sinkdecode_fini(struct kt_sinkdecode *d)
{
	if (d->on)
		kt_decode_fini(&d->decode);
}
