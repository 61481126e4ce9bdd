. "${0%/*}/lib.sh"
# kt group on a real cluster: names, states, members of both protocols, deleting, and what the Java tool says of it.
need jq java

column() {
  cut -f "$1" | tr '\n' ' '
}
# stable GROUP N: it has so many members that have their partitions. For wait_for.
stable() {
  [ "$(kt group list -J "$1" | jq -r '[.state, .member_count] | join(" ")')" = "Stable $2" ]
}

fresh admin 4
seq 0 9 | kt produce -q "$topic" -p 0
seq 0 4 | kt produce -q "$topic" -p 3
kt consume "$topic" -g "read-$$" --reset earliest -q -e >/dev/null
kt group reset "set-$$" -t "$topic:0" --to 4 --execute -q >/dev/null

# The console consumer of the newer protocol; it takes a JVM's time, so the rest goes on meanwhile. Before 4.0 it was not
# offered.
start newer "$tests/kafka/cluster" java org.apache.kafka.tools.consumer.ConsoleConsumer \
  --bootstrap-server "$KT_BROKERS" --topic "$topic" --from-beginning --group "newer-$$" \
  --consumer-property group.protocol=consumer
newer=$pid

run kt group list
is "$(printf '%s\n' "$out" | grep -cx -e "read-$$" -e "set-$$")" 2 "list: names"
run kt group list "read-$$" 's*-'"$$"
is "$out" "read-$$
set-$$" "names and patterns"
run kt group list -l "read-$$" "set-$$"
is "$(printf '%s\n' "$out" | cut -f 1-4)" "read-$$	Empty	classic	0
set-$$	Empty	none	0" "--long: state, type, members"
run kt group list -J "set-$$"
is "$(printf '%s\n' "$out" | jq -c '[.group, .state, .type, .member_count]')" "[\"set-$$\",\"Empty\",\"none\",0]" "-J"
run kt group describe "set-$$" --members
is "$status:$out:$err" "0::% group set-$$ has no members" "describe --members of none"
run kt group list "nobody-$$" "read-$$"
is "$status" 3 "one of two is not there: status 3"
run kt group list "nobody-*-$$"
is "$status" 4 "a pattern that nothing matches: status 4"
run kt group describe "raed-$$" -J
is "$status" 4 "describe of an unknown group: status 4"
like "$err" "^hint: did you mean read-$$\?" "with the nearest name"
# The cluster has half a second to answer, for a shell waits: on a busy machine not every try is in time.
completes() {
  [ "$(kt __complete group describe "read-$$")" = "read-$$" ]
}
ok "completion of a group" wait_for completes
completes_option() {
  [ "$(kt __complete consume -g "set-$$")" = "set-$$" ]
}
ok "also of consume -g" wait_for completes_option

# Members: two that share, one of them static, and one without a partition in another group.
members=''
for n in 1 2; do
  start "member$n" kt consume "$topic" -g "live-$$" --reset earliest -X "client.id=reader$n" \
    -X "group.instance.id=seat$n"
  members="$members $pid"
done
wait_for stable "live-$$" 2
run kt group describe "live-$$"
like "$out" "^group live-$$: Stable, 2 members, assignor range, coordinator [0-9]+ \([^ ]+:[0-9]+\)$" "describe: a heading"
like "$out" "^$topic	0	[0-9-]+	10	[0-9-]+	reader[12]	127.0.0.1" "a partition and who has it"
run script -qec "kt group describe live-$$" /dev/null
like "$out" "^TOPIC +PARTITION +COMMITTED +END +LAG +CLIENT +HOST" "on a terminal with a heading"
like "$out" "^$topic +0 +[0-9-]+ +10 +[0-9-]+ +reader[12]  127.0.0.1" "and aligned"
run kt group describe "live-$$" --members
is "$(printf '%s\n' "$out" | cut -f 3-7 | sort)" "reader1	127.0.0.1	seat1	2	$topic: $(printf '%s\n' "$out" |
  awk -F'[: \t]+' '/seat1/ {print $NF}')
