#include "topic.h"

#include "esc.h"

/* org.apache.kafka.common.internals.Topic */
enum { MAX_NAME = 249 };

int kt_topic_check(const char *name, struct kt_err *err)
{
	char shown[80];
	size_t len = strlen(name);
	if (len == 0)
		return kt_err_set(err, KT_USAGE, "a topic's name cannot be empty");
	kt_quote(shown, sizeof(shown), (struct kt_bytes){name, len});
	if (len > MAX_NAME)
		return kt_err_set(err, KT_USAGE, "the topic name %s is %zu characters long, %d are allowed", shown, len,
			MAX_NAME);
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return kt_err_set(err, KT_USAGE, "a topic cannot be called %s", shown);
	if (name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")]) {
		kt_err_set(err, KT_USAGE, "a topic cannot be called %s", shown);
		return kt_err_hint(err, "letters, digits, dot, underscore and minus are allowed%s",
			strpbrk(name, ", ") ? "; several topics are several words" : "");
	}
	return 0;
}

bool kt_topic_is_pattern(const char *name)
{
	return name[0] == '^' || name[strcspn(name, "*?[")];
}

void kt_topic_names(struct kt_strs *out, const char *word)
{
	kt_auto(kt_strs_fini) struct kt_strs names = {0};
	if (!kt_topic_is_pattern(word))
		kt_strs_split(&names, word, ",");
	if (!names.n)
		kt_strs_add_new(out, word);
	for (size_t i = 0; i < names.n; i++)
		kt_strs_add_new(out, names.v[i]);
}

void kt_topic_regex(struct kt_buf *out, const char *pattern)
{
	if (pattern[0] == '^') {
		kt_buf_adds(out, pattern);
		return;
	}
	kt_buf_addc(out, '^');
	for (const char *at = pattern; *at; at++) {
		if (*at == '*')
			kt_buf_adds(out, ".*");
		else if (*at == '?')
			kt_buf_addc(out, '.');
		else if (strchr(".\\+(){}|^$", *at))
			kt_buf_addf(out, "\\%c", *at);
		else if (*at == '!' && at > pattern && at[-1] == '[')
			kt_buf_addc(out, '^');
		else
			kt_buf_addc(out, *at);
	}
	kt_buf_addc(out, '$');
}
