. "${0%/*}/lib.sh"
# kt sql: topics and files as tables, what may be asked of them, and how it is shown.
need python3

# asks EXPECTED NAME ARGUMENT…: kt sql gives these lines.
asks() {
  expected=$1 name=$2
  shift 2
  run timeout 60 kt sql "$@"
  is "$status $out" "0 $expected" "$name"
  [ "$status" = 0 ] || note "$err"
}
# refuses STATUS REGEX NAME ARGUMENT…
refuses() {
  expected=$1 regex=$2 name=$3
  shift 3
  run timeout 60 kt sql "$@"
  is "$status $out" "$expected " "$name: status $expected, and nothing on stdout"
  like "$err" "$regex" "$name: $regex"
}

# The twelve events of the document, and the table that its batch step shows.
fresh game-events
games=$topic
for event in default default default purchase_sword purchase_sword purchase_sword purchase_sword purchase_sword; do
  echo "{\"event_type\": \"$event\"}"
done >events
for event in default default purchase_a_sword purchase_a_sword; do
  echo "{\"Host\": \"localhost:5000\", \"event_type\": \"$event\", \"Accept\": \"*/*\", \"User-Agent\": \"curl/7.47.0\"}"
done >>events
kt produce -q "$games" events
asks "+------+--------------+-----------+----------------+
|Accept|          Host| User-Agent|      event_type|
+------+--------------+-----------+----------------+
|  null|          null|       null|         default|
|  null|          null|       null|         default|
|  null|          null|       null|         default|
|  null|          null|       null|  purchase_sword|
|  null|          null|       null|  purchase_sword|
|  null|          null|       null|  purchase_sword|
|  null|          null|       null|  purchase_sword|
|  null|          null|       null|  purchase_sword|
|   */*|localhost:5000|curl/7.47.0|         default|
|   */*|localhost:5000|curl/7.47.0|         default|
|   */*|localhost:5000|curl/7.47.0|purchase_a_sword|
|   */*|localhost:5000|curl/7.47.0|purchase_a_sword|
+------+--------------+-----------+----------------+" "--show draws the twelve events" --show "SELECT * FROM \"$games\""
like "$err" "^% $games: columns by the first 12 records: Accept, Host, User-Agent, event_type$" "it is said where the columns are from"
asks "+--------------------+---+
|                   a|  b|
+--------------------+---+
|12345678901234567...|  1|
+--------------------+---+" "what is longer than 20 characters is cut" --show "SELECT '123456789012345678901' a, 1 b"
run kt sql -q --show "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 21) SELECT i FROM n"
is "$(grep only out) $(grep -c '^| ' out)" "only showing top 20 rows 21" "and 20 rows are shown"
asks "default	5
purchase_a_sword	2
purchase_sword	5" "a group" -q "SELECT event_type, count(*) FROM \"$games\" GROUP BY 1"
refuses 2 "hint: .*in double quotes: \"$games\"" "a dash without quotes" "SELECT * FROM $games"
refuses 2 "hint: did you mean event_type" "a column mistyped" -q "SELECT evnt_type FROM \"$games\""
refuses 4 "topic nosuch-$$ does not exist" "a topic mistyped" "SELECT * FROM \"nosuch-$$\""
refuses 2 "has no end" "a sum that follows" -q --follow "SELECT count(*) FROM \"$games\""
refuses 2 "reads second" "two topics one after the other that follow" -q --follow \
  "SELECT 1 FROM \"$games\" UNION ALL SELECT 2 FROM \"$games\""
refuses 2 "a \\+ before" "and an OR that is read twice" -q --follow "SELECT 1 FROM \"$games\" WHERE _offset < 1 OR _timestamp > 5"
run timeout 60 kt sql -q --follow "SELECT _offset FROM \"$games\" WHERE +_offset < 1 OR +_offset = 11 LIMIT 2"
is "$status $(tr '\n' ' ' <out)" "0 0 11 " "but not one that is read once"

# Conditions, ranges, limits; what is on the record itself.
fresh orders 3
orders=$topic
for p in 0 1 2; do
  seq "$p" 3 299 | awk '{ printf "{\"id\":%d,\"user\":%d,\"price\":%d.5,\"tags\":[1,\"x\"],\"Id\":null}\n", $1, $1 % 7, $1 }' >"orders.$p"
  kt produce -q "$orders" -p "$p" -k "k$p" -H a=1 -H b "orders.$p"
