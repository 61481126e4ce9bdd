/* kt help tutorial: every exercise of the course documents, the original command beside the one of kt. */
#include <unistd.h>

#include "cmd.h"
#include "conf.h"
#include "jsonout.h"
#include "out.h"
#include "say.h"
#include "shellwords.h"

struct tutorial_opts {
	struct kt_client_opts client;
	const char *topic, *group;
	bool json;
};

#define OPTS struct tutorial_opts
static const struct kt_opt opts[] = {
	{.name = "TOPIC",
		.positional = true,
		KT_STR(topic),
		.comp = KT_COMP_TOPIC,
		.help = "your topic (default: kt.topic of the configuration, else client58)"},
	{.name = "group",
		.letter = 'g',
		KT_STR(group),
		.arg = "GROUP",
		.comp = KT_COMP_GROUP,
		.help = "your group (default: kt.group of the configuration, else readers)"},
	{.name = "json", .letter = 'J', KT_FLAG(json), .help = "print one JSON object per step"},
	{KT_INCLUDE(client, "Common options", kt_client_opts)},
	KT_END,
};

enum end { BY_ITSELF, AT_CTRL_D, AT_CTRL_C, AT_KILL };

static const char *const end_words[] = {
	"", "   (Ctrl-D ends it)", "   (Ctrl-C ends it)", "   (kill -9 ends it, while it stores)"};
static const char *const end_names[] = {"itself", "end of input", "interrupt", "kill"};

/* {topic}, {group}, {brokers} and {flags} are the reader's. `was` is NULL where the documents have nothing, `and` where
 * nothing has to be done in another terminal meanwhile. */
struct step {
	const char *chapter; /* of this step and those after it */
	const char *what;
	const char *was;
	const char *kt;
	enum end end;
	const char *and;
};

