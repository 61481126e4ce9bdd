#include "sinkroll.h"

static const char head[] = "kt-sink-roll 1";
static const char tail[] = "end";

void kt_sinkroll_write(const struct kt_sinkroll *roll, struct kt_buf *out)
{
	kt_buf_addf(out, "%s\n", head);
	kt_sinkname_write(&roll->name, out);
	for (size_t i = 0; i < roll->folders.n; i++)
		kt_buf_addf(out, "\n%s", roll->folders.v[i]);
	kt_buf_addf(out, "\n%s\n", tail);
}

/* The next line of the text, without its end, into out; false: there is none, or none that can be one of these. */
static bool next_line(struct kt_bytes *text, char *out, size_t size)
{
	const char *end = text->len ? memchr(text->data, '\n', text->len) : NULL;
	size_t len = end ? (size_t)(end - text->data) : 0;
	if (!end || len >= size || memchr(text->data, '\0', len))
		return false;
	memcpy(out, text->data, len);
	out[len] = '\0';
	text->data += len + 1;
	text->len -= len + 1;
	return true;
}

static bool read_folders(struct kt_sinkroll *roll, struct kt_bytes *text)
{
	char line[KT_SINKNAME_FILE_MAX + 1];
	while (next_line(text, line, sizeof(line))) {
		if (!strcmp(line, tail))
			return roll->folders.n > 0 && !text->len;
		if (!kt_sinkname_is_folder(line) || roll->folders.n == KT_SINKROLL_FOLDERS ||
			kt_strs_has(&roll->folders, line))
			return false;
		kt_strs_add(&roll->folders, line);
	}
	return false;
}

int kt_sinkroll_read(struct kt_sinkroll *roll, struct kt_bytes text, struct kt_err *err)
{
	char line[KT_SINKNAME_FILE_MAX + 1];
	if (next_line(&text, line, sizeof(line)) && !strcmp(line, head) && next_line(&text, line, sizeof(line)) &&
		kt_sinkname_read(&roll->name, line) && read_folders(roll, &text))
		return 0;
	return kt_err_set(err, KT_FAILED, "not a note about files that kt sink was finishing");
}

void kt_sinkroll_fini(struct kt_sinkroll *roll)
{
	kt_strs_fini(&roll->folders);
}
