. "${0%/*}/lib.sh"
# The exercise of consumer groups: who owns which partition, who got which record, and the check at the end.
need jq

group=demo-$$
quick="-X session.timeout.ms=6000 -X heartbeat.interval.ms=500"

# events JQ: over all events of the file out.
events() {
  jq -c "$@" <out
}
check() {
  jq -r "select(.event == \"check\") | .$1" <out
}
# owned FILE MEMBER TIMES: the line with its latest assignment, when there were as many.
assigned() {
  [ "$(awk -F '\t' -v m="$2" '$2 == m && $3 == "assigned"' "$1" | wc -l)" -ge "$3" ]
}

# One member: the tutorial's consumer.
fresh alone 4
seq 100 | kt produce -q "$topic" --key-seq
run kt group-demo "$topic" -g "$group" --reset earliest -e
is "$status" 0 "one member reads to the end"
is "$(head -n 1 out)" "assigned: $topic [0-3]" "it says what it was assigned"
is "$(sed 1d out | sort -n | tr '\n' ' ')" "$(seq 100 | tr '\n' ' ')" "and prints the values"
like "$err" '^% 4 partitions, each with one owner at any time' "the check: owners"
like "$err" '^% 100 records, each to exactly one member' "records"
like "$err" '^% 100 keys, each in one partition and in order' "and keys"
run kt group-demo "$topic" -g "$group" --reset earliest -e
is "$(cat out)" "assigned: $topic [0-3]" "a second run finds everything committed"
start late kt group-demo "$topic" -g "$group-late"
late=$pid
ok "a new group" wait_for said late.out '^assigned: .*\[0-3\]'
echo new | kt produce -q "$topic"
ok "gets what is new" wait_for said late.out '^new$'
stop "$late" TERM
is "$status $(grep -v '^assigned' late.out | tr '\n' ' ')" "0 new EXITING SAFELY! " "and only that; SIGTERM"
run kt group-demo "$topic" -g "$group-short" --reset earliest --count 1000 --run-for 1
is "$status" 124 "--run-for before --count"

# Two members, 16 partitions.
fresh shared 16
seq 320 | kt produce -q "$topic" --key-seq
run kt group-demo "$topic" -g "$group-2" --members 2 --reset earliest -e --json
is "$status" 0 "two members"
is "$(events -s 'map(select(.event == "settled")) | length')" 1 "settle"
owned='map(select(.event == "assigned")) | group_by(.member) | map(last.partitions | length)'
is "$(events -s "$owned")" "[8,8]" "with eight partitions each"
is "$(events -s 'map(select(.event == "assigned")) | group_by(.member) | map(last.partitions[].partition) | unique | length')" \
  16 "all different"
is "$(events -s 'map(select(.event == "record").payload | tonumber) | unique | length')" 320 "all records come"
is "$(events -s 'map(select(.event == "record").member) | unique | length')" 2 "to both of them"
is "$(check 'holds') $(check repeats) $(check keys)" "true 0 320" "each once, and keys in order"
is "$(events 'select(.event == "left") | .member' | sort | tr '\n' ' ')" '"m1" "m2" ' "both leave"
events 'select(.event == "record")' | kt produce -q -J "$topic-copy"
is "$(kt consume -q -e "$topic-copy" | sort -n | uniq | wc -l | tr -d ' ')" 320 "the events of records are records for produce -J"

for assignor in roundrobin cooperative-sticky; do
  run kt group-demo "$topic" -g "$group-$assignor" --members 2 --reset earliest -e --json --assignor "$assignor"
  is "$status $(check holds)" "0 true" "--assignor $assignor"
done

# More members than partitions.
run kt group-demo "$topic" -g "$group-17" --members 17 --reset earliest -e --json
is "$status" 0 "seventeen members"
is "$(events -s 'map(select(.event == "settled")) | last | .idle')" 1 "one of them has nothing to do"
like "$err" '^% m[0-9]+ owns nothing: 16 partitions for 17 members here, and a partition has one owner' "it says why"

# --work-time and --count; lines.
run kt group-demo "$topic" -g "$group-work" --members 2 --work-time 100ms --reset earliest --count 60
is "$status" 0 "--count"
is "$(awk -F '\t' '$3 == "record"' out | wc -l | tr -d ' ')" 60 "so many records"
like "$err" '^% all: 60 records, (1?[0-9]|20)\.[0-9] per second' "two members do at most twenty per second"
is "$(awk -F '\t' '$3 == "record" { for (m in at) if (m != $2 && $1 - at[m] < 0.1) both = 1; at[$2] = $1 }
  END { print both + 0 }' out)" 1 "and work at the same time"
like "$(cat out)" "^[0-9]+\.[0-9]{3}	m1	assigned	$topic	[0-9]" "a line has time, member, event, topic, partitions"
like "$(cat out)" "^[0-9.]+	m2	record	$topic	[0-9]+	0	\"[0-9]+\"	\"[0-9]+\"" "of a record offset, key, value too"

# One joins, one dies, and one leaves, while records come.
mkfifo feed
start feeder sh -c 'exec kt produce "$1" -q --key-seq --rate 100 <feed' - "$topic"
seq 1000 100000 >feed 2>/dev/null &
# shellcheck disable=SC2086
start three kt group-demo "$topic" -g "$group-3" --members 2 --join 4 --kill m1@12 --leave m2@16 $quick --reset earliest --json
three=$pid
ok "the third one gets its share" wait_for jq -es 'any(.event == "assigned" and .member == "m3" and .partitions != [])' three.out
ok "the first one dies" wait_for said three.out '"member":"m1","event":"killed"'
ok "the second one leaves" wait_for said three.out '"member":"m2","event":"left"'
ok "the one that is left gets everything" \
  wait_for jq -es 'any(.event == "assigned" and .member == "m3" and (.partitions | length) == 16)' three.out
grow_from=$(wc -l <three.out)
ok "and goes on" wait_for sh -c "[ \$(wc -l <three.out) -gt $((grow_from + 100)) ]"
stop "$three" INT
cp three.out out
is "$status" 0 "Ctrl-C: the check holds"
is "$(check holds) $(check overlaps) $(check passed_over) $(check unexplained)" "true 0 0 0" \
  "no partition had two owners, nothing was lost"
like "$(cat three.err)" '^% m1 is killed: .* when its session expires, after 6.0 s' "the session is told"
if on_kafka; then
  is "$(check findings | grep -c 'commit was refused')" 0 "only the killed member's records came again"
else
  skip "only the killed member's records came again" "the embedded broker refuses commits while members join"
fi

# What it does not do.
run kt group-demo "$topic"
is "$status" 2 "a group is needed"
run kt group-demo "$topic" -g g --kill m2@1
is "$status $err" "2 kt group-demo: there is no m2: 1 at the start, and 0 that join" "a member that there will never be"
run kt group-demo "$topic" -g "$group-none" --reset none -e
is "$status" 1 "--reset none in a new group"
run env KT_BROKERS=127.0.0.1:1 kt group-demo t -g g
is "$status" 5 "no cluster"
like "$err" '^hint: .*kt broker --create t:16 -- kt group-demo t -g g' "the hint says how to do without"
kt group-demo "$topic" -g "$group-full" --reset earliest -e >/dev/full 2>err
is "$?" 1 "a full disk"
kt group-demo "$topic" -g "$group-head" --reset earliest -e 2>/dev/null | head -n 1 >out
like "$(cat out)" '^assigned' "a reader that has enough"
done_testing
