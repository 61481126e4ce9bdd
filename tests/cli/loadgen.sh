. "${0%/*}/../lib.sh"
# kt loadgen without a broker: plans, and what is wrong with load files and options.

loads=$tests/../loads

run kt loadgen "$loads/3.json" --plan
is "$status $err" "0 " "a plan"
cat >expected <<'END'
EXPERIMENT  COPIES  START     END  SENSORS   EVERY  EVENTS/S  EVENTS
         1       1    0 s    60 s       10     1 s        10     604
         2       1   30 s    48 s        8  200 ms        40     724
         3       1   45 s  72.5 s       20  500 ms        40   1,104
       all       3    0 s  72.5 s                              2,432

FROM      TO  EXPERIMENTS  EVENTS/S
 0 s    30 s            1        10  ████▌
30 s    45 s            2        50  ██████████████████████▎
45 s    48 s            3        90  ████████████████████████████████████████
48 s    60 s            2        50  ██████████████████████▎
60 s  72.5 s            1        40  █████████████████▊
END
same out expected "of the tutorial's third load"
is "$(kt loadgen "$loads/3.json" --plan --speed 10 -J | grep '"plateau":3')" \
  '{"plateau":3,"experiments":3,"start":4.5,"end":4.8,"rate":900.0}' "as JSON, ten times as fast"
like "$(kt loadgen --plan)" "^ +1 +1 +0 s +22 s +2 +1 s +2 +48$" "of the options' defaults"
like "$(kt loadgen --plan --speed max)" "^ +1 +1 +- +- +2 +- +any +48$" "without times"
for load in 2 bursts day many; do
  run kt loadgen "$loads/$load.json" --plan
  is "$status $err" "0 " "$load.json has a plan"
done
is "$(kt loadgen "$loads/many.json" --plan | wc -l | tr -d ' ')" 45 "too many plateaus become slices"

is "$(kt loadgen 2.json --plan -J | wc -l | tr -d ' ')" 5 "a build folder has the loads too"
# Installed: beside the binary, wherever that is.
mkdir -p moved/bin moved/share/kt
cp -r "$loads" moved/share/kt/
cp "$KT" moved/bin/kt
is "$(moved/bin/kt loadgen 2.json --plan -J | wc -l | tr -d ' ')" 5 "an installed load, by its name"
is "$(moved/bin/kt loadgen --config-file 2 --plan -J | wc -l | tr -d ' ')" 5 "and without its suffix"
cp "$loads/3.json" 2.json
is "$(moved/bin/kt loadgen 2.json --plan -J | wc -l | tr -d ' ')" 8 "a file of that name comes first"
run moved/bin/kt loadgen 4.json --plan
is "$status" 2 "no such load"
like "$err" "no load file 4\.json" "is named"
like "$err" "^hint: installed are 2\.json, 3\.json, bursts\.json" "with those that there are"

# refused WHAT FILE MESSAGE
refused() {
  run kt loadgen load.json --plan
  is "$status $err" "2 kt loadgen: $2" "$1"
}
printf '# mine\n[\n {"start_time": 0, "researcher": "r",\n  "num_sensors": "2"}\n]\n' >load.json
refused "a field of another type" \
  "load.json:4: experiment 1, num_sensors: expected a whole number from 1 to 100000, got a string (column 18)"
printf '[{"start_time": 0, "researcher": "r"},\n {"start_time": 1}]' >load.json
refused "a missing field" "load.json:2: experiment 2, researcher: it is missing"
printf '[{"start_time": 0, "researcher": "r", "temp_range": {"lower_threshold": 2, "upper_threshold": 1}}]' >load.json
refused "a range the wrong way round" \
  "load.json:1: experiment 1, temp_range: the lower threshold, 2, is above the upper one, 1"
printf '[{"start_time": 0, "researcher": "r"}' >load.json
refused "half a file" "load.json:1: expected ',' or ']', got the end of the text (column 38)"
: >load.json
refused "an empty file" "load.json:1: expected a list, got the end of the text (column 1)"
printf '\357\273\277# mine\r\n\n  # too\n[{"start_time": 0, "researcher": "r"}]' >load.json
run kt loadgen load.json --plan
is "$status $err" "0 " "comments between blank lines, and a byte order mark"
printf '[{"start_time": 0, "researcher": "r", "num_sensor": 3}]' >load.json
run kt loadgen load.json --plan
is "$status" 0 "an unknown field is none"
is "$err" '% load.json:1: a field "num_sensor" means nothing here; did you mean num_sensors?' "but said"

