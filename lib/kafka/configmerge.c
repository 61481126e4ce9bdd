/* What all configs of a topic become with a change put in, and how two states of them differ. */
#include <strings.h>

#include "configs_own.h"
#include "mem.h"
#include "num.h"

static struct kt_config *find(const struct kt_configs *configs, const char *name, size_t len)
{
	for (size_t i = 0; i < configs->n; i++)
		if (!strncmp(configs->v[i].name, name, len) && !configs->v[i].name[len])
			return &configs->v[i];
	return NULL;
}

static const struct kt_config *find_own(const struct kt_configs *configs, const char *name)
{
	const struct kt_config *config = find(configs, name, strlen(name));
	return config && config->own ? config : NULL;
}

bool kt_config_changes(const struct kt_config_change *change, const char *name)
{
	size_t len = strlen(name);
	for (size_t i = 0; i < change->set->n; i++)
		if (!strncmp(change->set->v[i], name, len) && change->set->v[i][len] == '=')
			return true;
	return kt_strs_has(change->remove, name);
}

static bool ends_in(const char *text, size_t len, const char *end)
{
	return len > strlen(end) && !memcmp(text + len - strlen(end), end, strlen(end));
}

void kt_config_words(struct kt_strs *words, struct kt_strs *set)
{
	size_t n = 0;
	for (size_t i = 0; i < words->n; i++) {
		if (strchr(words->v[i], '='))
			kt_strs_take(set, words->v[i]);
		else
			words->v[n++] = words->v[i];
	}
	words->n = n;
}

/* A name and its value, which loses the brackets that held its commas together. */
static void add_member(struct kt_strs *set, const char *text, size_t len)
{
	const char *equals = memchr(text, '=', len);
	size_t name = equals ? (size_t)(equals - text) + 1 : 0;
	bool bracketed = equals && len > name + 1 && text[name] == '[' && text[len - 1] == ']';
	kt_auto(kt_free_ptr) char *member =
		kt_asprintf("%.*s%.*s", (int)name, text, (int)(len - name) - 2 * bracketed, text + name + bracketed);
	kt_strs_add(set, member);
}

void kt_config_lists(struct kt_strs *lists, struct kt_strs *set)
{
	for (size_t i = 0; i < lists->n; i++) {
		const char *text = lists->v[i];
		size_t begin = 0, at = 0;
		for (bool inside = false; text[at]; at++) {
			inside = text[at] == '[' || (inside && text[at] != ']');
			if (text[at] != ',' || inside)
				continue;
			add_member(set, text + begin, at - begin);
			begin = at + 1;
		}
		add_member(set, text + begin, at - begin);
	}
	kt_strs_fini(lists);
}

void kt_config_split(struct kt_strs *names)
{
	struct kt_strs whole = *names;
	*names = (struct kt_strs){0};
	kt_config_lists(&whole, names);
}

void kt_config_units(struct kt_strs *set)
{
	for (size_t i = 0; i < set->n; i++) {
		struct kt_err ignored;
		int64_t number = -1;
		const char *text = set->v[i], *equals = strchr(text, '=');
		size_t len = equals ? (size_t)(equals - text) : 0;
		if (!equals || !equals[1 + strspn(equals + 1, "-0123456789")])
			continue;
		bool fits = ends_in(text, len, ".ms") ? kt_parse_duration_ms(equals + 1, &number, &ignored) == 0
						      : ends_in(text, len, ".bytes") &&
								kt_parse_bytes(equals + 1, &number, &ignored) == 0;
		if (!fits)
			continue;
		char *plain = kt_asprintf("%.*s=%lld", (int)len, text, (long long)number);
		free(set->v[i]);
		set->v[i] = plain;
	}
}

int kt_config_check(const struct kt_config_change *change, struct kt_err *err)
{
	for (size_t i = 0; i < change->set->n; i++) {
		const char *text = change->set->v[i], *equals = strchr(text, '=');
		if (!equals || equals == text) {
			kt_err_set(err, KT_USAGE, "--config %.100s is not NAME=VALUE", text);
			return kt_err_hint(err, "--config is about the topic here; a configuration file is -F FILE");
		}
		kt_auto(kt_free_ptr) char *name = kt_strndup(text, (size_t)(equals - text));
		if (kt_strs_has(change->remove, name))
			return kt_err_set(err, KT_USAGE, "%.100s is to be set and to be removed", name);
	}
	return 0;
}