/* clang-format off */
static const struct step steps[] = {
	{"Your credentials",
		"Can the cluster be reached, and may you read and write your topic?", NULL,
		"kt check {topic}{flags}"},
	{NULL, "Tries the connection once and writes it down; from then on no line needs flags", NULL,
		"kt config init --yes --topic {topic}{flags}"},
	{NULL, "What the cluster says about your topic", "kafka-topics --describe --topic {topic}",
		"kt topic describe {topic}{flags}"},

	{"Producer and consumer",
		"Each line typed is a record", "python producer.py {topic}",
		"kt produce {topic} --key 1{flags}", AT_CTRL_D},
	{NULL, "What arrives from now on, in a group of its own", "python consumer.py {topic}",
		"kt consume {topic} -g simple-{group} --reset latest{flags}", AT_CTRL_C,
		"date | kt produce {topic} --key 1{flags}"},
	{NULL, "The same, byte for byte as Python prints it", "python consumer.py {topic}",
		"kt consume {topic} -o end --python{flags}", AT_CTRL_C,
		"date | kt produce {topic} --key 1{flags}"},

	{"Offset reset: two fresh groups",
		"One sees history", "python consumer.py {topic} earliest",
		"kt consume {topic} -g earliest-{group} --reset earliest{flags}", AT_CTRL_C},
	{NULL, "The other only what is new", "python consumer.py {topic} latest",
		"kt consume {topic} -g latest-{group} --reset latest{flags}", AT_CTRL_C,
		"date | kt produce {topic} --key 1{flags}"},
	{NULL, "A group that has committed goes on there; this shows where a reset would take it", NULL,
		"kt group reset earliest-{group} --topic {topic} --to earliest{flags}"},

	{"Manual commit",
		"A record is stored, which takes ten seconds, and then committed", "python consumer_commit.py {topic} {group}",
		"kt commit-demo {topic} -g commit-{group} --session-timeout 6s{flags}", AT_KILL},
	{NULL, "The next run gets that record again, as soon as the session of the one before is over",
		"python consumer_commit.py {topic} {group}",
		"kt commit-demo {topic} -g commit-{group} --session-timeout 6s{flags}", AT_CTRL_C},
	{NULL, "A producer without keys", "python producer.py {topic}",
		"kt produce {topic}{flags}", AT_CTRL_D},
	{NULL, "All ways to commit, each killed at the same record, in one table; needs no cluster", NULL,
		"kt commit-demo --compare"},

	{"Consumer groups",
		"In two terminals: 16 partitions become 8 and 8", "python consumer.py {topic} {group}",
		"kt group-demo {topic} -g {group}{flags}", AT_CTRL_C,
		"date | kt produce {topic}{flags}"},
	{NULL, "The same in one terminal", NULL,
		"kt group-demo {topic} -g {group} --members 2{flags}", AT_CTRL_C,
		"seq 20 | kt produce {topic} --key-seq{flags}"},
	{NULL, "Keys 0, 1, 2, … spread records over the partitions", "python producer.py {topic}",
		"kt produce {topic} --key-seq{flags}", AT_CTRL_D},
	{NULL, "Who is in the group, and how far behind", NULL,
		"kt group describe {group}{flags}"},

	{"Experiments",
		"What a load file comes to, without a broker", NULL,
		"kt loadgen 3.json --plan"},
	{NULL, "The experiment producer, and how fast it produces",
		"./start-producer.sh ./auth {topic} {brokers} --config-file 2.json",
		"kt loadgen --topic {topic} --config-file 2.json{flags}", AT_CTRL_C,
		"kt rate --count 3"},
	{NULL, "The assignment: header and record of each event, while three producers write at once",
		"python consumer.py {topic} {group}",
		"kt avro-decode {topic} -g decode-{group} --reset latest --python{flags}", AT_CTRL_C,
		"for load in 2 3 3; do kt loadgen --topic {topic} --config-file $load.json --speed 20 --log-file run.log{flags} "
		"& done; wait"},
	{NULL, "Is everything there that they logged, once and in order?",
		"docker run -v ./run.log:/run.log dclandau/cec-production-validation /run.log",
		"kt verify run.log --topic {topic}{flags}"},

	{"Broker basics, on a cluster of your own",
		"A topic", "kafka-topics --create --topic mytopic --partitions 1 --replication-factor 1",
		"kt topic create mytopic --partitions 1 --if-not-exists{flags}"},
	{NULL, "What the cluster says about it", "kafka-topics --describe --topic mytopic",
		"kt topic describe mytopic{flags}"},
	{NULL, "Lines in", "kafka-console-producer --topic mytopic",
		"kt produce mytopic{flags}", AT_CTRL_D},
	{NULL, "Lines out, all of them and what comes next", "kafka-console-consumer --topic mytopic --from-beginning",
		"kt consume mytopic{flags}", AT_CTRL_C},
	{NULL, "Offset and value (a pykafka session)",
		"for m in consumer: print(m.offset, m.value)",
		"kt consume mytopic -f '%o %s\\n'{flags}", AT_CTRL_C},

	{"Writer and reader in Go",
		"The topic", "kafka-topics --create --topic testtopic --partitions 1 --replication-factor 1",
		"kt topic create testtopic --partitions 1 --if-not-exists{flags}"},
	{NULL, "A prompt; a blank line ends", "TOPIC=testtopic KAFKA_BROKER={brokers} ./kafkawrite",
		"kt produce testtopic --until-blank{flags}", AT_CTRL_D},
	{NULL, "Partition 0, only what is new", "TOPIC=testtopic KAFKA_BROKER={brokers} ./kafkaread",
		"kt consume testtopic -p 0 -o end{flags}", AT_CTRL_C},

	{"A chat",
		"On http://localhost:8000/; who is at the second one, :8001, does not see what is written there",
		"podname=one go run chatserver.go",
		"env TOPIC=none podname=one kt serve --lab chat{flags}", AT_CTRL_C,
		"env TOPIC=none podname=two kt serve --lab chat@localhost:8001{flags}"},
	{NULL, "By way of a topic the two are one chat, and so is any number of them: all see one order",
		"podname=one go run chatserver.go",
		"env podname=one kt serve --lab chat{flags}", AT_CTRL_C,
		"env podname=two kt serve --lab chat@localhost:8001{flags}"},
	{NULL, "Each message is a record, and each record a message", "podname=one go run chatserver.go",
		"env podname=one kt serve --lab chat{flags}", AT_CTRL_C,
		"curl http://localhost:8000/ | grep Chatting; echo hello | kt produce chat{flags}; kt consume chat -e{flags}"},
	{NULL, "Socket.IO on http://localhost:5000/: two that broadcast each to its own clients", "python app.py",
		"env TOPIC=none kt serve --lab socketio{flags}", AT_CTRL_C,
		"env TOPIC=none kt serve --lab socketio@localhost:5001{flags}"},
	{NULL, "And by way of a topic, to all", "python app.py",
		"kt serve --lab socketio{flags}", AT_CTRL_C,
		"kt serve --lab socketio@localhost:5001{flags}"},
	{NULL, "Shown there as Received #0: hi", "echo hi | kafka-console-producer --topic broadcast",
		"kt serve --lab socketio{flags}", AT_CTRL_C,
		"curl http://localhost:5000/ | grep Chatty; echo hi | kt produce broadcast{flags}; kt consume broadcast -e{flags}"},

	{"Game events",
		"The topic", "kafka-topics --create --topic game-events --partitions 1 --replication-factor 1",
		"kt topic create game-events --partitions 1 --if-not-exists{flags}"},
	{NULL, "An event, as the web server writes it", "curl http://localhost:5000/purchase_a_sword",
		"echo '{\"event_type\": \"purchase_sword\"}' | kt produce game-events{flags}"},
	{NULL, "The web server itself, whose program has game_events: an answer means that the event is in the topic",
		"flask run -h 0.0.0.0",
		"kt serve --lab game{flags}", AT_CTRL_C,
		"curl http://localhost:5000/; curl http://localhost:5000/purchase_a_sword; kt consume game_events -e{flags}"},
	{NULL, "The same, with the headers of each request in its event", "flask run -h 0.0.0.0",
		"kt serve --lab game-headers{flags}", AT_CTRL_C,
		"curl http://localhost:5000/join_guild; kt consume game_events -e{flags}"},
	{NULL, "All events, then end", "kafkacat -C -b {brokers} -t game-events -o beginning -e",
		"kt consume game-events -e{flags}"},
	{NULL, "The events as a table (a PySpark session)",
		"spark.read.format(\"kafka\").option(\"subscribe\", \"game-events\").load() …; extracted_events.show()",
		"kt sql --show 'SELECT * FROM \"game-events\"'{flags}"},

	{"A REST producer",
		"POST a topic and a message; a topic that is not there is refused", "python producer.py",
		"kt serve --lab rest{flags}", AT_CTRL_C,
		"post='curl -H Content-Type:application/json http://localhost:5000/kafka'; "
		"$post -d '{\"topic\": \"deliveries\", \"message\": \"hello\"}'; echo; "
		"$post -d '{\"topic\": \"{topic}-none\", \"message\": \"hello\"}'; echo; kt consume deliveries -e -f '%o %s\\n'{flags}"},

	{"A service behind a gateway",
		"The ping service, and the gateway with its admin", "npm start; docker run … kong",
		"kt serve --lab ping --lab gateway --lab gateway-admin{flags}", AT_CTRL_C,
		"curl http://localhost:8001/apis/ -d name=ping-api -d hosts=ping-api.com -d upstream_url=http://localhost:3000; echo; "
		"curl http://localhost:8000/ping -H Host:ping-api.com; echo; "
		"curl http://localhost:8000/ping -H Host:ping-api.com -d name=ping-api; echo; kt consume ping -e{flags}"},
	{NULL, "Under load, directly and through the gateway; here each answer means that its record is in the topic",
		"ab -p payload.txt -T application/json -n 500000 -t 5 -c 2 http://localhost:3000/ping",
		"kt serve --lab ping --lab gateway --lab gateway-admin{flags}", AT_CTRL_C,
		"curl http://localhost:8001/apis/ -d name=ping-api -d hosts=ping-api.com -d upstream_url=http://localhost:3000; "
		"echo '{\"some\":\"data\"}' | tr -d '\\n' >payload.txt; "
		"ab -p payload.txt -T application/json -n 500000 -t 5 -c 2 http://localhost:3000/ping; "
		"ab -p payload.txt -T application/json -H Host:ping-api.com -n 500000 -t 5 -c 2 http://localhost:8000/ping"},

	{"Shell producers",
		"A program that writes every second", "while true; do date; sleep 1; done >> allout.txt &",
		"while true; do date; sleep 1; done | kt produce mytopic{flags}", AT_CTRL_C},
	{NULL, "A program that watches", "tail -f allout.txt",
		"kt consume mytopic -o end{flags}", AT_CTRL_C},

	{"Agents: work that is taken from a topic and done, on a cluster of your own",
		"50 mails with new passwords, and a mail relay that is down", NULL,
		"kt topic create {topic}-mails --partitions 4 --if-not-exists{flags}; touch relay-down; "
		"seq -f user%g 50 | kt produce {topic}-mails{flags}"},
	{NULL, "The agent tries until the relay is back: no mail is lost, and none counts as sent before it is", NULL,
		"kt work -e -g mail-{group} -j 4 --retries unlimited --backoff 1s:2s {topic}-mails{flags} -- "
		"sh -c 'test ! -e relay-down && cat >>outbox && echo >>outbox'", BY_ITSELF,
		"sleep 10; kt group describe mail-{group}{flags}; sleep 10; rm relay-down"},
	{NULL, "Fax requests, one of them without a number", NULL,
		"for name in faxes valid invalid told; do kt topic create {topic}-$name --partitions 1 --if-not-exists{flags}; done; "
		"printf 'anna:0301234\\nbob:hello\\n' | kt produce {topic}-faxes -K :{flags}"},
	{NULL, "The first agent of a chain: what is valid goes on, what is not becomes a dead letter", NULL,
		"kt work -q -e -g check-{group} --dlq {topic}-invalid --out {topic}-valid --notify {topic}-told {topic}-faxes{flags} -- "
		"sh -c 'read -r n; case $n in *[!0-9]*) exit 65 ;; esac; printf %s \"$n\"' || test $? = 3"},
	{NULL, "The second one finds the line busy, twice", NULL,
		"kt work -e -g send-{group} --on-exit 75=retry:1s --notify {topic}-told {topic}-valid{flags} -- "
		"sh -c 'test $KT_RECORD_ATTEMPT = 3 || exit 75; cat >>sent'"},
	{NULL, "And the senders are told what became of each", NULL,
		"kt consume {topic}-told -e -f '%k %s\\n'{flags}"},
	{NULL, "Orders, each for a seller who may not be there yet", NULL,
		"kt topic create {topic}-orders --partitions 1 --if-not-exists{flags}; "
		"printf 'anna:violin\\nbob:car\\nanna:bow\\n' | kt produce {topic}-orders -K :{flags}"},
	{NULL, "An order waits for its seller; those of others do not wait for it", NULL,
		"kt work -e -g sell-{group} --by key -j 4 --retries unlimited --backoff 200ms {topic}-orders{flags} -- "
		"sh -c 'test -e seller-$KT_RECORD_KEY && echo \"$KT_RECORD_KEY $(cat)\" >>sold'", BY_ITSELF,
		"touch seller-bob; sleep 5; touch seller-anna"},

	{"Devices, and a database, on a cluster of your own and with a broker of MQTT on this machine (mosquitto)",
		"The topics on the way", NULL,
		"for name in readings clean; do kt topic create {topic}-$name --partitions 1 --if-not-exists{flags}; done"},
	{NULL, "What devices publish becomes records, and is acknowledged to their broker only then", NULL,
		"kt mqtt mqtt://localhost --sub 'plant/+/temperature' --topic {topic}-readings{flags}", AT_CTRL_C,
		"for n in 1 2 3; do mosquitto_pub -h localhost -p 1883 -q 1 -t plant/$n/temperature "
		"-m '{\"celsius\": '$((15 + n * 5))'}'; done; kt consume {topic}-readings -c 3{flags}"},
	{NULL, "And what others send to a web service, through the gateway", NULL,
		"env KAFKA_TOPIC={topic}-readings kt serve --lab ping --lab gateway --lab gateway-admin{flags}", AT_CTRL_C,
		"curl http://localhost:8001/apis/ -d name=ping-api -d hosts=ping-api.com -d upstream_url=http://localhost:3000; echo; "
		"curl http://localhost:8000/ping -H Host:ping-api.com -H Content-Type:application/json -d '{\"celsius\": 99}'; echo; "
		"kt consume {topic}-readings -e{flags}"},
	{NULL, "Each is transformed, by a command that gets it on stdin: its key and headers stay", NULL,
		"kt work -e -g clean-{group} --out {topic}-clean {topic}-readings{flags} -- "
		"jq -c '. + {fahrenheit: (.celsius * 9 / 5 + 32)}'"},
	{NULL, "And becomes a row, once, whatever is killed", NULL,
		"kt sink sqlite readings.db {topic}-clean -e{flags}"},
	{NULL, "From the device to the row", NULL,
		"kt sql --db readings.db --show 'SELECT _key, celsius, fahrenheit FROM \"{topic}-clean\"'{flags}"},
};
/* clang-format on */

