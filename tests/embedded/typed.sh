. "${0%/*}/../lib.sh"
# Lines that people type, exactly as they type them, without a flag for brokers.
need jq
use_broker

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
ok "and the group goes on behind what it has read" wait_for grep -qx 3 reader.out
stop "$pid"
is "$(wc -l <reader.out | tr -d ' ')" 3 "with no record twice"
unset KT_TOPIC

fresh t 4
start dates sh -c "while true; do date | kt produce $topic; sleep 1; done"
start reader kt consume "$topic" -q
ok "while true; do date | kt produce t; sleep 1; done &" wait_for sh -c 'test "$(wc -l <reader.out)" -ge 2'
stop "$pid"
kill "${tap_pids##* }"

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
