. "${0%/*}/lib.sh"
# kt sink sqlite: what is in the file, when, and what is refused.
need python3 jq

# rows FILE SQL: what a statement gives on the file.
rows() {
  kt sql -q --db "$1" "$2"
}
# refuses STATUS REGEX NAME ARGUMENT…
refuses() {
  expected=$1 regex=$2 name=$3
  shift 3
  run timeout 60 kt sink sqlite "$@"
  is "$status" "$expected" "$name: status $expected"
  like "$err" "$regex" "$name: $regex"
}

# Rows, and where they go on.
fresh readings 3
readings=$topic
for p in 0 1 2; do
  seq "$p" 3 2999 | awk '{ printf "{\"id\":%d,\"temp\":%d.5,\"room\":{\"name\":\"r%d\"},\"ok\":true,\"Id\":\"%d\"}\n", $1, $1, $1 % 7, $1 }' >"in.$p"
  kt produce -q "$readings" -p "$p" -k "k$p" -H a=1 -H b "in.$p"
done
run timeout 60 kt sink sqlite a.db "$readings" -e -J
is "$status $out" "0 {\"file\":\"a.db\",\"written\":3000,\"left_out\":0,\"missed\":0}" "all records are written, and counted"
like "$err" "^% $readings: columns by the first 1000 records: id, temp, room, ok, Id_2$" "it is said which columns there are"
like "$err" "^% 3,000 records into a.db$" "the last line counts"
is "$(rows a.db "SELECT count(*), count(DISTINCT _partition || ' ' || _offset), sum(id), sum(temp), sum(ok) FROM main.\"$readings\"")" \
  "3000	3000	4498500	4500000.0	3000" "each is a row, with its fields"
is "$(rows a.db "SELECT _partition, _key, _headers, Id_2, typeof(Id_2), room->>'$.name', _value->>'$.room.name' FROM main.\"$readings\" WHERE id = 1000")" \
  "1	k1	{\"a\":\"1\",\"b\":null}	1000	text	r6	r6" "and what the record has of its own"
is "$(rows a.db "SELECT partition, next FROM kt_sink_offsets ORDER BY 1" | tr '\t\n' '  ')" "0 1000 1 1000 2 1000 " \
  "the file knows how far it has come"
echo '{"id":-1,"later":1}' | kt produce -q "$readings" -p 2
run timeout 60 kt sink sqlite a.db "$readings" -e
like "$err" "^% $readings: 1 field was met that no column has \(later\)" "the next start goes on there; a field that came later is said"
run timeout 60 kt sink sqlite a.db "$readings" -e -J
is "$(echo "$out" | jq .written)" 0 "and then there is nothing left"
printf '{"id":-2,"later":"\\u0000","more":null}\nno JSON\n[1]\n' | kt produce -q "$readings" -p 2
kt produce -q "$readings" -p 2 -k gone -Z </dev/null
printf '{"key":"gone","payload":null}\n' | kt produce -q -J "$readings"
run timeout 60 kt sink sqlite a.db "$readings" -e --add-columns
is "$status" 0 "values that are no JSON are no failure"
like "$err" "^% $readings has a new column: later$" "--add-columns makes them columns"
like "$err" "^% $readings: 2 values are not JSON objects: the fields of their rows are NULL$" "what is no object is counted"
is "$(rows a.db "SELECT count(*), sum(later IS NOT NULL), hex(max(later)), sum(_value IS NULL) FROM main.\"$readings\"")" "3005	1	00	1" \
  "rows before have NULL there, a NUL stays, and a null value is a row"

# Columns that are named.
run timeout 60 kt sink sqlite b.db "$readings" -e --table 'the "rooms"' --column 'room=room.name' --column 't=temp:int' --column 'all=$.room:json' --column 'd=id:real'
is "$status:$(rows b.db "SELECT room, t, \"all\", typeof(d) FROM \"the \"\"rooms\"\"\" WHERE _offset = 1 AND _partition = 0")" \
  "0:r3		{\"name\":\"r3\"}	real" "columns by path and type, in a table of any name"
refuses 2 "has no column x yet" "a column that the table does not have" b.db "$readings" -e --column x=id
like "$err" "^hint: --add-columns" "and what adds it"
refuses 2 "has a column t of another path or type" "another meaning" b.db "$readings" -e --column t=id
refuses 2 "are in the table the .*rooms" "another table" b.db "$readings" -e --table other
echo '{"id":7}' | kt produce -q "$readings" -p 0
run timeout 60 kt sink sqlite b.db "$readings" -e --column x=id --add-columns
is "$status:$(rows b.db "SELECT count(x), max(x), max(d) FROM \"the \"\"rooms\"\"\"")" "0:1	7	2999.0" "it is added on request, and the others stay"

