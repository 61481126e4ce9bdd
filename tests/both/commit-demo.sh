. "${0%/*}/lib.sh"
# kt commit-demo: the exercise on manual commits, and what kills, signals and failures do to it.
need python3

# Kafka refuses sessions below 6 s, the embedded broker those below its wait for a first member.
session=3s
! on_kafka || session=6s

# demo GROUP OPTION…: with the topic and a session that ends soon.
demo() {
  demo_group=$1
  shift
  run timeout 120 kt commit-demo "$topic" -g "$demo_group-$$" --session-timeout "$session" "$@"
}
# begin NAME GROUP OPTION…: the same in the background, as NAME.
begin() {
  begin_name=$1 begin_group=$2
  shift 2
  start "$begin_name" kt commit-demo "$topic" -g "$begin_group-$$" --session-timeout "$session" "$@"
}

fresh exercise 1
printf 'one\ntwo\nthree\n' | kt produce -q "$topic"
demo a --store-time 50ms --count 2
is "$status" 0 "the exercise, two records"
is "$out" "assigned: $topic [0]
one
Start Storing
End Storing
Message committed
two
Start Storing
End Storing
Message committed" "has its words on stdout"
like "$err" "^% 2 read, 2 stored, 2 committed" "and a summary on stderr"

begin killed a --store-time 30s
ok "the next run begins the third record" wait_for grep -q "^Start Storing" killed.out
like "$(head -n 1 killed.err)" "^% this is process $pid: .kill -9 $pid., in another terminal" "and has said how to kill it"
stop "$pid" KILL
is "$(cat killed.out)" "assigned: $topic [0]
three
Start Storing" "and is killed while it stores"
began=$(date +%s)
demo a --store-time 0 --count 1 --python
is "$status" 0 "the one after that"
is "$out" "[TopicPartition{topic=$topic,partition=0,offset=-1001,leader_epoch=None,error=None}]
b'three'
Start Storing
End Storing
Message committed" "reads it again, here with the script's output"
like "$err" "^% waiting for group a-$$: a member that was killed could not leave.* up to ${session%s}\.0 s" \
  "having said what it waits for"
like "$err" "^% group a-$$ is joined after" "and for how long it did"
ok "which was this session's time, not the usual 45 s" test $(($(date +%s) - began)) -lt 35

for signal in TERM INT; do
  echo "$signal" | kt produce -q "$topic"
  # What is not committed comes again, and so may the try.
  for try in 1 2 3 4 5 6 7 8 9 10; do
    begin ended a --store-time 30s
    wait_for grep -q "^Start Storing" ended.out
    stop "$pid" "$signal"
    [ "$took" -ge 900 ] || break
  done
  ok "SIG$signal in the middle of a store step ends it at once (try $try)" test "$took" -lt 900
  is "$status" 0 "with status 0"
  is "$(tail -n 2 ended.out)" "Start Storing
EXITING SAFELY!" "and its word"
  like "$(cat ended.err)" "is not finished and not committed" "it says that the record is not committed"
  unlike "$(cat ended.err)" "may not have been left" "and has left the group"
  demo a --store-time 0 -c 1
  is "$(sed -n 2p out)" "$signal" "the next run has that record"
done

# Storing by a command.
fresh command 1
printf 'key:value one\n' | kt produce -q -K : "$topic"
printf 'second' | kt produce -q --whole "$topic"
# shellcheck disable=SC2016
demo b --store-time 0 -c 1 \
  --store-command 'echo "$KT_RECORD_TOPIC $KT_RECORD_PARTITION $KT_RECORD_OFFSET $KT_RECORD_KEY: $(cat)" >got; echo chat'
is "$status $(cat got)" "0 $topic 0 0 key: value one" "a store command gets value, place and key"
unlike "$out" chat "what it prints is not among the data"
like "$err" chat "but on stderr"
demo b --store-time 0 -c 1 --store-command 'exit 3'
is "$status" 1 "one that fails ends the run"
like "$err" "the store command ended with status 3 for $topic \[0\] offset 1" "and is named"
unlike "$out" "End Storing|committed" "nothing is committed"
gone() {
  ! kill -0 "$(cat command.pid)" 2>/dev/null
}
for try in 1 2 3 4 5 6 7 8 9 10; do
  : >command.pid
  begin stuck b --store-time 0 --store-command "trap '' TERM; echo \$\$ >command.pid; sleep 40"
  wait_for test -s command.pid
  stop "$pid" TERM
  [ "$took" -ge 900 ] || break
done
ok "SIGTERM ends the run while a command is stuck (try $try)" test "$took" -lt 900
is "$status $(tail -n 1 stuck.out)" "0 EXITING SAFELY!" "well"
WAIT=20
ok "and the command too" wait_for gone
unset WAIT
# shellcheck disable=SC2016
demo b --store-time 0 -c 1 --store-command 'test "${KT_RECORD_KEY-none}" = none && cat >got'
is "$status $(cat got)" "0 second" "no key is no variable, and no newline is added"
python3 -c 'import json; print(json.dumps({"key": "K" * 200000, "payload": "third"}))' | kt produce -q -J "$topic"
# shellcheck disable=SC2016
demo b --store-time 0 -c 1 \
  --store-command 'echo "${KT_RECORD_KEY-none} $KT_RECORD_KEY_OMITTED $(cat) $(wc -c <&3)" >got'