done
asks "300	44850	45000.0" "all rows" -q "SELECT count(*), sum(id), sum(price) FROM \"$orders\""
asks "100	100" "a partition" -q "SELECT count(*), sum(key = 'k1') FROM \"$orders\" WHERE partition = 1"
asks "0	100
2	100" "some partitions" -q "SELECT _partition, count(*) FROM \"$orders\" WHERE _partition IN (2, 0, 99, 'x', NULL) GROUP BY 1 ORDER BY 1"
asks "6	10	11" "offsets" -q "SELECT count(*), min(_offset), max(_offset) FROM \"$orders\" WHERE _offset >= 9.5 AND \"offset\" < 12"
asks "101" "an OR counts a row once" -q "SELECT count(*) FROM \"$orders\" WHERE _partition = 0 OR (_offset = 5 AND id = 16) OR _offset = 5 AND _partition = 0"
run kt sql -q "EXPLAIN QUERY PLAN SELECT * FROM \"$orders\" WHERE _partition IN (0, 1) AND _offset > 5 AND \"offset\" <= 9 AND _timestamp = 3 AND id = 7 AND _offset IN (1, 2)"
like "$out" "VIRTUAL TABLE INDEX 0:t0;p@,o>,o\{,t=,$" "conditions on the record's place are looked up"
asks "300	0" "times" -q "SELECT (SELECT count(*) FROM \"$orders\" WHERE _timestamp > ms('-1h')), (SELECT count(*) FROM \"$orders\" WHERE _timestamp > ms('+1h'))"
asks "3" "-o counts too" -q -o 2:4 "SELECT count(*) FROM \"$orders\" WHERE _offset > 2"
printf '{"id":1}\n' >single
fresh order-single
kt produce -q "$topic" single
asks "3" "also of two topics that have a partition of the same number" -q \
  "SELECT count(*) FROM \"order*-$$\" WHERE (_offset < 1 AND id = 0) OR (_offset < 5 AND id = 1)"
asks "0	1
0	x" "a table of elements" -q "SELECT o.id, t.value FROM \"$orders\" o, json_each(o.tags) t WHERE o.id = 0"
asks "5" "LIMIT" -q -p 2 "SELECT id FROM \"$orders\" WHERE id > 4 LIMIT 1"
asks '{"_topic":"'"$orders"'","_partition":0,"_offset":0,"_key":"k0","_headers":"{\"a\":\"1\",\"b\":null}","tags":"[1,\"x\"]","Id_2":null}' \
  "the record's own" -J "SELECT _topic, _partition, _offset, _key, _headers, tags, Id_2 FROM \"$orders\" WHERE id = 0"
like "$err" "Id is column Id_2" "a name that differs in case only gets a number, and that is said"
asks "1	text" "--column: a path and a type" -q -p 0 --column "second=tags[1]" --column "p=price:int" --column 't=id:text' \
  "SELECT second = 'x' AND p IS NULL, typeof(t) FROM \"$orders\" LIMIT 1"
refuses 2 "itn is not a type" "a type that is none" --column a=b:itn "SELECT 1 FROM \"$orders\""
asks "k0	100" "filters of kt consume" -q --key k0 "SELECT key, count(*) FROM \"$orders\""
asks "2026-01-31T00:00:00.000Z" "times back and forth" "SELECT iso(ms('2026-01-31T00:00:00Z'))"

# Values that are not JSON objects, fields that come late, and names that are hard.
fresh mixed
mixed=$topic
seq 1000 | sed 's/.*/{"a":&}/' | kt produce -q "$topic"
printf '%s\n' 'not JSON' '[1]' '{"a":1' '{"a":7,"late":1,"l-2":2}' '{"late":3}' | kt produce -q "$topic"
kt produce -q "$topic" --whole /dev/null
kt produce -q "$topic" -Z </dev/null
asks "1006	1001	1" "bad values are rows with NULL" "SELECT count(*), count(a), sum(_value = 'not JSON') FROM \"$topic\""
like "$err" "$topic: 4 values are not JSON objects" "and are counted"
like "$err" "$topic: 2 fields were met that no column has \(late, l-2\)" "fields that come later are said"
asks "1
3" "and can be had" -q "SELECT _value->>'\$.late' FROM \"$topic\" WHERE json_valid(_value) AND _value->>'\$.late' > 0"
fresh hard
printf '%s\n' '{"":1,"a\"b":2,"sel ect":3,"x\u0000y":4,"k\u001b[2Jz":5,"count":"a\tb\\c\nd","_offset":6,"offset":7,"big":123456789012345678901234567890}' |
  kt produce -q "$topic"