# Several topics, in tables of their own or in one; a group is told.
fresh other 1
other=$topic
seq 5 | sed 's/.*/{"n":&}/' | kt produce -q "$other"
run timeout 60 kt sink sqlite c.db "$readings" "$other" -e -g "sink-$$"
is "$status:$(rows c.db "SELECT count(*), (SELECT count(*) FROM main.\"$readings\") FROM main.\"$other\"")" "0:5	3006" "a table for each topic"
is "$(kt group describe -q -J "sink-$$" | jq -c '[.. | objects | select(has("committed")) | .committed] | add')" 3011 \
  "and a group that shows how far it has come"
run timeout 60 kt sink sqlite d.db "$readings" "$other" -e --table all --column n --column id
is "$status:$(rows d.db "SELECT _topic = '$other', count(*) FROM \"all\" GROUP BY 1" | tr '\t\n' '  ')" "0:0 3006 1 5 " "or one for all"

fresh CASE 1
upper=$topic
echo '{"n":1}' | kt produce -q "$upper"
fresh case 1
echo '{"n":1}' | kt produce -q "$topic"
refuses 1 "^kt sink sqlite: $topic: case.db has a table of that name from topic $upper, and SQL sees no case" \
  "two names that are one to SQL" case.db "$upper" "$topic" -e

# Avro: a row for each datum, and one for what is none.
cat >u.avsc <<'END'
{"type":"record","name":"u","fields":[{"name":"id","type":"int"},{"name":"at","type":["null","string"]}]}
END
printf '{"id":4,"at":"x"}\n{"id":5,"at":null}\n' >avro.lines
fresh avro 1
kt produce -q "$topic" -s avro --schema u.avsc avro.lines
echo "no Avro" | kt produce -q "$topic"
run timeout 60 kt sink sqlite avro.db "$topic" -e -s avro
is "$status" 0 "Avro"
is "$(rows avro.db "SELECT id, at, _offset, _part, typeof(_value), _value->>'$.id' FROM main.\"$topic\" WHERE _offset < 2")" \
  "4	x	0	0	text	4
5		1	0	text	5" "its fields are columns, and _value is JSON"
is "$(rows avro.db "SELECT id, at, hex(_value) FROM main.\"$topic\" WHERE _offset = 2")" "		6E6F204176726F" "what is none is a row as it came"
refuses 2 "has rows of values that were Avro" "and then without" avro.db "$topic" -e
refuses 2 "-s avro|--schema" "its options without it" avro.db "$topic" -e --schema u.avsc

# What is refused.
refuses 2 "not a regular file" "a device" /dev/null "$other" -e
echo "something else, longer than a header of SQLite would be, which has a hundred bytes to say that it is one, and so on" >text
refuses 2 "not a database" "a file of another kind" text "$other" -e
refuses 1 "No such file or directory" "a folder that is not there" none/x.db "$other" -e
python3 -c 'import sqlite3, sys; sqlite3.connect("own.db").execute("CREATE TABLE \"%s\"(a)" % sys.argv[1])' "$other"
refuses 1 "has a table $other already, which no sink made" "somebody else's table" own.db "$other" -e
run timeout 60 kt sink sqlite own.db "$other" -e --table mine
is "$status:$(rows own.db 'SELECT count(*) FROM mine')" "0:5" "beside which --table goes"
refuses 2 "types are text, int" "a type that is none" e.db "$other" -e --column a:b
refuses 4 "does not exist" "a topic that is not there" e.db "none-$$" -e
cp own.db link.target
ln -s link.target link.db
run timeout 60 kt sink sqlite link.db "$other" -e -J
is "$status:$(echo "$out" | jq .written):$(readlink link.db)" "0:0:link.target" "a symbolic link stays one"