/* What the placeholders stand for. */
struct reader {
	const char *topic, *group, *brokers;
	struct kt_buf flags;
};

static void add_flag(struct kt_buf *out, const char *flag, const char *value)
{
	if (value) {
		kt_buf_addf(out, " %s ", flag);
		kt_shellwords_add(out, value);
	}
}

/* What was typed for this command is needed by the others; the rest they find where this one found it. */
static void collect_flags(struct kt_buf *out, const struct kt_client_opts *o)
{
	add_flag(out, "-b", o->brokers);
	add_flag(out, "--auth", o->auth);
	add_flag(out, "--profile", o->profile);
	add_flag(out, "-F", o->config);
	for (size_t i = 0; i < o->properties.n; i++)
		add_flag(out, "-X", o->properties.v[i]);
	for (size_t i = 0; i < o->resolve.n; i++)
		add_flag(out, "--resolve", o->resolve.v[i]);
}

static void fill(struct kt_buf *out, const char *line, struct reader *r)
{
	const struct {
		const char *name, *value;
	} words[] = {{"{topic}", r->topic}, {"{group}", r->group}, {"{brokers}", r->brokers}};
	while (*line) {
		size_t i = 0;
		while (i < KT_LEN(words) && strncmp(line, words[i].name, strlen(words[i].name)) != 0)
			i++;
		if (i < KT_LEN(words)) {
			kt_shellwords_add(out, words[i].value);
			line += strlen(words[i].name);
		} else if (!strncmp(line, "{flags}", 7)) {
			kt_buf_add(out, r->flags.data, r->flags.len);
			line += 7;
		} else {
			kt_buf_addc(out, *line++);
		}
	}
}

