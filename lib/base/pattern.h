/* Regular expressions (POSIX extended, as regcomp() of the C library takes them) that somebody typed: every one of kt's
 * is compiled here.
 *
 *   regex_t regex;
 *   if (kt_pattern_compile(&regex, "^a{1,3}$", REG_NOSUB, err) < 0)
 *           return kt_err_wrap(err, "--grep");
 *   … regexec(&regex, …); regfree(&regex);
 *
 * The C library writes a{3} as aaa before it compiles it, and a+ as aa*: `((a{1,99}){1,99}){1,99}` or an a with thirty
 * + take gigabytes and minutes. What a pattern comes to when its repeats are written out is therefore counted first.
 */
#ifndef KT_PATTERN_H
#define KT_PATTERN_H

#include <regex.h>

#include "err.h"

/* Bounds of one pattern, as it is when its repeats are written out. The C library's memory grows with the square of its
 * branches: 4000 of them took 135 to 200 MB. From 20,000 parentheses on it runs out of stack. Time may grow with a
 * higher power (a?{1,200}+ takes 7 s), and a signal ends what kt_pattern_compile() is at. */
enum {
	KT_PATTERN_BRANCHES = 3000, /* | ? * + and each part that {m,n} makes optional count 1, a group 2 */
	KT_PATTERN_PARTS = 100000,  /* characters, brackets and groups */
	KT_PATTERN_DEPTH = 250,     /* parentheses inside each other */
};

/* KT_USAGE for a pattern that exceeds a bound. That it is one at all is not looked at. For those who have others
 * compile it. */
int kt_pattern_check(const char *text, struct kt_err *err) kt_must_check;

/* With `flags` of regcomp() beside REG_EXTENDED. KT_USAGE; then there is nothing to free. */
int kt_pattern_compile(regex_t *out, const char *text, int flags, struct kt_err *err) kt_must_check;

#endif
