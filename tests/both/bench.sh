. "${0%/*}/lib.sh"
# kt bench produce, consume and e2e: what is sent when, what is said of it, and the last lines of Kafka's own tools.
need jq

# field NAME: of the JSON result in out.
field() {
  jq -r "$1" out
}
# Of a result: whether a condition of jq's holds.
holds_that() {
  jq -e "$1" out >/dev/null
}

# A busy machine may not keep up with a rate, which the status and what is achieved say alike.
forgive_busy() {
  [ "$status" != 3 ] || ! jq -e '.achieved < 0.99' out >/dev/null || status=0 err=
}

fresh bench
run kt bench produce "$topic" --rate 500 -n 500 --warmup 0.2s --interval 0.5s --size 50 -J
forgive_busy
is "$status $err" "0 " "an open loop"
is "$(field '[.bench, .loop, .done, .failed, .asked] | join(" ")')" "produce open 500 0 500" "what was asked, and done"
is "$(count "$topic" -e)" 600 "records of the warm-up are sent, not counted"
ok "intervals and percentiles" holds_that '
  ([.intervals[].done] | add) == 500 and .intervals[0].from == 0.2 and .achieved > 0 and
  ([.latency_ms | .p50, .p75, .p90, .p95, .p99, .["p99.9"], .["p99.99"], .max] | . == sort) and .latency_ms.p50 > 0'
is "$(kt consume "$topic" -e -q -D '' -c 3 | wc -c)" 150 "values of that size"

# The original's words, and its last line.
fresh perf
run kt bench produce --topic "$topic" --num-records 300 --throughput -1 --record-size 20 --hgrm latency.hgrm \
  --producer-props acks=1 linger.ms=0 bootstrap.servers="$KT_BROKERS"
is "$status" 0 "a line for kafka-producer-perf-test"
n='[0-9]+'
like "$(tail -n 1 out)" "^300 records sent, $n\.[0-9]{6} records/sec \($n\.[0-9]{2} MB/sec\), $n\.[0-9]{2} ms avg latency, $n\.[0-9]{2} ms max latency, $n ms 50th, $n ms 95th, $n ms 99th, $n ms 99\.9th\.\$" "ends with its line"
like "$out" '^closed loop: latency counts from the actual send; stalls are under-reported' "what a closed loop hides"
like "$(cat latency.hgrm)" '^ +[0-9.]+ 1\.000000000000 +300$' "the file for plotters"
run kt bench consume --bootstrap-server "$KT_BROKERS" --topic "$topic" --messages 300
is "$status" 0 "a line for kafka-consumer-perf-test"
is "$(tail -n 2 out | head -n 1)" "start.time, end.time, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms, fetch.MB.sec, fetch.nMsg.sec" "its header"
t='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}:[0-9]{3}'
d='[0-9]+\.[0-9]{4}'
like "$(tail -n 1 out)" "^$t, $t, 0\.0057, $d, 300, $d, $n, $n, $d, $d\$" "its line"
run kt bench consume "$topic" -e -J
is "$status $(field '[.done, .bench] | join(" ")')" "0 300 consume" "to the end"
run kt bench consume "$topic" -n 301 --idle 1s
is "$status" 3 "fewer records than asked for"
like "$err" 'only 300 of 301 records came' "… are said"
run kt bench consume "$topic" -g "bench-$$" -e -q
is "$status $(count "$topic" -g "bench-$$" -e)" "0 0" "a group commits what it read"

# What is sent.
printf 'one\ntwo\n\nthree' >lines
for i in 1 2; do
  fresh "seed$i"
  run kt bench produce "$topic" --noop -n 10 -J
  run kt bench produce "$topic" -n 400 --seed 7 --payload lines --keys 50 --zipf 1.1 -q -J
  is "$status $(field .done)" "0 400" "lines of a file, keys that are not equally frequent"
  kt consume "$topic" -e -q -f '%k %s\n' | sort >"sent$i"
done
same sent1 sent2 "the same seed, the same records"
is "$(cut -d ' ' -f 2 sent1 | sort -u | tr '\n' ,)" ",one,three,two," "every line of the file, an empty one too"
ok "the first key is the most frequent" test "$(grep -c '^0 ' sent1)" -gt "$(grep -c '^40 ' sent1)"
cat >event.avsc <<'END2'
{"type": "record", "name": "Event", "fields": [{"name": "id", "type": "long"}, {"name": "name", "type": "string"}]}
END2
fresh schema
run kt bench produce "$topic" -n 20 --schema event.avsc --field id=sequence --key-field id -J
is "$status $(field .done)" "0 20" "records of a schema"
is "$(kt consume -s avro "$topic" -e -q | jq .id | sort -n | tail -n 1)" 20 "… are what it says"

run kt bench produce "$topic" --noop -n 100000 -J
is "$status $(field .done) $(count "$topic")" "0 100000 20" "--noop sends nothing"
run kt bench produce "$topic" --ramp 100:300:100 --each 400ms -J
[ "$status" != 3 ] || ! holds_that '.knee == null' || status=0
is "$status $(field '[.ramp[].asked] | join(" ")')" "0 100 200 300" "a ramp"
is "$(field .done)" 240 "each rate for its time"
run kt bench produce "$topic" --ramp 100:200:100 --each 300ms
like "$out" '^knee: ' "its knee is said"
start ramp kt bench produce "$topic" --ramp 100:200:100 --each 1h --interval 0.1s
wait_for said ramp.out '^ +0\.[12]0 '
stop "$pid" INT
is "$(grep '^knee' ramp.out)" "knee: not known, the run ended within the first rate" "what was not sent is no verdict on a rate"
# Few on their way: a busy broker has them all in time.
run kt bench produce "$topic" --rate 100000000 --run-for 0.5s --in-flight 100
is "$status" 3 "a rate that nobody can send"
like "$err" 'only [0-9.]+ % of 100,000,000 records per second were achieved' "… is not passed over"
run kt bench produce "$topic" -n 100000 --rate 1000 --run-for 0.5s
is "$status" 124 "ended before its count"
kt bench produce "$topic" --rate 1000 2>err | head -n 1 >first
like "$(cat first)" '^ +SECOND +DONE' "nobody reads on: it ends"
is "$(cat err)" "" "… without a word"

