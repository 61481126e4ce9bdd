#include "experiment_load.h"

#include "buf.h"
#include "tap.h"

static struct kt_err err;

static int read_text(struct kt_loads *loads, const char *text)
{
	err = (struct kt_err){0};
	return kt_loads_read(loads, text, strlen(text), "x.json", &err);
}

TEST(every_field)
{
	kt_auto(kt_loads_fini) struct kt_loads loads = {0};
	CHECK_INT(read_text(&loads,
			  "# a comment\n#[\n[{\"start_time\":3,\"researcher\":\"a\\u00e9\",\"num_sensors\":8,"
			  "\"sample_rate\":200,\"temp_range\":{\"upper_threshold\":20.5,\"lower_threshold\":10},"
			  "\"stabilization_samples\":10,\"carry_out_samples\":80,\"start_temperature\":-1.5,"
			  "\"copies\":7,\"stagger\":50}]"),
		0);
	CHECK_INT(loads.n, 1);
	const struct kt_load *l = &loads.v[0];
	CHECK_STR(l->researcher, "aé");
	CHECK_INT(l->start_s, 3);
	CHECK_INT(l->sensors, 8);
	CHECK_INT(l->sample_ms, 200);
	CHECK(l->lower == 10 && l->upper == 20.5f && l->start == -1.5f);
	CHECK_INT(l->stabilization, 10);
	CHECK_INT(l->carry_out, 80);
	CHECK_INT(l->copies, 7);
	CHECK_INT(l->stagger_ms, 50);
	CHECK_INT(loads.ignored.n, 0);
}

TEST(defaults)
{
	kt_auto(kt_loads_fini) struct kt_loads loads = {0};
	CHECK_INT(read_text(&loads, "[{\"start_time\":0,\"researcher\":\"\"},{\"researcher\":\"b\",\"start_time\":1}]"),
		0);
	CHECK_INT(loads.n, 2);
	const struct kt_load *l = &loads.v[0];
	CHECK_INT(l->sensors, 2);
	CHECK_INT(l->sample_ms, 1000);
	CHECK(l->lower == 25.5f && l->upper == 26.5f && l->start == 0);
	CHECK_INT(l->stabilization, 2);
	CHECK_INT(l->carry_out, 20);
	CHECK_INT(l->copies, 1);
	CHECK_STR(loads.v[1].researcher, "b");
}

#define OK_SO_FAR "\"start_time\":0,\"researcher\":\"r\""

TEST(unknown_fields_are_named)
{
	kt_auto(kt_loads_fini) struct kt_loads loads = {0};
	CHECK_INT(read_text(&loads, "[{" OK_SO_FAR ",\n\"num_sensor\":3,\"temp_range\":{\"lower_threshold\":1,"
				    "\"upper_threshold\":2,\"note\":[{}]}}]"),
		0);
	CHECK_INT(loads.ignored.n, 2);
	CHECK_STR(loads.ignored.v[0], "x.json:2: a field \"num_sensor\" means nothing here; did you mean num_sensors?");
	CHECK_STR(loads.ignored.v[1], "x.json:2: a field \"note\" means nothing here");
	CHECK_INT(loads.v[0].sensors, 2);
}