run kt sql -J "SELECT * FROM \"$topic\""
is "$(python3 -c 'import json,sys; print(sorted(json.load(sys.stdin).items()))' <out)" \
  "[('_offset_2', 6), ('a\"b', 2), ('big', '123456789012345678901234567890'), ('count', 'a\\tb\\\\c\\nd'), ('k\\x1b[2Jz', 5), ('offset', 7), ('sel ect', 3)]" \
  "hard names and values as JSON"
asks 'a\tb\\c\nd	0	7' "a row stays a line" -q "SELECT \"count\", _offset, offset FROM \"$topic\""
asks 'c,n,e,b
"a	b\c
d",,"",AP8=' "CSV" -q --csv "SELECT \"count\" c, NULL n, '' e, x'00ff' b FROM \"$topic\""
python3 -c 'print("{" + ",".join(f"\"f{i}\":{i}" for i in range(50000)) + "}"); print("[" * 5000 + "]" * 5000)
print("{\"deep\":" + "{\"a\":" * 900 + "1" + "}" * 901)' | kt produce -q "$topic" || fail "they are sent"
asks "4	1" "fifty thousand fields, and deep ones" "SELECT count(*), count(f5) FROM \"$topic\""
like "$err" "more than [0-9]+ fields were met" "of which some are no columns, as is said"
fresh text
printf 'one\ntwo\n' | kt produce -q "$topic" -k k
asks "$topic	0	0	1	k	one	" "text is a table of records" "SELECT topic, partition, offset, timestamp > 0, key, value, headers FROM \"$topic\" LIMIT 1"
run kt sql -q --csv "SELECT * FROM \"$topic\" LIMIT 1"
is "$(head -n 1 out)" "topic,partition,offset,timestamp,key,value,headers" "and * is its own columns"
fresh empty
asks "" "an empty topic" -q "SELECT * FROM \"$topic\""
run sh -c 'printf "%s\n" "select 1;" " select 2; -- end" | kt sql'
is "$status $out" "0 1
2" "statements on stdin"

# kt consume: fields without SQL.
run kt consume -q "$orders" -e -p 0 --table -c 2 --column id --column "user=user:text"
is "$status $out" "0 id  user
 0  0
 3  3" "consume --table"
run kt consume "$orders" -e -p 0 -c 2 --table
like "$out" "^ *0 +0 +0\.5  \[1,\"x\"\]$" "with the columns that it has"
like "$err" "columns by the first 100 records: id, user, price, tags, Id_2" "as is said"
run kt topic create "named-$$.jsonl"
echo '{"from":"topic"}' | kt produce -q "named-$$.jsonl"
echo '{"from":"file"}' >"named-$$.jsonl"
run kt consume -q "named-$$.jsonl" -e --table
is "$(tr '\n' ' ' <out)" "from topic " "a topic, although there is a file of its name"
run kt consume -q "$orders" -e --where '$.id > 297 AND $.tags[1] = '"'x'"
is "$status $(sort out | cut -c 1-8 | tr '\n' ' ')" "0 {\"id\":29 {\"id\":29 " "consume --where: by fields"
run kt consume -q "$orders" -e --where '_key = '"'k1'"' and _offset in (3, 5) and _headers->>'"'a'"' = '"'1'"' -- all' -f '%p %o\n'
is "$status $(tr '\n' ' ' <out)" "0 1 3 1 5 " "and by what a record has of its own"
run kt consume "$mixed" -e --where '$.a > 999 OR $["l-2"] = 2'
is "$status $(tr '\n' ' ' <out)" '0 {"a":1000} {"a":7,"late":1,"l-2":2} ' "values that are not JSON objects have no fields"
like "$err" "^% --where: 4 values are not JSON objects" "and are counted"
run kt consume -q "$orders" -e --table --where '$.id % 100 = 0' --column id --column none
is "$(tr -d ' ' <out | sort | tr '\n' ' ')" "0 100 200 idnone " "both at once"
for wrong in '$.a >' '$a > 1' '$.a = ?1' '1) , (2' '' '$.a = "x"' '$.l[' 'nosuch(1)' 'readfile(1)' '1; select 2'; do
  run kt consume "$orders" -e --where "$wrong"
  is "$status $out" "2 " "no condition: $wrong"
