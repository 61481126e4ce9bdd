#include "sinkname.h"

const char *const kt_sinkformats[] = {"jsonl", "csv", "avro", NULL};

#define NOWHEN "__HIVE_DEFAULT_PARTITION__"

static const char dot_part[] = ".part";

/* Their order is that of kt_sinkpacking. */
static const char *const packings[] = {"", ".gz", ".zst"};

/* text ends in the words: it is cut before them. */
static bool cut_end(struct kt_bytes *text, const char *words)
{
	size_t len = strlen(words);
	if (text->len < len || memcmp(text->data + text->len - len, words, len) != 0)
		return false;
	text->len -= len;
	return true;
}

/* Cuts off what the bytes are: ".jsonl", ".csv.gz", …. Avro has codecs of its own. */
static bool cut_format(struct kt_bytes *text, struct kt_sinkname *name)
{
	name->packing = KT_SINKPACKING_NONE;
	for (unsigned i = KT_SINKPACKING_GZIP; i <= KT_SINKPACKING_ZSTD && !name->packing; i++)
		if (cut_end(text, packings[i]))
			name->packing = i;
	for (unsigned i = 0; kt_sinkformats[i]; i++) {
		struct kt_bytes left = *text;
		if (!cut_end(&left, kt_sinkformats[i]) || !cut_end(&left, "."))
			continue;
		*text = left;
		name->format = i;
		return i != KT_SINKFORMAT_AVRO || !name->packing;
	}
	return false;
}

/* Cuts off the separator and a number behind it, as it is written here. The largest is not one of them: what comes
 * after it has to be an offset too. */
static bool cut_number(struct kt_bytes *text, char separator, int64_t limit, int64_t *n)
{
	size_t at = text->len;
	while (at && text->data[at - 1] >= '0' && text->data[at - 1] <= '9')
		at--;
	size_t len = text->len - at;
	if (!at || text->data[at - 1] != separator || !len || len > KT_SINKNAME_OFFSET_MAX ||
		(text->data[at] == '0' && len > 1))
		return false;
	uint64_t value = 0;
	for (size_t i = at; i < text->len; i++)
		value = value * 10 + (uint64_t)(text->data[i] - '0');
	if (value >= (uint64_t)limit)
		return false;
	*n = (int64_t)value;
	text->len = at - 1;
	return true;
}

static bool take_topic(struct kt_sinkname *name, struct kt_bytes text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	if (!text.len || text.len > KT_SINKNAME_TOPIC_MAX || kt_bytes_are(text, ".") || kt_bytes_are(text, ".."))
		return false;
	memcpy(name->topic, text.data, text.len);
	name->topic[text.len] = '\0';
	return strspn(name->topic, letters) == text.len;
}

static bool cut_partition(struct kt_bytes *text, struct kt_sinkname *name)
{
	int64_t partition;
	if (!cut_number(text, '.', INT32_MAX, &partition))
		return false;
	name->partition = (int32_t)partition;
	return true;
}

bool kt_sinkname_read(struct kt_sinkname *name, const char *text)
{
	struct kt_bytes left = {text, strlen(text)};
	return cut_format(&left, name) && cut_number(&left, '-', INT64_MAX, &name->last) &&
	       cut_number(&left, '.', INT64_MAX, &name->first) && name->first <= name->last &&
	       cut_partition(&left, name) && take_topic(name, left);
}

static void add_format(const struct kt_sinkname *name, struct kt_buf *out)
{
	kt_buf_addf(out, ".%s%s", kt_sinkformats[name->format], packings[name->packing]);
}

void kt_sinkname_write(const struct kt_sinkname *name, struct kt_buf *out)
{
	kt_buf_addf(out, "%s.%d.%lld-%lld", name->topic, (int)name->partition, (long long)name->first,
		(long long)name->last);
	add_format(name, out);
}

void kt_sinkname_part(const struct kt_sinkname *name, struct kt_buf *out)
{
	kt_buf_addf(out, ".%s.%d", name->topic, (int)name->partition);
	add_format(name, out);
	kt_buf_adds(out, dot_part);
}

bool kt_sinkname_is_part(const char *text)
{
	struct kt_sinkname name;
	struct kt_bytes left = {text, strlen(text)};
	if (*text != '.')
		return false;
	left.data++;
	left.len--;
	return cut_end(&left, dot_part) && cut_format(&left, &name) && cut_partition(&left, &name) &&
	       take_topic(&name, left);
}

bool kt_sinkname_fits(const char *topic)
{
	static const char longest[] = ".2147483647.9223372036854775807-9223372036854775807.jsonl.zst";
	return strlen(topic) + sizeof(longest) - 1 <= KT_SINKNAME_FILE_MAX;
}

/* The parts of a time, in UTC; false where it has none that a folder is named by. */
static bool split_time(const struct kt_record *record, struct tm *parts)
{
	time_t seconds = (time_t)(record->ts_ms / 1000) - (record->ts_ms % 1000 < 0);
	if (record->tstype == KT_TS_NONE || !gmtime_r(&seconds, parts))
		return false;
	return parts->tm_year > -1900 && parts->tm_year < 10000 - 1900;
}

void kt_sinkname_folder(enum kt_sinkfolders by, const struct kt_record *record, struct kt_buf *out)
{
	struct tm parts;
	if (by == KT_SINKFOLDERS_NONE)
		return;
	bool known = split_time(record, &parts);
	if (known)
		kt_buf_addf(out, "dt=%04d-%02d-%02d", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday);
	else
		kt_buf_adds(out, "dt=" NOWHEN);
	if (by == KT_SINKFOLDERS_DAY)
		return;
	if (known)
		kt_buf_addf(out, "/hour=%02d", parts.tm_hour);
	else
		kt_buf_adds(out, "/hour=" NOWHEN);
}

/* The text is as the pattern, in which 9 stands for any digit. */
static bool is_like(struct kt_bytes text, const char *pattern)
{
	if (text.len != strlen(pattern))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (pattern[i] == '9' ? text.data[i] < '0' || text.data[i] > '9' : text.data[i] != pattern[i])
			return false;
	return true;
}

static bool is_day(struct kt_bytes text)
{
	return is_like(text, "dt=9999-99-99") || kt_bytes_are(text, "dt=" NOWHEN);
}

static bool is_hour(struct kt_bytes text)
{
	return is_like(text, "hour=99") || kt_bytes_are(text, "hour=" NOWHEN);
}

bool kt_sinkname_is_day(const char *text)
{
	return is_day((struct kt_bytes){text, strlen(text)});
}

bool kt_sinkname_is_hour(const char *text)
{
	return is_hour((struct kt_bytes){text, strlen(text)});
}

bool kt_sinkname_is_folder(const char *text)
{
	const char *slash = strchr(text, '/');
	if (!slash)
		return kt_sinkname_is_day(text);
	return is_day((struct kt_bytes){text, (size_t)(slash - text)}) && kt_sinkname_is_hour(slash + 1);
}