# wrong MESSAGE OPTION…
wrong() {
  tap_message=$1
  shift
  run kt loadgen --plan "$@"
  is "$status $(head -n 1 err)" "2 kt loadgen: $tap_message" "$*"
}
wrong "--num-sensors 0 is out of range: 1 to 100000" --num-sensors 0
wrong "--carry-out-samples 65536 is out of range: 0 to 65535" --carry-out-samples 65536
wrong "the lower threshold, 27, is above the upper one, 26.5" --lower-threshold 27
wrong '--start-temperature: "warm" is not a number' --start-temperature warm
wrong "--speed 0: expected more than 0 and at most 1000000, or max" --speed 0
wrong '--speed: "fast" is not a number' --speed fast
wrong '--seed: "x" is not a whole number' --seed x
wrong "two load files, a and b: only one can be given" b --config-file a
run kt loadgen -b 127.0.0.1:1 --secret-key short
is "$status $err" "2 kt loadgen: a secret key has 32 characters, not 5" "a secret key of another length"
run kt loadgen -b 127.0.0.1:1 -m 2s
is "$status" 5 "no broker"
run kt loadgen -b 127.0.0.1:1 --log-file /nowhere/log
is "$status" 1 "a log that cannot be written"
like "$err" "cannot write the log /nowhere/log" "is named before anything is sent"
# Random records of a schema: everything that is wrong is known before a broker is asked.
cat >order.avsc <<'END'
{"type": "record", "name": "Order", "namespace": "shop", "fields": [
  {"name": "id", "type": "long"},
  {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
    {"name": "price", "type": "double"}, {"name": "pieces", "type": "int"}]}}},
  {"name": "note", "type": ["null", "string"]}]}
END
# bad MESSAGE OPTION…
bad() {
  tap_message=$1
  shift
  run kt loadgen -b 127.0.0.1:1 --schema order.avsc "$@"
  is "$status $(head -n 1 err)" "2 kt loadgen: $tap_message" "$*"
}
bad "--field idd=uuid: shop.Order has no field idd" --field idd=uuid
is "$(tail -n 1 err)" "hint: did you mean id?" "with the nearest name"
bad "--field id=uuid: uuid does not fit long" --field id=uuid
bad "--field id=sequense: there is no generator \"sequense\"" --field id=sequense
is "$(tail -n 1 err)" "hint: did you mean sequence?" "and the nearest generator"
bad "--field id: expected PATH=GENERATOR, as in id=sequence" --field id
bad "--field lines.price=normal:1,1: array has no fields" --field lines.price=normal:1,1
bad "--field lines[].pieces=uniform:1,2.5: uniform has to have whole numbers here" --field lines[].pieces=uniform:1,2.5
bad "--field lines[].pieces=sequence:3000000000: sequence has 3e+09, which is beyond 2.14748e+09" \
  --field lines[].pieces=sequence:3000000000
bad "--key-field lines: array is not a key" --key-field lines
bad "--plan is for experiments, not for --size and --schema" --plan
bad "--log-file is for experiments, not for --size and --schema" --log-file log
bad "--framing confluent needs --schema-id, the schema's number" --framing confluent
bad "--schema-id: -5 is out of range: 0 to 4294967295" --framing confluent --schema-id -5
bad "--size and --schema: only one can be given" --size 10
printf '# mine\n{"id": "sequence",\n "lines[].prise": "now"}\n' >rules.json
bad "rules.json:3: lines[].prise: shop.Line has no field prise" rules.json
is "$(tail -n 1 err)" "hint: did you mean price?" "with the nearest name, too"
printf '{"id": 1}\n' >rules.json
bad "rules.json:1: expected a generator as a string, got a number (column 8)" --config-file rules.json
printf '{"type":"record","name":"R","fields":[{"name":"r","type":"R"}]}' >order.avsc
bad "order.avsc: data of R would hold itself without end, or more than 1000000 values or 1000 levels"
printf '{"type":"fixed","name":"F","size":2000000}' >order.avsc
bad "order.avsc: larger than message.max.bytes, which -X message.max.bytes=N raises"
printf '{"type":"record","name":"my-record","fields":[]}' >order.avsc
bad "order.avsc: the schema is not valid: record \"my-record\": \"my-record\" is not a name"
printf '{' >order.avsc
bad "order.avsc: the schema is not JSON: expected a string, got the end of the text (column 2)"
run kt loadgen -b 127.0.0.1:1 --schema orders.avsk
is "$status $(head -n 1 err)" \
  "2 kt loadgen: --schema: there is no load file orders.avsk, neither here nor among the installed ones" "no such schema"
run kt loadgen -b 127.0.0.1:1 rules.json
is "$status $(tail -n 1 err)" "2 hint: generators of a schema's fields go with --schema FILE" "generators alone"
run kt loadgen -b 127.0.0.1:1 --size 10 --repeat 2
is "$status $err" "2 kt loadgen: --repeat is for experiments, not for --size and --schema" "--size with --repeat"
run kt loadgen -b 127.0.0.1:1 -c 2
is "$status $err" "2 kt loadgen: --count is for --size and --schema; of experiments there are as many as the load has" "experiments with --count"
run kt loadgen -b 127.0.0.1:1 --field id=uuid
is "$status $err" "2 kt loadgen: --field and --key-field need a schema: --schema FILE" "--field alone"
run moved/bin/kt loadgen -b 127.0.0.1:1 -m 1s --schema orders.avsc orders.json
is "$status" 5 "an installed schema and its generators, by their names"
done_testing
