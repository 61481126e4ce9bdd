. "${0%/*}/../lib.sh"
# kt avro-decode without a broker: files, stdin, framings, forms, and what is not Avro.

data=$tests/fuzz/corpus/avro_reader
export KT_CONFIG=/dev/null KT_BROKERS=127.0.0.1:9

# What six sensor records of every codec come to.
cat >sensors <<'EOT'
{"e":"id0","t":1000000000.0,"f":0.0,"a":[]}
{"e":"id1","t":1000000000.1428572,"f":0.33333334,"a":[0]}
{"e":"id2","t":1000000000.2857143,"f":0.6666667,"a":[0,1]}
{"e":"id0","t":1000000000.4285715,"f":1.0,"a":[0,1,2]}
{"e":"id1","t":1000000000.5714285,"f":1.3333334,"a":[0,1,2,3]}
{"e":"id2","t":1000000000.7142857,"f":1.6666666,"a":[0,1,2,3,4]}
EOT
run kt avro-decode "$data/null"
is "$status $err" "0 " "a file: nothing is said"
same out sensors "each record of a container is a line of JSON"
if kt --version | grep -q '+codecs'; then
  for codec in deflate snappy zstandard bzip2 xz; do
    run kt avro-decode "$data/$codec"
    same out sensors "$codec"
  done
else
  run kt avro-decode "$data/deflate"
  is "$status" 3 "without codecs: not decoded"
  like "$err" 'the codec "deflate" is not in this kt' "said so"
fi
cat "$data/null" "$data/two" >three
run sh -c 'kt avro-decode <three'
cat sensors sensors sensors >expected
same out expected "containers one after another on stdin"
like "$err" "^% decoding stdin$" "stdin is said to be read"
run sh -c 'cat three | kt avro-decode -q -'
same out expected "- is stdin"
mkfifo pipe
start slow kt avro-decode -q pipe
exec 9>pipe
head -c 400 three >&9
ok "records come before the end of the input" wait_for grep -q id0 slow.out
tail -c +401 three >&9
exec 9>&-
ok "and the others" wait_for cmp -s slow.out expected
run kt avro-decode "$data/null" --file "$data/null" -c 8
is "$(wc -l <out | tr -d ' ')" 8 "-c counts over files"
run sh -c "kt avro-decode '$data/null' | head -n 1"
is "$out" "$(head -n 1 sensors)" "a reader that has enough"
run sh -c "kt avro-decode '$data/null' >/dev/full"
is "$status" 1 "a full disk: status 1"
like "$err" "No space left" "and why"

run kt avro-decode --python "$data/experiment"
is "$out" "{'experiment': '577cb8c3-0c81-456e-9314-349937ca08a9', 'timestamp': 1694266072.6484454}" \
  "--python is what Python prints"
run kt avro-decode -J "$data/experiment"
is "$out" '{"key":null,"payload":{"experiment":"577cb8c3-0c81-456e-9314-349937ca08a9","timestamp":1694266072.6484454}}' \
  "-J"
