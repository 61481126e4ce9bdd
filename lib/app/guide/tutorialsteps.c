#include "tutorialsteps.h"

#include <stddef.h>

/* clang-format off */
const struct kt_tutorialstep kt_tutorialsteps[] = {
	{"Your credentials",
		"Can the cluster be reached, and may you read and write your topic?", NULL,
		"kt check {topic}{flags}"},
	{NULL, "Tries the connection once and writes it down; from then on no line needs flags", NULL,
		"kt config init --yes --topic {topic}{flags}"},
	{NULL, "What the cluster says about your topic", "kafka-topics --describe --topic {topic}",
		"kt topic describe {topic}{flags}"},

	{"Producer and consumer",
		"Each line typed is a record", "python producer.py {topic}",
		"kt produce {topic} --key 1{flags}", KT_ENDS_AT_CTRL_D},
	{NULL, "What arrives from now on, in a group of its own", "python consumer.py {topic}",
		"kt consume {topic} -g simple-{group} --reset latest{flags}", KT_ENDS_AT_CTRL_C,
		"date | kt produce {topic} --key 1{flags}"},
	{NULL, "The same, byte for byte as Python prints it", "python consumer.py {topic}",
		"kt consume {topic} -o end --python{flags}", KT_ENDS_AT_CTRL_C,
		"date | kt produce {topic} --key 1{flags}"},

	{"Offset reset: two fresh groups",
		"One sees history", "python consumer.py {topic} earliest",
		"kt consume {topic} -g earliest-{group} --reset earliest{flags}", KT_ENDS_AT_CTRL_C},
	{NULL, "The other only what is new", "python consumer.py {topic} latest",
		"kt consume {topic} -g latest-{group} --reset latest{flags}", KT_ENDS_AT_CTRL_C,
		"date | kt produce {topic} --key 1{flags}"},
	{NULL, "A group that has committed goes on there; this shows where a reset would take it", NULL,
		"kt group reset earliest-{group} --topic {topic} --to earliest{flags}"},

	{"Manual commit",
		"A record is stored, which takes ten seconds, and then committed", "python consumer_commit.py {topic} {group}",
		"kt commit-demo {topic} -g commit-{group} --session-timeout 6s{flags}", KT_ENDS_AT_KILL},
	{NULL, "The next run gets that record again, as soon as the session of the one before is over",
		"python consumer_commit.py {topic} {group}",
		"kt commit-demo {topic} -g commit-{group} --session-timeout 6s{flags}", KT_ENDS_AT_CTRL_C},
	{NULL, "A producer without keys", "python producer.py {topic}",
		"kt produce {topic}{flags}", KT_ENDS_AT_CTRL_D},
	{NULL, "All ways to commit, each killed at the same record, in one table; needs no cluster", NULL,
		"kt commit-demo --compare"},

	{"Consumer groups",
		"In two terminals: 16 partitions become 8 and 8", "python consumer.py {topic} {group}",
		"kt group-demo {topic} -g {group}{flags}", KT_ENDS_AT_CTRL_C,
		"date | kt produce {topic}{flags}"},
	{NULL, "The same in one terminal", NULL,
		"kt group-demo {topic} -g {group} --members 2{flags}", KT_ENDS_AT_CTRL_C,
		"seq 20 | kt produce {topic} --key-seq{flags}"},
	{NULL, "Keys 0, 1, 2, … spread records over the partitions", "python producer.py {topic}",
		"kt produce {topic} --key-seq{flags}", KT_ENDS_AT_CTRL_D},
	{NULL, "Who is in the group, and how far behind", NULL,
		"kt group describe {group}{flags}"},

	{"Experiments",
		"What a load file comes to, without a broker", NULL,
		"kt loadgen 3.json --plan"},
	{NULL, "The experiment producer, and how fast it produces",
		"./start-producer.sh ./auth {topic} {brokers} --config-file 2.json",
		"kt loadgen --topic {topic} --config-file 2.json{flags}", KT_ENDS_AT_CTRL_C,
		"kt rate --count 3"},
	{NULL, "The assignment: header and record of each event, while three producers write at once",
		"python consumer.py {topic} {group}",
		"kt avro-decode {topic} -g decode-{group} --reset latest --python{flags}", KT_ENDS_AT_CTRL_C,
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
		"kt produce mytopic{flags}", KT_ENDS_AT_CTRL_D},
	{NULL, "Lines out, all of them and what comes next", "kafka-console-consumer --topic mytopic --from-beginning",
		"kt consume mytopic{flags}", KT_ENDS_AT_CTRL_C},
	{NULL, "Offset and value (a pykafka session)",
		"for m in consumer: print(m.offset, m.value)",
		"kt consume mytopic -f '%o %s\\n'{flags}", KT_ENDS_AT_CTRL_C},

	{"Writer and reader in Go",
		"The topic", "kafka-topics --create --topic testtopic --partitions 1 --replication-factor 1",
		"kt topic create testtopic --partitions 1 --if-not-exists{flags}"},
	{NULL, "A prompt; a blank line ends", "TOPIC=testtopic KAFKA_BROKER={brokers} ./kafkawrite",
		"kt produce testtopic --until-blank{flags}", KT_ENDS_AT_CTRL_D},
	{NULL, "Partition 0, only what is new", "TOPIC=testtopic KAFKA_BROKER={brokers} ./kafkaread",
		"kt consume testtopic -p 0 -o end{flags}", KT_ENDS_AT_CTRL_C},

	{"A chat",
		"On http://localhost:8000/; who is at the second one, :8001, does not see what is written there",
		"podname=one go run chatserver.go",
		"env TOPIC=none podname=one kt serve --lab chat{flags}", KT_ENDS_AT_CTRL_C,
		"env TOPIC=none podname=two kt serve --lab chat@localhost:8001{flags}"},
	{NULL, "By way of a topic the two are one chat, and so is any number of them: all see one order",
		"podname=one go run chatserver.go",
		"env podname=one kt serve --lab chat{flags}", KT_ENDS_AT_CTRL_C,
		"env podname=two kt serve --lab chat@localhost:8001{flags}"},
	{NULL, "Each message is a record, and each record a message", "podname=one go run chatserver.go",
		"env podname=one kt serve --lab chat{flags}", KT_ENDS_AT_CTRL_C,
		"curl http://localhost:8000/ | grep Chatting; echo hello | kt produce chat{flags}; kt consume chat -e{flags}"},
	{NULL, "Socket.IO on http://localhost:5000/: two that broadcast each to its own clients", "python app.py",
		"env TOPIC=none kt serve --lab socketio{flags}", KT_ENDS_AT_CTRL_C,
		"env TOPIC=none kt serve --lab socketio@localhost:5001{flags}"},
	{NULL, "And by way of a topic, to all", "python app.py",
		"kt serve --lab socketio{flags}", KT_ENDS_AT_CTRL_C,
		"kt serve --lab socketio@localhost:5001{flags}"},
	{NULL, "Shown there as Received #0: hi", "echo hi | kafka-console-producer --topic broadcast",
		"kt serve --lab socketio{flags}", KT_ENDS_AT_CTRL_C,
		"curl http://localhost:5000/ | grep Chatty; echo hi | kt produce broadcast{flags}; kt consume broadcast -e{flags}"},

	{"Game events",
		"The topic", "kafka-topics --create --topic game-events --partitions 1 --replication-factor 1",
		"kt topic create game-events --partitions 1 --if-not-exists{flags}"},
	{NULL, "An event, as the web server writes it", "curl http://localhost:5000/purchase_a_sword",
		"echo '{\"event_type\": \"purchase_sword\"}' | kt produce game-events{flags}"},
	{NULL, "The web server itself, whose program has game_events: an answer means that the event is in the topic",
		"flask run -h 0.0.0.0",
		"kt serve --lab game{flags}", KT_ENDS_AT_CTRL_C,
		"curl http://localhost:5000/; curl http://localhost:5000/purchase_a_sword; kt consume game_events -e{flags}"},
	{NULL, "The same, with the headers of each request in its event", "flask run -h 0.0.0.0",
		"kt serve --lab game-headers{flags}", KT_ENDS_AT_CTRL_C,
		"curl http://localhost:5000/join_guild; kt consume game_events -e{flags}"},
	{NULL, "All events, then end", "kafkacat -C -b {brokers} -t game-events -o beginning -e",
		"kt consume game-events -e{flags}"},
	{NULL, "The events as a table (a PySpark session)",
		"spark.read.format(\"kafka\").option(\"subscribe\", \"game-events\").load() …; extracted_events.show()",
		"kt sql --show 'SELECT * FROM \"game-events\"'{flags}"},

	{"A REST producer",
		"POST a topic and a message; a topic that is not there is refused", "python producer.py",
		"kt serve --lab rest{flags}", KT_ENDS_AT_CTRL_C,
		"post='curl -H Content-Type:application/json http://localhost:5000/kafka'; "
		"$post -d '{\"topic\": \"deliveries\", \"message\": \"hello\"}'; echo; "
		"$post -d '{\"topic\": \"{topic}-none\", \"message\": \"hello\"}'; echo; kt consume deliveries -e -f '%o %s\\n'{flags}"},

	{"A service behind a gateway",
		"The ping service, and the gateway with its admin", "npm start; docker run … kong",
		"kt serve --lab ping --lab gateway --lab gateway-admin{flags}", KT_ENDS_AT_CTRL_C,
		"curl http://localhost:8001/apis/ -d name=ping-api -d hosts=ping-api.com -d upstream_url=http://localhost:3000; echo; "
		"curl http://localhost:8000/ping -H Host:ping-api.com; echo; "
		"curl http://localhost:8000/ping -H Host:ping-api.com -d name=ping-api; echo; kt consume ping -e{flags}"},
	{NULL, "Under load, directly and through the gateway; here each answer means that its record is in the topic",
		"ab -p payload.txt -T application/json -n 500000 -t 5 -c 2 http://localhost:3000/ping",
		"kt serve --lab ping --lab gateway --lab gateway-admin{flags}", KT_ENDS_AT_CTRL_C,
		"curl http://localhost:8001/apis/ -d name=ping-api -d hosts=ping-api.com -d upstream_url=http://localhost:3000; "
		"echo '{\"some\":\"data\"}' | tr -d '\\n' >payload.txt; "
		"ab -p payload.txt -T application/json -n 500000 -t 5 -c 2 http://localhost:3000/ping; "
		"ab -p payload.txt -T application/json -H Host:ping-api.com -n 500000 -t 5 -c 2 http://localhost:8000/ping"},

	{"Shell producers",
		"A program that writes every second", "while true; do date; sleep 1; done >> allout.txt &",
		"while true; do date; sleep 1; done | kt produce mytopic{flags}", KT_ENDS_AT_CTRL_C},
	{NULL, "A program that watches", "tail -f allout.txt",
		"kt consume mytopic -o end{flags}", KT_ENDS_AT_CTRL_C},

	{"Agents: work that is taken from a topic and done, on a cluster of your own",
		"50 mails with new passwords, and a mail relay that is down", NULL,
		"kt topic create {topic}-mails --partitions 4 --if-not-exists{flags}; touch relay-down; "
		"seq -f user%g 50 | kt produce {topic}-mails{flags}"},
	{NULL, "The agent tries until the relay is back: no mail is lost, and none counts as sent before it is", NULL,
		"kt work -e -g mail-{group} -j 4 --retries unlimited --backoff 1s:2s {topic}-mails{flags} -- "
		"sh -c 'test ! -e relay-down && cat >>outbox && echo >>outbox'", KT_ENDS_BY_ITSELF,
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
		"sh -c 'test -e seller-$KT_RECORD_KEY && echo \"$KT_RECORD_KEY $(cat)\" >>sold'", KT_ENDS_BY_ITSELF,
		"touch seller-bob; sleep 5; touch seller-anna"},

	{"Devices, and a database, on a cluster of your own and with a broker of MQTT on this machine (mosquitto)",
		"The topics on the way", NULL,
		"for name in readings clean; do kt topic create {topic}-$name --partitions 1 --if-not-exists{flags}; done"},
	{NULL, "What devices publish becomes records, and is acknowledged to their broker only then", NULL,
		"kt mqtt mqtt://localhost --sub 'plant/+/temperature' --topic {topic}-readings{flags}", KT_ENDS_AT_CTRL_C,
		"for n in 1 2 3; do mosquitto_pub -h localhost -p 1883 -q 1 -t plant/$n/temperature "
		"-m '{\"celsius\": '$((15 + n * 5))'}'; done; kt consume {topic}-readings -c 3{flags}"},
	{NULL, "And what others send to a web service, through the gateway", NULL,
		"env KAFKA_TOPIC={topic}-readings kt serve --lab ping --lab gateway --lab gateway-admin{flags}", KT_ENDS_AT_CTRL_C,
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
	{0},
};
/* clang-format on */
