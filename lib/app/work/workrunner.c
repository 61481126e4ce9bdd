#include "workrunner.h"

#include <unistd.h>

#include "say.h"

void kt_workrunner_pass_words(const char *data, size_t len)
{
	kt_say_progress("%s", "");
	while (len) {
		ssize_t n = write(STDERR_FILENO, data, len);
		if (n <= 0)
			return;
		data += n;
		len -= (size_t)n;
	}
}

void kt_workrunner_keep_words(struct kt_buf *words, const char *data, size_t len)
{
	size_t most = KT_WORKRUNNER_WORDS;
	if (len > most) {
		data += len - most;
		len = most;
	}
	size_t stays = words->len < most - len ? words->len : most - len;
	if (stays < words->len)
		memmove(words->data, words->data + words->len - stays, stays);
	words->len = stays;
	kt_buf_add(words, data, len);
}