run kt avro-decode -f '%{e}|%{a}|%{nothing}|%S|%{e}\n' "$data/null" -c 2
is "$out" "$(printf 'id0|[]||43|id0\nid1|[0]||57|id1')" "-f with fields"
cat >as.avsc <<'EOT'
{"type":"record","name":"as","fields":[{"name":"a","type":{"type":"array","items":"double"}},{"name":"x","type":
["null","string"],"default":null},{"name":"id","type":"string","aliases":["e"]},{"name":"f","type":"double"}]}
EOT
run kt avro-decode --reader-schema as.avsc "$data/null" -c 2
is "$out" '{"a":[],"x":null,"id":"id0","f":0.0}
{"a":[0.0],"x":null,"id":"id1","f":0.3333333432674408}' "--reader-schema: order, defaults, aliases, promotions"
run kt avro-decode --reader-schema as.avsc "$data/null" -c 1 --python
is "$out" "{'a': [], 'x': None, 'id': 'id0', 'f': 0.0}" "in every form"
run kt avro-decode --reader-schema as.avsc "$data/null" -c 2 -f '%{id} %{a} %{x} %{e}\n'
is "$out" "$(printf 'id0 [] null \nid1 [0.0] null ')" "and in templates"
echo '{"type":"record","name":"as","fields":[{"name":"e","type":"int"}]}' >not.avsc
run kt avro-decode --reader-schema not.avsc "$data/null" "$data/experiment"
is "$status $out" "3 " "data that cannot be read with it: status 3"
is "$err" "% $data/null:0: the data cannot be read with the reader's schema: .e: the data has string, the reader's schema int
% $data/experiment:0: the data cannot be read with the reader's schema: the data has no field \"e\", which has no \
default in the reader's schema
kt avro-decode: 2 places could not be decoded; 0 records were" "said once for each file"
run kt avro-decode --strict --reader-schema not.avsc "$data/null" "$data/experiment"
is "$status $(wc -l <err)" "3 1" "--strict ends there"
echo '"string"' >string.avsc
printf '\002a' >bare
run kt avro-decode --schema string.avsc --reader-schema not.avsc bare
is "$status $err" "2 kt avro-decode: string.avsc: the data cannot be read with the reader's schema: the data has string, \
the reader's schema record \"as\"" "of a given schema before any data"
echo '{"type":"record","name":"as","fields":[{"name":"e","type":"int","default":null}]}' >not.avsc
run kt avro-decode --reader-schema not.avsc "$data/null"
is "$status $err" "2 kt avro-decode: not.avsc: the schema is not valid: record \"as\": a default: .e: expected int, got null" \
  "a bad default"

run kt avro-decode -f '%{a[0]},%{a[3]},%{e[0]},%{a.x}\n' "$data/null" -c 5
is "$out" "$(printf ',,,\n0,,,\n0,,,\n0,,,\n0,3,,')" "and elements of lists; what is not there prints as nothing"
like "$err" '^% %\{a\.x\} prints as nothing: the schema s has no such field; --schema-only shows what it has$' \
  "what the schema does not have is said"
is "$(grep -c 'prints as nothing' err)" 2 "once for each"
run kt avro-decode -f '%{m.z} %{m["a.b"]} %{m["c[0]"]} %{m["ü"]} %{a[1].x}\n' "$data/paths"
is "$status $err $out" '0   1 2 3 q' "keys with dots and brackets are quoted; a key of a map may be missing"
run kt avro-decode -f '[%{m.a.b}]' "$data/paths"
like "$err" '^% %\{m\.a\.b\} prints as nothing: the schema R has no such field; ' "a dot is not taken for a part of a key in silence"
run kt avro-decode -q -f '%{nosuch}|' "$data/paths"
is "$status $err $out" '0  |' "-q says nothing of it"
run kt avro-decode -f '%{a[x]}' "$data/null"
is "$status" 2 "an element without number is a usage error"
run kt avro-decode -f '%{e' "$data/null"
is "$status" 2 "an unfinished field is a usage error"
run kt avro-decode --stats "$data/two"
is "$out" "s	s	07dc3c7c6dd0e3ee	12" "--stats"
run kt avro-decode --schema-only "$data/two"
is "$out" '{"type":"record","name":"s","fields":[{"name":"e","type":"string"},{"name":"t","type":"double"},{"name":"f","type":"float"},{"name":"a","type":{"type":"array","items":"long"}}]}' \
  "--schema-only, each once"
run kt avro-decode --schema-only -J "$data/null"
like "$out" '"rabin":"07dc3c7c6dd0e3ee","md5":"c8ba91ba9d2cf213544dac8113f07d3f","sha256":"39b13bbab883c738e1098fffc8ef11388a2dda8c62412ffcf26be1b1462ab319","canonical":"\{.*"schema":\{' \
  "-J adds canonical form and fingerprints"

# What other writers make of containers.
if kt --version | grep -q '+codecs'; then
  for name in bzip2-twice deflate-no-records zstandard-no-records; do
    run kt avro-decode "$data/$name"
    is "$status $err $(head -n 2 out)" '0  {"id":1}
{"id":2}' "$name"
  done
  is "$(kt avro-decode "$data/bzip2-twice" | tail -n 1)" '{"id":4}' "a second stream of bzip2 in a block"
