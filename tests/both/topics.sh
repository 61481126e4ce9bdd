. "${0%/*}/lib.sh"
# kt topic list, describe and offsets, with names and patterns.
need jq

one=one-$$ two=two-$$
kt topic create -q "$one" -p 3
kt topic create -q "$two" "__hidden-$$"

run kt topic list "one-$$" 'tw[a-z]-'"$$"
is "$status:$out" "0:$one
$two" "names and patterns, in the order of the words"
run kt topic list "*-$$"
is "$out" "$one
$two" "a pattern does not mean internal topics"
run kt topic list "__*-$$" "$one" "one*-$$"
is "$out" "__hidden-$$
$one" "unless it begins as they do; each topic comes once"
run kt topic list -l "$one" "$two"
is "$out" "$one	3	1
$two	4	1" "list -l: partitions and replicas"
run kt topic list -J "$one"
is "$out" "{\"topic\":\"$one\",\"partitions\":3,\"replicas\":1}" "list -J"
run kt topic list "^(one|two)-$$\$" "^tw.*-$$\$"
is "$out" "$one
$two" "a regular expression begins with ^"
run kt topic list "^("
is "$status" 2 "one that is none: status 2"
run kt topic list "one.*-$$"
like "$err" "^hint: a regular expression begins with \^: '\^one\.\*-$$'$" "one without its ^ is told"
run kt consume "one.*-$$" -e
like "$err" "^hint: a regular expression begins with \^: '\^one\.\*'" "and by consume"
run kt topic describe "$one" retention.ms=2h
like "$err" "kt topic alter TOPIC retention.ms=2h. sets a config" "a config is no topic"
run kt topic list "none-*-$$"
is "$status" 4 "a pattern that matches nothing: status 4"
is "$err" "kt topic list: no topic on $KT_BROKERS matches none-*-$$
hint: \`kt topic list\` shows what is there" "said"
run kt topic list "onne-$$" "twoo-$$"
is "$status" 4 "two unknown names: status 4"
like "$err" "^% topic twoo-$$ does not exist on .*; did you mean $two\?" "each with the nearest name"
run kt topic list "$one" "twoo-$$" -q
is "$status:$out" "3:$one" "one of them is there: status 3"

run kt topic describe "$one"
is "$(printf '%s\n' "$out" | cut -f 1-3 | head -n 1)" "Topic: $one	PartitionCount: 3	ReplicationFactor: 1" "describe"
is "$(printf '%s\n' "$out" | tail -n 3)" "	Topic: $one	Partition: 0	Leader: 1	Replicas: 1	Isr: 1
	Topic: $one	Partition: 1	Leader: 1	Replicas: 1	Isr: 1
	Topic: $one	Partition: 2	Leader: 1	Replicas: 1	Isr: 1" "its partitions, as kafka-topics has them"
for filter in --under-replicated --unavailable; do
  run kt topic describe "*-$$" $filter
  is "$status:$out" "0:" "$filter: all is well"
  run kt topic describe "*-$$" $filter -J
  is "$status:$out" "0:" "as JSON too"
done
run kt topic describe "*-$$" -J
is "$(printf '%s\n' "$out" | jq -c '[.topic, (.partitions | length), (.partitions[0] | [.leader, .replicas, .isr, .under_replicated])]')" \
  "[\"$one\",3,[1,[1],[1],false]]
[\"$two\",4,[1,[1],[1],false]]" "describe -J: an object for each topic"

seq 10 | kt produce -q "$one" -p 1
seq 5 | kt produce -q "$one" -p 2
run kt topic offsets "$one"
is "$status" 0 "offsets"
is "$out" "$one	0	0	0	0
$one	1	0	10	10
$one	2	0	5	5
$one	total			15" "begin, end and count"
run kt topic offsets "*-$$" -J
is "$out" "{\"topic\":\"$one\",\"partitions\":[{\"partition\":0,\"begin\":0,\"end\":0,\"stable\":0,\"count\":0},{\"partition\":1,\"begin\":0,\"end\":10,\"stable\":10,\"count\":10},{\"partition\":2,\"begin\":0,\"end\":5,\"stable\":5,\"count\":5}],\"count\":15}
{\"topic\":\"$two\",\"partitions\":[{\"partition\":0,\"begin\":0,\"end\":0,\"stable\":0,\"count\":0},{\"partition\":1,\"begin\":0,\"end\":0,\"stable\":0,\"count\":0},{\"partition\":2,\"begin\":0,\"end\":0,\"stable\":0,\"count\":0},{\"partition\":3,\"begin\":0,\"end\":0,\"stable\":0,\"count\":0}],\"count\":0}" \
  "offsets -J"
run env KT_TOPIC="$one" kt topic offsets
like "$out" "^$one	total			15\$" "the configured topic"
run kt topic offsets
is "$status" 2 "no topic: status 2"
run kt topic offsets "$one" --time someday
is "$status" 2 "no time: status 2"
run kt topic offsets "onne-$$"
is "$status" 4 "an unknown topic: status 4"

kt topic list "*-$$" | head -n 1 >first
is "$(cat first)" "$one" "a reader that has enough is no error"

# watch
start watching kt topic offsets "$one" -w
watching=$pid
start lines kt topic offsets "$one" -Jw
printf 'more\n' | kt produce -q "$one" -p 0
ok "--watch: what is new is seen" wait_for said watching.out "^$one	total			16$"
wait_for sh -c 'test "$(wc -l <lines.out)" -ge 3'
stop "$watching" INT
is "$status $(grep -c '^$' watching.out | sed 's/[1-9][0-9]*/some/')" "0 some" "an empty line is between, and Ctrl-C ends it well"
stop "$pid"
is "$status $(grep -c '^$' lines.out)" "0 0" "but not with -J"
kt topic list -w "*-$$" | head -n 4 >first
is "$(tr '\n' ' ' <first)" "$one $two  $one " "a reader that has enough ends it"
# For wait_for: on a busy machine the time may be over before there is anything to show.
shown_once() {
  run kt topic list -w "$one" --run-for 500ms
  [ "$status:$out$err" = "0:$one" ]
}
ok "and so does --run-for" wait_for shown_once
run kt topic list -w "onne-$$"
is "$status" 4 "a mistake is said at once"
# wait
# waits WORDS OPTION…: until --run-for ends it with these last words. For wait_for: on a busy machine the time may be over
# before the brokers have answered.
waits() {
  words=$1
  shift
  run kt topic wait "$@" --run-for 300ms
  [ "${err##*
}" = "kt topic wait: --run-for ended the run while $words" ]
}
ok "topic wait: a topic that is not there" wait_for waits "there is no topic late-$$" "late-$$"
is "$status" 124 "is 124 when time is over"
start waiting kt topic wait "late-$$" --records 2 --run-for 60s
kt topic create -q "late-$$" -p 2
run kt topic wait "late-$$" --run-for 60s
is "$status:$out$err" 0: "one that is there"
ok "and holds too little" wait_for waits "topic late-$$ holds 0 of 2 records" "late-$$" --records 2
is "$status" 124 "is 124, too"
printf '1\n2\n' | kt produce -q "late-$$"
wait "$pid"
is "$?" 0 "who waits for records goes on when they are there"
done_testing