# Going on, with readers beside it, and one sink at a time.
start sink kt sink sqlite f.db "$other" --table t --metrics-listen 127.0.0.1:0
sink=$pid
wait_for said sink.err '^% writing f.db, and what comes'
has_rows() {
  [ "$(rows f.db 'SELECT count(*) FROM t' 2>/dev/null)" = "$1" ]
}
ok "what is there can be read while it runs" wait_for has_rows 5
refuses 1 "another sink writes f.db" "a second sink" f.db "$readings" -e
ln f.db hard.db
refuses 1 "another sink writes hard.db" "by another name of the file" hard.db "$readings" -e
echo '{"n":6}' | kt produce -q "$other"
ok "what comes is there within a second or so" wait_for has_rows 6
at=$(sed -n 's|^% metrics at http://\(.*\)/metrics$|\1|p' sink.err)
python3 - "$at" >metrics <<'END'
import sys, urllib.request
print(urllib.request.urlopen("http://" + sys.argv[1] + "/metrics").read().decode())
END
ok "metrics: what was done" grep -q '^kt_records_total{result="written"} 6$' metrics
ok "the lag" grep -q "^kt_sink_lag_records{topic=\"$other\",partition=\"0\"} 0\$" metrics
ok "and when" grep -q '^kt_sink_committed_timestamp_seconds [1-9]' metrics
# Somebody else's transaction is waited for, and seen.
cat >holder.py <<'END'
import sqlite3, sys
db = sqlite3.connect("f.db", isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
db.execute("CREATE TABLE mine(a)")
db.execute("COMMIT")
END
mkfifo go
python3 holder.py <go >held &
holder=$!
exec 9>go
wait_for said held held
echo '{"n":7}' | kt produce -q "$other"
kt consume -q "$other" -e >/dev/null
echo >&9
exec 9>&-
wait "$holder"
ok "a record that came meanwhile is there afterwards" wait_for has_rows 7
stop "$sink" INT
is "$status" 0 "Ctrl-C is how it ends"
like "$(cat sink.err)" "^% 7 records into f.db$" "with what it has"
is "$(ls f.db*)" f.db "and nothing is left beside the file"

# A file's lines.
printf '\357\273\277id,name,zip,"a ""q""",price\r\n1,"x\ny",007,"",1.5\r\n2,,8,"say ""hi""",2\r\n\r\n3,z,9,q,\r\n' >users.csv
run kt sink sqlite i.db --import users.csv -J
is "$status $out" '0 {"file":"i.db","written":3}' "--import writes the lines of a file"
is "$(kt sql --db i.db -q -J "SELECT id, name, zip, \"a \"\"q\"\"\", price, typeof(price) t, _topic, _offset FROM users WHERE id < 3")" \
  '{"id":1,"name":"x\ny","zip":"007","a \"q\"":"","price":1.5,"t":"real","_topic":"./users.csv","_offset":2}
{"id":2,"name":null,"zip":"8","a \"q\"":"say \"hi\"","price":2,"t":"integer","_topic":"./users.csv","_offset":4}' \
  "with numbers where a column has them, quotes, ends of lines, and nothing as NULL"
printf 'id,name\n4,"x\n' >users.csv
run kt sink sqlite i.db --import users.csv
is "$status" 1 "a mistake in it"
like "$err" "^kt sink sqlite: users.csv: line 2: a field in quotes has no end" "is said with its line"
printf 'id,name\n4,x\n5,y\n6\n' >users.csv
run kt sink sqlite i.db --import users.csv
like "$err" "line 4: 1 field, where the first line names 2" "so is another number of fields"
printf 'id,name\n4,\351\n' >users.csv
run kt sink sqlite i.db --import users.csv
like "$err" "line 2: it is not UTF-8" "and another encoding"
is "$(rows i.db 'SELECT count(*) FROM users')" 3 "and nothing has changed"
printf 'id,name\n4,x\n' >users.csv
run kt sink sqlite i.db --import users.csv
is "$status:$(rows i.db 'SELECT id, name FROM users')" "0:4	x" "a second import takes the place of the first"
printf '{"id":4,"room":"a"}\n\nnothing\n{"id":5}' >rooms.jsonl
run kt sink sqlite i.db --import rooms.jsonl
is "$status:$(rows i.db 'SELECT name, room, (SELECT count(*) FROM rooms) FROM users JOIN rooms USING (id)')" "0:x	a	3" \
  "lines of JSON too, and they can be joined"
printf 'a\n' >later.csv
run kt sink sqlite i.db --import later.csv
is "$status" 0 "a file without a line"
printf 'a\n7\n' >later.csv
run kt sink sqlite i.db --import later.csv
is "$status:$(rows i.db 'SELECT a FROM later')" "0:7" "is imported when it has some"
run kt sink sqlite i.db --import i.db
is "$status" 2 "what is neither CSV nor JSON is refused"
run kt sink sqlite i.db "$other" --import users.csv
is "$status" 2 "and topics beside it"

