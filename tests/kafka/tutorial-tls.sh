# shellcheck disable=SC2086
. "${0%/*}/tls-lib.sh"
# Both sessions of the tutorial from end to end, as a student of this day: over TLS, with the credentials as they are
# handed out, a topic of the student's own name and any group.
need jq python3

student=student$$
"$tests/kafka/cluster" student "$student" --tls 2>student.err || fail "there is another student" "$(cat student.err)"
me="--auth $tls/$student -b $address"
cp "$tests"/../loads/[23].json .

# has FILE REGEX: for wait_for. ended NAME PID: it was stopped by a signal and ended well.
has() {
  grep -Eq -e "$2" "$1"
}
ended() {
  stop "$2" "${3:-TERM}"
  is "$status" 0 "$1 ends well"
}

# Session 1. The cluster, and what is the student's.
run kt check "$student" $me
is "$status" 0 "the cluster can be reached and the topic used"
run kt topic describe "$student" $me
like "$out" "^Topic: $student	PartitionCount: 16	ReplicationFactor: 3" "which has 16 partitions"
run kt topic describe client58 $me
is "$status" 1 "another student's topic"
like "$err" "topic client58: this client is not allowed to use the topic" "is closed"

# Producer and consumer.
start consumer kt consume "$student" --python -g "simple-$$" --reset latest $me
consumer=$pid
ok "a consumer" wait_for has consumer.out '^\[TopicPartition.*partition=15,'
printf 'hello\nworld\n' | kt produce -q "$student" --key 1 $me
ok "prints what is typed at a producer" wait_for has consumer.out "^b'world'"
stop "$consumer"
is "$status $(sed 1d consumer.out | tr '\n' ' ')" "0 b'hello' b'world' EXITING SAFELY! " "and ends well"

# Offset reset.
run kt consume "$student" -g "earliest-$$" --reset earliest -e $me
is "$out" "hello
world" "a fresh group with earliest sees history"
start latest kt consume "$student" -g "latest-$$" --reset latest $me
latest=$pid
ok "one with latest" wait_for has latest.err "$student \[[0-9-]*15\] from 0"
echo again | kt produce -q "$student" --key 1 $me
ok "sees what is new" wait_for has latest.out '^again$'
ended "it" "$latest"
is "$(cat latest.out)" again "and only that"

# Manual commit, with a kill in the middle.
demo="kt commit-demo $student -g commit-$$ --session-timeout 6s $me"
start demo $demo --store-time 100ms
ok "three records are stored and committed" wait_for sh -c 'test "$(grep -c "^Message committed" demo.out)" = 3'
ended "that" "$pid" INT
echo killed | kt produce -q "$student" --key 1 $me
start demo $demo --store-time 30s
ok "a fourth one is being stored" wait_for has demo.out '^Start Storing'
stop "$pid" KILL
is "$(sed 1d demo.out)" "killed
Start Storing" "when the consumer is killed"
run timeout 120 $demo --store-time 0 --count 1
is "$status $(sed 1d out | tr '\n' ' ')" "0 killed Start Storing End Storing Message committed " "the next one gets it again"
run kt group describe "commit-$$" --offsets -J $me
is "$(printf '%s\n' "$out" | jq -c 'select(.committed > 0) | [.partition, .committed, .lag]')" "[7,4,0]" "and has committed it"

# Two members of a group, in two terminals. halves COMMAND: it prints the partitions of member one, and of two.
for member in one two; do
  start $member kt group-demo "$student" -g "group-$$" $me
  eval "$member=$pid"
