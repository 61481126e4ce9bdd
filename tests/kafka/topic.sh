. "${0%/*}/lib.sh"
# kt topic on a real cluster: the admin request, the broker's own reasons, and what kcat says of the result.
need jq kcat java

topic=created-$$
run kt topic create "$topic" -p 3
is "$status" 0 "create"
is "$err" "% created topic $topic" "said"
is "$(kcat -L -J -b "$KT_BROKERS" -t "$topic" | jq '.topics[0].partitions | length')" 3 "kcat sees its partitions"
run kt topic create "$topic" -p 3
is "$status" 1 "what exists: status 1"
is "$err" "kt topic create: topic $topic exists already
hint: with --if-not-exists that is not an error" "and a hint"
run kt topic create "$topic" --if-not-exists
is "$status:$err" "0:% left as it was: topic $topic" "--if-not-exists"
run kt topic create "$topic-d"
is "$status" 0 "with the broker's defaults"
run kt topic create "$topic-r" --replication-factor 99
is "$status" 1 "more replicas than brokers: status 1"
like "$err" "^kt topic create: creating topic $topic-r: .*replica" "in the broker's words"
like "$err" 'replication-factor$' "and a hint"
run kt topic create "$topic-c" "$topic-c2" -p 2 --config retention.ms=1000 --config cleanup.policy=compact,delete
is "$status" 0 "two topics with configs"
run kt topic describe "$topic-c" -J
is "$(printf '%s\n' "$out" | jq -c '.configs | [."retention.ms", ."cleanup.policy", ."segment.ms"] | map([.value, .source])')" \
  '[["1000","DYNAMIC_TOPIC_CONFIG"],["compact,delete","DYNAMIC_TOPIC_CONFIG"],["604800000","DEFAULT_CONFIG"]]' \
  "they are set, the others are not"
# Configs as kafka-configs takes and shows them.
run kt kafka-configs.sh --alter --entity-type topics --entity-name "$topic-c2" --add-config \
  'segment.ms=7200000,cleanup.policy=[delete,compact],retention.ms=1000'
is "$status" 0 "kafka-configs --add-config of several"
run kt kafka-configs.sh --describe --entity-type topics --entity-name "$topic-c2"
is "$status" 0 "kafka-configs --describe"
is "$(printf '%s\n' "$out" | grep DYNAMIC_TOPIC)" "$topic-c2	cleanup.policy	delete,compact	DYNAMIC_TOPIC_CONFIG
$topic-c2	retention.ms	1000	DYNAMIC_TOPIC_CONFIG
$topic-c2	segment.ms	7200000	DYNAMIC_TOPIC_CONFIG" "prints configs, one on a line"
run kt topic describe --configs "$topic-c2" -J
is "$(printf '%s\n' "$out" | jq -c '[.topic, .partitions, .configs["segment.ms"].value]')" "[\"$topic-c2\",null,\"7200000\"]" \
  "--configs -J"
run kt topic describe --configs "$topic-c2" --under-replicated
is "$status" 2 "--configs of partitions: status 2"
for change in "create $topic-n" "alter $topic-c2"; do
  # shellcheck disable=SC2086
  run kt topic $change -c retention.ms=1,cleanup.policy=delete
  is "$status" 1 "kt topic $change: two configs in one option"
  like "$err" "^hint: one --config for each: --config retention.ms=1 --config cleanup.policy=delete$" "and a hint"
