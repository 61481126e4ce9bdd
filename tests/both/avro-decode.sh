. "${0%/*}/lib.sh"
# kt avro-decode from topics: the exercise's two lines, groups and commits, and what is not Avro between the records.

data=$tests/fuzz/corpus/avro_reader
record="{'experiment': '577cb8c3-0c81-456e-9314-349937ca08a9', 'timestamp': 1694266072.6484454}"

fresh avro
kt produce -q "$topic" -H record_name=experiment_terminated -k 577cb8c3 --whole "$data/experiment"
kt produce -q "$topic" --whole "$data/experiment"
echo hello | kt produce -q "$topic"
kt produce -q "$topic" -H record_name=sensors --whole "$data/null"
run kt avro-decode "$topic" -e --python
is "$status" 3 "one message is not Avro: status 3"
is "$(head -n 4 out)" "$(printf '%s\n' experiment_terminated "$record" experiment_terminated "$record")" \
  "two lines for each: header or schema's name, and the record"
is "$(grep -c '^sensors$' out)" 6 "a container with six records: six times"
like "$err" "^% $topic\[0\]@2: not Avro: it begins with \"hello\".* \(byte 0\)$" "what is not Avro is named"
like "$err" "^kt avro-decode: 1 of 4 messages could not be decoded$" "and counted"
run kt avro-decode "$topic" -e --strict
is "$status $(wc -l <out | tr -d ' ')" "3 4" "--strict ends there"
run kt avro-decode "$topic" -e -J -c 1
like "$out" "^\{\"topic\":\"$topic\",\"partition\":0,\"offset\":0,.*\"key\":\"577cb8c3\",\"payload\":\{\"experiment\"" "-J"
run kt avro-decode "$topic" -e -J -o 2 -c 1
like "$out" '"payload":"hello","payload_error":"' "-J keeps what is not Avro"
run sh -c "kt consume -q '$topic' -e -J | kt avro-decode --python -q -"
is "$(head -n 4 out)" "$(printf '%s\n' experiment_terminated "$record" experiment_terminated "$record")" \
  "the same from what kt consume -J wrote"
run kt avro-decode "$topic" -e -f '%o %k %{timestamp}\n' -c 2
is "$out" "$(printf '0 577cb8c3 1694266072.6484454\n1  1694266072.6484454')" "-f"
run kt avro-decode "$topic" -e --stats
like "$out" "^experiment_terminated	experiment_terminated	[0-9a-f]{16}	2$" "--stats"
like "$out" "^sensors	s	07dc3c7c6dd0e3ee	6$" "by header and schema"
run env KT_TOPIC="$topic" kt avro-decode -e -c 1
like "$err" "^% decoding topic $topic$" "the configured topic, and says so"

# As another schema, of the messages that it can be read with.
cat >as.avsc <<'EOT'
{"type":"record","name":"as","fields":[{"name":"when","type":"double","aliases":["timestamp"]},{"name":"by","type":
["null","string"],"default":null},{"name":"experiment","type":"string"}]}
EOT
run kt avro-decode "$topic" -e --reader-schema as.avsc
is "$status $(sed -n '1,2p' out)" "3 experiment_terminated
{\"when\":1694266072.6484454,\"by\":null,\"experiment\":\"577cb8c3-0c81-456e-9314-349937ca08a9\"}" "--reader-schema"
like "$err" "^% $topic\[0\]@3: the data cannot be read with the reader's schema: the data has no field \"when\", .* \(byte 0\)$" \
  "and which message does not go with it"
run kt consume "$topic" -q -e -s avro --reader-schema as.avsc -f '%o %{by} %{when}\n' -c 1
is "$out" "0 null 1694266072.6484454" "the same in kt consume"

# A group: committed is what was written.
run kt avro-decode "$topic" -g "avro-$$" --reset earliest -c 2 -e
is "$(wc -l <out | tr -d ' ')" 4 "two messages as a member"
run kt avro-decode "$topic" -g "avro-$$" -e
is "$(wc -l <out | tr -d ' ')" 12 "the next run goes on after them"
run kt avro-decode "$topic" -g "strict-$$" --reset earliest -e --strict
is "$(wc -l <out | tr -d ' ')" 4 "--strict as a member"
run kt avro-decode "$topic" -g "strict-$$" -e --strict
is "$status $out" "3 " "stays before what it could not decode"

# The same in kt consume.
run kt consume "$topic" -e -s avro -c 3
is "$status" 3 "consume -s avro: what is not Avro is named, status 3"
json='{"experiment":"577cb8c3-0c81-456e-9314-349937ca08a9","timestamp":1694266072.6484454}'
is "$out" "$(printf '%s\n' "$json" "$json")" "the record as JSON"
run kt consume "$topic" -e -s avro -c 1 -K ': ' -D '\0'
is "$(od -An -c out | tail -n 1 | tr -d ' ')" "$(printf '577cb8c3: %s\0' "$json" | od -An -c | tail -n 1 | tr -d ' ')" \
  "with key and delimiter"
run kt consume "$topic" -e -s avro -c 1 -J
like "$out" "\"key\":\"577cb8c3\",\"payload\":\{\"experiment\":" "-J"
run kt consume "$topic" -e -s avro --python -c 1
is "$(tail -n 1 out)" "$record" "--python"
run kt consume "$topic" -e -s avro --grep '"e":"id1"' -q
is "$(grep -c id1 out) $(wc -l <out | tr -d ' ')" "2 2" "--grep looks at the text"
run kt consume "$topic" -e -s avro -f '%o %{e}\n' -o 3
is "$(head -n 1 out)" "3 id0" "-f with fields"
run kt consume "$topic" -e -f '%{e}'
is "$status" 2 "which without -s avro is a usage error"

# A small message that comes to a lot of text between others: its parts are written, it counts as read, the run goes on.
python3 - <<'END'
def number(n):
    n = n << 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])