fi
run kt avro-decode "$data/trailing-zero"
is "$status $err $out" '0  {"id":1}
{"id":2}' "a lone zero where a block would begin"
person='{"type":"record","name":"Person","fields":[{"name":"name","type":"string"}]}'
for name in no-records cut-block; do
  run kt avro-decode --schema-only "$data/$name"
  is "$out" "$person" "--schema-only: $name"
  run kt avro-decode --stats "$data/$name"
  is "$out" "Person	Person	db58415cb6fbcb15	0" "--stats: $name"
done
is "$status" 3 "and the block that was cut is an error"

# What cannot be shown does not take the others with it.
run kt avro-decode "$data/latin1"
is "$status $out" '3 {"name":"Ada"}
{"name":"Bob"}
{"name":"Eve"}
{"name":"Zoe"}' "one of five strings is not UTF-8"
is "$err" "% $data/latin1:143: .name: a string that is not UTF-8
kt avro-decode: 1 place could not be decoded; 4 records were" "said once"
echo '{"type":"record","name":"P","fields":[{"name":"u","type":["int","string"]}]}' >narrow.avsc
run kt avro-decode "$data/union" --reader-schema narrow.avsc
is "$status $out" '3 {"u":5}
{"u":"x"}
{"u":6}' "a branch that the reader's schema does not have"

# A few bytes that come to a lot of text: how much of it is bounded, whatever it is made of.
python3 - <<'EOT'
def number(n):
    n = n << 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])
def container(schema, count, block):
    text = schema.encode()
    return (b"Obj\1" + number(1) + number(11) + b"avro.schema" + number(len(text)) + text + b"\0" + b"S" * 16 +
            number(count) + number(len(block)) + block + b"S" * 16)
symbol = "s" * 100000
enum = '{"type":"enum","name":"e","symbols":["%s"]}' % symbol
array = '{"type":"array","items":%s}' % enum
open("items", "wb").write(container('["int",%s]' % array, 3,
    b"\0\2" + b"\2" + number(1000) + b"\0" * 1000 + b"\0" + b"\0\4"))
nested = '{"type":"array","items":{"type":"array","items":%s}}' % array
open("nested", "wb").write(container('["int",%s]' % nested, 2, b"\2" + (b"\2\2" + number(500) + b"\0" * 501 + b"\0") * 1
    + b"\0" + b"\0\4"))
names = ",".join('{"name":"%s%d","type":"null"}' % (symbol, i) for i in range(30))
open("names", "wb").write(container(
    '["int",{"type":"array","items":{"type":"record","name":"r","fields":[%s]}}]' % names, 2,
    b"\2" + number(10) + b"\0" + b"\0\4"))
open("message", "wb").write(container(enum, 5000, b"\0" * 5000))
EOT
run kt avro-decode items
is "$status $out" "3 1
2" "a datum of too much text is passed over"
like "$err" '^% items:[0-9]*: \[[0-9]*\]: more than 16 MiB of text$' "in one line"
for name in nested names; do
  for form in '' --python --json '-f%s\n' --avro-json; do
    run kt avro-decode $form "$name"
    is "$status" 3 "$name $form"
    like "$err" 'more than 16 MiB of text$' "is bounded too"
  done
done
run sh -c 'printf "{\"payload\":\"%s\",\"payload_encoding\":\"base64\"}\n{\"payload\":null}\n" "$(base64 -w 0 message)" >bomb
  kt avro-decode -q - <bomb | cut -c 1-60 | tail -n 2'
is "$out" "null
null" "a message of too much text ends, and the run goes on"
like "$err" '^% stdin:1: it comes to more than 256 MiB of text, and the rest is left out$' "said with its place"
like "$err" '1 of 2 messages could not be decoded' "it is counted"

# Data that comes without its schema.
mkdir schemas
printf '"string"' >text.avsc
printf '{"type":"record","name":"Two","fields":[{"name":"a","type":["null","string"]},{"name":"b","type":"int"}]}' \
  >schemas/17.avsc