done
run kt topic create "$topic-n" --config retention.mss=1
is "$status" 1 "an unknown config: status 1"
is "$err" "kt topic create: creating topic $topic-n: Unknown topic config name: retention.mss
hint: did you mean retention.ms?" "in the broker's words"
run kt topic create "$topic-n" --config retention.ms=soon
like "$err" "Invalid value soon for configuration retention.ms" "so is a value that cannot be"
run kt topic create "$topic-n" -n
is "$status:$err" "0:% would create topic $topic-n" "--dry-run"
run kt topic create "$topic-n" -n --config retention.ms=soon
is "$status" 1 "has the brokers check it"
run kt topic list "$topic-n"
is "$status" 4 "and creates nothing"
run kt topic create -q "$topic" "$topic-e"
is "$status" 3 "one of two exists: status 3"
many=$(seq -f "many-$$-%g" 1 240)
# shellcheck disable=SC2086
run kt topic create -p 1 many-$$-7 $many "$topic" many-$$-/ "$topic"
is "$status $(tail -n 1 err)" "3 kt topic create: 2 of 242 topics were not created" "many at once, some of which cannot be"
is "$(grep -c "^% created topic many-$$-" err)" 240 "each is told once"
like "$err" "^% topic $topic exists already; with --if-not-exists that is not an error$" "what is there"
like "$err" "^% .*many-$$-/" "and what is no name"
kt topic list "many-$$-*" >listed
is "$(wc -l <listed | tr -d ' ')" 240 "they are known"
run kt topic delete --yes "many-$$-*"
is "$status" 0 "and gone again"

run kt topic create "$topic-a" --replica-assignment 1,1 -p 2
is "$status" 2 "an assignment says how many partitions there are"
run kt topic create "$topic-a" --replica-assignment 1,9
is "$status" 1 "a broker that is not there: status 1"
run kt topic list
ok "list" test "$(printf '%s\n' "$out" | grep -c "^$topic")" = 5
run kt topic describe "$topic" -J
is "$(printf '%s\n' "$out" | jq -c '[.topic, (.partitions[] | select(.leader == .replicas[0]) | .partition)]')" \
  "[\"$topic\",0,1,2]" "describe -J"
run kt -L
is "$(printf '%s\n' "$out" | head -n 1)" "Broker: 1	Address: $KT_BROKERS" "-L: the brokers, and not a controller that is made up"
run kt cluster
is "$status:$out" "0:1	$KT_BROKERS	-	Kafka $(echo "${KT_KAFKA_VERSION:-4.1.0}" | cut -d. -f1-2)	controller" "the one that there is: kt cluster"
run kt topic describe "${topic}x"
is "$status" 4 "an unknown topic: status 4"
like "$err" '^hint: did you mean created-' "with the nearest name"
run kt topic list
unlike "$out" "^${topic}x\$" "asking did not create it"

# The lines of Apache's own tool, without what librdkafka cannot know; its configs are in no order.
lines() {
  sed -E 's/\tTopicId: [^\t]*//; s/\tElr: .*//; s/Configs: /&,/' | tr ',' '\n' | sort
}
java_tool TopicCommand --describe --topic "$topic-c" | lines >theirs
kt topic describe "$topic-c" | lines >ours
same ours theirs "describe prints the lines of kafka-topics"

# trim: what it would be, a question, and the logs begin later.
kt topic create -q "$topic-trim" -p 2
seq 20 | kt produce -q "$topic-trim" -p 0
seq 5 | kt produce -q "$topic-trim" -p 1
run kt topic trim "$topic-trim" --before -3 -n
is "$status:$(printf '%s\n' "$out" | cut -f 2-6)" "0:0	0	17	20	17
1	0	2	5	2" "trim: all but the last three, only shown"
run setsid kt topic trim "$topic-trim" -p 0:10
is "$status:$(tail -n 1 err)" "2:hint: without asking: kt topic trim $topic-trim -p 0:10 --yes" "without a terminal nothing is removed"
run script -qec "kt topic trim $topic-trim -p 0:10" /dev/null <<'END'
y
END
like "$out" "Remove the records of 10 offsets from topic $topic-trim of" "a question"
is "$(kt topic offsets "$topic-trim" | cut -f 2-3 | head -n 2)" "0	10
1	0" "and the log begins later"
run kt topic trim "$topic-trim" -p 0 --before 12 -y
is "$status:$(kt topic offsets "$topic-trim" | cut -f 2-3 | head -n 2 | tr '\n' ' ')" "0:0	12 1	0 " "one partition, before --before"
for line in "topic trim $topic-trim -p 1:latest -p 0:99" "topic trim-prefix $topic-trim --offset 99 --partition 0" "topic trim $topic-trim -p 0 --before 99"; do
  # shellcheck disable=SC2086
  run kt $line -y
  is "$status:$out:$err" "1::kt topic trim: $topic-trim [0]: offset 99 is out of range: the log is from 12 to 20
