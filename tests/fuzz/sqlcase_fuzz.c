/* The names of a statement's tables: each is a part of the text, one behind the other, and none is found that stands in
 * a text, a comment or behind the end of the statement. */
#include "sqlcase.h"

#include "fuzz.h"
#include "mem.h"

static bool is_one_of(const char *word, size_t len, const char *const *words)
{
	for (; *words; words++)
		if (strlen(*words) == len && !strncasecmp(*words, word, len))
			return true;
	return false;
}

/* Of words between blanks: those behind FROM, JOIN and commas, and behind brackets that stand there. */
static void check_plain(const char *text)
{
	static const char *const before[] = {"from", "join", ",", NULL}, *const bracket[] = {"(", NULL};
	struct kt_sqlcase scan = {.at = text};
	struct kt_bytes name;
	bool table = false;
	for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " ");
		if (table)
			REQUIRE(kt_sqlcase_next(&scan, &name) && name.data == at && name.len == len);
		table = is_one_of(at, len, before) || (table && is_one_of(at, len, bracket));
		at += len;
	}
	REQUIRE(!kt_sqlcase_next(&scan, &name));
}

/* Nothing but words of letters, and signs that stand alone. */
static bool is_plain(const char *text)
{
	for (const char *at = text + strspn(text, " "); *at; at += strspn(at, " ")) {
		size_t len = strcspn(at, " "),
		       letters = strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
		if (letters < len && !(len == 1 && strchr(",()=", *at)))
			return false;
		at += len;
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kt_auto(kt_free_ptr) char *text = fuzz_text(data, size);
	struct kt_sqlcase scan = {.at = text};
	const char *last = text, *end = text + strlen(text);
	struct kt_bytes name;
	while (kt_sqlcase_next(&scan, &name)) {
		REQUIRE(name.data >= last && name.data + name.len <= scan.at && scan.at <= end);
		REQUIRE(scan.at > last);
		last = scan.at;
		/* With a quote in it, it may be anything. */
		if (name.data > text && !strchr("\"`[", name.data[-1]))
			REQUIRE(name.len && !memchr(name.data, ';', name.len) && !memchr(name.data, '\'', name.len));
	}
	if (is_plain(text))
		check_plain(text);
	return 0;
}