is "$status $(cut -c 1-14 got)" "0 none 1 third 2" "a key too large for a variable is left out, which is said"

# SQLite.
stored() {
  python3 -c 'import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute("SELECT topic, partition, offset, key, value FROM records ORDER BY 1, 2, 3"):
    print(*row)' "$1"
}
fresh sqlite 1
printf 'x\ny\n' | kt produce -q "$topic"
demo c --store-time 0 --store records.db --commit none -c 2
is "$status" 0 "storing into SQLite, without a commit"
unlike "$out" "Message committed" "which is not claimed"
demo c --store-time 0 --store records.db -c 2 -J
is "$status" 0 "all comes again"
like "$err" "offset 1 was read before and is in records.db already: it is kept there once" "that is said"
is "$(grep -c '"event":"stored".*"again":true' out)" 2 "and told in JSON"
is "$(stored records.db)" "$topic 0 0 None b'x'
$topic 0 1 None b'y'" "and everything is there once"
is "$(python3 -c 'import json, sys
for line in sys.stdin: print(json.loads(line)["event"], end=" ")' <out)" \
  "assigned record storing stored committed record storing stored committed " "the events as JSON"
python3 -c 'import sqlite3
c = sqlite3.connect("records.db"); c.execute("UPDATE records SET value = \"other\""); c.commit()'
demo c2 --store-time 0 --store records.db -c 1
is "$status" 1 "another value under the same place"
like "$err" "records.db holds another value for $topic \[0\] offset 0" "is an error"
demo c2 --store-time 0 --store /dev/null/x.db
is "$status" 1 "a file that cannot be"
like "$err" "storing into /dev/null/x.db: unable to open" "is named"

# Committed before storing, and by timer.
begin lost d --store-time 30s --commit before
wait_for grep -q "^Start Storing" lost.out
is "$(sed 1d lost.out)" "x
Message committed
Start Storing" "--commit before commits first"
stop "$pid" TERM
like "$(cat lost.err)" "offset 0 is committed and was not stored: it is lost" "and says what it loses"
demo d --store-time 0 -c 1
is "$(sed -n 2p out)" y "which it does"
begin timer e --store-time 30s --commit auto -X auto.commit.interval.ms=500
ok "--commit auto commits while it stores" \
  wait_for said timer.err '^% committed by the timer: .*offset 1, which is not stored yet'
stop "$pid" KILL
demo e --store-time 0 -c 1 --commit auto
is "$(sed -n 2p out)" y "so that a kill loses the record"
unlike "$out" "Message committed" "there is no acknowledgement of its own"

# A store step that is longer than max.poll.interval.ms. The session outlasts a machine that stands still for some seconds.
was=$session session=6s
begin long f --store-time 9s -X max.poll.interval.ms=6100 -c 1
pid_long=$pid session=$was
wait_for grep -q "^End Storing" long.out
wait "$pid_long"
is "$?" 0 "a store step may be longer than max.poll.interval.ms"
is "$(tail -n 1 long.out)" "Message committed" "and is committed"
unlike "$(cat long.err)" "given away|lost|exceeded" "the member has stayed in its group"

# A second member takes partitions while a record is stored.
fresh taken 2
printf 'r\n' | kt produce -q "$topic" -p 0
printf 's\n' | kt produce -q "$topic" -p 1
begin first h --store-time 12s -c 2
wait_for grep -q "^Start Storing" first.out
begin second h --store-time 50ms
ok "a partition that was given away meanwhile is not committed" \
  wait_for said first.err "was given away while offset 0 was stored: it is not committed here"
stop "$pid" TERM

# The broker goes away and comes back while a record is stored, and while one is committed.
if on_kafka; then
  skip "a broker that goes away and comes back" "tests/kafka/commit-demo.sh kills one"
else
  fresh away 1
  seq 30 | kt produce -q "$topic"
  begin away j --store-time 100ms -c 30
  away=$pid
  wait_for grep -qx 5 away.out
  tell "down all"
  sleep 2
  tell "up all"
  wait_for grep -qx 30 away.out
  wait "$away"
  is "$? $(grep -x '[0-9]*' away.out | sort -nu | tr '\n' ' ')" "0 $(seq 30 | tr '\n' ' ')" \
    "a broker that goes away and comes back loses nothing"
  is "$(grep -c '^Message committed' away.out)" 30 "and everything is committed"
fi

# Words that do not go together, and where data goes.
run kt commit-demo "$topic"
is "$status" 2 "no group"
like "$err" "no group is given" "is said"
run kt commit-demo "$topic" -g h --python -J
is "$status" 2 "--python or -J"
run kt commit-demo no-such-topic-$$ -g h
is "$status" 4 "a topic that does not exist"
sh -c "kt commit-demo $topic -g full-$$ --store-time 0 --session-timeout $session 2>said >/dev/full; echo \$? >status"
is "$(cat status)" 1 "a full device is a failure"
sh -c "kt commit-demo $topic -g head-$$ --store-time 0 --session-timeout $session 2>said; echo \$? >status" | head -n 1 >first
is "$(cat status)" 0 "a reader that has enough is none"
done_testing