/* A step with the reader's words in its lines; was and and may be NULL. */
struct filled {
	const struct step *step;
	const char *chapter, *was, *kt, *and;
};

static void write_text(struct kt_buf *out, const struct filled *f)
{
	if (f->step->chapter)
		kt_buf_addf(out, "%s%s\n", f->step == steps ? "" : "\n", f->chapter);
	kt_buf_addf(out, "\n  %s%s\n", f->step->what, end_words[f->step->end]);
	if (f->was)
		kt_buf_addf(out, "    was  %s\n", f->was);
	kt_buf_addf(out, "    kt   %s\n", f->kt);
	if (f->and)
		kt_buf_addf(out, "    and  %s\n", f->and);
}

static void write_json(struct kt_buf *out, const struct filled *f)
{
	kt_jsonout_begin(out, NULL, '{');
	kt_jsonout_text(out, "chapter", f->chapter);
	kt_jsonout_text(out, "what", f->step->what);
	kt_jsonout_text(out, "was", f->was);
	kt_jsonout_text(out, "kt", f->kt);
	kt_jsonout_text(out, "and", f->and);
	kt_jsonout_text(out, "ends", end_names[f->step->end]);
	kt_buf_adds(out, "}\n");
}

/* The line with the reader's words in it, or NULL when there is none. */
static const char *fill_line(struct kt_buf *out, const char *line, struct reader *r)
{
	if (line)
		fill(out, line, r);
	return line ? kt_buf_cstr(out) : NULL;
}

