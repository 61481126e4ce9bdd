. "${0%/*}/lib.sh"
# kt sink files: what is in the folder, when, and what is refused.
need python3 jq
codecs=$(kt --version | grep -c '+codecs' || true)

# sink ARGUMENT…: with an end.
sink() {
  run timeout 60 kt sink files "$@" -e
}
# refuses STATUS REGEX NAME ARGUMENT…
refuses() {
  expected=$1 regex=$2 name=$3
  shift 3
  run timeout 60 kt sink files "$@" -e
  is "$status" "$expected" "$name: status $expected"
  like "$err" "$regex" "$name: $regex"
}
# records FILE…: what `kt consume -J` prints, in an order of its own.
records() {
  cat "$@" | LC_ALL=C sort
}

# Files, and where they go on.
fresh or.ders.1 3
orders=$topic
for p in 0 1 2; do
  seq "$p" 3 2999 | awk '{ printf "{\"id\":%d,\"room\":{\"name\":\"a,\\\"b\\\"%d\"}}\n", $1, $1 % 7 }' | kt produce -q "$orders" -p "$p" -k "k$p" -H a=1
done
sink lake "$orders" -J
is "$status $out" "0 {\"dir\":\"lake\",\"files\":3,\"written\":3000,\"left_out\":0,\"missed\":0}" "all records are written, and counted"
like "$err" "^% 3,000 records into lake$" "the last line counts"
is "$(cd lake && echo ./* .[!.]*)" "./$orders.0.0-999.jsonl ./$orders.1.0-999.jsonl ./$orders.2.0-999.jsonl .[!.]*" \
  "a file for each partition, named by its offsets, and nothing else"
kt consume -q -e -J "$orders" | LC_ALL=C sort >expected
records lake/* >got
same got expected "a line is what consume -J prints"
sink lake "$orders" -J
is "$status $(echo "$out" | jq .written)" "0 0" "a second start finds nothing left"
printf '%s\n' '{"payload":null,"key":"gone"}' '{"payload":"","key":""}' '{"payload":"AP8=","payload_encoding":"base64","ts":1}' | kt produce -q -J "$orders"
printf '{"a": [1,\n 2]}' | kt produce -q --whole "$orders"
sink lake "$orders" -g "g-$$" --roll 100
is "$status" 0 "the next one goes on where the files end, whatever the group says"
kt consume -q -e -J "$orders" | LC_ALL=C sort >expected
records lake/* >got
same got expected "with another --roll too: each record is there once"

is "$(kt group describe -q -J "g-$$" | jq -c '[.. | objects | select(has("lag")) | .lag] | add')" 0 "and the group shows no lag"

# Values alone, CSV, folders.
sink values "$orders" --values
is "$status $(cat values/* | jq -s 'length') $(cat values/* | wc -l)" "0 3004 3004" "--values: a line of JSON each"
is "$(cat values/* | grep -v '"id"' | LC_ALL=C sort | tr '\n' ' ')" \
  '"" null {"a":[1,2]} {"payload":"AP8=","payload_encoding":"base64"} ' "whatever the value is"
sink csv "$orders" -f csv --column id --column 'name=room.name:text' --roll 1GiB,1h
is "$status $(head -n 1 "csv/$orders.1.0-999.csv" 2>/dev/null || head -qn 1 csv/*.csv | head -n 1)" \
  "0 _topic,_partition,_offset,_timestamp,_key,id,name" "CSV begins with the names of its columns"
like "$err" "^% $orders: 2 values are not JSON objects: columns of fields are empty there$" "what has no fields is counted"
is "$(cat csv/*.csv | python3 -c '
import csv, sys
rows = [r for r in csv.reader(sys.stdin) if r[0] != "_topic"]
print(len(rows), sum(int(r[5]) for r in rows if r[5]), sorted({r[6] for r in rows if r[6]})[0])')" \
  '3004 4498500 a,"b"0' "and another program reads it"
sink whole "$orders" -f csv
like "$err" "^% $orders: columns by the first 1000 records: id, room$" "without --column they are found, and said"
like "$err" "^% $orders: 1 field was met that no column has \(a\): _value has all of such a record" "and what came later"
is "$(cat whole/*.csv | python3 -c '
import csv, sys
rows = [r for r in csv.reader(sys.stdin)]
heads = [r for r in rows if r[0] == "_topic"]
rows = [r for r in rows if r[0] != "_topic"]
print(*sorted(set(map(tuple, heads))), len(rows), sum(int(r[5]) for r in rows if r[5]), sorted(r[7] for r in rows if r[7]))')" \
  "('_topic', '_partition', '_offset', '_timestamp', '_key', 'id', 'room', '_value', '_headers') 3004 4498500 ['AP8=', '{\"a\": [1,\\n 2]}']" \
  "_value has what no column does"
# The earliest records of both partitions, not those of the one that answers first.
fresh sample 2
for n in 2 1; do
  seq 1000 | sed 's/.*/{"of'"$n"'":&}/' | jq -c --argjson n "$n" '{partition: (2 - $n), ts: (1700000000000 + $n), payload: tojson}'
