/* Words between NUL bytes as an argv, against a table with a row of every type. */
#include "fuzz.h"
#include "opt.h"

struct inner {
	const char *brokers;
	struct kt_strs properties;
};

#define OPTS struct inner
static const struct kt_opt inner_opts[] = {
	{.name = "brokers", .letter = 'b', KT_STR(brokers), .arg = "LIST", .def = "x:1", .help = "where to connect"},
	{.name = "property", .letter = 'X', KT_LIST(properties), .arg = "K=V", .help = "set a property"},
	KT_END,
};
#undef OPTS

struct outer {
	struct inner inner;
	bool quiet;
	int verbose, codec;
	int64_t count, wait_ms, size;
	const char *offset, *topic;
	struct kt_strs files;
};

static const char *const codecs[] = {"none", "gzip", "lz4", NULL};

#define OPTS struct outer
static const struct kt_opt opts[] = {
	{.name = "quiet", .letter = 'q', KT_FLAG(quiet), .conflict = 'v', .help = "say nothing"},
	{.name = "verbose", .letter = 'v', KT_COUNT(verbose), .conflict = 'v', .help = "say more"},
	{.name = "count",
		.also = "n max",
		.letter = 'c',
		KT_I64(count),
		.arg = "N",
		.def = "-1",
		.help = "stop after N"},
	{.name = "wait", .letter = 'w', KT_MS(wait_ms), .arg = "TIME", .def = "1s", .help = "how long to wait"},
	{.name = "size", .letter = 's', KT_BYTES(size), .arg = "SIZE", .help = "how much to hold"},
	{.name = "codec", .letter = 'z', KT_ENUM(codec, codecs), .arg = "CODEC", .def = "none", .help = "compression"},
	{.name = "offset", .letter = 'o', KT_STR(offset), .arg = "OFFSET", .help = "where to start"},
	{.name = "from-beginning", KT_PRESET(offset, "beginning"), .help = "start at the beginning"},
	{.name = "zookeeper", KT_GONE, .arg = "LIST", .help = "use --brokers"},
	{KT_INCLUDE(inner, "Inner", inner_opts)},
	{.name = "TOPIC", .positional = true, KT_STR(topic), .help = "the topic"},
	{.name = "FILE", .positional = true, KT_LIST(files), .help = "read these"},
	KT_END,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *argv[64];
	int argc = 0;
	struct kt_err err = {0};
	struct outer target = {0};
	for (size_t at = 0; at < size && argc < 63; argc++) {
		argv[argc] = fuzz_text(data + at, size - at);
		at += strlen(argv[argc]) + 1;
	}
	argv[argc] = NULL;
	int status = kt_opts_parse(opts, argc, argv, &target, &err);
	REQUIRE(status == 0 || status == -1 || status == 'h' || status == 'V');
	if (status < 0)
		REQUIRE(err.status == KT_USAGE && err.msg[0]);
	if (status == 0) {
		REQUIRE(target.codec >= 0 && target.codec < 3 && target.wait_ms >= 0 && target.size >= 0);
		REQUIRE(!target.quiet || !target.verbose);
		REQUIRE(target.inner.brokers);
	}
	kt_opts_fini(opts, &target);

	bool options;
	struct outer partial = {0};
	(void)kt_opts_expect(opts, argc, argv, &partial, &options);
	kt_opts_fini(opts, &partial);
	while (argc)
		free(argv[--argc]);
	return 0;
}
