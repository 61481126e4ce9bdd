/* Property files: librdkafka's `name=value` lines, Java's .properties, and kt's [profile NAME] sections.
 *
 *   kt_auto(kt_properties_fini) struct kt_properties p = {0};
 *   if (kt_properties_parse(&p, text, len, "~/.config/kt/config", kt_properties_style(path), err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < p.n; i++) use(p.v[i].profile, p.v[i].key, p.v[i].value, p.v[i].line);
 *
 * Both styles: `#`, `!` and `;` begin a comment line; `name=value` and `name: value`, blanks around either trimmed; a
 * backslash at the end of a line joins the next one, whose leading blanks are dropped; `[profile NAME]` begins a
 * section that reaches to the next one; lines end in LF, CR LF or CR, the last one need not; a UTF-8 byte order mark is
 * taken. java.util.Properties keeps blanks after a value, but Kafka's configuration (ConfigDef.parseType) and kcat drop
 * them: so they are dropped, unless a backslash stands before them.
 *
 * They differ in what a backslash means, since a password may hold one. Java's style, for files whose name ends in
 * ".properties": \t \n \r \f \uXXXX, and before any other character the backslash is dropped; `name value` and a name
 * alone (an empty value) are taken; a file that is not UTF-8 is ISO 8859-1. The plain style, for all others, is kcat's:
 * only \: and \= lose the backslash, any other stays as it is.
 */
#ifndef KT_PROPERTIES_H
#define KT_PROPERTIES_H

#include "err.h"
#include "list.h"

enum kt_style { KT_STYLE_PLAIN, KT_STYLE_JAVA };

enum {
	KT_PROPERTIES_MAX = 1 << 20,      /* bytes of a file */
	KT_PROPERTIES_LINE_MAX = 1 << 17, /* bytes of a line with all that is joined to it: a PEM chain has room */
};

struct kt_property {
	char *profile; /* NULL: in front of the first section */
	char *key, *value;
	unsigned line, last; /* where it begins and ends, from 1 */
	bool dropped; /* a backslash before a letter or digit that is not an escape: Java's style leaves it out */
};

struct kt_properties {
	struct kt_property *v; /* in the file's order */
	size_t n, cap;
	struct kt_strs profiles; /* names of all sections, also of empty ones */
};

enum kt_style kt_properties_style(const char *path);

/* Reads len bytes of text. Errors are KT_USAGE and begin with "name:LINE: ". */
int kt_properties_parse(struct kt_properties *out, const char *text, size_t len, const char *name, enum kt_style style,
	struct kt_err *err) kt_must_check;

/* After the natural line at `at` and its end (LF, CR LF, CR): where the next one begins. */
const char *kt_properties_next_line(const char *at, const char *end);

/* A copy of value with every ${NAME} replaced by lookup(NAME), which for the environment is getenv; $${ stands for ${.
 * NULL and KT_USAGE for a name that is not set, and for ${ without }. Other dollar signs are left alone. */
char *kt_properties_expand(const char *value, char *(*lookup)(const char *name), struct kt_err *err) kt_must_check;

/* Wipes and frees. */
void kt_properties_fini(struct kt_properties *p);

#endif
