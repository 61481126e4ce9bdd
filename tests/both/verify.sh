. "${0%/*}/lib.sh"
# kt verify against a topic: what kt loadgen logged is there once and in order, and every fault is found.

produce() {
  kt loadgen -q --no-metrics -t "$topic" --sample-rate 20 --log-file "$@"
}
# put JSON FILTER: the record that jq makes of the first one that matches.
put() {
  kt consume "$topic" -e -q -J --encoding base64 | grep "$1" | head -n 1 | kt produce -q -J "$topic"
}

fresh good 4
produce one.log &
first=$!
produce one.log --num-sensors 30
wait $first
run kt verify one.log --topic "$topic"
is "$status" 0 "a topic that holds what was sent"
like "$err" "^% $topic and one.log agree: 712 expected, 0 of them not acknowledged$" "all of it"
is "$(grep -cE '^[0-9a-f-]{36} +(48|664) +(48|664)$' out)" 2 "in numbers"
sed 's/,"researcher":"[^"]*"//; /"sensor"/d' one.log >original.log
run kt verify original.log --topic "$topic"
is "$status" 0 "a log without researchers and sensors, as the original's, vouches for what it has"
produce two.log
run kt verify one.log --topic "$topic"
is "$status" 0 "other experiments do not count"
like "$err" "^% 48 of other experiments passed over$" "but are said"
run kt verify one.log --topic "$topic" --secret-key 00000000000000000000000000000000
is "$status" 3 "another key"
like "$err" "^% --secret-key does not open the measurement_hash of 704 events$" "is the cause, which comes first"
like "$err" "different: sensor_temperature_measured at [0-9]+:[0-9]+: the measurement_hash was made with another key" "is found out"

fresh empty
run kt verify one.log --topic "$topic" -J
is "$status" 3 "an empty topic"
is "$(echo "$out" | grep -c '"found":0,')" 2 "holds nothing"
like "$err" "^% $topic is empty$" "which is said first"
is "$(grep -c 'missing: all of its [0-9]*$' err)" 2 "and not for each event"
run kt verify one.log --topic "nowhere-$$" -b 127.0.0.1:1 -m 2s
is "$status" 5 "no broker"

fresh faulty
produce bad.log
put 'ZXhwZXJpbWVudF9jb25maWd1cmVk'
run kt verify bad.log --topic "$topic"
is "$status" 3 "a record that was written twice"
like "$err" "repeated: experiment_configured at 0:48, first at 0:0$" "is found with both offsets"
key=$(kt consume "$topic" -q -c 1 -f '%k')
printf 'no container' | kt produce -q "$topic" --whole -k "$key" -H record_name=experiment_started
printf 'x' | kt produce -q "$topic" --whole -k "$key"
run kt verify bad.log --topic "$topic"
like "$err" "different: experiment_started at 0:49 cannot be decoded: " "what is no container"
like "$err" "not in the log: a record without a known record_name at 0:50$" "what has no name"
sed 's/"temperature":[0-9.]*/"temperature":99/' bad.log >other.log
run kt verify other.log --topic "$topic"
like "$err" "different: measurement [0-9a-f-]*, sensor [0-9a-f-]* at 0:2 is [0-9.]*, in the log 99$" "another value"
sed 's/"researcher":"[^"]*"/"researcher":"somebody"/' bad.log >other.log
run kt verify other.log --topic "$topic"
like "$err" "different: experiment_configured at 0:0: its researcher is another one in the log$" "another researcher"
like "$err" "different: sensor_temperature_measured at 0:2: its measurement_hash says something else$" "in the hash too"
sed "s/\"sensor\":\"........\(.*\",\"temp\)/\"sensor\":\"00000000\1/" bad.log >other.log
run kt verify other.log --topic "$topic"
like "$err" "different: experiment_configured at 0:0: its sensors are others in the log$" "other sensors"
grep -v '"stage":"terminated"' bad.log >torn.log
run kt verify torn.log --topic "$topic"
like "$err" "not in the log: experiment_terminated at 0:47$" "an event that the log does not have"

on_kafka || {
  fresh lost 3
  start producer kt loadgen --no-metrics -t "$topic" --sample-rate 50 --carry-out-samples 60000 --log-file lost.log \
    -X message.timeout.ms=1500 -X linger.ms=5
  wait_for holds "$topic" 20
  tell "down all"
  wait_for said producer.err "failed: not acknowledged"
  tell "up all"
  wait_for holds "$topic" "$(($(count "$topic") + 20))"
  stop "$pid"
  run kt verify lost.log --topic "$topic"
  is "$status" 0 "a broker that was away: what was acknowledged is there once and in order"
  like "$err" "agree: $((4 + $(grep -c '"sensor"' lost.log))) expected, [1-9][0-9]* of them not acknowledged$" \
    "and the rest is known"

  # A producer that cannot go on has a few events that wait for others. Only from the first answer on: what is refused
  # before that ends the run before it has begun.
  fresh fatal
  tell "error Produce OUT_OF_ORDER_SEQUENCE_NUMBER 1"
  run timeout 60 kt loadgen --no-metrics -t "$topic" --pacing open --sample-rate 1 --carry-out-samples 60000 \
    --log-file fatal.log
  is "$status" 1 "a producer that cannot go on"
  run kt verify fatal.log --topic "$topic"
  is "$status" 0 "none of its events is missed"
  like "$err" "agree: ([1-9][0-9]*) expected, \1 of them not acknowledged$" "since none was acknowledged"
}
done_testing
