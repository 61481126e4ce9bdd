/* Floating point numbers as the shortest decimal text that reads back as the same number, and of those the one that is
 * nearest to it. Exact for every finite double and float, without a table lookup per digit or a bignum: Schubfach
 * (Raffaello Giulietti, "The Schubfach way to render doubles", 2020).
 *
 *   char text[KT_SHORTEST_MAX];
 *   size_t len = (size_t)(kt_shortest_double(text, 0.1 + 0.2) - text);       0.30000000000000004
 *
 * The spelling is Python's repr(), which is JSON too: 1.0, 0.0001, 1e-05, 1234567890123456.0, 1e+16, -0.0.
 */
#ifndef KT_SHORTEST_H
#define KT_SHORTEST_H

#include "buf.h"

/* Bytes that have to be writable; the text itself has 24 at most. */
enum { KT_SHORTEST_MAX = 48 };

/* The value must be finite. Writes no terminator; returns where the text ends. */
char *kt_shortest_double(char *to, double value);

/* The shortest text that reads back as this float: 0.1f is 0.1, and not 0.10000000149011612. */
char *kt_shortest_float(char *to, float value);

/* Any value: what is not finite is nan, inf or -inf for Python, and for JSON, which has no such numbers, one of the
 * strings that Avro's Java library writes: "NaN", "Infinity", "-Infinity". */
void kt_json_double(struct kt_buf *out, double value);
void kt_json_float(struct kt_buf *out, float value);
void kt_python_double(struct kt_buf *out, double value);

#endif