reader2	127.0.0.1	seat2	2	$topic: $(printf '%s\n' "$out" | awk -F'[: \t]+' '/seat2/ {print $NF}')" "--members"
is "$(printf '%s\n' "$out" | awk -F'[: \t]+' '{print $NF}' | sort | tr '\n' ' ')" "0-1 2-3 " "their partitions"
run kt group describe "live-$$" --members -J
is "$(printf '%s\n' "$out" | jq -sc 'map([.instance, (.assigned | length)]) | sort')" '[["seat1",2],["seat2",2]]' "as JSON"
run kt group describe "live-$$" -J
is "$(printf '%s\n' "$out" | jq -c '[.state, (.members | length), (.partitions | map(.client) | unique | length)]')" \
  '["Stable",2,2]' "all of it as JSON"
run kt group describe "live-$$" "read-$$" --state
is "$(printf '%s\n' "$out" | cut -f 1-4,6)" "live-$$	Stable	classic	2	range
read-$$	Empty	classic	0	-" "--state"

run kt group reset "live-$$" --to earliest --execute
is "$status" 1 "reset of a group with members: status 1"
like "$err" "^kt group reset: group live-$$ has 2 members: reader[12] on 127.0.0.1, reader[12] on 127.0.0.1$" "who they are"
run kt group delete "live-$$" "set-$$" "nobody-$$" --yes
is "$status" 3 "delete: one of three"
like "$err" "^% deleted group set-$$\$" "the one"
like "$err" "^% group live-$$ has 2 members: " "one has members"
like "$err" "^% group nobody-$$ does not exist" "one is not there"
run kt group delete "set-$$" "none-*-$$" --yes --if-exists
is "$status:$err" "0:% no group matches none-*-$$
% there is no group set-$$" "--if-exists"
run setsid kt group delete "read-$$"
is "$status" 2 "without a terminal it takes --yes: status 2"
run kt group list "read-$$"
is "$status" 0 "and nothing is deleted"

# A topic is deleted under its members.
fresh gone 2
start gone kt consume "$topic" -g "gone-$$" --reset earliest
gone=$pid
wait_for stable "gone-$$" 1
"$tests/kafka/cluster" java org.apache.kafka.tools.TopicCommand --bootstrap-server "$KT_BROKERS" --delete --topic "$topic"
for member in $members; do
  stop "$member"
done
# The brokers come to it when they have answered.
is_gone() {
  ! kt topic list -q "$topic" 2>/dev/null
}
wait_for is_gone
run kt group describe "gone-$$"
is "$status" 0 "a topic that is gone: status 0"
like "$out" "^$topic	0	-	-	-	.*	the topic is gone$" "marked"
like "$out" "^no lag is known, 2 of 2 partitions are not known$" "not in the lag"
stop "$gone"

# The newer protocol.
newer_state() {
  [ "$(kt group list -J "newer-$$" | jq -r .state)" = "$1" ]
}
newer_protocol() {
  WAIT=120 wait_for newer_state Stable || note "$(cat newer.err)"
  run kt group list -J "newer-$$"
  is "$(printf '%s\n' "$out" | jq -c '[.state, .type, .member_count]')" '["Stable","consumer",null]' "KIP-848: list -J"
  run kt group describe "newer-$$"
  is "$status" 0 "describe"
  like "$out" "^group newer-$$: Stable, of the newer protocol \(KIP-848\), whose members librdkafka cannot show" "says so"
  run kt group reset "newer-$$" -t "admin-$$" --to earliest --execute
  is "$status" 1 "reset: status 1"
  like "$err" "^kt group reset: group newer-$$ has members of the newer protocol" "the reason"
  run kt group delete "newer-$$" --yes
  is "$status" 1 "delete: status 1"
  stop "$newer"
  wait_for newer_state Empty
  run kt group reset "newer-$$" -t "admin-$$" --to -3 --execute
  is "$status" 0 "without members it can be reset"
  run kt group describe "newer-$$" --offsets
  is "$(printf '%s\n' "$out" | column 4)" "7 0 0 2 " "and was"
}
case ${KT_KAFKA_VERSION:-} in
3.*) skip "groups of KIP-848" "this Kafka does not offer them" ;;
*) newer_protocol ;;
esac