done
run kt consume "$orders" -e --table -g "g-$$"
is "$status" 2 "--table with a group: usage"
run kt consume "$orders" "$mixed" -e --table
like "$status $err" "^2 .*one topic" "--table with two topics: usage"
# Names that are one to SQL.
fresh Twin
upper=$topic
echo '{"a":1}' | kt produce -q "$upper"
lower=$(echo "$upper" | tr T t)
kt topic create -q "$lower"
echo '{"b":2}' | kt produce -q "$lower"
is "$(kt sql -q "SELECT * FROM \"$lower\"") $(kt sql -q "SELECT * FROM \"$upper\" -- \"$lower\"")" "2 1" "topics that differ only in case, each by itself"
for both in "SELECT * FROM \"$upper\", \"$lower\"" "SELECT * FROM \"$upper\"; SELECT * FROM \"$lower\"" \
  "SELECT x.a FROM \"$upper\" x JOIN [$lower] y" "SELECT * FROM (\"$upper\") JOIN (\"$lower\")"; do
  run kt sql -q "$both"
  is "$status" 2 "both: $both"
  like "$err" "$lower and $upper are two topics, and SQL sees no case" "are refused"
done
run kt sql -q "SELECT \"$lower\".a, '$lower' FROM \"$upper\""
is "$status $out" "0 1	$lower" "in other places the name is that of the table"
echo '{"n":12345678901234567891}
{"n":12345678901234567890}' >ids.jsonl
is "$(kt sql -q "SELECT n, count(*) FROM './ids.jsonl' GROUP BY 1" | tr '\t\n' '  ')" "12345678901234567890 1 12345678901234567891 1 " \
  "whole numbers beyond 64 bits stay what they are"
fresh ids
kt produce -q "$topic" ids.jsonl
run kt consume "$topic" -e -q --where '$.n > 5 AND $.n < 1e20'
is "$status $(wc -l <out | tr -d ' ')" "0 2" "and are compared as numbers"
run timeout 60 kt consume "$topic" -q --where '(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c) > 0' --run-for 100ms
is "$status" 0 "a condition that does not come to an end ends with --run-for"
fresh undecided
printf '{"n":%s}\n' 1 2 | kt produce -q "$topic"
start undecided kt consume "$topic" -g "$topic" -u -q --reset earliest \
  --where 'CASE WHEN $.n = 1 THEN 1 ELSE (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c) END'
wait_for grep -q 1 undecided.out
stop "$pid" INT
is "$status $(kt consume "$topic" -g "$topic" -e -q)" '0 {"n":2}' "and what it did not decide is not committed"
start hot kt consume -q "$mixed" -o end --where '$.t > 30'
wait_for sh -c "printf '{\"t\":%s}\\n' 29 30.5 | kt produce -q '$mixed'; grep -q 30.5 hot.out"
stop "$pid" INT
is "$status $(sort -u hot.out)" '0 {"t":30.5}' "--where without an end, until Ctrl-C"