hint: --before end is where each log ends, --before @TIME where it was at a time" "kt $line: refused"
done
run kt topic trim "$topic-trim" --before 1796079757 -y
is "$status:$(tail -n 1 err)" "1:hint: a time is written with @: --before @1796079757" "the number of a time is told how"
is "$(kt topic offsets "$topic-trim" | cut -f 2-3 | head -n 2 | tr '\n' ' ')" "0	12 1	0 " "nothing was removed"
run kt topic trim "$topic-trim" -p 0:20 -p 1:latest -y -J
is "$status:$(printf '%s\n' "$out" | jq -c '[.partition, .begin, .new, .removed]')" "0:[0,12,20,8]
[1,0,5,5]" "up to the end"
is "$(kt topic offsets "$topic-trim" | tail -n 1 | cut -f 5)" 0 "it is empty"
run kt topic trim "$topic-trim" --to-datetime 2030-01-01 -y
is "$status:$err" "0:% there is nothing to remove" "nothing left to remove"
run kt topic trim "$topic-trim" -p 2:1
is "$status:$err" "4:kt topic trim: topic $topic-trim has no partition 2" "no such partition: status 4"
kt topic alter -q "$topic-trim" --config cleanup.policy=compact
echo x | kt produce -q -k k "$topic-trim" -p 0
run kt topic trim "$topic-trim" --before latest -y
is "$status" 1 "a compacted topic: status 1"
like "$err" "^kt topic trim: topic $topic-trim: its cleanup.policy does not have delete in it" "said"

# describe: by configs.
run kt topic describe --topics-with-overrides "$topic" "$topic-trim"
is "$(printf '%s\n' "$out" | grep -c .) $(printf '%s\n' "$out" | cut -f 1)" "1 Topic: $topic-trim" "--topics-with-overrides"
run kt topic describe --at-min-isr "$topic"
is "$status $(printf '%s\n' "$out" | wc -l)" "0 3" "--at-min-isr: one replica of one"
run kt topic describe --under-min-isr "$topic"
is "$status:$out" "0:" "--under-min-isr: none"

# alter: what is not named stays.
own() {
  kt topic describe "$1" -J |
    jq -r '.configs | to_entries[] | select(.value.source == "DYNAMIC_TOPIC_CONFIG") | "\(.key)=\(.value.value)"'
}
run kt topic alter "$topic-c" --config max.message.bytes=2000000
is "$status" 0 "a config is set"
is "$err" "% changed topic $topic-c: max.message.bytes=2000000" "said"
is "$(own "$topic-c")" "cleanup.policy=compact,delete
max.message.bytes=2000000
retention.ms=1000" "the others are kept"
run kt topic alter "$topic-c" segment.ms=1h
is "$status $(kt topic describe "$topic-c" -J | jq -r '.configs["segment.ms"].value')" "0 3600000" "a config as a word"
run kt configs --entity-type topics --entity-name "$topic-c" --alter --delete-config segment.ms,flush.ms
is "$status" 0 "kafka-configs' words"
run kt configs --describe --entity-type topics --entity-name "$topic-c"
like "$out" "^$topic-c	retention.ms	1000	DYNAMIC_TOPIC_CONFIG$" "to look, too"
run kt topic alter "$topic-c" --config retention.ms=5000 --delete-config cleanup.policy
is "$(own "$topic-c")" "max.message.bytes=2000000
retention.ms=5000" "one changed, one removed, one kept"
run kt topic alter "$topic-c" --config retention.ms=5000 --delete-config cleanup.policy
is "$status:$err" "0:% left as it was: topic $topic-c: retention.ms=5000, without cleanup.policy" "once more: nothing to do"
run kt topic alter "$topic-c" --config 'cleanup.policy= compact , delete' --config min.cleanable.dirty.ratio=0.50
is "$status" 0 "a value that brokers write in another way"
is "$(own "$topic-c" | head -n 2)" "cleanup.policy=compact,delete
max.message.bytes=2000000" "is found again"
run kt topic alter "$topic-c" --config retention.mss=1
is "$status" 1 "an unknown config: status 1"
is "$err" "kt topic alter: changing topic $topic-c: Unknown topic config name: retention.mss
hint: did you mean retention.ms?" "in the broker's words"
run kt topic alter "$topic-c" --delete-config retention.mss
is "$status" 1 "an unknown config to remove"
run kt topic alter "$topic-c" --config retention.ms=soon
like "$err" "changing topic $topic-c: Invalid value soon for configuration retention.ms" "a value that cannot be"
run kt topic alter "$topic-c" --config retention.ms=7 --dry-run
is "$status:$err" "0:% would change topic $topic-c: retention.ms=7" "--dry-run"
like "$(own "$topic-c")" "^retention.ms=5000\$" "changes nothing"
run kt topic alter "$topic-c" -p 1
is "$status" 1 "fewer partitions: status 1"
like "$err" "topic $topic-c has 2 partitions, and can only get more than that" "said"
run kt topic alter "$topic-c" -p 1 --config retention.ms=8
is "$status" 1 "beside a config: status 1"
like "$(own "$topic-c")" "^retention.ms=5000\$" "and the config is not changed either"
run kt topic alter "$topic-c*" "$topic-x" -p 3 -q
is "$status" 3 "more partitions for several topics, of which one is missing: status 3"
is "$(kt topic list -l "$topic-c*" | cut -f 2 | tr '\n' ' ')" "3 3 " "they have them"
run kt topic alter "$topic-c" -p 3 --config flush.ms=9
is "$status" 0 "as many as there are is no error"
is "$err" "% changed topic $topic-c: flush.ms=9
% left as it was: topic $topic-c has 3 partitions" "and said"
run kt topic alter "$topic-c"
is "$status" 2 "nothing to change: status 2"
for i in 1 2 3 4 5 6; do
  kt topic alter -q "$topic-c2" --config "flush.ms=$i" --config "flush.messages=$i" &
