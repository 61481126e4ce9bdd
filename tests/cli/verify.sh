. "${0%/*}/../lib.sh"
# kt verify without a broker: the ground truth of a log, and what a service stored of it.

id=577cb8c3-0c81-456e-9314-349937ca08a9
other=03113f5b-0c81-456e-9314-349937ca08a9
one=11111111-0c81-456e-9314-349937ca08a9
two=22222222-0c81-456e-9314-349937ca08a9
# line SECOND FIELDS EXPERIMENT [MEASUREMENT]: as the original writes them.
line() {
  outer="{\"experiment_id\":\"$3\",\"name\":\"experiment\"}"
  inner="{\"measurement_id\":\"${4:-}\",\"name\":\"measurement\"}"
  [ $# -gt 3 ] || inner=
  printf '{"timestamp":"2025-09-01T12:00:%s.25+02","level":"DEBUG","fields":{%s},"target":"t","span":%s,"spans":[%s]}\n' \
    "$1" "$2" "${inner:-$outer}" "$outer${inner:+,$inner}"
}
{
  printf '{"timestamp":"2025-09-01T12:00:00.0+02","level":"INFO","fields":{"message":"Client configured with SSL"},"target":"t"}\n'
  line 01 '"stage":"configuration"' $id
  line 01 '"stage":"stabilization"' $id
  line 02 '"avg_temperature":26.0' $id $one
  line 02 '"range_event":"Stabilized"' $id $one
  line 02 '"sensor":"'$id'","temperature":26.0' $id $one
  line 03 '"stage":"carry out"' $id
  line 04 '"avg_temperature":"26.7000007629"' $id $two
  line 05 '"stage":"terminated","elapsed":"4000","stabilization":"1000","carry_out":"2000"' $id
  line 06 '"stage":"configuration"' $other
} >log

run kt verify log
is "$status $err" "0 " "the ground truth"
{
  printf '\n%055d\n%055d\n*** EXPERIMENT %s ***\n%055d\n%055d\n\n' 0 0 $other 0 0 | sed '/^0*$/s/0/*/g'
  printf '[\n  {\n    "timestamp": "2025-09-01T12:00:06.25+02",\n    "event_type": "new_stage",\n    "value": "configuration"\n  }\n]\n'
} >expected
head -n 14 out >first
same first expected "in the original's shape, by id"
like "$out" '^      "average": 26\.7000007629$' "a number that was written as text"
is "$(grep -c '"event_type": "new_stage"' out) $(grep -c avg_temperature out) $(grep -c range_event out)" "5 2 1" "all of it"
is "$(kt verify log 2025-09-01T12:00:05 | grep -c EXPERIMENT)" 2 "what was seen at a time or later"
is "$(kt verify log 2025-09-01T12:00:06.99 | grep -c EXPERIMENT)" 1 "by the second"
is "$(kt verify - <log | wc -l)" "$(kt verify log | wc -l)" "from stdin"
# shellcheck disable=SC2216
{ sleep 0.3; kt verify log 2>err; echo $? >status; } | true
is "$(cat status)$(cat err)" 0 "a reader that has gone is no failure"
kt verify log >/dev/full 2>err
is "$? $(cat err)" "1 kt verify: writing to standard output: No space left on device" "a full disk is"
run kt verify log 2025-09-01T12:00:07
is "$status $err" "4 kt verify: log holds no experiment at or after 2025-09-01T12:00:07" "nothing so late"
run kt verify log noon
is "$status" 2 "no time"
run kt verify
is "$status" 2 "no log"
run kt verify nowhere
is "$status" 1 "a log that is not there"
{ cat log; printf 'half a li'; } >torn
run kt verify torn
is "$status $err" "0 % torn:11 is not a line of such a log" "half a line is passed over, and said"
run sh -c "kt verify log >/dev/full"
is "$status" 1 "a full device"

stored() {
  run kt verify log --against stored.jsonl "$@"
}
printf '{"experiment":"%s","measurement_id":"%s","temperature":%s}\n' $id $one 26 $id $two 26.7005 >stored.jsonl
stored
is "$status" 0 "a service that stored everything"
like "$err" "^% stored.jsonl and log agree: 2 expected" "says so"
like "$out" "^$id +2 +2$" "in numbers"
is "$(kt verify log --against stored.jsonl -J -q | grep $id)" \
  '{"experiment":"'$id'","expected":2,"found":2,"unacknowledged":0,"missing":0,"repeated":0,"out_of_order":0,"different":0,"unknown":0}' \
  "as JSON too"
printf '{"experiment":"%s","measurement_id":"%s","temperature":%s}\n' $id $two 26.702 $id $two 26.7 $id $id 1 \
  $two $two 1 >stored.jsonl
stored
is "$status" 3 "one that did not"
like "$err" "^% $id: different: measurement $two at line 1 is 26.702, in the log 26.7000008$" "another value"
like "$err" "^% $id: repeated: measurement $two at line 2, first at line 1$" "one twice"
like "$err" "^% $id: not in the log: measurement $id at line 3$" "one that never was"
like "$err" "^% $id: missing: measurement $one$" "one that is missing"
like "$err" "^% 1 of other experiments passed over$" "and other experiments"
like "$err" "^kt verify: stored.jsonl and log do not agree: 4 faults, 2 expected$" "in all"
is "$(sed -n '1p; /^577cb8c3/p' out | tr -s ' ')" "ID EXPECTED FOUND MISSING REPEATED DIFFERENT UNKNOWN
577cb8c3 2 1 1 1 1 1" "as a table, of what there is"
is "$(awk 'length > 80' out)" "" "that fits 80 columns"
printf '{"experiment":"%s","measurement_id":"%s","temperature":1}\n' 4711 $two >stored.jsonl
stored
is "$(sed -n 1p err)" "% stored.jsonl holds nothing of the experiments in log, but 1 of others: is it the log of another run?" \
  "another run's log is the cause, which is said first"
like "$err" "^% $id: missing: all of its 2$" "and one line is enough for what is not there at all"
printf '{"e":"%s","m":"%s","v":26,"s":"%s"}\n' $id $one $id >stored.jsonl
stored --fields e,m,v,s
is "$status" 0 "values of single sensors, under other names"
printf '{"e":"%s","m":"%s","v":26.7}\n' $id $two >stored.jsonl
stored --fields e,m,v --phase carry-out
is "$status" 0 "only the second phase"
stored
is "$status" 3 "fields that are not there"
like "$err" "stored.jsonl:1 does not hold the fields experiment,measurement_id,temperature" "are named"
stored --fields e
is "$status" 2 "too few fields"
done_testing
