/* Load files: a JSON list of experiments that `kt loadgen` simulates.
 *
 *   kt_auto(kt_loads_fini) struct kt_loads loads = {0};
 *   if (kt_loads_read(&loads, text.data, text.len, "3.json", err) < 0)
 *           return -1;
 *   for (size_t i = 0; i < loads.n; i++) … loads.v[i].sensors …
 *
 * The fields and their defaults are the original experiment-producer's; `copies` and `stagger` are an extension that it
 * ignores. Lines in front of the list that begin with # are comments.
 */
#ifndef KT_EXPERIMENT_LOAD_H
#define KT_EXPERIMENT_LOAD_H

#include "err.h"
#include "list.h"

/* Bounds of the fields. A sample of that many sensors is 80 MB of records, sent at once. */
enum {
	KT_LOAD_SENSORS = 100000,
	KT_LOAD_SAMPLES = 65535,     /* u16 in the original */
	KT_LOAD_START_S = 100000000, /* three years */
	KT_LOAD_RATE_MS = 86400000,
	KT_LOAD_COPIES = 100000,
	KT_LOAD_EXPERIMENTS = 1000000, /* of a file, copies counted */
	KT_LOAD_FILE = 64 << 20,       /* bytes */
};

/* One entry of a load file, or what the flags say. */
struct kt_load {
	const char *researcher;
	int64_t start_s;       /* after the start of the program */
	int64_t sensors;       /* at least 1 */
	int64_t sample_ms;     /* between samples; 0: as soon as the last one is acknowledged */
	int64_t stabilization; /* samples of each phase */
	int64_t carry_out;
	int64_t copies;            /* so many of this experiment, each with ids of its own */
	int64_t stagger_ms;        /* between the starts of copies */
	float start, lower, upper; /* temperatures; lower <= upper */
};

struct kt_loads {
	struct kt_load *v;
	size_t n, cap;
	struct kt_strs texts;   /* what v points to */
	struct kt_strs ignored; /* "line 4: sample_rat is not a field; did you mean sample_rate?" */
};

/* What an entry of a load file has where it says nothing; the start temperature alone differs from the flags'. */
extern const struct kt_load kt_load_default;

/* Appends the entries of a load file. name is what messages call it; those are KT_USAGE and tell entry, field and line.
 */
int kt_loads_read(
	struct kt_loads *loads, const char *text, size_t len, const char *name, struct kt_err *err) kt_must_check;

/* The same checks for one made of flags, which is copied to the end. */
int kt_loads_add(struct kt_loads *loads, const struct kt_load *load, struct kt_err *err) kt_must_check;

void kt_loads_fini(struct kt_loads *loads);

#endif
