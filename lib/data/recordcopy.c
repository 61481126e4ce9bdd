#include "recordcopy.h"

#include "mem.h"

/* There is room for it already, so that nothing moves. */
static struct kt_bytes keep(struct kt_buf *room, struct kt_bytes bytes)
{
	if (!bytes.data)
		return bytes;
	const char *at = room->data + room->len;
	kt_buf_add(room, bytes.data, bytes.len);
	kt_buf_addc(room, '\0');
	return (struct kt_bytes){at, bytes.len};
}

void kt_recordcopy_set(struct kt_recordcopy *copy, const struct kt_record *r)
{
	size_t size = r->topic.len + r->key.len + r->value.len + 3;
	for (size_t i = 0; i < r->n_headers; i++)
		size += r->headers[i].name.len + r->headers[i].value.len + 2;
	copy->bytes.len = 0;
	kt_buf_reserve(&copy->bytes, size);
	if (r->n_headers)
		copy->headers = kt_grow(copy->headers, &copy->headers_cap, r->n_headers, sizeof(*copy->headers));
	for (size_t i = 0; i < r->n_headers; i++)
		copy->headers[i] = (struct kt_header){
			keep(&copy->bytes, r->headers[i].name), keep(&copy->bytes, r->headers[i].value)};
	copy->record = *r;
	copy->record.headers = copy->headers;
	copy->record.topic = keep(&copy->bytes, r->topic);
	copy->record.key = keep(&copy->bytes, r->key);
	copy->record.value = keep(&copy->bytes, r->value);
}

void kt_recordcopy_fini(struct kt_recordcopy *copy)
{
	kt_buf_fini(&copy->bytes);
	free(copy->headers);
	*copy = (struct kt_recordcopy){0};
}