static void write_steps(struct kt_buf *out, struct reader *r, bool json)
{
	const char *chapter = NULL;
	for (size_t i = 0; i < KT_LEN(steps); i++) {
		kt_auto(kt_buf_fini) struct kt_buf was = {0}, kt = {0}, and = {0};
		chapter = steps[i].chapter ? steps[i].chapter : chapter;
		const struct filled filled = {
			.step = &steps[i],
			.chapter = chapter,
			.was = fill_line(&was, steps[i].was, r),
			.kt = fill_line(&kt, steps[i].kt, r),
			.and = fill_line(&and, steps[i].and, r),
		};
		(json ? write_json : write_text)(out, &filled);
	}
}

static int run(void *data, struct kt_err *err)
{
	const struct tutorial_opts *o = data;
	kt_auto(kt_settings_fini) struct kt_settings settings = {0};
	kt_auto(kt_buf_fini) struct kt_buf text = {0};
	if (kt_conf_load(&settings, &o->client, err) < 0)
		return -1;
	const struct kt_setting *brokers = kt_settings_get(&settings, "bootstrap.servers");
	struct reader r = {
		.topic = o->topic ? o->topic : kt_settings_text(&settings, "kt.topic", "client58"),
		.group = o->group ? o->group : kt_settings_text(&settings, "kt.group", "readers"),
		.brokers = brokers->value,
	};
	collect_flags(&r.flags, &o->client);
	kt_say(KT_NORMAL, "with brokers %s (%s)", r.brokers, brokers->origin);
	if (brokers->rank == KT_RANK_BUILTIN)
		kt_say(KT_NORMAL, "no cluster? `kt broker --create %s:16` in another terminal is one", r.topic);
	write_steps(&text, &r, o->json);
	kt_buf_fini(&r.flags);
	return kt_out_print(STDOUT_FILENO, &text, err);
}

static const char *const about[] = {
	"Prints the exercises of the tutorial and of the other labs step by step: what it shows, the command of the "
	"document, and the command of kt, with your topic, group, brokers and credentials filled in, ready to be "
	"copied. After `and` comes what to type in another terminal meanwhile.",
	"Flags that are given here appear in every line. What comes from the environment, a profile or a file does "
	"not: the lines find it there as this command did.",
	NULL,
};

static const char *const examples[] = {
	"A student's first look",
	"kt help tutorial client58 --auth ./auth -b kafka1.example:19092",
	"Only the commands",
	"kt help tutorial -J | jq -r .kt",
	NULL,
};

const struct kt_cmd kt_cmd_help_tutorial = {
	.name = "help tutorial",
	.also = "tutorial",
	.summary = "the exercises of the course, each with its kt line",
	.section = "Learning",
	.about = about,
	.examples = examples,
	.opts = opts,
	.opts_size = sizeof(OPTS),
	.run = run,
};
