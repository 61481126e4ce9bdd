/* The option table: the one place where an option is written. The parser, --help, the manual page and the shell's
 * completion all read it.
 *
 *   struct count_opts { struct kt_client_opts client; int64_t count; const char *key; struct kt_strs files; };
 *   #define OPTS struct count_opts
 *   static const struct kt_opt opts[] = {
 *           {.name = "count", .letter = 'c', KT_I64(count), .arg = "N", .def = "-1", .help = "stop after N records"},
 *           {.name = "key", .letter = 'k', KT_STR(key), .arg = "KEY", .help = "give every record this key"},
 *           {.name = "FILE", .positional = true, KT_LIST(files), .comp = KT_COMP_FILE, .help = "read these"},
 *           {KT_INCLUDE(client, "Common options", kt_client_opts)},
 *           KT_END,
 *   };
 *
 * Targets are typed: a field of the wrong type does not compile. A default is text that the same parser reads, so the
 * default that help shows is the default that is used. Strings in the parsed struct borrow from argv (or from the
 * table, for defaults); lists own their copies and are released by kt_opts_fini().
 */
#ifndef KT_OPT_H
#define KT_OPT_H

#include "err.h"
#include "list.h"

enum kt_opt_type {
	KT_OPT_END,
	KT_OPT_FLAG,    /* bool, no argument */
	KT_OPT_COUNT,   /* int, no argument, each occurrence adds 1 */
	KT_OPT_STR,     /* const char *, NULL when absent */
	KT_OPT_I64,     /* int64_t */
	KT_OPT_MS,      /* int64_t, a duration in milliseconds, typed as in num.h */
	KT_OPT_BYTES,   /* int64_t, a size in bytes, typed as in num.h */
	KT_OPT_ENUM,    /* int, the index in choices */
	KT_OPT_LIST,    /* struct kt_strs, each occurrence adds one */
	KT_OPT_PRESET,  /* const char *, no argument: stores .preset ("--from-beginning") */
	KT_OPT_INCLUDE, /* the rows of another table, whose struct is a field of this one */
	KT_OPT_GONE,    /* not accepted: .help is the error's hint (an option of another tool) */
	KT_OPT_STOP,    /* ends the parsing: only in kt_standard_opts */
};

/* How the shell completes an option's argument. */
enum kt_comp {
	KT_COMP_NONE,
	KT_COMP_FILE,
	KT_COMP_DIR,
	KT_COMP_TOPIC,
	KT_COMP_GROUP,
	KT_COMP_PROFILE,
	KT_COMP_PROPERTY,
	KT_COMP_CONFIG,      /* of a topic, with its value */
	KT_COMP_CONFIG_NAME, /* without */
};

struct kt_opt {
	const char *name;           /* long name without dashes; of a positional: the word shown, in capitals */
	const char *also;           /* further spellings, blank between; a single letter is a short option */
	const char *arg;            /* placeholder of the argument */
	const char *def;            /* default, as text; NULL: zero, false, NULL */
	const char *help;           /* a line without a full stop; of an included table: its heading */
	const char *preset;         /* KT_OPT_PRESET: the text that is stored */
	const char *const *choices; /* KT_OPT_ENUM: allowed words, NULL at the end */
	const struct kt_opt *include;
	size_t off;  /* of the target in the options struct */
	size_t turn; /* of an int that gets the place on the command line, for options whose order matters; 0: none */
	enum kt_opt_type type;
	enum kt_comp comp;
	char letter;   /* short name or 0 */
	char conflict; /* rows with the same letter here exclude each other; 0: none */
	bool positional, required, hidden;
	bool often;      /* -h shows it */
	bool takes_over; /* an included row of the same name loses it to this one, and keeps its other spellings */
};

/* offsetof, but only for a field of the given type. */
#define KT_OFF(field, type) _Generic(&((OPTS *)0)->field, type * : offsetof(OPTS, field))

#define KT_FLAG(field) .type = KT_OPT_FLAG, .off = KT_OFF(field, bool)
#define KT_COUNT(field) .type = KT_OPT_COUNT, .off = KT_OFF(field, int)
#define KT_STR(field) .type = KT_OPT_STR, .off = KT_OFF(field, const char *)
#define KT_I64(field) .type = KT_OPT_I64, .off = KT_OFF(field, int64_t)
#define KT_MS(field) .type = KT_OPT_MS, .off = KT_OFF(field, int64_t)
#define KT_BYTES(field) .type = KT_OPT_BYTES, .off = KT_OFF(field, int64_t)
#define KT_ENUM(field, words) .type = KT_OPT_ENUM, .choices = (words), .off = KT_OFF(field, int)
#define KT_LIST(field) .type = KT_OPT_LIST, .off = KT_OFF(field, struct kt_strs)
#define KT_PRESET(field, text) .type = KT_OPT_PRESET, .preset = (text), .off = KT_OFF(field, const char *)
#define KT_TURN(field) .turn = KT_OFF(field, int)
#define KT_INCLUDE(field, heading, rows)                                                                               \
	.type = KT_OPT_INCLUDE, .include = (rows), .help = (heading), .off = offsetof(OPTS, field)
#define KT_GONE .type = KT_OPT_GONE
/* clang-format off */
#define KT_END {.type = KT_OPT_END}
/* clang-format on */

/* Parses args (argc words after the command's name) into target, which is all zero before. Options may stand anywhere
 * before "--"; "-c5", "-c 5", "--count=5", "--count 5" and bundled flags ("-qe") are understood; "-" alone is a
 * positional. A positional of type STR takes one word, of type LIST all that are left. The last of repeated options
 * wins. Errors are KT_USAGE, name the option, and an unknown one gets the nearest name as its hint.
 * Returns 0, or -1, or the letter of the row of kt_standard_opts that was met, whatever else is wrong: 'V', 'h', and
 * for --help, which shows more than -h, 'H'. */
int kt_opts_parse(
	const struct kt_opt *table, int argc, char *const *argv, void *target, struct kt_err *err) kt_must_check;

/* For completion: the row that the word after these args would belong to, an option that waits for its argument or a
 * positional; NULL when there is none. *options: whether that word could also be an option. Fills target as far as the
 * words make sense. */
const struct kt_opt *kt_opts_expect(
	const struct kt_opt *table, int argc, char *const *argv, void *target, bool *options);

/* The row of a long name of len bytes, or (name NULL) of a letter, standard rows too; NULL when there is none. */
const struct kt_opt *kt_opts_find(const struct kt_opt *table, const char *name, size_t len, char letter);

/* What every command understands without a row of its own: --help and --version. */
extern const struct kt_opt kt_standard_opts[];

/* The row as it is understood in this table: without its name where another row takes it over. */
struct kt_opt kt_opts_row(const struct kt_opt *table, const struct kt_opt *row);

/* True when the row is followed by an argument. */
bool kt_opt_takes_arg(const struct kt_opt *row);

/* Releases the lists in target. */
void kt_opts_fini(const struct kt_opt *table, void *target);

/* Calls each(row, base offset of the row's struct, data) for every row, those of included tables too, in order. Stops
 * when each returns true, and returns that. */
bool kt_opts_walk(
	const struct kt_opt *table, bool (*each)(const struct kt_opt *row, size_t base, void *data), void *data);

/* A table's own mistakes, for a test over all commands: a name or letter used twice, help missing, ending in a full
 * stop or over 80 columns, no placeholder for an argument, a default that the parser would refuse, one below
 * zero that the help does not explain, a required row with a default, a positional after one that takes all. */
int kt_opts_check(const struct kt_opt *table, struct kt_err *err) kt_must_check;

#endif