printf '\006abc' >bare
printf '\303\001\307\003\105\143\162\110\001\217\006abc' >single
printf '\000\000\000\000\021\002\006abc\004' >registry
run kt avro-decode bare --schema text.avsc
is "$out" '"abc"' "bare data"
run kt avro-decode single --schema text.avsc
is "$out" '"abc"' "single-object encoding"
run kt avro-decode registry --schema-dir schemas
is "$out" '{"a":"abc","b":2}' "a registry's number, from a directory"
echo '{"headers":[{"key":"__value_schema_id","value":"AAAAABE=","encoding":"base64"}],"payload":"AgZhYmME",
  "payload_encoding":"base64"}' | tr -d '\n' >numbered
run sh -c 'kt avro-decode --schema-dir schemas -q - -f "%s\n" <numbered'
is "$out" '{"a":"abc","b":2}' "the number in a header, and nothing around the datum"
run sh -c 'kt avro-decode -q - <numbered'
like "$err" '^% stdin:1: no schema with the number 17 is known' "one that is not known"
run kt avro-decode registry --schema-dir schemas --avro-json
is "$out" '{"a":{"string":"abc"},"b":2}' "--avro-json has tagged unions"
run kt avro-decode registry --schema schemas/17.avsc
is "$out" '{"a":"abc","b":2}' "and with the only schema there is"
run kt avro-decode registry
is "$status $out" "3 " "without a schema: status 3"
like "$err" "^% registry:0: no schema with the number 17 is known; give it with --schema FILE, or as 17.avsc" "said how"
run kt avro-decode registry --schema-dir schemas --framing ocf
like "$err" "registry:0: not an Avro container" "--framing is taken at its word"
run kt avro-decode bare --schema nowhere.avsc
is "$status" 2 "a schema that is not there: usage"
printf '{"type":"array"}' >bad.avsc
run kt avro-decode bare --schema bad.avsc
is "$status $err" "2 kt avro-decode: bad.avsc: the schema is not valid: an array without items" "one that is none too"

# What is not Avro.
printf 'hello\n' >typed
run kt avro-decode typed "$data/experiment"
is "$status" 3 "what is not Avro: status 3"
like "$err" '^% typed:0: not Avro: it begins with "hello\\n"' "is named with its place"
like "$out" '^\{"experiment"' "and the run goes on"
run kt avro-decode --strict typed "$data/experiment"
is "$status $out" "3 " "--strict ends there"
printf '\000\000\000\000\021\010' >wrong
run kt avro-decode wrong --schema-dir schemas
like "$err" '^% wrong:5: \.a: branch 4 of a union that has 2$' "with the path in the record"
head -c 700 "$data/two" >short.avro
run kt avro-decode short.avro
is "$status $(wc -l <out | tr -d ' ')" "3 6" "of a file that was cut what is whole"
like "$err" '^% short.avro:[0-9]*: a block of [0-9]* bytes, but [0-9]* are left' "and where it ends"
run kt avro-decode nowhere/x
is "$status" 2 "a file that is not there"
run kt avro-decode "$data/null" sometopic
is "$status" 2 "a topic beside a file"

# The first ones are named, the others counted.
seq 25 | sed 's/.*/{"payload":"hello &"}/' >hellos
run kt avro-decode -q - <hellos
is "$status $(grep -c '^% stdin:' err)" "3 10" "ten lines of what is not Avro"
like "$err" 'hint: 15 of them were not named above; -v names all' "then a sum"
run kt avro-decode -v - <hellos
is "$(grep -c '^% stdin:' err)" 25 "-v names all"

# Lines of kt consume -J.
{
  printf '{"topic":"t","partition":3,"offset":7,"headers":[{"key":"record_name","value":"ev"}],"key":"k",'
  printf '"payload":"%s","payload_encoding":"base64"}\n' "$(base64 -w 0 "$data/experiment")"
  printf '{"topic":"t","partition":3,"offset":8,"key":null,"payload":"hello"}\n'
  printf '{"topic":"t","partition":3,"offset":9,"payload":null}\nno json\n'
  printf '{"payload":"%s","payload_encoding":"base64"}' "$(base64 -w 0 "$data/experiment")"
} >lines
run sh -c 'kt avro-decode --python <lines'
record="{'experiment': '577cb8c3-0c81-456e-9314-349937ca08a9', 'timestamp': 1694266072.6484454}"
is "$out" "$(printf '%s\n' ev "$record" null None experiment_terminated "$record")" \
  "lines of JSON: the header, or the schema's name, then the record"
