. "${0%/*}/lib.sh"
# kt loadgen: which events arrive in which order, the log beside them, and how a run ends.
need jq python3

# names TOPIC: the kinds of all its events, in order, one line.
names() {
  kt consume "$1" -e -J -q | grep -o '"key":"record_name","value":"[a-z_]*"' | cut -d'"' -f8 |
    sed 's/experiment_configured/c/; s/stabilization_started/b/; s/experiment_started/s/
         s/sensor_temperature_measured/m/; s/experiment_terminated/t/' | tr -d '\n'
}
keys() {
  kt consume "$1" -e -q -f '%k\n' | sort -u
}
samples() {
  awk -v n="$1" 'BEGIN { while (n-- > 0) printf "m" }'
}

fresh one 3
run kt loadgen -t "$topic" --sample-rate 10 --speed 10
is "$status" 0 "one experiment"
is "$(names "$topic")" "cb$(samples 4)s$(samples 40)t" "its events, in order"
like "$err" "^% 1 experiment, 48 events in " "are counted"
like "$err" "^% latency of deliveries: p50 .*, p90 .*, p99 .*, p99\.9 .*, max " "and their latency"
is "$(keys "$topic" | grep -cE '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$')" 1 "with one key"
is "$(kt consume "$topic" -e -q -f '%p\n' | sort -u | wc -l | tr -d ' ')" 1 "in one partition"
kt consume "$topic" -e -q -D '' -f '%s' >values
# With the byte 1: base64 of random bytes, which the samples hold, may well say "Obj".
is "$(LC_ALL=C grep -aoP 'Obj\x01' values | wc -l | tr -d ' ')" 48 "each a container"
is "$(grep -ao '"record","name":"[A-Za-z_]*' values | cut -d'"' -f6 | sort | uniq -c | awk '{ printf "%s %s, ", $1, $2 }')" \
  "1 ExperimentConfig, 1 experiment_started, 1 experiment_terminated, 44 sensor_temperature_measured, \
1 stabilization_started, 1 temperature_range, " "with a schema of its own"

cat >two.json <<'END'
# Two, the second with copies.
[{"start_time": 0, "researcher": "a", "num_sensors": 3, "sample_rate": 20, "carry_out_samples": 3},
 {"start_time": 1, "researcher": "b", "sample_rate": 5, "stabilization_samples": 0, "copies": 4, "stagger": 10}]
END
for pacing in closed open; do
  fresh "two-$pacing"
  run kt loadgen --config-file two.json -t "$topic" --speed 5 --pacing $pacing -J --no-metrics
  # A broker that is held up for a second is said to be.
  is "$status $(grep -v '^% waiting for .* to acknowledge' err)" "0 " "several, $pacing"
  like "$out" '^\{"experiments":5,"failed_experiments":0,"events":\{"experiment_configured":5,.*"sent":195,"delivered":195,"failed":0,' \
    "counted as JSON"
  is "$(keys "$topic" | wc -l | tr -d ' ')" 5 "with a key each"
  kt consume "$topic" -e -q -J >all
  for key in $(keys "$topic"); do
    grep "$key" all | grep -o 'record_name","value":"[a-z]*_[a-z]*' | uniq | cut -d'"' -f5
  done | tr '\n' ' ' >order
  is "$(grep -o experiment_configured order | wc -l | tr -d ' ')" 5 "each is configured"
  unlike "$(cat order)" "terminated (sensor|stab|experiment_started)" "and nothing comes after its end"
done

fresh seeded
kt loadgen -q -t "$topic" --speed max --seed 7
kt loadgen -q -t "$topic" --speed max --seed 7
is "$(keys "$topic" | wc -l | tr -d ' ')" 1 "a seed repeats the ids"
kt loadgen -q -t "$topic" --speed max --seed 8
is "$(keys "$topic" | wc -l | tr -d ' ')" 2 "another one does not"

fresh documents
documents=$topic
fresh main
kt loadgen -q -t "$topic" --topic-document "$documents" --speed max --repeat 3
is "$(count "$topic") $(count "$documents")" "144 3" "one document each, three times in a row"
unlike "$(kt consume "$documents" -e -q -J)" '"headers"' "without a header"

fresh logged
kt loadgen -q -t "$topic" --sample-rate 20 --log-file log &
first=$!
kt loadgen -q -t "$topic" --sample-rate 20 --log-file log &
second=$!
kt loadgen -q -t "$topic" --sample-rate 20 --log-file log
wait $first $second
is "$(grep -cE '^\{"timestamp":"[-0-9]{10}T[:0-9]{8}\.[0-9]{6}\+02","level":"[A-Z]*","fields":\{.*\}\]\}$' log)" \
  "$(wc -l <log | tr -d ' ')" "three producers share a log, line by line"