/* When all are sent, a name that is not among them says nothing to the brokers. */
static int check_removed(
	const char *topic, const struct kt_configs *now, const struct kt_config_change *change, struct kt_err *err)
{
	for (size_t i = 0; now->state == KT_CONFIGS_READ && i < change->remove->n; i++) {
		const char *name = change->remove->v[i];
		if (find(now, name, strlen(name)))
			continue;
		kt_err_set(err, KT_FAILED, "changing topic %s: Unknown topic config name: %.100s", topic, name);
		return kt_config_hint(change->remove, err);
	}
	return 0;
}

int kt_configs_merge(struct kt_configs *wanted, const struct kt_configs *now, const char *topic,
	const struct kt_config_change *change, struct kt_err *err)
{
	if (check_removed(topic, now, change, err) < 0)
		return -1;
	for (size_t i = 0; i < now->n; i++) {
		const struct kt_config *config = &now->v[i];
		if (!config->own || kt_config_changes(change, config->name))
			continue;
		const struct kt_config kept = {.name = kt_strdup(config->name),
			.value = config->value ? kt_strdup(config->value) : NULL,
			.own = true};
		kt_configs_take(wanted, kept);
	}
	for (size_t i = 0; i < change->set->n; i++) {
		const char *text = change->set->v[i], *equals = strchr(text, '=');
		struct kt_config *earlier = find(wanted, text, (size_t)(equals - text));
		if (earlier) { /* given twice: the last one counts, as with every option */
			free(earlier->value);
			earlier->value = kt_strdup(equals + 1);
			continue;
		}
		const struct kt_config set = {
			.name = kt_strndup(text, (size_t)(equals - text)), .value = kt_strdup(equals + 1), .own = true};
		kt_configs_take(wanted, set);
	}
	kt_configs_sort(wanted);
	return 0;
}

static size_t skip_blanks(const char *text)
{
	return strspn(text, " \t");
}

/* Brokers tell a value as they understood it: "compact, delete" comes back as "compact,delete", 0.50 as 0.5, TRUE as
 * true. */
static bool same_text(const char *a, const char *b)
{
	char *a_end, *b_end;
	long double x = strtold(a, &a_end), y = strtold(b, &b_end);
	if (a_end > a && b_end > b && !*a_end && !*b_end && x >= y && x <= y)
		return true;
	for (;; a++, b++) {
		a += skip_blanks(a);
		b += skip_blanks(b);
		if (!*a || strncasecmp(a, b, 1))
			return *a == *b;
	}
}

static bool same_value(const struct kt_config *a, const struct kt_config *b)
{
	if (!a || !b || !a->value || !b->value)
		return a && b && !a->value && !b->value;
	return same_text(a->value, b->value);
}

/* Names in a whose value differs in b, or only those that b does not have. */
static void add_differing(struct kt_buf *out, const struct kt_configs *a, const struct kt_configs *b, bool missing_only,
	const struct kt_config_change *change, bool asked)
{
	for (size_t i = 0; i < a->n; i++) {
		const char *name = a->v[i].name;
		const struct kt_config *other = find_own(b, name);
		if (!a->v[i].own || (missing_only ? other != NULL : same_value(&a->v[i], other)) ||
			(change && kt_config_changes(change, name) != asked))
			continue;
		kt_buf_addf(out, "%s%s", out->len ? ", " : "", name);
	}
}

void kt_configs_differing(struct kt_buf *out, const struct kt_configs *a, const struct kt_configs *b,
	const struct kt_config_change *change, bool asked)
{
	add_differing(out, a, b, false, change, asked);
	add_differing(out, b, a, true, change, asked);
}

bool kt_configs_same(const struct kt_configs *a, const struct kt_configs *b)
{
	kt_auto(kt_buf_fini) struct kt_buf names = {0};
	kt_configs_differing(&names, a, b, NULL, false);
	return !names.len;
}