text = b'{"type":"record","name":"r","fields":[{"name":"' + b"n" * 200000 + b'","type":"null"}]}'
open("bomb", "wb").write(b"Obj\1" + number(1) + number(11) + b"avro.schema" + number(len(text)) + text + b"\0" + b"S" * 16 +
                         number(100000) + number(0) + b"S" * 16)
END
fresh bomb
kt produce -q "$topic" --whole "$data/experiment" bomb "$data/experiment"
run sh -c "kt avro-decode --python '$topic' -e -g 'bomb-$$' --reset earliest | cut -c 1-200 | tail -n 1"
is "$out" "$record" "the record after it"
run kt group describe "bomb-$$"
like "$out" "^$topic	0	3	3	0" "all of it was read"
for command in "avro-decode -J" "consume -s avro" "consume -s avro -f %s\\n"; do
  run sh -c "kt $command '$topic' -e | cut -c 1-200 | tail -n 1"
  like "$out" '"timestamp":1694266072.6484454' "kt $command"
  is "$(grep -c "^% $topic\[0\]@1: it comes to more than 256 MiB of text, and the rest is left out$" err)" 1 \
    "one line about it"
done

# Keys and values of other kinds: packed integers as kcat has them, and Avro keys.
fresh packed
printf '\000\000\000\005\377\377hello' >packed
kt produce -q "$topic" -k abcd --whole packed
run kt consume "$topic" -e -q -s 'key=i,value=i h s' -K '|'
is "$status $out" "0 1633837924|5 -1 hello" "packed integers"
run kt consume "$topic" -e -q -s key=\>I -s value=ihs -J
like "$out" '"key":"1633837924","payload":"5-1hello"\}$' "with -J"
run kt consume "$topic" -e -q -s 'ihQ' -f '%k %S\n'
is "$status $out" "3 abcd 11" "what is something else is shown as it came: status 3"
like "$err" "^% $topic\[0\]@0: value: Q needs 8 bytes, but 5 are left$" "and named"
like "$err" "^kt consume: 1 of 1 message could not be decoded$" "counted once"
run kt consume "$topic" -e -s key=q,value=avro
is "$status $(grep -c '^%.*@0: ' err)" "3 2" "a key and an Avro value that both fail are two lines"
like "$err" "^kt consume: 1 of 1 message could not be decoded$" "and one message"
echo '{"type":"fixed","name":"F","size":11}' >bytes.avsc
run kt consume "$topic" -e -s key=q,value=avro --schema bytes.avsc
like "$err" "^kt consume: 1 of 1 message could not be decoded$" "as is one of which only the key fails"
run kt consume "$topic" -e -s protobuf
is "$status" 2 "a word that is no format"
fresh keys
echo '{"type":"record","name":"K","fields":[{"name":"id","type":"int"}]}' >k.avsc
printf '{"key":"Bg==","key_encoding":"base64","payload":"Bg==","payload_encoding":"base64"}\n{"key":"nokey","payload":"x"}\n{"payload":null}\n' |
  kt produce -q "$topic" -J -p 0
run kt consume "$topic" -e -q -s key=avro,value=avro --schema k.avsc -J -c 1
like "$out" '"key":\{"id":3\},"payload":\{"id":3\}\}$' "Avro keys"
run kt consume "$topic" -e -q -s key=avro --schema k.avsc -K '|' -Z
is "$status $(tail -n 2 out)" "3 nokey|x
NULL|NULL" "a key that is not Avro, and none"
like "$err" "^% $topic\[0\]@1: key: .* \(byte 1\)$" "is named"

fresh headed
printf '"string"' >5.avsc
printf '{"type":"record","name":"Two","fields":[{"name":"a","type":"int"},{"name":"b","type":"int"}]}' >6.avsc
mkdir numbered && mv 5.avsc 6.avsc numbered
echo '{"headers":[{"key":"__key_schema_id","value":"AAAAAAU=","encoding":"base64"},{"key":"__value_schema_id","value":"AAAAAAY=","encoding":"base64"}],"key":"BmFiYw==","key_encoding":"base64","payload":"AgQ=","payload_encoding":"base64"}' |
  kt produce -q "$topic" -J
run kt consume "$topic" -e -q -s key=avro,value=avro --schema-dir numbered -K ' '
is "$status $out" '0 "abc" {"a":1,"b":2}' "schemas of keys and values by their numbers in headers"
run kt consume "$topic" -e -q -s key=avro --schema-dir numbered -f '%k\n'
is "$status $out" '0 "abc"' "of keys alone"

fresh null
kt produce -q "$topic" -Z -k gone -H record_name=experiment_terminated <<'END'

END
run kt avro-decode "$topic" -e --python
is "$status $(tr '\n' ' ' <out)" "0 experiment_terminated None " "a null value is None"

done_testing
