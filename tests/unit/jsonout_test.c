#include "jsonout.h"

#include <math.h>

#include "json.h"
#include "tap.h"

TEST(members_and_elements)
{
	kt_auto(kt_buf_fini) struct kt_buf out = {0};
	kt_jsonout_begin(&out, NULL, '{');
	kt_jsonout_end(&out, '}');
	kt_buf_addc(&out, '\n');
	kt_jsonout_begin(&out, NULL, '{');
	kt_jsonout_text(&out, "a", "x\"\n");
	kt_jsonout_words(&out, "b", NULL);
	kt_jsonout_text(&out, "c", NULL);
	kt_jsonout_i64(&out, "d", INT64_MIN);
	kt_jsonout_bool(&out, "e", true);
	kt_jsonout_count(&out, "e0", 0);
	kt_jsonout_count(&out, "e1", -1);
	kt_jsonout_begin(&out, "f", '[');
	kt_jsonout_end(&out, ']');
	kt_jsonout_begin(&out, "g", '[');
	kt_jsonout_i64(&out, NULL, 1);
	kt_jsonout_text(&out, NULL, "{");
	kt_jsonout_begin(&out, NULL, '{');
	kt_jsonout_null(&out, "h");
	kt_jsonout_end(&out, '}');
	kt_jsonout_begin(&out, NULL, '[');
	kt_jsonout_bool(&out, NULL, false);
	kt_jsonout_end(&out, ']');
	kt_jsonout_end(&out, ']');
	kt_jsonout_key(&out, "i");
	kt_json_string(&out, "", 0);
	kt_jsonout_double(&out, "j", 0.1);
	kt_jsonout_double(&out, "k", NAN);
	kt_jsonout_double(&out, "l", -INFINITY);
	kt_jsonout_fixed(&out, "m", 2, 1);
	kt_jsonout_end(&out, '}');
	CHECK_STR(kt_buf_cstr(&out),
		"{}\n{\"a\":\"x\\\"\\n\",\"b\":null,\"c\":null,\"d\":-9223372036854775808,\"e\":true,\"e0\":0,\"e1\":null,\"f\":[],"
		"\"g\":[1,\"{\",{\"h\":null},[false]],\"i\":\"\",\"j\":0.1,\"k\":null,\"l\":null,\"m\":2.0}");
}
