. "${0%/*}/lib.sh"
# What a group has committed, its lag, and moving it. Each record's value is its offset in partition 0; partition 1 is
# empty.
need jq

# committed GROUP: partition, committed offset, end and lag of each row.
committed() {
  kt group describe -q "$1" --offsets | cut -f 3-6 | tr '\t' ' '
}
# where GROUP OPTION…: the plan, without group and topic.
where() {
  run kt group reset "$@"
  printf '%s\n' "$out" | cut -f 3-
}
one_line() {
  printf '%s\n' "$1" | tr '\t\n' ' |'
}

fresh groups 2
seq 0 9 | kt produce -q "$topic" -p 0
old=old-$$ new=new-$$

# The exercise: two fresh groups, one sees history, the other only what is new.
kt consume "$topic" -g "$old" --reset earliest -q -e >old.out &
old_pid=$!
start new kt consume "$topic" -g "$new" --reset latest -c 5
wait "$old_pid"
is "$(tr '\n' ' ' <old.out)" "0 1 2 3 4 5 6 7 8 9 " "a fresh group at --reset earliest sees history"
is "$(committed "$old")" "0 10 10 0
1 0 0 0" "and has committed it: no lag"
wait_for said new.err '^% assigned'
seq 10 14 | kt produce -q "$topic" -p 0
wait_for said new.out '^14$'
wait "$pid"
is "$(tr '\n' ' ' <new.out)" "10 11 12 13 14 " "one at --reset latest only what is new"
is "$(committed "$old")" "0 10 15 5
1 0 0 0" "the first one is behind by that"

