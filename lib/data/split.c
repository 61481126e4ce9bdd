#include "split.h"

/* glibc's memchr is vectorised; its memmem of one byte calls it only after some set-up. */
static const char *find(const char *data, size_t len, struct kt_bytes what)
{
	if (what.len == 1)
		return memchr(data, what.data[0], len);
	return memmem(data, len, what.data, what.len);
}

size_t kt_split_record(const struct kt_split *split, const char *block, size_t len, size_t searched, bool ended,
	struct kt_bytes *record)
{
	if (!len)
		return 0;
	/* A delimiter may have begun in the last bytes that were searched. */
	size_t skip = searched < split->delim.len ? 0 : searched - (split->delim.len - 1);
	const char *found = skip < len ? find(block + skip, len - skip, split->delim) : NULL;
	if (found) {
		*record = (struct kt_bytes){block, (size_t)(found - block)};
		return record->len + split->delim.len;
	}
	if (!ended)
		return 0;
	*record = (struct kt_bytes){block, len};
	return len;
}

void kt_split_key(const struct kt_split *split, struct kt_bytes record, struct kt_bytes *key, struct kt_bytes *value)
{
	const char *found = split->key_delim.data ? find(record.data, record.len, split->key_delim) : NULL;
	*key = (struct kt_bytes){0};
	*value = record;
	if (!found)
		return;
	size_t key_len = (size_t)(found - record.data), used = key_len + split->key_delim.len;
	*key = (struct kt_bytes){record.data, key_len};
	*value = (struct kt_bytes){record.data + used, record.len - used};
}