# Joins, with topics, files and a database.
fresh users
seq 0 6 | sed 's/.*/{"id":&,"name":"u&"}/' | tee users.jsonl | kt produce -q "$topic"
asks "u0	43
u1	43" "a join" "SELECT u.name, count(*) FROM \"$orders\" o JOIN \"$topic\" u ON u.id = o.user GROUP BY 1 LIMIT 2"
like "$err" "^% $topic is read once into a temporary file" "the second topic is read once, as is said"
unlike "$err" "^% $orders is read once" "the first one is not"
asks "300	300" "with itself" -q "SELECT count(*), sum(a.price = b.price) FROM \"$orders\" a JOIN \"$orders\" b ON a.id = b.id"
asks "300	43" "a left join" -q "SELECT count(*), count(u.id) FROM \"$orders\" o LEFT JOIN \"$topic\" u ON u.id = o.user AND u.id = 3"
asks "7	7" "a left join the other way" -q "SELECT count(*), count(o.id) FROM \"$topic\" u LEFT JOIN \"$orders\" o ON u.id = o.id"
asks "300" "a subquery for each row" -q "SELECT count(*) FROM \"$orders\" o WHERE EXISTS (SELECT 1 FROM \"$topic\" u WHERE u.id = o.user)"
asks "u3" "a file" -q "SELECT name FROM \"users.jsonl\" WHERE id = 3"
printf '{"type":"record","name":"u","fields":[{"name":"id","type":"int"},{"name":"at","type":["null","string"]}]}' >u.avsc
printf '{"id":4,"at":"x"}\n{"id":5,"at":null}\n' >avro.lines
topic_users=$topic
fresh avro
kt produce -q "$topic" -s avro --schema u.avsc avro.lines
echo 'no Avro' | kt produce -q "$topic"
asks "4	x	u4
5		u5" "Avro, and a file beside it" -s avro "SELECT a.id, a.at, u.name FROM \"$topic\" a JOIN \"./users.jsonl\" u ON u.id = a.id ORDER BY 1"
kt consume -q "$topic" -e -c 1 -D '' >one.avro
run kt consume -q "$topic" -e -s avro --where '$.at IS NULL AND $.id'
is "$status $out" '3 {"id":5,"at":null}' "a condition on Avro; what is none is status 3 as ever"
run kt consume "$topic" -e -s avro --table -q
like "$(tr -s ' ' <out | tr '\n' ';')" '^id at; 4 x; 5;' "Avro as a table"
asks '{"id":4,"at":"x"}' "an Avro container" -q -J "SELECT * FROM \"one.avro\""
python3 - <<'END'
import sqlite3
db = sqlite3.connect("shop.db")
db.executescript("CREATE TABLE users(id INTEGER, city TEXT); INSERT INTO users VALUES(3,'Oslo'),(4,'Rome'); CREATE TABLE ids(id TEXT); INSERT INTO ids VALUES('4')")
END
asks "Oslo	u3
Rome	u4" "a database" -q --db shop.db "SELECT d.city, u.name FROM \"$topic_users\" u JOIN users d ON d.id = u.id ORDER BY 1"
asks "u4" "compared as SQL compares texts and numbers" -q --db shop.db \
  "SELECT u.name FROM ids i JOIN (SELECT DISTINCT city, id FROM users) d ON d.id = i.id JOIN \"$topic_users\" u ON u.id = d.id"
mkfifo pipe.jsonl
refuses 2 "not a regular file" "a pipe" "SELECT * FROM \"./pipe.jsonl\""
refuses 2 "No such file" "a file that is not there" "SELECT * FROM \"./nosuch.jsonl\""
refuses 2 "not a database" "a file that is no database" --db users.jsonl "SELECT 1"
refuses 2 "unable to open" "a database that is not there" --db nosuch.db "SELECT 1"

# Statements can only read.
for statement in "ATTACH 'new.db' AS n" "DETACH main" "CREATE TABLE t(a)" "INSERT INTO users VALUES(1,2)" "DROP TABLE users" \
  "PRAGMA journal_mode=DELETE" "PRAGMA writable_schema=ON" "SELECT load_extension('x')" "BEGIN" "VACUUM INTO 'new.db'" \
  "CREATE VIRTUAL TABLE x USING fts3(a)" "CREATE TEMP VIEW v AS SELECT 1" "DELETE FROM sqlite_schema" \
  "UPDATE sqlite_schema SET sql = ''" "UPDATE users SET id = 1" "ANALYZE"; do
  cp shop.db before.db
  run kt sql --db shop.db "$statement"
  is "$status $out" "2 " "refused: $statement"
  ok "and nothing happened: $statement" cmp -s shop.db before.db
done
ok "no file was made" test ! -e new.db
refuses 2 "can only read" "a pragma as a table" "SELECT * FROM pragma_journal_mode"

