/* An answer before it is sent: what it takes no library for. */
#include "httpd.h"

void kt_answer_header(struct kt_answer *answer, const char *name, const char *value)
{
	kt_strs_add(&answer->headers, name);
	kt_strs_add(&answer->headers, value);
}

void kt_answer_text(struct kt_answer *answer, unsigned status, const char *text)
{
	answer->status = status;
	answer->type = "text/plain; charset=utf-8";
	answer->body.len = 0;
	kt_buf_adds(&answer->body, text);
	kt_buf_addc(&answer->body, '\n');
}

void kt_answer_fini(struct kt_answer *answer)
{
	if (answer->gone)
		answer->gone(answer->source);
	kt_strs_fini(&answer->headers);
	kt_buf_fini(&answer->body);
	*answer = (struct kt_answer){0};
}
