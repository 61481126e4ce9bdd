. "${0%/*}/three-lib.sh"
# A leader is killed and comes back, and a broker hangs, under two kt loadgen: kt verify proves that everything that was
# acknowledged is there once and in order, and finds what is not.
need java

cat >load.json <<'END'
[{"start_time": 0, "researcher": "a", "num_sensors": 5, "sample_rate": 100, "carry_out_samples": 60000,
  "copies": 10, "stagger": 30}]
END
count() {
  kt consume "$1" -q -e -D '' -f x 2>/dev/null | wc -c
}
# grows TOPIC: it has a thousand records more than when grow_from was set.
grows() {
  [ "$(count "$1")" -ge $((grow_from + 1000)) ]
}
goes_on() {
  grow_from=$(count "$1")
  wait_for grows "$1"
}
# sum FIELD: of the experiments that kt verify -J has told of.
sum() {
  jq -s "map(.$1) | add" out
}
WAIT=120

fresh patient 3
patient=$topic
fresh hasty 3
hasty=$topic
watched="$patient $hasty"
start patient kt loadgen load.json -t "$patient" --pacing open --repeat 0 --log-file patient.log --no-metrics \
  -X message.timeout.ms=60000
patient_pid=$pid
start hasty kt loadgen load.json -t "$hasty" --repeat 0 --log-file hasty.log --no-metrics
hasty_pid=$pid
ok "both send" goes_on "$hasty"
wait_for all_in_sync

leader=$(jq -r "select(.topic == \"$patient\") | .partitions[0].leader" described)
kill -9 "$(broker "$leader")"
ok "broker $leader is killed: the others take over" wait_for leads_nothing "$leader"
ok "the events go on" goes_on "$patient"
ok "closed pacing too" goes_on "$hasty"
cluster revive "$leader"
ok "it comes back" comes_back "$leader"
hung=$((leader % 3 + 1))
kill -STOP "$(broker "$hung")"
stopped=$(date +%s)
ok "broker $hung hangs: the others take over" wait_for leads_nothing "$hung"
while [ "$(date +%s)" -lt $((stopped + 10)) ]; do
  sleep 0.2
done
kill -CONT "$(broker "$hung")"
ok "it goes on after ten seconds" wait_for all_in_sync
ok "the events go on" goes_on "$patient"

stop "$patient_pid" TERM
is "$status" 0 "who waits for a minute loses nothing"
run kt verify patient.log --topic "$patient" -J
is "$status" 0 "everything is there once and in order"
like "$err" "agree: [0-9,]* expected, 0 of them not acknowledged$" "and was acknowledged"
is "$(sum found)" "$(count "$patient")" "all of the topic"
stop "$hasty_pid" TERM
ok "who waits for five seconds may have lost some ($status)" test "$status" = 0 -o "$status" = 143
run kt verify hasty.log --topic "$hasty" -J
is "$status" 0 "but no more than it says: what was acknowledged is there once and in order"
note "$(tail -n 1 err)"

# And when it is not so: one that is there twice, fifty that are gone, one that the log does not know.
kt consume "$patient" -q -p 0 -c 1 -J --encoding base64 | kt produce -q -J "$patient"
run kt verify patient.log --topic "$patient" -J
is "$status $(sum repeated) $(sum missing)" "3 1 0" "a record that is there twice is found"
printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"offset":50}]}' "$patient" >delete.json
"$tests/kafka/cluster" java org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$KT_BROKERS" \
  --offset-json-file delete.json >tool.out 2>&1 || fail "records are deleted" "$(cat tool.out)"
run kt verify patient.log --topic "$patient" -J
is "$status $(sum missing)" "3 49" "as are records that were deleted"
awk '/"sensor"/ && ++n == 7 { next } 1' hasty.log >torn.log
run kt verify torn.log --topic "$hasty" -J
is "$status $(sum unknown)" "3 1" "and one that the log does not have"
done_testing