is "$(grep -c '"stage":"terminated","elapsed":"[0-9]*","stabilization":"[0-9]*","carry_out":"[0-9]*"' log)" 3 "each ends"
is "$(grep -c '"avg_temperature"' log) $(grep -c '"sensor"' log)" "66 132" "with all its samples and sensors"
like "$(cat log)" '"fields":\{"range_event":"Stabilized"\},"target":"experiment_producer::events"' "and its range events"
is "$(grep '"sensor"' log | head -n 1 | grep -o '"spans".*' | grep -o '_id":"[^"]*' | wc -l | tr -d ' ')" 2 "in their spans"
kt loadgen -q -t "$topic" --speed max --file-subscriber
is "$(cat logs/producer.json.log.????-??-?? | wc -l | tr -d ' ')" "$((4 + 22 + 44 + $(cat logs/* | grep -c range_event)))" \
  "a file per day"
rm -r logs
run env RUST_LOG=trace kt loadgen -t "$topic" --speed max --log-file trace.log --no-metrics
is "$(grep '"level":"TRACE"' trace.log | grep -c '"fields":{"topic":"'"$topic"'","key":"Some(\\"[0-9a-f-]*\\")","record":"\[Record(\[(\\"experiment\\", String(')" \
  48 "RUST_LOG=trace logs each message"
run kt verify trace.log
is "$status" 0 "kt verify reads that"
is "$(grep -c '"event_type": "avg_temperature"' out)" 22 "and passes over them"
RUST_LOG=info,nobody=debug kt loadgen -t "$topic" --speed max --log-file info.log 2>said
is "$(grep -o '"level":"[A-Z]*"' info.log | sort | uniq -c | tr -s ' ')" ' 4 "level":"INFO"' "RUST_LOG=info the stages alone"
like "$(cat said)" '^% RUST_LOG: "nobody=debug" means nothing here$' "and a word about what is not understood"
kt loadgen -q -t "$topic" --speed max --log-file /dev/full 2>said
is "$?" 1 "a log that cannot be written is a failure"
like "$(cat said)" "writing the log /dev/full: No space left" "with its reason"
run sh -c "kt loadgen -q -t $topic --speed max -J >/dev/full"
is "$status" 1 "so is a summary"

# For wait_for: on a machine that stands still meanwhile the experiment has hardly begun by then.
runs=0
runs_out() {
  runs=$((runs + 1))
  fresh "ended$runs"
  run kt loadgen -t "$topic" --sample-rate 20 --carry-out-samples 60000 --duration 2s
  names "$topic" | grep '^cbmmmm'
}
wait_for runs_out
is "$status" 0 "--duration is an end as good as any"
like "$(names "$topic")" "^cbmmmms?m*t$" "that is sent"
fresh outrun
# For wait_for: what a busy broker has not taken a while later is a failure.
runs_short() {
  run kt loadgen -t "$topic" --sample-rate 50 --carry-out-samples 60000 --run-for 500ms
  [ "$status" = 124 ]
}
ok "--run-for is an early one" wait_for runs_short
for signal in INT TERM; do
  fresh "signal-$signal"
  start producer kt loadgen -t "$topic" --sample-rate 50 --carry-out-samples 60000
  wait_for holds "$topic" 10
  stop "$pid" $signal
  ok "SIG$signal ends with its status ($status)" test "$status" = 130 -o "$status" = 143
  like "$(names "$topic")" "^cbmmmms?m*t$" "after the experiment's end was sent"
  start producer kt loadgen -t "$topic" --speed max --rate 500 --repeat 0
  wait_for holds "$topic" 200
  stop "$pid" $signal
  is "$status" 0 "one without an end of its own ends well"
done

fresh paced
began=$(date +%s)
kt loadgen -q -t "$topic" --speed max --rate 24
ok "--rate holds" test $(($(date +%s) - began)) -ge 1
is "$(count "$topic")" 48 "and everything arrives"
run kt loadgen -t "$topic" --sample-rate 100 --speed max -X queue.buffering.max.messages=10 -X linger.ms=500 --num-sensors 50
is "$status" 3 "no room in the queue is a failure"
like "$err" "^% [0-9,]+ events? failed: the producer's queue is full" "that is said"
like "$err" "[1-9][0-9]* of 1104 events not delivered" "and counted"
run kt loadgen -t "$topic" --speed max --num-sensors 20 -X message.max.bytes=1000 -X batch.size=1000
is "$status" 3 "an event that is too large ends its experiment"
like "$err" "1 of 1 event not delivered, 1 experiment failed" "and is counted"

fresh plain 4
run kt loadgen -t "$topic" --size 100 --count 20000 -J
is "$status $(grep -v '^% waiting for .* to acknowledge' err)" \
  "0 % --size and --schema have gone to kt bench produce, and are understood here for a while" "plain records"
like "$out" '^\{"sent":20000,"delivered":20000,"failed":0,"size":100,.*"latency":\{"p50_ms":' "counted"
is "$(count "$topic") $(kt consume "$topic" -q -e -f '%S %K\n' | sort -u)" "20000 100 -1" "of that size, without a key"
is "$(kt consume "$topic" -q -e -f '%p\n' | sort -u | wc -l | tr -d ' ')" 4 "in all partitions"
# at_rate: the rate holds for a second. For wait_for: what a busy machine keeps it from sending is not made up for.
at_rate() {
  run kt loadgen -t "$topic" --size 10 --rate 100 --duration 1s
  said err "^% (9|10)[0-9] records of 10 bytes delivered in 1"
}
ok "at a rate" wait_for at_rate
is "$status" 0 "for a while"
before=$(count "$topic")
start producer kt loadgen -t "$topic" --size 10 --rate 100
wait_for holds "$topic" "$((before + 10))"
stop "$pid" TERM
is "$status" 0 "until it is stopped"

on_kafka || {
  fresh lost 1
  start producer kt loadgen -t "$topic" --sample-rate 100 --carry-out-samples 160 --log-file lost.log \
    -X message.timeout.ms=2000 -X linger.ms=5 -X reconnect.backoff.max.ms=500
  wait_for holds "$topic" 20
  tell "down all"
  wait_for said producer.err "failed: not acknowledged"
  tell "up all"
  wait_for said lost.log '"stage":"terminated"'
  wait "$pid"
  is "$?" 3 "a broker that is lost for a while"
  like "$(cat producer.err)" "of 328 events not delivered, 0 experiments failed" "costs what was not acknowledged in time"
  like "$(cat lost.log)" '"level":"ERROR","fields":\{"message":"Failed to produce message","record_name":"sensor_temperature_measured","count":' \
    "which the log tells"
  like "$(names "$topic")" "mt$" "and the experiment goes on to its end"

  # 10,000 events a second that go nowhere: the queue fills, and nothing else does. (Where the partition ends is asked:
  # reading it would take long while the broker drops what is old.)
  fresh crowded 1
  ends() {
    kt topic offsets "$topic" -J -q | jq '.partitions[0].end'
  }
  ends_behind() {
    [ "$(ends)" -gt "$1" ]
  }
  start crowded kt loadgen -t "$topic" --num-sensors 100 --sample-rate 10 --carry-out-samples 60000 \
    --pacing open -J -X queue.buffering.max.messages=2000
  wait_for ends_behind 1000
  tell "down all"
  wait_for said crowded.err "events failed: the producer's queue is full"
  sleep 1
  peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status")
  ok "in bounded memory ($peak kB)" test "$peak" -lt 200000
  tell "up all"
  ok "events go on when there is room again" wait_for ends_behind $(($(ends) + 4000))
  stop "$pid" TERM
  is "$status" 143 "a queue that was full is a failure"
  is "$(python3 -c '
import json
s = json.load(open("crowded.out"))
total = s["delivered"] + s["failed"]
print(s["sent"] >= s["delivered"] > 0 < s["failed"], total >= 100 * s["seconds"])')" "True True" "every event is counted"
}
! on_kafka || {
  fresh deleted
  start producer kt loadgen -t "$topic" --sample-rate 50 --repeat 0 --carry-out-samples 60000 \
    -X allow.auto.create.topics=false
  wait_for holds "$topic" 50
  kt topic delete -q --yes "$topic"
  ok "a topic that is deleted is said" wait_for said producer.err "^% [0-9,]* events failed: Unknown "
  wait_for kt topic create -q "$topic" --partitions 1
  ok "the experiment goes on when it is there again" wait_for holds "$topic" 50
  stop "$pid" TERM
  is "$status" 143 "and what was lost is a failure"
  like "$(cat producer.err)" "ended by a signal: [0-9]+ events delivered, [1-9][0-9]* not$" "that is counted"
}
done_testing