# Who watches: points with their latency, until the run ends.
if kt --version | grep -q '+http.*+curl'; then
  start watched kt bench produce "$topic" --rate 100 --interval 0.1s --listen 127.0.0.1:0
  bench=$pid
  wait_for said watched.err '^% page at'
  start events curl -sN "$(sed -n 's/^% page at //p' watched.err)events"
  events=$pid
  wait_for said events.out '^data: \{"t":[0-9]+,"rate":[0-9.]+,"p50":[0-9.]+,"p99":[0-9.]+,"failed":0,'
  stop "$bench" INT
  wait "$events"
  is "$? $(tail -n 3 events.out | head -n 1)" "0 event: over" "a page for who watches, until the run ends"
  like "$(cat events.out)" '^data: .*"title":"kt bench produce","metric":"open loop at 100 per second","unit":"records/s"' \
    "… says what it is about"
else
  skip "a page for who watches" "built without libmicrohttpd"
fi

# From end to end.
fresh e2e 2
echo other | kt produce -q "$topic"
# The embedded broker answers a fetch that found nothing after that time, whatever comes meanwhile.
run kt bench e2e "$topic" --rate 500 -n 300 --keys 20 -J -X fetch.wait.max.ms=10
forgive_busy
is "$status $(field '[.sent, .acknowledged, .received, .lost, .duplicates, .out_of_order, .foreign] | join(" ")')" \
  "0 300 300 300 0 0 0 0" "all that was sent came, once and in order"
ok "with a latency" holds_that '.latency_ms.p50 > 0 and .loop == "open" and .asked == 500'
start receiver kt bench e2e "$topic" --role receive -n 200 --wait 20s -J -X fetch.wait.max.ms=10
receiver=$pid
wait_for said receiver.err 'ready for'
run kt bench e2e "$topic" --role send --rate 500 -n 200 -J
forgive_busy
is "$status" 0 "one sends"
wait "$receiver"
is "$? $(jq -r '[.received, .lost] | join(" ")' receiver.out)" "0 200 0" "another one receives"

# Records whose numbers, and whose host, are made up.
cat >made.py <<'END2'
import base64, json, struct, sys, time
now = int(time.time() * 1e6)
for number in map(int, sys.argv[1:]):
    value = b"KTBENCH1" + struct.pack("<QQqqQ", 77, number, 1, now - 250000, 12345)
    print(json.dumps({"payload": base64.b64encode(value).decode(), "payload_encoding": "base64"}))
print(json.dumps({"payload": "KTBENCH1 of somebody else"}))
END2
made() {
  start receiver kt bench e2e "$topic" --role receive "$@" -J
  receiver=$pid
  wait_for said receiver.err 'ready for'
  python3 made.py 0 1 3 3 2 5 | kt produce -q -J -p 0 "$topic" || fail "the records are sent"
  wait "$receiver"
}
fresh made
made
is "$?" 2 "another host's clock"
like "$(cat receiver.err)" 'these records come from another host, whose clock differs' "… is not compared"
made --clock-skew-ok --wait 1s
is "$? $(jq -r '[.received, .lost, .duplicates, .out_of_order, .foreign] | join(" ")' receiver.out)" "3 5 1 1 1 1" \
  "what is lost, twice, out of order, and not of the run"
mv receiver.out out
ok "by the time of day then" holds_that '.latency_ms.p50 >= 250'

refuses() {
  run kt bench "$@"
  is "$status" 2 "refused: $*"
}
refuses produce "$topic" --rate 5 --ramp 1:2:1
refuses produce "$topic" --ramp 5:1:1
refuses produce "$topic" --zipf 1
refuses produce "$topic" --size 2m
refuses produce "$topic" --payload /dev/null
refuses produce "$topic" --field a=sequence
refuses produce "$topic" other
refuses produce
refuses consume "$topic" --hgrm x
refuses e2e "$topic" --size 47
refuses e2e "$topic" --noop
refuses e2e "$topic" --clock-skew-ok

# A broker that stands still for a second: seen in an open loop only.
if ! on_kafka; then
  stall() {
    start stalled kt bench produce "$topic" --interval 0.2s "$@"
    bench=$pid
    wait_for said stalled.out '^ +[0-9]\.[0-9]0 '
    kill -STOP "$broker"
    sleep 1
    kill -CONT "$broker"
    wait "$bench"
    p99=$(awk '/^LATENCY MS/ { getline; print int($7) }' stalled.out)
  }
  start broker kt broker -q
  broker=$pid
  wait_for test -s broker.out
  KT_BROKERS=$(head -n 1 broker.out)
  fresh stall
  # For wait_for: on a busy machine the run may be over before it is stopped, or have done little else.
  is_seen() {
    stall --rate 500 --run-for 3s
    test "$p99" -ge 900
  }
  ok "open loop: p99 is the stall" wait_for is_seen
  is_hidden() {
    stall --in-flight 1 -X linger.ms=0 --run-for 3s
    test "$p99" -lt 900
  }
  ok "closed loop: p99 does not show it" wait_for is_hidden
fi
done_testing