done | kt produce -q -J --keep-partition "$topic"
sink sample "$topic" -f csv
like "$err" "^% $topic: columns by the first 1000 records: of1$" "a sample of several partitions is the earliest records"
seq 3 | sed 's/.*/{"new":&}/' | kt produce -q "$orders"
sink whole "$orders" -f csv -J
is "$(echo "$out" | jq .written) $(head -qn 1 whole/*.csv | sort -u | wc -l)" "3 1" "a later start finds the same columns"
kt consume -q -e -J "$orders" | LC_ALL=C sort >expected
fresh times 1
times=$topic
on_kafka && kt topic alter -q "$times" --config message.timestamp.after.max.ms=9223372036854775807
printf '{"payload":"%s","ts":%s}\n' a 1699999199999 b 1699999200000 c 1699999200001 d -5 e 1699999199998 f 999999999999999 | kt produce -q -J "$times"
sink hive "$times" --partition-by dt/hour
is "$status $(cd hive && find . -type f | LC_ALL=C sort | tr '\n' ' ')" \
  "0 ./dt=1969-12-31/hour=23/$times.0.0-5.jsonl ./dt=2023-11-14/hour=21/$times.0.0-5.jsonl ./dt=2023-11-14/hour=22/$times.0.0-5.jsonl ./dt=__HIVE_DEFAULT_PARTITION__/hour=__HIVE_DEFAULT_PARTITION__/$times.0.0-5.jsonl " \
  "folders by time in UTC, with the offsets of the roll"
is "$(jq -r .payload "hive/dt=2023-11-14/hour=21/$times.0.0-5.jsonl" | tr '\n' ' ')" "a e " "each record is in that of its hour"
echo g | kt produce -q "$times"
sink hive "$times"
is "$status $(jq -r .payload "hive/$times.0.6-6.jsonl")" "0 g" "a run without folders goes on behind them"

# Filters: a name spans what was left out, and what no file spans is read again.
fresh some 1
some=$topic
seq 0 99 | awk '{ print ($1 % 10 == 3 ? "a" : "b") ":" $1 }' | kt produce -q "$some" -K :
sink some "$some" --key a -J
is "$status $out $(cd some && echo *) $(jq .payload some/* | tr '\n' ' ')" \
  "0 {\"dir\":\"some\",\"files\":1,\"written\":10,\"left_out\":90,\"missed\":0} $some.0.0-99.jsonl \"3\" \"13\" \"23\" \"33\" \"43\" \"53\" \"63\" \"73\" \"83\" \"93\" " \
  "--key: what is left out is within the span of the file's name"
seq 100 104 | kt produce -q "$some" -k b -H h=1
sink some "$some" --key a -J
is "$(echo "$out" | jq -c '[.files, .left_out]') $(cd some && echo *)" "[0,5] $some.0.0-99.jsonl" "of nothing there is no file"
echo 105 | kt produce -q "$some" -k a
sink some "$some" --key-grep '^[ax]$' -J
is "$(echo "$out" | jq -c '[.written, .left_out]') $(cd some && echo *)" "[1,5] $some.0.0-99.jsonl $some.0.100-105.jsonl" \
  "and the next one begins where the last one ended"
sink some "$some" --header h=1 -J
is "$(echo "$out" | jq -c '[.written, .left_out]')" "[0,0]" "other filters do not bring back what was passed over"
sink rolled "$some" --grep 3 --roll 1 -J
is "$(echo "$out" | jq .files) $(cat rolled/* | wc -l) $(cd rolled && find . -name '*-3.jsonl' -o -name '*.4-13.jsonl' | LC_ALL=C sort | tr '\n' ' ')" \
  "20 20 ./$some.0.0-3.jsonl ./$some.0.4-13.jsonl " "whatever the roll: no offset is between two files"