run kt group describe "$old"
is "$status" 0 "describe"
like "$out" "^group $old" "the group"
like "$out" "^$topic	0	10	15	5	\$" "a row for each partition, with tabs in a pipe"
like "$out" "^lag 5$" "the total"
run kt group describe "$old" "$new" -J
is "$(printf '%s\n' "$out" | jq -c '[.group, .lag, (.partitions | map(.committed))]')" "[\"$old\",5,[10,0]]
[\"$new\",0,[15,0]]" "describe -J"
run kt group describe -g "$old" --offsets -J
is "$(printf '%s\n' "$out" | jq -c '[.topic, .partition, .committed, .begin, .end, .lag]')" "[\"$topic\",0,10,0,15,5]
[\"$topic\",1,0,0,0,0]" "--offsets -J"
run kt group describe "$old" --state -J
is "$(printf '%s\n' "$out" | jq -c '[.group, .lag]')" "[\"$old\",5]" "--state -J"
run env KT_GROUP="$new" kt group describe --offsets
like "$out" "^$new	$topic	0	15	15	0	-	-	-	$" "the configured group; tabs in a pipe"

run kt group describe "nobody-$$"
is "$status" 4 "an unknown group: status 4"
is "$out" "" "nothing on stdout"
run kt group describe -q "nobody-$$" "$old" --offsets
is "$status" 3 "one of two: status 3"
is "$(printf '%s\n' "$out" | cut -f 1 | sort -u)" "$old" "the other is shown"
like "$err" "^% group nobody-$$ " "and the first named"

# Plans, which change nothing.
is "$(one_line "$(where "$old" --to earliest)")" "0 10 0 -10 |1 0 0 0 |" "--to earliest"
run kt group reset "$old" --to earliest
like "$err" "^% nothing was changed: --execute does it" "said"
is "$(one_line "$(where "$old" --to latest)")" "0 10 15 +5 |1 0 0 0 |" "--to latest"
is "$(one_line "$(where "$old" --to-earliest --dry-run)")" "0 10 0 -10 |1 0 0 0 |" "--to-earliest"
is "$(one_line "$(where "$old" -o 7 -t "$topic:0")")" "0 10 7 -3 |" "-o N, one partition"
is "$(one_line "$(where "$old" -o -4 -t "gro*-$$:0")")" "0 10 11 +1 |" "-o -N: that many before the end; a pattern"
# As the end it would skip what nobody has read.
for beyond in 16 99 1796079757; do
  run kt group reset "$old" -o $beyond -t "$topic:0" --execute
  is "$status:$out:$(head -n 1 err)" "1::kt group reset: group $old: $topic [0]: offset $beyond is out of range: the log is from 0 to 15" \
    "--to $beyond is beyond the end"
done
is "$(tail -n 1 err)" "hint: a time is written with @: --to @1796079757" "the number of a time is told how"
run kt group reset "$old" -o 3
is "$status:$out" "1:" "of one partition: no plan"
is "$(head -n 1 err)" "kt group reset: group $old: $topic [1]: offset 3 is out of range: the log is from 0 to 0" "it is named"
is "$(tail -n 1 err)" "hint: --to end is where each log ends, --to @TIME where it was at a time" "with what to do"
is "$(one_line "$(where "$old" -o 15 -t "$topic:0")")" "0 10 15 +5 |" "the end itself is a place"
is "$(one_line "$(where "$old" --shift -3)")" "0 10 7 -3 |1 0 0 0 moved to the beginning of the log|" "--shift"
is "$(one_line "$(where "$old" --shift-by 2 -t "$topic:0-1")")" "0 10 12 +2 |1 0 0 0 moved to the end of the log|" \
  "--shift-by"
is "$(one_line "$(where "$old" --to-current)")" "0 10 10 0 |1 0 0 0 |" "--to-current"
is "$(one_line "$(where "$old" --from-group "$new")")" "0 10 15 +5 |1 0 0 0 |" "--from-group"
run kt group reset "$old" -o -12 -J
is "$(printf '%s\n' "$out" | jq -c '[.group, .topic, .partition, .committed, .new]')" "[\"$old\",\"$topic\",0,10,3]
[\"$old\",\"$topic\",1,0,0]" "-J"
is "$(committed "$old")" "0 10 15 5
1 0 0 0" "nothing was changed"

# As Kafka's tool: where nothing is committed --to-current is the end, and there is nothing to shift.
run kt group reset "current-$$" -t "$topic" --to-current
is "$status" 0 "--to-current of a group that is not there"
like "$out" "^current-$$	$topic	0	-	15	-	nothing committed: the end of the log" "is the end"
run kt group reset "current-$$" -t "$topic" --to stored
like "$out" "^current-$$	$topic	0	-	-	-	nothing committed" "--to stored leaves it alone"
run kt group reset "current-$$" -t "$topic" --shift-by 1
is "$status" 1 "nothing to shift: status 1"
like "$err" "nothing is committed in 2 of 2 partitions, so there is nothing to shift" "said"

for wrong in "" "--to-datetime -2" "--to @-2" "--to somewhere" "--to 3:5" "--shift x" "--to 3 --shift 1" "--to 3 --topic :1" "--to 3 --topic $topic:x"; do
  # shellcheck disable=SC2086
  run kt group reset "$old" $wrong
  is "$status" 2 "reset $wrong: status 2"
done
run kt group reset "$old" --to earliest --topic "none-$$"
is "$status" 4 "an unknown topic: status 4"
run kt group reset "$old" --to earliest --topic "$topic:7"
is "$status" 4 "an unknown partition: status 4"
run kt group reset "$old" --to earliest --topic "$topic:0,7" --execute
is "$status" 4 "also beside one that is there"
is "$(committed "$old" | head -n 1)" "0 10 15 5" "and then nothing is changed"
run kt group reset "$old" --to earliest --topic "nothing*"
is "$status" 4 "a pattern that nothing matches: status 4"
run kt group reset "$old" --from-group "nobody-$$"
is "$status" 4 "an unknown group to copy from: status 4"
run kt group reset "$old" --from-group "$old"
is "$status" 2 "a group to its own positions: status 2"
like "$err" "^kt group reset: --from-group: no group but $old itself is to be reset\$" "said"
run kt group reset "nobody-$$" --to earliest
is "$status" 4 "nothing committed: status 4"

# What one does after the exercise: the second group is to see history too.
run kt group reset "$new" --to earliest --execute
is "$status" 0 "--execute"
like "$err" "^% group $new: 2 partitions reset" "said"
is "$(committed "$new")" "0 0 15 15
1 0 0 0" "done"
is "$(kt consume "$topic" -g "$new" -q -e | wc -l | tr -d ' ')" 15 "the group reads it all again"
fresh_group=begins-$$
run kt group reset "$fresh_group" --to 12 --topic "$topic:0" --execute
is "$status" 0 "a group that is not there yet"
is "$(committed "$fresh_group" | head -n 1)" "0 12 15 3" "starts where it was set"
like "$(kt group describe -q "$fresh_group")" "^$topic	1	-	0	-	nothing committed$" "and nothing elsewhere"
is "$(kt consume "$topic" -g "$fresh_group" -q -e | tr '\n' ' ')" "12 13 14 " "its first member goes on from there"

# What was never read counts: a lag of 0 means that there is nothing left.
two=two-$$ half=half-$$
kt topic create -q "$two" -p 2
for n in 1 2 3; do echo "$n" | kt produce -q "$two" -p $((n % 2)); done
# waits REGEX: --run-for ends it while that is so. For wait_for: on a busy machine before the brokers have answered.
waits() {
  run kt group wait "$half" --run-for 300ms
  said err "^kt group wait: --run-for ended the run while ($1)"
}
ok "group wait: a group that is not there is waited for" wait_for waits "there is no group $half|group $half has committed nothing"
is "$status" 124 "and 124 when time is over"
kt group reset -q "$half" -t "$two:0" --to latest --execute >plan
run kt group describe "$half" -J
is "$(printf '%s\n' "$out" | jq -c '[.lag, .uncommitted, .unknown, (.partitions | map(.lag))]')" '[2,1,0,[0,null]]' \
  "nothing is committed in a partition that holds two records: lag 2"
like "$(kt group describe -q "$half")" '^lag 2, 2 of it in 1 of 2 partitions in which nothing is committed$' "in words"
ok "such a group is not done" wait_for waits "group $half has lag 2"
is "$status" 124 "when time is over"
run kt group wait "$half" --lag 2 --run-for 60s
is "$status:$out$err" 0: "--lag N: near enough"
start waiting kt group wait "$half" --run-for 60s
kt consume "$two" -g "$half" --reset earliest -q -e >was_read
is "$(wc -l <was_read | tr -d ' ')" 2 "the rest is read"
wait "$pid"
is "$?" 0 "and who waits for that goes on"
run kt group wait "$half" --lag -1
is "$status" 2 "--lag -1: status 2"

# A group with members is left alone.
start member kt consume "$topic" -g "$old" --commit each -X client.id=reader
wait_for said member.out '^14$'
run kt group reset "$old" --to earliest --execute
is "$status" 1 "an active group: status 1"
like "$err" "^kt group reset: group $old (has 1 member: reader on 127.0.0.1|is active: another member holds)" "why"
like "$err" "^hint: .*end" "and what to do"
wait_for kt group describe -q "$old"
stop "$pid"
is "$(committed "$old" | head -n 1)" "0 15 15 0" "nothing was changed"

kt group describe "$old" >/dev/full 2>err
is "$?" 1 "a full disk is noticed"
kt group reset "$old" --to earliest --execute >/dev/full 2>err
is "$? $(cat err)" "1 kt group reset: writing to standard output: No space left on device" "a plan that cannot be shown"
is "$(committed "$old" | head -n 1)" "0 15 15 0" "is not carried out"
{ kt group describe "$old" -q; echo $? >status; } | true
is "$(cat status)" 0 "a reader that has gone is no failure"
for cmd in list "describe x" "reset x --to earliest" "delete x --yes"; do
  # shellcheck disable=SC2086
  run kt group $cmd -b 127.0.0.1:1 -m 300ms
  is "$status" 5 "$cmd without a broker: status 5"
done

# Offsets as CSV, as Kafka's tool has them.
kt topic create -q "csv-$$" -p 2
seq 9 | kt produce -q "csv-$$" -p 1
kt group reset -q "csv-$$" -t "csv-$$" --to -5 --execute >plan
run kt group reset "csv-$$" --export
is "$status:$out" "0:csv-$$,0,0
csv-$$,1,4" "--export: what is committed"
run kt group reset "csv-$$" --to latest --export
is "$out" "csv-$$,0,0
csv-$$,1,9" "or what would be"
printf '%s\n' "csv-$$,1,2" >file
run kt group reset "csv-$$" --from-file file -J
is "$status:$out" "0:{\"group\":\"csv-$$\",\"topic\":\"csv-$$\",\"partition\":1,\"committed\":4,\"new\":2}" \
  "--from-file: the partitions that it names"
printf '%s\n' "csv-$$,1,77" "csv-$$,9,1" >file
run kt group reset "csv-$$" --from-file file
is "$status:$err" "4:kt group reset: topic csv-$$ has no partition 9" "one that is not there: status 4"
printf '%s\n' "csv-$$,1" >file
run kt group reset "csv-$$" --from-file file
is "$status:$err" "2:kt group reset: --from-file: file line 1: it is not topic,partition,offset or group,topic,partition,offset" \
  "what is no such line: status 2"
printf '%s\n' "other,csv-$$,1,1" >file
run kt group reset "csv-$$" --from-file file
is "$status:$(head -n 1 err)" "2:kt group reset: --from-file: 1 line of file is about other groups" "another group's offsets"
run kt group reset "csv-$$" --by-duration 1y
is "$status" 2 "--by-duration: no such duration"

if on_kafka; then
  is "$(kt group reset "csv-$$" --by-duration PT1H --export)" "csv-$$,0,0
csv-$$,1,0" "--by-duration"
  before=$(kt consume "$topic" -o 3:4 -q -e -f '%T\n' | head -n 1)
  is "$(one_line "$(where "$old" --to "@$before" -t "$topic:0")")" "0 15 $(kt consume "$topic" -q -e -f '%T %o\n' |
    awk -v t="$before" '$1 >= t {print $2; exit}') $(kt consume "$topic" -q -e -f '%T %o\n' |
    awk -v t="$before" '$1 >= t {print $2 - 15; exit}') |" "--to @TIME"
else
  run kt group list
  is "$status" 1 "the embedded broker cannot list groups: status 1"
  like "$err" '^kt group list: the embedded broker at [0-9.:]+ cannot list groups$' "said"
  run kt group delete "$old" --yes
  is "$status" 1 "nor delete them"
  run kt group delete-offsets "$old" "csv-$$" --yes
  is "$status" 1 "nor single offsets"
  run kt group describe 'o*'
  is "$status" 1 "nor find what a pattern means"
  run kt group describe "$old"
  is "$err" "% the embedded broker does not tell the state and the members of groups" "and says what is missing"
fi
done_testing
