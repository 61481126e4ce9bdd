. "${0%/*}/lib.sh"
# Record JSON: what consume -J prints, what produce -J takes, and that the one makes exactly the other.
need jq

# Prints the records without what a copy cannot keep.
without_place() {
  kt consume -q -e -J "$@" | jq -cS 'del(.topic, .partition, .offset)' | sort
}

fresh form
echo '{"ts":1700000000123,"headers":[{"key":"a","value":"x"},{"key":"a","value":null}],"key":null,"payload":"é"}' |
  kt produce -q -J "$topic"
is "$(kt consume -q -e -J "$topic")" \
  "{\"topic\":\"$topic\",\"partition\":0,\"offset\":0,\"tstype\":\"create\",\"ts\":1700000000123,"\
'"headers":[{"key":"a","value":"x"},{"key":"a","value":null}],"key":null,"payload":"é"}' "the form of a record"

fresh source 3
cat >records <<'END'
{"key":null,"payload":null,"ts":1}
{"key":"","payload":"","ts":1600000000000}
{"key":"k","payload":"plain","ts":1600000000001}
{"key":"\u0000\u001f\"\\/\b\f\n\r\t","payload":"line\nbreak \u2028 \ud83d\ude00","ts":1600000000002}
{"key":"gP8=","key_encoding":"base64","payload":"AP/+gA==","payload_encoding":"base64","ts":1600000000003}
{"payload":"headers","headers":[{"key":"a","value":"1"},{"key":"a","value":"2"},{"key":"A","value":null},{"key":"","value":""},{"key":"bin","value":"gIE=","encoding":"base64"},{"key":"a","value":"1"}],"ts":1600000000004}
{"payload":"w6k=","payload_encoding":"base64","ts":1600000000005}
{"payload":"hex","headers":[{"key":"h","value":"00ff","encoding":"hex"}],"ts":1600000000006}
END
run kt produce -J "$topic" records
is "$status" 0 "awkward records"
source=$topic
is "$(without_place "$source" | jq -c 'select(.ts == 1600000000002) | [.key, .payload]')" \
  '["\u0000\u001f\"\\/\b\f\n\r\t","line\nbreak   😀"]' "every character is itself"
is "$(without_place "$source" | jq -c 'select(.ts == 1600000000003) | [.key, .key_encoding, .payload, .payload_encoding]')" \
  '["gP8=","base64","AP/+gA==","base64"]' "bytes that are not UTF-8 are base64, and said to be"
is "$(without_place "$source" | jq -c 'select(.ts == 1600000000005) | [.payload, .payload_encoding]')" \
  '["é",null]' "bytes that are UTF-8 are text however they came in"
is "$(without_place "$source" | jq -c 'select(.ts == 1) | [.key, .payload]')" '[null,null]' "null is null"
is "$(without_place "$source" | jq -c 'select(.ts == 1600000000000) | [.key, .payload]')" '["",""]' "empty is empty"
is "$(without_place "$source" | jq -c 'select(.ts == 1600000000004) | .headers')" \
  '[{"key":"a","value":"1"},{"key":"a","value":"2"},{"key":"A","value":null},{"key":"","value":""},'\
'{"encoding":"base64","key":"bin","value":"gIE="},{"key":"a","value":"1"}]' "headers: order, repetition, null, empty, bytes"

# Random records, some binary, plus those above.
python3 - <<'END' >random
import base64, json, random
random.seed(3)
def some(most):
    return random.choice([None, b"", random.randbytes(random.randint(1, most)), b"text %d" % random.randint(0, 99)])
def member(name, data, encoding):
    if data is None:
        return {name: None}
    return {name: base64.b64encode(data).decode(), encoding: "base64"}
for n in range(2000):
    record = {**member("key", some(40), "key_encoding"), **member("payload", some(300), "payload_encoding"),
              "ts": 1600000000000 + n}
    if n % 3 == 0:
        record["headers"] = [{"key": "h%d" % random.randint(0, 3), **member("value", some(30), "encoding")}
                             for _ in range(n % 7)]
    print(json.dumps(record))
END
kt produce -q -J "$source" random
fresh copy 5
kt consume -q -J -e "$source" | kt produce -q -J "$topic"
is "$?" 0 "consume -J | produce -J"
without_place "$source" >one
without_place "$topic" >two
is "$(wc -l <one | tr -d ' ')" 2008 "all records are there"
same two one "and the copy differs in nothing"