is "$status" 3 "with what is not Avro: status 3"
like "$err" '^% stdin:2: not Avro: it begins with "hello", .* \(byte 0\)$' "a line that is not Avro"
like "$err" '^% stdin:4: not a record in JSON: ' "a line that is not JSON"
like "$err" '^kt avro-decode: 2 of 5 messages could not be decoded$' "both are counted"
run sh -c 'head -n 2 lines | kt avro-decode -J'
like "$out" '^\{"topic":"t","partition":3,"offset":7,"headers":.*"key":"k","payload":\{"experiment":".*\}\}$' "-J"
like "$out" '^\{"topic":"t",.*"payload":"hello","payload_error":"stdin:2: not Avro: .*"\}$' "keeps what is not Avro"

# measurement_hash, as another implementation sealed it.
printf '{"type":"record","name":"h","fields":[{"name":"measurement_hash","type":"string"}]}' >hash.avsc
seal='AAECAwQFBgcICQoL.94+EVtFpX9TRs1xnYJNmajUcx2OX+GmZnc+IQ5RWc5i8T/z28Z5RnpaJ/5OVcovfZJCg8ejAohNGLMdNsNkdFqoaWMJ00bdV'
printf '\342\001%s' "$seal" >sealed
is "${#seal}" 113 "(the length in the datum)"
run kt avro-decode sealed --schema hash.avsc --decrypt-hash
is "$out" "{\"measurement_hash\":\"$seal\",\"measurement_hash_decrypted\":{\"notification_type\":null,\"researcher\":\"d.landau@uu.nl\"}}" \
  "--decrypt-hash adds what it holds"
run kt avro-decode sealed --schema hash.avsc --decrypt-hash --python
is "$out" "{'measurement_hash': '$seal', 'measurement_hash_decrypted': '{\"notification_type\":null,\"researcher\":\"d.landau@uu.nl\"}'}" \
  "as text for Python"
run kt avro-decode sealed --schema hash.avsc --decrypt-hash --secret-key 0123456789abcdef0123456789abcdef
like "$out" '"measurement_hash_error":"' "or says what is wrong"
run kt avro-decode sealed --schema hash.avsc --decrypt-hash --secret-key short
is "$status" 2 "a key of another length"

# Types in files of their own, in any order.
mkdir types
echo '{"type":"record","name":"x.Addr","fields":[{"name":"zip","type":"string"}]}' >types/addr.avsc
echo '{"type":"record","name":"x.User","fields":[{"name":"id","type":"int"},{"name":"addr","type":"Addr"}]}' >types/user.avsc
printf '\002\002z' >user
for order in "--schema types/addr.avsc --schema types/user.avsc" "--schema types/user.avsc --schema types/addr.avsc" \
  "--schema types/user.avsc --schema-dir types" "--schema-dir types"; do
  # shellcheck disable=SC2086
  run kt avro-decode --framing bare $order user
  is "$status $out $err" '0 {"id":1,"addr":{"zip":"z"}} ' "$order"
done
run kt avro-decode --framing bare --schema types/user.avsc user
like "$status $err" '^2 kt avro-decode: types/user.avsc: .* field "addr": there is no type "x.Addr"$' "a type that nobody has"
echo '{"type":"array","items":"nobody"}' >types/a.avsc
echo nothing >types/b.avsc
run kt avro-decode --framing bare --schema-dir types user
is "$status $out" '0 {"id":1,"addr":{"zip":"z"}}' "what is no schema does not keep a folder from being used"
is "$(grep -c '^% left out: types/[ab].avsc: ' err)" 2 "and is named"

# JSON that other libraries take.
printf '/* licence */\n{"type":"int", // all\n"doc":"a","doc":"\\ud83d"}' >comment.avsc
printf '\006' >three
run kt avro-decode --framing bare --schema comment.avsc three
is "$status $out$err" "0 3" "comments, names twice and half surrogates in a schema"

done_testing