TEST(refused)
{
	static const struct {
		const char *text, *msg;
	} rows[] = {
		{"", "x.json:1: expected a list, got the end of the text (column 1)"},
		{"# only\n", "x.json:2: expected a list, got the end of the text (column 1)"},
		{"[]", "x.json holds no experiment"},
		{"{}", "x.json:1: expected a list, got an object (column 1)"},
		{"[{" OK_SO_FAR "}] x", "x.json:1: expected nothing more, got \"x\" (column 37)"},
		{"[1]", "x.json:1: experiment 1: expected an object, got a number (column 2)"},
		{"[{" OK_SO_FAR "},\n\n{\"researcher\":\"r\"}]", "x.json:3: experiment 2, start_time: it is missing"},
		{"[{\"start_time\":0}]", "x.json:1: experiment 1, researcher: it is missing"},
		{"[{" OK_SO_FAR ",\n \"sample_rate\": \"1\"}]",
			"x.json:2: experiment 1, sample_rate: expected a whole number from 0 to 86400000, got a string "
			"(column 17)"},
		{"[{" OK_SO_FAR ",\"num_sensors\":0}]",
			"x.json:1: experiment 1, num_sensors: expected a whole number from 1 to 100000, got 0"},
		{"[{" OK_SO_FAR ",\"num_sensors\":1.5}]",
			"x.json:1: experiment 1, num_sensors: expected a whole number from 1 to 100000, got 1.5"},
		{"[{\"start_time\":-1}]",
			"x.json:1: experiment 1, start_time: expected a whole number from 0 to 100000000, got -1"},
		{"[{\"start_time\":1,\n\"start_time\":1}]",
			"x.json:2: experiment 1, start_time: it appears here a second time"},
		{"[{\"researcher\":5}]",
			"x.json:1: experiment 1, researcher: expected a string, got a number (column 16)"},
		{"[{\"researcher\":\"a\\u0000\"}]", "x.json:1: experiment 1, researcher: a NUL byte in the text"},
		{"[{" OK_SO_FAR ",\"temp_range\":{\"upper_threshold\":2}}]",
			"x.json:1: experiment 1, lower_threshold: it is missing"},
		{"[{" OK_SO_FAR ",\"temp_range\":{\"lower_threshold\":3,\"upper_threshold\":2}}]",
			"x.json:1: experiment 1, temp_range: the lower threshold, 3, is above the upper one, 2"},
		{"[{" OK_SO_FAR ",\"start_temperature\":1e7}]", "x.json:1: experiment 1, start_temperature: expected a "
								"temperature within 1e+06 of 0, got 1e+07"},
		{"[{" OK_SO_FAR ",\"copies\":100000},{" OK_SO_FAR ",\"copies\":100001}]",
			"x.json:1: experiment 2, copies: expected a whole number from 1 to 100000, got 100001"},
		{"[{" OK_SO_FAR "},]", "x.json:1: experiment 2: expected an object, got \"]\" (column 36)"},
		{"[{" OK_SO_FAR "}", "x.json:1: expected ',' or ']', got the end of the text (column 35)"},
	};
	for (size_t i = 0; i < KT_LEN(rows); i++) {
		kt_auto(kt_loads_fini) struct kt_loads loads = {0};
		CHECK_INT(read_text(&loads, rows[i].text), -1);
		CHECK_STR(err.msg, rows[i].msg);
		CHECK_INT(err.status, KT_USAGE);
		CHECK_INT(loads.n, 0);
	}
}

TEST(too_many)
{
	kt_auto(kt_loads_fini) struct kt_loads loads = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	kt_buf_adds(&text, "[");
	for (int i = 0; i < 11; i++)
		kt_buf_addf(&text, "%s{" OK_SO_FAR ",\"copies\":100000}", i ? "," : "");
	kt_buf_adds(&text, "]");
	CHECK_INT(read_text(&loads, kt_buf_cstr(&text)), -1);
	CHECK_STR(err.msg, "x.json:1: experiment 11: more than 1000000 experiments, copies counted");
}

TEST(from_flags)
{
	kt_auto(kt_loads_fini) struct kt_loads loads = {0};
	struct kt_load load = kt_load_default;
	load.researcher = "me";
	err = (struct kt_err){0};
	CHECK_INT(kt_loads_add(&loads, &load, &err), 0);
	CHECK_STR(loads.v[0].researcher, "me");
	load.lower = load.upper;
	CHECK_INT(kt_loads_add(&loads, &load, &err), 0);
	load.lower = load.upper + 1;
	CHECK_INT(kt_loads_add(&loads, &load, &err), -1);
	CHECK_STR(err.msg, "the lower threshold, 27.5, is above the upper one, 26.5");
	CHECK_INT(loads.n, 2);
}