refuses 2 "key-grep" "a pattern that is none" x "$some" --key-grep '['

# Packed.
if [ "$codecs" = 1 ]; then
  sink packed "$orders" -z zstd
  sink gz "$orders" -f csv -z gzip --column id
  sink plain "$orders" -f csv --column id
  is "$(zcat gz/*.csv.gz | cksum)" "$(cat plain/*.csv | cksum)" "gzip holds the same"
  if command -v zstd >/dev/null; then
    zstd -dcq packed/*.jsonl.zst | LC_ALL=C sort >got
    same got expected "and so does zstd"
  else
    skip "and so does zstd" "zstd is not installed"
  fi
else
  refuses 2 "built without codecs" "-z in a kt without" packed "$orders" -z zstd
fi

# Avro.
if kt --version | grep -q '+avro'; then
  for codec in none deflate; do
    sink "avro-$codec" "$orders" -f avro -z "$codec"
    is "$status $(kt avro-decode -q "avro-$codec"/*.avro | jq -s 'map(.offset) | length, add' | tr '\n' ' ')" \
      "0 3007 $(jq -s 'map(.offset) | add' expected) " "records in Avro's containers, $codec"
  done
  sink shown "$orders" -f avro -p 0 -o 0:1
  is "$(kt avro-decode -q shown/*.avro | jq -c 'del(.timestamp)')" \
    "{\"topic\":\"$orders\",\"partition\":0,\"offset\":0,\"key\":\"k0\",\"value\":\"{\\\"id\\\":0,\\\"room\\\":{\\\"name\\\":\\\"a,\\\\\\\"b\\\\\\\"0\\\"}}\",\"headers\":[{\"key\":\"a\",\"value\":\"1\"}]}" \
    "with all that a record has"
  fresh small 1
  small=$topic
  printf '%s' '{"type":"record","name":"E","doc":"kept","fields":[{"name":"n","type":{"type":"long","logicalType":"timestamp-millis"},"default":7}]}' >one.avsc
  printf '%s' '{"type":"record","name":"F","fields":[{"name":"s","type":"string"}]}' >two.avsc
  seq 200 | sed 's/.*/{"n":&}/' | kt produce -q "$small" -s avro --schema one.avsc --framing ocf
  echo plain | kt produce -q "$small"
  seq 5 | sed 's/.*/{"s":"&"}/' | kt produce -q "$small" -s avro --schema two.avsc --framing ocf
  sink containers "$small" -f avro -z deflate
  is "$status $(cd containers && echo *)" "0 $small.0.0-199.avro $small.0.200-200.avro $small.0.201-205.avro" \
    "small containers become one, and a new one with each schema"
  is "$(kt avro-decode -q "containers/$small.0.0-199.avro" | jq -s 'map(.n) | length, add' | tr '\n' ' ')" "200 20100 " "with all data"
  is "$(grep -caF "$(cat one.avsc)" "containers/$small.0.0-199.avro")" 1 "and the schema as it was written"
  like "$err" "^% 1 value is not an Avro container: it is in files of whole records$" "what is none is counted"
  is "$(kt avro-decode -q "containers/$small.0.200-200.avro" | jq -r .value)" plain "and kept"
  if python3 -c 'import avro' 2>/dev/null; then
    is "$(python3 -c '
import glob, sys
from avro.datafile import DataFileReader
from avro.io import DatumReader
for name in sorted(glob.glob("containers/*")):
    rows = list(DataFileReader(open(name, "rb"), DatumReader()))
    print(len(rows), end=" ")
print(sum(len(list(DataFileReader(open(name, "rb"), DatumReader()))) for name in glob.glob("avro-none/*")))')" "200 1 5 3007" \
      "the library of Python reads them"
  else
    skip "the library of Python reads them" "python3-avro is not installed"
  fi
else
  refuses 2 "built without avro-c" "Avro in a kt without" avro "$orders" -f avro
fi