# No room: what was committed stays, and the next start goes on there.
sh -c 'ulimit -f 300; exec kt sink sqlite full.db "$1" -e' - "$readings" >out 2>err
is "$?" 1 "a file that may not grow"
like "$(cat err)" "^hint: it has what was committed before, and the next run goes on there" "is said with what there is"
run timeout 60 kt sink sqlite full.db "$readings" -e
is "$status:$(rows full.db "SELECT count(*), count(DISTINCT _partition || ' ' || _offset) FROM main.\"$readings\"")" "0:3006	3006" \
  "and then all is there once"

# A file that is taken away while it is written, and a name that means something else to SQLite.
run timeout 60 kt sink sqlite :memory: "$other" -e
is "$status:$(rows ./:memory: "SELECT count(*) > 0 FROM main.\"$other\"")" "0:1" "a file of a name that SQLite knows is a file"
start sink kt sink sqlite gone.db "$other" --table t
sink=$pid
wait_for said sink.err '^% t: columns by'
rm gone.db
echo '{"n":8}' | kt produce -q "$other"
wait "$sink"
is "$?" 1 "a file that is removed ends the run"
like "$(cat sink.err)" "^kt sink sqlite: gone.db was removed or replaced while it was written$" "and that is said"

# Kills: each record is there once.
fresh kills 3
seq 60000 | kt produce -q "$topic"
run timeout 300 python3 "$tests/both/sink_kills.py" "$topic" kills.db 8
is "$status" 0 "killed again and again, it has each record once"
note "$out$err"

# A log that is not what it was.
if on_kafka; then
  fresh cut 1
  cut=$topic
  seq 10 | sed 's/.*/{"n":&}/' | kt produce -q "$cut"
  timeout 60 kt sink sqlite -q g.db "$cut" -e
  seq 10 | sed 's/.*/{"n":&}/' | kt produce -q "$cut"
  kt topic trim -q "$cut" --before 15 --yes >/dev/null
  run timeout 60 kt sink sqlite g.db "$cut" -e -J
  is "$status:$(echo "$out" | jq -c '[.written, .missed]')" "0:[5,5]" "what retention took is counted"
  like "$err" "^% $cut \[0\]: 5 offsets from 10 on were deleted before the sink came to them: it goes on at 15" "and said"
  kt topic delete -q "$cut" --yes
  kt topic create -q "$cut" --partitions 1
  echo '{"n":1}' | kt produce -q "$cut"
  refuses 1 "ends at offset 1, and g.db has come to 20: the topic was recreated or cut" "a topic recreated" g.db "$cut" -e
  seq 30 | kt produce -q "$cut"
  refuses 1 "$cut was deleted and recreated: its offsets in g.db are those of other records" \
    "also when it has grown past the place" g.db "$cut" -e

  # Records that a transaction holds back from others: who has them goes on behind them, and reads none twice.
  fresh open 1
  echo '{"n":1}' | kt produce -q "$topic"
  mkfifo within
  start producer kt produce -q "$topic" --transaction within
  exec 9>within
  echo '{"n":2}' >&9
  wait_for holds "$topic" 2 --isolation read_uncommitted
  echo '{"n":3}' | kt produce -q "$topic"
  run timeout 60 kt sink sqlite o.db "$topic" -e -J --isolation read_uncommitted
  is "$(echo "$out" | jq .written)" 3 "what an open transaction has"
  run timeout 60 kt sink files o "$topic" -e -J --isolation read_uncommitted
  for sink in "sqlite o.db" "files o"; do
    # shellcheck disable=SC2086
    run timeout 60 kt sink $sink "$topic" -e -J
    is "$status $(echo "$out" | jq .written)" "0 0" "sink $sink: a start that may not see it yet goes on behind it"
  done
  run timeout 60 kt consume "$topic" -e -o 2
  is "$status $out" "0 " "and so does -o, behind what it may not see"
  exec 9>&-
  wait "$pid"
  echo '{"n":4}' | kt produce -q "$topic"
  for sink in "sqlite o.db" "files o"; do
    # shellcheck disable=SC2086
    run timeout 60 kt sink $sink "$topic" -e -J
    is "$status $(echo "$out" | jq .written)" "0 1" "sink $sink: and when it has ended"
  done
  is "$(rows o.db "SELECT sum(n), count(*) FROM main.\"$topic\"") $(cat o/* | wc -l)" "10	4 4" "each record is there once"
fi

done_testing