# Many partitions.
fresh wide 200
# The broker goes on creating them for a while.
wait_for kt consume "$topic" -e -q
run kt group reset "wide-$$" -t "$topic" --to earliest --execute -q
is "$status" 0 "reset of two hundred partitions"
run kt group describe "wide-$$" --offsets
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 200 "describe"
run kt group reset "wide-$$" --to latest -t "$topic:0-99,190"
is "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 101 "a part of them"
run "$tests/kafka/cluster" java org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
  --bootstrap-server "$KT_BROKERS" --describe --group "wide-$$"
is "$(printf '%s\n' "$out" | awk '$2 ~ /^wide/ && $4 == 0' | wc -l | tr -d ' ')" 200 "the Java tool sees the same"
run kt group delete "wide-$$" "gone-$$" --yes
is "$status" 0 "delete several"
run kt group list "wide-$$" "gone-$$"
is "$status" 4 "they are gone"
# An open transaction: logs end where they end, and what consumers cannot see yet is said.
if [ -n "$python" ]; then
  held=held-$$
  kt topic create -q "$held" -p 1
  kt group reset -q "$held" -t "$held" --to earliest --execute >plan
  cat >open.py <<'END'
import os, sys, time
from confluent_kafka import Producer
brokers, topic = os.environ["KT_BROKERS"], sys.argv[1]
within = Producer({"bootstrap.servers": brokers, "transactional.id": topic})
within.init_transactions()
within.begin_transaction()
within.produce(topic, b"within", partition=0)
within.flush()
beside = Producer({"bootstrap.servers": brokers})
for n in range(5):
    beside.produce(topic, b"beside", partition=0)
beside.flush()
print("open", flush=True)
while not os.path.exists("end"):
    time.sleep(0.1)
within.abort_transaction()
END
  start transaction "$python" open.py "$held"
  wait_for test -s transaction.out
  run kt topic offsets "$held"
  is "$(printf '%s\n' "$out" | head -n 1)" "$held	0	0	6	6" "the log's end, behind an open transaction"
  is "$err" "% $held [0]: consumers see up to offset 0: an open transaction holds back the 6 from there on" "said"
  run kt topic offsets "$held" -J
  is "$(printf '%s\n' "$out" | jq -c '.partitions[0] | [.end, .stable]')" "[6,0]" "both in JSON"
  like "$(kt group describe -q "$held")" "^$held	0	0	6	6	6 held back by an open transaction$" "the lag counts them"
  like "$(kt group reset -q "$held" --to latest)" "	0	0	6	[+]6	$" "latest is the end of the log"
  : >end
  wait "$pid"
  run kt topic offsets "$held"
  is "$err" "" "and when it ends nothing is held back"
else
  skip "an open transaction" "the Python module confluent_kafka is not installed"
fi

# Forgetting what is committed of a topic.
fresh forgotten 2
seq 4 | kt produce -q "$topic" -p 1
kt group reset -q "$topic" -t "$topic" --to 0 --execute >plan
run setsid kt group delete-offsets "$topic" "$topic:1"
is "$status:$out" "2:$topic	1	0" "delete-offsets shows what it would be, and asks"
start reader kt consume "$topic" -g "$topic"
wait_for grep -q '^4$' reader.out
run kt group delete-offsets "$topic" "$topic" --yes
is "$status" 1 "members that read the topic: status 1"
like "$err" "^% $topic \[0\]: members of the group read the topic$" "said"
stop "$pid" INT
run kt group delete-offsets "$topic" "$topic:1" --yes
is "$status:$err" "0:% group $topic: deleted 1 offset" "without them it is done"
is "$(kt group reset "$topic" --export)" "$topic,0,0" "the other partition's is left"
run kt group delete-offsets "$topic" "$topic:1" --yes
is "$status" 4 "there is none any more: status 4"

# Kafka's own tool reads what kt exports, and the other way round.
kt group reset "$topic" --to latest -t "$topic" --export >ours
java_tool consumer.group.ConsumerGroupCommand --group "$topic" --reset-offsets --from-file ours --execute >/dev/null 2>&1
is "$(kt group reset "$topic" --export)" "$(cat ours)" "kafka-consumer-groups reads it"
done_testing
