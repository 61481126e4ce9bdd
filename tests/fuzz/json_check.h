/* What claims to be JSON is, unless it is nested deeper than the parser goes. */
#ifndef KT_JSON_CHECK_H
#define KT_JSON_CHECK_H

#include "fuzz.h"
#include "json.h"

static inline void check_json(struct kt_bytes text)
{
	struct kt_err err = {0};
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	struct kt_json j = {.start = text.data, .at = text.data, .end = text.data + text.len, .out = &out, .err = &err};
	bool fine = !kt_json_skip(&j) && !kt_json_finish(&j);
	REQUIRE(fine || strstr(err.msg, "nested deeper"));
}

#endif