# Ends: of output, of patience, of brokers.
run sh -c "kt sql -q 'SELECT * FROM \"$orders\" a, \"$orders\" b' | head -n 1"
is "$(wc -l <out)" 1 "a reader that goes ends it"
run sh -c "kt sql -q 'SELECT * FROM \"$orders\"' >/dev/full"
is "$status" 1 "a full disk: status 1"
run timeout 60 kt sql -q --run-for 1s "SELECT count(*) FROM \"$orders\" a, \"$orders\" b, \"$orders\" c, \"$orders\" d WHERE a.id + b.id + c.id + d.id < 0"
is "$status" 124 "--run-for ends what has no end"
run kt sql -b 127.0.0.1:1 -m 2 "SELECT * FROM \"$orders\""
is "$status" 5 "no broker: status 5"
run env KT_GROUP="g-$$" kt sql -q "SELECT count(*) FROM \"$orders\""
is "$status $out" "0 300" "a configured group is not joined"

fresh live
echo '{"n":1}' | kt produce -q "$topic"
start live kt sql --follow "SELECT n FROM \"$topic\" WHERE n > 1"
wait_for said live.err "columns by"
printf '{"n":%s}\n' 1 2 3 | kt produce -q "$topic"
ok "--follow shows what comes" wait_for said live.out '^3$'
stop "$pid" INT
is "$status $(tr '\n' ' ' <live.out)" "0 2 3 " "until Ctrl-C: status 0"
start joined kt sql --follow -o end "SELECT l.n, u.name FROM \"$topic\" l JOIN \"$topic_users\" u ON u.id = l.n"
wait_for said joined.err "columns by its|columns by the first"
wait_for sh -c "printf '{\"n\":%s}\\n' 5 | kt produce -q '$topic'; grep -q 'u5' joined.out"
like "$(cat joined.out)" "^5	u5$" "--follow with a table that is looked into"
stop "$pid" INT
start limited kt sql --follow -o end "SELECT n FROM \"$topic\" LIMIT 2"
wait_for said limited.err "columns by"
wait_for sh -c "printf '{\"n\":%s}\\n' 4 | kt produce -q '$topic' && ! kill -0 $pid 2>/dev/null || ! test -d /proc/$pid/task"
wait "$pid"
is "$? $(tr '\n' ' ' <limited.out)" "0 4 4 " "or LIMIT"

# The prompt.
mkfifo keys
start tty python3 "$tests/both/terminal.py" keys screen kt sql -m 1m
exec 3>keys
ok "a prompt" wait_for said screen 'kt> '
printf '.tables\n' >&3
ok ".tables" wait_for said screen "^$orders +topic"
printf '.schema %s\n' "$games" >&3
ok ".schema: a column" wait_for said screen '^User-Agent'
ok "and those that * has not" wait_for said screen '^_partition +INTEGER +not in'
printf '.mode json\nSELECT count(*) AS n -- all\nFROM "%s";\n' "$games" >&3
ok "a statement over two lines, and .mode" wait_for said screen '^[^ -~]*\{.*n.*:.*12.*\}'
printf 'SELECT nosuch;\n' >&3
ok "a mistake is said" wait_for said screen 'no such column: nosuch'
printf 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;\n' >&3
wait_for sh -c 'test "$(grep -c RECURSIVE screen)" -ge 1'
printf '\003' >&3
ok "Ctrl-C ends a statement" wait_for said screen 'stopped'
printf 'dropped' >&3
wait_for said screen 'dropped'
printf '\003' >&3
wait_for sh -c 'tail -n 1 screen | grep -q "^kt> .\{0,1\}$"'
printf 'SELECT 40 + 2 AS answer;\n' >&3
ok "and drops what was typed" wait_for said screen '"answer".*42'
if kt --version | grep -q +edit; then
  printf 'SELECT event_ty\t, 7 AS seven FROM "game-events-%s\t LIMIT 1;\n' "$$" >&3
  ok "the Tab key completes columns and topics" wait_for said screen 'event_type.*default.*seven.*7'
fi
printf '\004' >&3
wait "$pid"
is $? 0 "Ctrl-D: status 0"
exec 3>&-
if kt --version | grep -q +edit; then
  like "$(cat home/.local/state/kt/sql-history)" '^SELECT count\(\*\) AS n -- all FROM' "what was typed is kept"
fi
done_testing
