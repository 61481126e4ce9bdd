. "${0%/*}/lib.sh"
# Lines that people type, exactly as they type them, without a flag for brokers.
need jq

fresh client58 4
seq 1 3 >lines
run sh -c "kt produce $topic <lines"
is "$status" 0 "kt produce client58"
start reader kt consume "$topic" --group "g-$$" --reset earliest
ok "kt consume --group g --reset earliest" wait_for grep -qx 3 reader.out
stop "$pid"
is "$status" 0 "which a signal ends well"
is "$(sort reader.out)" "1
2
3" "after it printed each record"

export KT_TOPIC="$topic"
run kt produce <lines
is "$status" 0 "the topic comes from KT_TOPIC"
start reader kt consume --group "g-$$" --reset earliest
ok "and the group goes on after what it has read" wait_for grep -qx 3 reader.out
stop "$pid"
is "$(wc -l <reader.out | tr -d ' ')" 3 "with no record twice"
unset KT_TOPIC

fresh t 4
start dates sh -c "while [ ! -e enough ]; do date | kt produce $topic; sleep 1; done"
dates=$pid
start reader kt consume "$topic" -q
ok "while true; do date | kt produce t; sleep 1; done &" wait_for sh -c 'test "$(wc -l <reader.out)" -ge 2'
stop "$pid"
: >enough
wait "$dates"

run sh -c "kt consume $topic -e -J | jq -r .payload | sort"
cp out dates
run sh -c "kt consume $topic -e | sort"
same dates out "kt consume t -e -J | jq -r .payload"

from=$topic
fresh t2 4
run sh -c "kt consume -J $from -e | kt produce -J $topic"
is "$status" 0 "kt consume -J t -e | kt produce -J t2"
shown='del(.topic, .offset, .partition)'
kt consume "$from" -q -e -J | jq -Sc "$shown" | sort >one
kt consume "$topic" -q -e -J | jq -Sc "$shown" | sort >two
ok "copies something" test -s two
same two one "and copies it without a difference"

fresh testtopic
printf 'one\ntwo\n\nnot sent\n' >blank
run env -u KT_BROKERS TOPIC="$topic" KAFKA_BROKER="$KT_BROKERS" kt produce --until-blank <blank
is "$status" 0 "TOPIC=testtopic KAFKA_BROKER=localhost:9092 kt produce --until-blank"
is "$(kt consume "$topic" -q -e)" "one
two" "stops at the blank line"

# The tutorial's offset-reset exercise.
g=g-$$
fresh history 2
seq 1 5 | kt produce "$topic" -q -p 0

run kt consume "$topic" -g "$g-all" --reset earliest -e
is "$(tr '\n' ' ' <out)" "1 2 3 4 5 " "a fresh group with --reset earliest sees history"
like "$err" "$g-all" "the group is named"
like "$err" "$topic \[0-1\] from 0 " "the start of each partition is said"

start new kt consume "$topic" -g "$g-new" --reset latest
ok "a fresh group with --reset latest gets its partitions" wait_for grep -q "\[0\] from 5" new.err
seq 6 8 | kt produce "$topic" -q -p 0
ok "and sees what is new" wait_for grep -qx 8 new.out
stop "$pid"
is "$status $(tr '\n' ' ' <new.out)" "0 6 7 8 " "and only that"

run kt consume "$topic" -g "$g-all" --reset earliest -e
is "$(tr '\n' ' ' <out)" "6 7 8 " "a group goes on after its committed offset"
like "$err" "--reset earliest has no effect" "where --reset has no effect, which is said"
run kt consume "$topic" -g "$g-all" -o beginning -e -q
is "$(tr '\n' ' ' <out)" "1 2 3 4 5 6 7 8 " "-o beginning reads all again"

fresh synonyms
printf 'one\ntwo\n' >lines
for brokers in -b --brokers --broker-list --bootstrap-server; do
  run env -u KT_BROKERS kt produce "$topic" $brokers "$KT_BROKERS" <lines
  is "$status" 0 "$brokers"
done
run kt consume "$topic" --from-beginning -n 3
is "$out" "one
two
one" "--from-beginning and -n"
run kt consume "$topic" --zookeeper localhost:2181
is "$status" 2 "--zookeeper is refused"
like "$err" "^hint:.*(-b|bootstrap)" "and says what to use now"
run kt -C -t "$topic" -e -q -c 1
is "$out" "one" "kt -C"

done_testing