fresh kept 3
kt consume -q -J -e "$source" | kt produce -q -J --keep-partition "$topic"
kt consume -q -J -e "$source" | jq -cS 'del(.topic)' | sort >one
kt consume -q -J -e "$topic" | jq -cS 'del(.topic)' | sort >two
same two one "--keep-partition: partitions and offsets are the same too"
fresh free 3
printf '%s\n' '{"partition":2,"payload":"a"}' '{"partition":2,"payload":"b","key":"1"}' >lines
kt produce -q -J -p 1 "$topic" lines
is "$(kt consume -q -e -f '%p' "$topic")" 11 "without it the record's partition does not count, -p does"
run kt produce -J --keep-partition "$topic" <<'END'
{"partition":7,"payload":"x"}
END
is "$status" 3 "a partition that the topic does not have: status 3"
like "$err" "^% line 1: " "the record is named"
fresh beats
kt produce -q -J "$topic" <<'END'
{"topic":"elsewhere","payload":"here"}
END
is "$(values "$topic")" "here" "the topic argument beats the JSON's"
run kt produce --keep-partition "$topic"
is "$status" 2 "--keep-partition without -J is a mistake"
run kt produce -J "$topic" -k key
is "$status" 2 "-J with -k is one"

fresh shapes
run kt produce -J "$topic" <<'END'
{"payload":"flat","headers":["a","x","a",null]}

{"payload":"object","headers":{"a":"x","b":null,"c":["1","2"]}}
{"value":"other name"}
{"payload":{"json": [1, 2.50]}}
{"payload":null}
END
is "$status" 0 "kcat's flat headers, a plain object, an empty line"
is "$(kt consume -q -e -J "$topic" | jq -c '[.payload, [.headers // [] | .[] | [.key, .value]]]' | tr '\n' ' ')" \
  '["flat",[["a","x"],["a",null]]] ["object",[["a","x"],["b",null],["c","1"],["c","2"]]] ["other name",[]] '\
'["{\"json\":[1,2.50]}",[]] [null,[]] ' "are understood, blank lines are nothing"

fresh bad
cat >lines <<'END'
{"payload":"1"}
{"payload":"2"
{"payload":"3"}
{"payload":"*","payload_encoding":"base64"}
{"payload":"5","ts":0,"tstype":"create"}
{"payload":"6","headers":[{"key":"a\u0000b","value":"x"}]}
[7]
{"payload":"8"}
END
run kt produce -J --on-error continue "$topic" lines
is "$status" 3 "records that cannot be sent: status 3"
for line in 2 4 5 6 7; do
  like "$err" "^% lines:$line: " "line $line is named"
done
like "$err" "^% lines:5: .*timestamp of 0" "a timestamp of 0 by name"
like "$err" "^% lines:6: .*NUL" "a NUL in the name of a header by name"
like "$err" "^kt produce: 5 of 8 records not delivered" "counted"
is "$(values "$topic" | tr '\n' ' ')" "1 3 8 " "the others are sent"
fresh stop
run kt produce -J "$topic" lines
is "$status $(values "$topic" | tr '\n' ' ')" "3 1 " "else the first one ends the run, and what was before it is sent"

fresh times
printf '{"payload":"x","ts":%s}\n' -1 -5 1 1600000000000 | kt produce -q -J "$topic"
is "$? $(kt consume -q -e -f '%T ' "$topic")" "0 -1 -5 1 1600000000000 " "timestamps near 0 are carried"
if on_kafka; then
  run kt produce -J "$topic" <<'END'
{"payload":"far in the future","ts":9223372036854775807}
END
  is "$status" 3 "a timestamp that the broker refuses: status 3"
  like "$err" "^% line 1: .*[Tt]imestamp" "named with the reason"
fi

fresh encoding
printf 'é' | kt produce -q -k k "$topic"
is "$(kt consume -q -e -J --encoding base64 "$topic" | jq -c '[.key, .key_encoding, .payload, .payload_encoding]')" \
  '["aw==","base64","w6k=","base64"]' "--encoding base64"
is "$(kt consume -q -e -J --encoding hex "$topic" | jq -c '[.key, .key_encoding, .payload, .payload_encoding]')" \
  '["6b","hex","c3a9","hex"]' "--encoding hex"
fresh encoding-copy
kt consume -q -J -e --encoding hex "$source" | kt produce -q -J "$topic"
without_place "$source" >one
without_place "$topic" >two
same two one "hex feeds back as well"

if command -v kcat >/dev/null; then
  kcat -C -q -e -o beginning -b "$KT_BROKERS" -t "$source" -p 0 -J | jq -c '[.partition, .offset, .ts]' >theirs
  kt consume -q -e -J -p 0 "$source" | jq -c '[.partition, .offset, .ts]' >ours
  same ours theirs "kcat's names"
  fresh from-kcat
  printf 'k:v\n' | kcat -P -b "$KT_BROKERS" -t "$topic" -K : -H a=1 -H b
  kcat -C -q -e -o beginning -b "$KT_BROKERS" -t "$topic" -J >kcat.json
  without_place "$topic" >one
  fresh from-kcat-copy
  kt produce -q -J "$topic" kcat.json
  without_place "$topic" >two
  same two one "kcat -J feeds produce -J"
fi
done_testing