# What is refused, and what lies in the folder.
refuses 2 "for jsonl it is gzip or zstd" "a codec of Avro for text" x "$orders" -z snappy
refuses 2 "for avro it is deflate or snappy" "and one of text for Avro" x "$orders" -f avro -z gzip
refuses 2 "expected a size and a time" "a roll of three" x "$orders" --roll 1,2,3
refuses 2 "have to be more than 0" "a roll of nothing" x "$orders" --roll 0,5m
refuses 2 "--column is for --format csv" "columns of JSON" x "$orders" --column a
refuses 2 "-s avro is for --format jsonl and csv" "decoding into Avro" x "$orders" -f avro -s avro
refuses 2 "expected json or avro" "a type that is none" x "$orders" -s xml
refuses 2 "-s avro" "options of Avro without it" x "$orders" --schema x.avsc
refuses 2 "Not a directory" "a file for a folder" expected "$orders"
refuses 1 "cannot make the folder no/where" "a folder in none" no/where "$orders"
refuses 4 "does not exist" "a topic that is not there" x "none-$$"
long=$(printf '%0200d' 0)
kt topic create -q "$long" --partitions 1 2>/dev/null
echo x | kt produce -q "$long"
refuses 1 "too long for names of files" "a topic whose files could not be named" x "$long"
: >"lake/$orders.0.5-7.jsonl"
refuses 1 "^kt sink files: lake: $orders.0.0-999.jsonl and $orders.0.5-7.jsonl hold the same offsets" "an overlap" lake "$orders"
rm "lake/$orders.0.5-7.jsonl"
: >"lake/$orders.0.99999-99999.jsonl"
refuses 1 "the topic was recreated or cut" "a place behind the end" lake "$orders"
rm "lake/$orders.0.99999-99999.jsonl"
ln -s /dev/null "lake/.$orders.1.jsonl.part"
refuses 1 "is in the way: it is not a file" "a link where a file is to be made" lake "$orders"
rm "lake/.$orders.1.jsonl.part"
echo half >"lake/.$orders.1.jsonl.part"
sink lake "$orders"
is "$status $(find lake -name '.*' ! -name .)" "0 " "a file that was not finished is removed"

# Going on: files by time, one sink at a time, and the end.
start going kt sink files on "$times" --roll 64MiB,200ms --metrics-listen 127.0.0.1:0
wait_for said going.err '^% writing to on, and what comes'
refuses 1 "another sink is writing to on" "a second sink" on "$orders"
wait_for test -f "on/$times.0.0-6.jsonl"
echo h | kt produce -q "$times"
ok "what comes is there when its time is over" wait_for test -f "on/$times.0.7-7.jsonl"
at=$(sed -n 's|^% metrics at http://\(.*\)/metrics$|\1|p' going.err)
python3 - "$at" >metrics <<'END'
import sys, urllib.request
print(urllib.request.urlopen("http://" + sys.argv[1] + "/metrics").read().decode())
END
ok "metrics count" grep -q '^kt_records_total{result="written"} 8$' metrics
ok "and tell the lag" grep -q "^kt_sink_lag_records{topic=\"$times\",partition=\"0\"} 0\$" metrics
stop "$pid" INT
is "$status" 0 "Ctrl-C is how it ends"
start term kt sink files term "$times"
wait_for said term.err '^% writing to term'
stop "$pid" TERM
sink term "$times"
cat term/*.jsonl | jq -r .payload | tr -d '\n' >got
is "$(cat got)" "abcdefgh" "SIGTERM finishes the files, and nothing is lost or there twice"
kt consume -q -e "$orders" >/dev/null
run timeout 60 kt sink files few "$orders" -c 5 -J
is "$status $(cat few/* | wc -l)" "0 5" "-c ends it after as many"

# Kills: each record is there once.
fresh kills 3
seq 100000 | kt produce -q "$topic"
run python3 "$tests/both/sink_files_kills.py" "$topic" kills 12
is "$status" 0 "killed again and again, with other options each time, it has each record once"
note "$out$err"

# A full disk.
cat >full.sh <<'END'
mkdir -p disk && mount -t tmpfs -o size=256k none disk || exit 77
kt sink files disk/lake "$1" -e --roll 20k >full.out 2>full.err
echo $? >full.status
mkdir -p kept && cp disk/lake/* kept/ 2>/dev/null
ls -A disk/lake >full.names
END
fresh full 1
seq 20000 | kt produce -q "$topic"
run unshare -rm sh full.sh "$topic"
if [ "$status" = 0 ]; then
  is "$(cat full.status) $(grep -c '^kt sink files: cannot .*: No space left on device$' full.err)" "1 1" "a full disk: one sentence, status 1"
  is "$(grep -c part full.names)" 0 "nothing half is left"
  sink kept "$topic"
  is "$status $(cat kept/*.jsonl | jq -r .payload | sort -n | cksum)" "0 $(seq 20000 | cksum)" "and the next start goes on behind what is there"
else
  skip "a full disk" "no file system can be mounted here"
fi
done_testing
