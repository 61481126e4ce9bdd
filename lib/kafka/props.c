#include "props.h"

#include <librdkafka/rdkafka.h>

#include "mem.h"
#include "settings.h"

static char *trim(char *text)
{
	text += strspn(text, " ");
	size_t len = strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	return text;
}

/* Cuts text at the first `what` and returns the rest, or NULL. */
static char *cut(char *text, const char *what)
{
	char *at = text ? strstr(text, what) : NULL;
	if (!at)
		return NULL;
	*at = '\0';
	return at + strlen(what);
}

/* A row of the library's table: name | C/P | range | default | importance | description <br>*Type: type* */
static void add_row(struct kt_props *props, char *line, bool topic)
{
	char *who = cut(line, " | "), *range = cut(who, " | "), *def = cut(range, " | ");
	char *importance = cut(def, " | "), *about = cut(importance, " | "), *type = cut(about, " <br>*Type: ");
	if (!type || cut(type, "*") == NULL || !strcmp(type, "see dedicated API"))
		return;
	struct kt_prop row = {trim(line), trim(who), trim(range), trim(def), about, type, NULL, topic};
	char *alias = strstr(about, "Alias for `");
	if (alias) {
		char *name = alias + strlen("Alias for `");
		row.about = cut(name, "`: ");
		row.stands = name;
		if (!row.about)
			return;
	}
	/* Some names are listed twice, for producers or consumers and again for topics: the first one is what
	 * rd_kafka_conf_set() takes. */
	if (kt_props_find(props, row.name))
		return;
	props->v = kt_grow(props->v, &props->cap, props->n + 1, sizeof(*props->v));
	props->v[props->n++] = row;
}

void kt_props_load(struct kt_props *props)
{
	size_t size;
	FILE *text = open_memstream(&props->text, &size);
	if (!text)
		return;
	rd_kafka_conf_properties_show(text);
	if (fclose(text) != 0)
		return;
	bool topic = false;
	char *rest;
	for (char *line = props->text; line; line = rest) {
		rest = cut(line, "\n");
		if (!strncmp(line, "## ", 3))
			topic = !strncmp(line, "## Topic", 8);
		else
			add_row(props, line, topic);
	}
}

void kt_props_fini(struct kt_props *props)
{
	free(props->v);
	free(props->text);
	*props = (struct kt_props){0};
}

const struct kt_prop *kt_props_find(const struct kt_props *props, const char *name)
{
	for (size_t i = 0; i < props->n; i++)
		if (!strcmp(props->v[i].name, name))
			return &props->v[i];
	return NULL;
}

const char *kt_props_canonical(const struct kt_props *props, const char *name)
{
	static const char prefix[] = "topic.";
	const struct kt_prop *found = kt_props_find(props, name);
	if (!found && !strncmp(name, prefix, sizeof(prefix) - 1))
		found = kt_props_find(props, name + sizeof(prefix) - 1);
	if (!found)
		return name;
	for (size_t i = 0; i < props->n; i++)
		if (props->v[i].stands && !strcmp(props->v[i].stands, found->name))
			return props->v[i].name;
	return found->name;
}

bool kt_props_known(const char *name)
{
	char why[64];
	/* rd_kafka_conf_get() does not tell an unknown name from a string that is not set. */
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	bool known = rd_kafka_conf_set(conf, name, NULL, why, sizeof(why)) != RD_KAFKA_CONF_UNKNOWN;
	rd_kafka_conf_destroy(conf);
	return known;
}

int kt_props_check(const char *name, const char *value, struct kt_err *err)
{
	char why[256];
	/* Setting this one loads code: not for a mere look. */
	if (!strcmp(name, "plugin.library.paths"))
		return 0;
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_conf_res_t result = rd_kafka_conf_set(conf, name, value, why, sizeof(why));
	rd_kafka_conf_destroy(conf);
	if (result == RD_KAFKA_CONF_OK)
		return 0;
	why[strcspn(why, "\n")] = '\0';
	if (kt_setting_is_secret(name))
		return kt_err_set(err, KT_USAGE, "%s: the value is not accepted", name);
	return kt_err_set(err, KT_USAGE, "%s=%.100s: %s", name, value, why);
}

/* Appends text in lines of at most 78 columns, each indented by 4. */
static void add_wrapped(struct kt_buf *out, const char *text)
{
	size_t column = 0;
	while (*text) {
		size_t len = strcspn(text, " ");
		if (column && column + 1 + len > 78) {
			kt_buf_addc(out, '\n');
			column = 0;
		}
		kt_buf_adds(out, column ? " " : "    ");
		kt_buf_add(out, text, len);
		column += column ? 1 + len : 4 + len;
		text += len + strspn(text + len, " ");
	}
	kt_buf_addc(out, '\n');
}

void kt_props_write(struct kt_buf *out, const struct kt_props *props)
{
	for (size_t i = 0; i < props->n; i++) {
		const struct kt_prop *p = &props->v[i];
		kt_buf_addf(out, "%s%s (%s", i ? "\n" : "", p->name, p->type);
		if (*p->range)
			kt_buf_addf(out, ": %s", p->range);
		if (*p->def)
			kt_buf_addf(out, "; default %s", p->def);
		if (*p->who != '*')
			kt_buf_addf(out, "; %s", *p->who == 'P' ? "producer" : "consumer");
		kt_buf_adds(out, ")\n");
		if (p->stands)
			kt_buf_addf(out, "    The same as %s.\n", p->stands);
		add_wrapped(out, p->about);
	}
}