done
shown() {
  grep '^assigned' "$1.out" | tail -n 1 | grep -oE '[0-9]+(-[0-9]+)?[],]' | tr -d '],' |
    awk -F - '{ for (i = $1; i <= $NF; i++) print i }'
}
halves() {
  test "$("$1" one | wc -l) $("$1" two | wc -l)" = "8 8"
}
values() {
  cat "$@" | grep '^[0-9]'
}
ok "two members have eight partitions each" wait_for halves shown
is "$( (shown one && shown two) | sort -n | tr '\n' ' ')" "$(seq 0 15 | tr '\n' ' ')" "together all of them"
seq 160 | kt produce -q "$student" --key-seq $me
spread() {
  test "$(values one.out two.out | wc -l)" -ge 160
}
ok "records with the keys 0, 1, 2, … arrive" wait_for spread
is "$(values one.out two.out | sort -n | tr '\n' ' ')" "$(seq 160 | tr '\n' ' ')" "each at one of them"
ok "many at the one" test "$(values one.out | wc -l)" -gt 30
ok "and many at the other" test "$(values two.out | wc -l)" -gt 30
ended "the first" "$one"
ended "the second" "$two"

# Session 2: three producers at once, at twenty times their speed, which share a log; two members of a group that decode
# what they send, and somebody who watches the rate.
run kt loadgen 3.json --plan
like "$out" "^45 s +48 s +3 +90 " "the plan has its peak of 90 events per second"
for member in one two; do
  start $member kt avro-decode "$student" -g "decode-$$" --reset latest --python $me
  eval "$member=$pid"
done
said() {
  assigned "$1.err"
}
ok "two decoders have eight partitions each" wait_for halves said
own_host
start rate kt rate --interval 500ms "$host:3001" "$host:3002" "$host:3003"
rate=$pid
wait_for has rate.err "$host:3003: Connection refused"
producers='' port=3001
for load in 2 3 2; do
  start "producer$port" kt loadgen --topic "$student" --config-file $load.json --speed 20 --log-file log \
    --metrics-listen "$host:$port" $me
  producers="$producers $pid" port=$((port + 1))
done
served() {
  test "$(cat producer*.err | grep -c '^% metrics at')" = 3
}
ok "each of the producers serves its metrics" wait_for served
ok "kt rate adds them up to what they send" wait_for awk '$2 > best { best = $2 } END { exit best < 10 }' rate.out
stop "$rate" INT
is "$status" 0 "and ends well"
for pid in $producers; do
  wait "$pid"
  is "$?" 0 "a producer ends well"
done

# The two lines of each event, as a Python program reads them; what was measured, for kt verify.
cat >decoded.py <<'END'
import ast, collections, itertools, json, sys

MEASURED = "sensor_temperature_measured"
ORDER = ["experiment_configured", "stabilization_started", MEASURED, "experiment_started", MEASURED, "experiment_terminated"]
experiments, stored = collections.defaultdict(list), open("stored.jsonl", "w")
for name in sys.argv[1:]:
    lines = (line.rstrip("\n") for line in open(name))
    for header, record in zip(lines, lines):
        record = ast.literal_eval(record)
        experiments[name, record["experiment"]].append((header, record))
        if header == MEASURED:
            print(json.dumps(record), file=stored)
events = [(header, repr(record)) for of in experiments.values() for header, record in of]
ordered = sum([header for header, _ in itertools.groupby(header for header, _ in of)] == ORDER
              and [record["timestamp"] for _, record in of[1:]] == sorted(record["timestamp"] for _, record in of[1:])
              for of in experiments.values())
print(len(events), len(set(events)), len(experiments), ordered)
END
decoded() {
  test "$(cat one.out two.out | wc -l)" -ge $((2 * (1328 + 2432 + 1328)))
}
ok "the decoders get everything" wait_for decoded
ended "the first" "$one" INT
ended "the second" "$two" INT
run python3 decoded.py one.out two.out
is "$out" "5088 5088 7 7" "5088 events, none twice, of seven experiments, each in order at one decoder"
ok "both have worked" test -s one.out -a -s two.out
run kt verify log --topic "$student" $me
is "$status" 0 "the topic holds what was logged"
like "$err" "^% $student and log agree: 5,088 expected, 0 of them not acknowledged$" "all of it"
run kt verify log --against stored.jsonl --fields experiment,measurement_id,temperature,sensor
is "$status" 0 "and so does what the decoders printed"
kt topic delete "$student" --yes -q -b "$plain"
done_testing
