. "${0%/*}/lib.sh"
# kt loadgen --schema: random records of any schema, read back by kt and by Apache's own library.

cat >all.avsc <<'END'
{"type": "record", "name": "All", "namespace": "n.s", "fields": [
  {"name": "nothing", "type": "null"},
  {"name": "boolean", "type": "boolean"},
  {"name": "int", "type": "int"},
  {"name": "long", "type": "long"},
  {"name": "float", "type": "float"},
  {"name": "double", "type": "double"},
  {"name": "bytes", "type": "bytes"},
  {"name": "string", "type": "string"},
  {"name": "enum", "type": {"type": "enum", "name": "Suit", "symbols": ["SPADES", "HEARTS"]}},
  {"name": "fixed", "type": {"type": "fixed", "name": "Six", "size": 6}},
  {"name": "array", "type": {"type": "array", "items": {"type": "map", "values": "Suit"}}},
  {"name": "map", "type": {"type": "map", "values": ["null", "Six", "double"]}},
  {"name": "union", "type": ["null", "boolean", "long", "string", "Suit", {"type": "array", "items": "bytes"}]},
  {"name": "next", "type": ["null", "All"], "default": null},
  {"name": "children", "type": {"type": "array", "items": "All"}},
  {"name": "date", "type": {"type": "int", "logicalType": "date"}},
  {"name": "time", "type": {"type": "int", "logicalType": "time-millis"}},
  {"name": "time6", "type": {"type": "long", "logicalType": "time-micros"}},
  {"name": "stamp", "type": {"type": "long", "logicalType": "timestamp-millis"}},
  {"name": "stamp6", "type": {"type": "long", "logicalType": "timestamp-micros"}},
  {"name": "uuid", "type": {"type": "string", "logicalType": "uuid"}},
  {"name": "decimal", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
  {"name": "fixed_decimal", "type":
    {"type": "fixed", "name": "Dec", "size": 12, "logicalType": "decimal", "precision": 25, "scale": 3}},
  {"name": "duration", "type": {"type": "fixed", "name": "Dur", "size": 12, "logicalType": "duration"}}
]}
END

fresh all
run kt loadgen --schema all.avsc -t "$topic" -c 300 --seed 3 -J
is "$status $(grep -v '^% waiting for .* to acknowledge' err)" \
  "0 % --size and --schema have gone to kt bench produce, and are understood here for a while" "all types"
like "$out" '^\{"sent":300,"delivered":300,"failed":0,"size":[1-9][0-9]*,.*"latency":\{"p50_ms":' "counted as plain records are"
run kt avro-decode "$topic" -e -q --logical
is "$status $(sort -u out | grep -c '^n\.s\.All$') $(grep -c '^{"nothing":null,' out)" "0 1 300" "kt reads each of them"
for python in python3 /usr/bin/python3; do
  "$python" -c 'import avro.datafile' 2>/dev/null && break
  python=''
done
kt consume "$topic" -e -q -J >all.json
if [ -n "$python" ]; then
  cat >read.py <<'END'
import base64, datetime, io, json, uuid, warnings
warnings.simplefilter("ignore")
import avro.datafile, avro.io

ids = set()
yesterday = datetime.date.today() - datetime.timedelta(days=2)
for line in open("all.json"):
    data = io.BytesIO(base64.b64decode(json.loads(line)["payload"]))
    (record,) = avro.datafile.DataFileReader(data, avro.io.DatumReader())
    assert abs(record["decimal"]) < 10**7 and record["decimal"].as_tuple().exponent == -2
    assert abs(record["fixed_decimal"]) < 10**22
    assert record["stamp"].date() >= yesterday and record["stamp6"].date() >= yesterday
    assert len(record["array"]) <= 3 and record["enum"] in ("SPADES", "HEARTS")
    ids.add(uuid.UUID(str(record["uuid"])))
print(len(ids))
END
  run "$python" read.py
  is "$out" 300 "and so does Apache Avro for Python"
  [ "$status" = 0 ] || note "$err"
else
  skip "and so does Apache Avro for Python" "python3-avro is not installed"
fi

for framing in single bare confluent; do
  fresh "$framing"
  id=''
  [ $framing = confluent ] && id='--schema-id 7'
  # shellcheck disable=SC2086
  run kt loadgen -q --schema all.avsc -t "$topic" -c 50 --framing $framing $id
  is "$status" 0 "$framing"
  run kt avro-decode "$topic" -e -q --schema all.avsc --framing $framing
  is "$status $(grep -c '^{"nothing":null,' out)" "0 50" "can be read"
done

# values of the fields that the rules are about
cat >rules.json <<'END'
# Comments are fine.
{"int": "sequence:10", "string": "zipf:3", "enum": "constant:HEARTS",
 "array[][]": "constant:SPADES", "children": "constant:[]", "next": "constant:null"}
END
generate() {
  fresh "$1"
  shift
  kt loadgen -q --schema all.avsc -t "$topic" --field children=constant:[] --field next=constant:null "$@"
}
generate rules rules.json -c 200 --seed 1 --field int=sequence:7,2 --field double=normal:100,15 --field union=uuid --key-field int
kt avro-decode "$topic" -e -q -J >rules
is "$(grep -o '"int":[0-9]*' rules | sed -n '1p;2p;200p' | tr '\n' ' ')" '"int":7 "int":9 "int":405 ' \
  "an option is stronger than the load file"
is "$(grep -o '"string":"[^"]*"' rules | sort -u | tr '\n' ' ')" '"string":"1" "string":"2" "string":"3" ' "that holds for others"
is "$(grep -c '"enum":"HEARTS"' rules) $(grep -c HEARTS rules)" "200 200" "and for all"
is "$(grep -o '"key":"[0-9]*"' rules | sed -n '1p;200p' | tr '\n' ' ')" '"key":"7" "key":"405" ' "a field is the key"
is "$(grep -oE '"union":"[0-9a-f]{8}-[0-9a-f-]{27}"' rules | sort -u | wc -l | tr -d ' ')" 200 "a rule chooses its branch"
is "$(grep -o '"double":[0-9.]*' rules | cut -d: -f2 | awk '{ s += $1 } END { print (s / NR > 95 && s / NR < 105) }')" 1 \
  "normal numbers are about their mean"

generate one -c 100 --seed 5 --framing bare
kt consume "$topic" -e -q -D '' >one
generate two -c 100 --seed 5 --framing bare
kt consume "$topic" -e -q -D '' >two
same one two "a seed repeats the records"
generate three -c 100 --seed 6 --framing bare
kt consume "$topic" -e -q -D '' >three
ok "another one does not" sh -c '! cmp -s one three'

printf '"long"' >long.avsc
fresh plain-long
run kt loadgen -t "$topic" --schema long.avsc --field .=sequence -c 3 --framing bare
is "$status" 0 "a schema without a record"
is "$(kt consume "$topic" -e -q -J | grep -c headers)" 0 "has no name to put into a header"
is "$(kt avro-decode "$topic" -e -q --schema long.avsc | grep -v long | tr '\n' ' ')" "1 2 3 " "and its values are those"

# at_rate: the rate holds for a second. For wait_for: what a busy machine keeps it from sending is not made up for.
at_rate() {
  run kt loadgen -t "$topic" --schema all.avsc --rate 100 --duration 1s
  said err "^% (9|10)[0-9] records of [0-9]+ bytes on average delivered in 1"
}
ok "at a rate" wait_for at_rate
is "$status" 0 "for a while"
before=$(count "$topic")
start producer kt loadgen -t "$topic" --schema all.avsc --rate 100
wait_for holds "$topic" "$((before + 10))"
stop "$pid" TERM
is "$status" 0 "until it is stopped"
run kt loadgen -t "$topic" --schema all.avsc -c 200 --seed 3 -X message.max.bytes=2500 -X batch.size=2500
is "$status" 3 "what is too large is a failure"
like "$err" "of 200 records not delivered" "that is counted"
like "$err" "^% [0-9,]+ records failed: .*larger than message.max.bytes" "and explained"
done_testing
