/* What a load file says is within its bounds, what is wrong with it is said with its line, and the plan adds up. */
#include <math.h>

#include "experiment_plan.h"
#include "fuzz.h"

enum { COPIES = 1000 };

static void check_load(const struct kt_load *load)
{
	REQUIRE(load->researcher);
	REQUIRE(load->sensors >= 1 && load->sensors <= KT_LOAD_SENSORS);
	REQUIRE(load->sample_ms >= 0 && load->start_s >= 0 && load->stagger_ms >= 0);
	REQUIRE(load->copies >= 1 && load->copies <= KT_LOAD_COPIES);
	REQUIRE(load->lower <= load->upper && isfinite(load->start));
	struct kt_load_plan plan = kt_load_plan(load);
	REQUIRE(plan.start_ms <= plan.end_ms && plan.messages > 0);
}

static void check_plateaus(const struct kt_loads *loads)
{
	struct kt_plateau *plateaus;
	size_t n = kt_loads_plateaus(loads, &plateaus);
	for (size_t i = 0; i < n; i++) {
		REQUIRE(plateaus[i].start_ms < plateaus[i].end_ms && plateaus[i].experiments >= 0);
		REQUIRE(!i || plateaus[i - 1].end_ms == plateaus[i].start_ms);
	}
	free(plateaus);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kt_err err = {0};
	int64_t copies = 0;
	kt_auto(kt_loads_fini) struct kt_loads loads = {0};
	if (kt_loads_read(&loads, (const char *)data, size, "x.json", &err) < 0) {
		REQUIRE(err.status == KT_USAGE && !strncmp(err.msg, "x.json", 6) && !loads.n);
		return 0;
	}
	REQUIRE(loads.n && !err.msg[0]);
	for (size_t i = 0; i < loads.n; i++) {
		check_load(&loads.v[i]);
		copies += loads.v[i].copies;
	}
	if (copies <= COPIES)
		check_plateaus(&loads);
	return 0;
}
