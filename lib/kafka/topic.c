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
		return kt_err_hint(err, "letters, digits, dot, underscore and minus are allowed");
	}
	return 0;
}