done
wait
is "$(own "$topic-c2" | sed -n 's/^flush.*=//p' | sort -u | wc -l)$(own "$topic-c2" | grep -c retention.ms=1000)" 11 \
  "six at once: each is whole, and what none of them changes is kept"

# Offsets by time.
seq 3 | kt produce -q "$topic" -p 0 --timestamp 1700000000000
seq 4 | kt produce -q "$topic" -p 0 --timestamp 1700000009000
run kt topic offsets "$topic" --time 2023-11-14T22:13:25Z
is "$(printf '%s\n' "$out" | sed -n '1p;2p;4p')" "$topic	0	0	7	7	3	4
$topic	1	0	0	0	0	0
$topic	total			7		4" "offsets --time"
run kt topic offsets "$topic" --time @1700000009001 -J
is "$(printf '%s\n' "$out" | jq -c '[.since, .partitions[0].at]')" "[0,7]" "later than all of them"

# delete
run setsid -w kt topic delete "$topic-c"
is "$status" 2 "delete without a terminal: status 2"
is "$err" "kt topic delete: nothing was deleted, since there is no terminal to ask on
hint: without asking: kt topic delete $topic-c --yes" "and a hint"
run kt topic delete "$topic-c*" -n
is "$status:$err" "0:% would delete topic $topic-c
% would delete topic $topic-c2" "--dry-run"
run kt topic delete "$topic-c*" "$topic-x" --yes
is "$status" 3 "one of three does not exist: status 3"
is "$err" "% topic $topic-x does not exist on $KT_BROKERS; did you mean $topic-c? \`kt topic list\` shows what is there
% deleted topic $topic-c
% deleted topic $topic-c2
kt topic delete: 1 of 3 topics was not deleted" "each is said"
gone() {
  ! kt topic list "$topic-c" -q 2>/dev/null
}
ok "they are gone" wait_for gone
run kt topic delete "$topic-c" --yes
is "$status" 4 "again: status 4"
run kt topic delete "$topic-c" "$topic-c*" --yes --if-exists
is "$status:$err" "0:% there is no topic $topic-c
% no topic matches $topic-c*" "--if-exists"
run kt topic delete --yes
is "$status" 2 "no topic: status 2"
run env KT_TOPIC="$topic" kt topic delete --yes
is "$status" 2 "the configured one is not taken"
done_testing
