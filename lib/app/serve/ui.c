#include "ui.h"

struct part {
	const char *path, *type;
	const unsigned char *data;
	size_t len;
};
#include "ui.inc"

bool kt_ui_answer(const char *file, const char *accept, struct kt_answer *answer)
{
	bool page = !strcmp(file, "index.html");
	if (page && !strstr(accept, "text/html"))
		return false;
	for (size_t i = 0; i < KT_LEN(parts); i++) {
		if (strcmp(parts[i].path + 1, page ? "" : file) != 0)
			continue;
		answer->type = parts[i].type;
		for (const struct kt_http_header *h = kt_http_page_headers; h->name; h++)
			kt_answer_header(answer, h->name, h->value);
		kt_answer_header(answer, "Vary", "Accept");
		kt_buf_add(&answer->body, parts[i].data, parts[i].len);
		return true;
	}
	return false;
}
