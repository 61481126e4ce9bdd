. "${0%/*}/lib.sh"
# Topics whose values carry the numbers of a schema registry: what is shown is committed, and nothing else.

kt --version | grep -q '+curl' || skip_all "built without libcurl"
need python3 openssl
export no_proxy='*'
start registry python3 "$tests/cli/registry_server.py" registry.log
wait_for test -s registry.out || fail "the registry starts" "$(cat registry.err)"
url=http://127.0.0.1:$(cat registry.out)
fresh numbered

# value NUMBER BYTES: a record of that schema as a line for kt produce -J, bytes with printf's escapes.
value() {
  # shellcheck disable=SC2059
  printf '{"payload":"%s","payload_encoding":"base64"}\n' "$(printf "\\000\\000\\000\\000\\$(printf %03o "$1")$2" | base64)"
}
two='{"a":"abc","b":2}'
{
  value 17 '\002\006abc\004'
  value 19 x
  value 17 '\002\006abc\004'
  value 50 '\006abc'
  value 17 '\002\006abc\004'
} >values
run kt produce "$topic" -J values
run kt consume "$topic" -e -c 2 -s avro -r "$url"
is "$status $out" "3 $two" "kt consume -s avro asks, too"
like "$err" "^% $topic\[0\]@1: schema 19: the schema registry $url does not have it" \
  "with the place of what it does not have"
run kt avro-decode "$topic" -g "$topic" --reset earliest -e -r "$url" -m 5
is "$status $(printf '%s' "$out" | tr '\n' ' ')" "5 Two $two Two $two" "a registry that does not answer ends the run"
like "$err" "^kt avro-decode: $topic\[0\]@3: schema 50: the schema registry $url cannot be asked: no answer in time$" "where"
is "$(sort registry.log | uniq -c | sed 's/^ *//')" "2 GET /schemas/ids/17
2 GET /schemas/ids/19
1 GET /schemas/ids/50" "each run asks once for a number"

# The same for who has the bytes alone.
if kt --version | grep -q +http; then
  need curl
  start served env KT_REGISTRY="$url" kt serve --listen 127.0.0.1:0
  served=$pid
  wait_for grep -q '^% serving at' served.err
  decode=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)/decode
  while IFS='|' read -r expected bytes words; do
    # shellcheck disable=SC2059
    printf "$bytes" | curl -sS -w ' %{http_code}' --data-binary @- "$decode" | tr -d '\n' >out
    is "$(cat out)" "$expected" "kt serve: $words"
  done <<END
$two 200|\\000\\000\\000\\000\\021\\002\\006abc\\004|a value by its number
{"error":"schema 19: the schema registry $url does not have it"} 422|\\000\\000\\000\\000\\023x|a number that it does not have
{"error":"not Avro: there is nothing"} 422||nothing
END
  printf hello | curl -sS -o out -w '%{http_code}' --data-binary @- "$decode" >code
  is "$(cat code)" 422 "what is no Avro"
  printf '\000\000\000\000\062\006abc' | curl -sS -o out -w '%{http_code}' --data-binary @- "$decode" >code &
  curl_pid=$!
  asked() {
    [ "$(grep -c /50$ registry.log)" -ge 2 ]
  }
  wait_for asked
  stop "$served" TERM
  wait "$curl_pid"
  is "$status $(cat code)" "0 503" "a signal ends the wait for a registry"
fi
mkdir schemas
printf '"string"' >schemas/50.avsc
run kt avro-decode "$topic" -g "$topic" -e -r "$url" --schema-dir schemas
is "$(printf '%s' "$out" | tr '\n' ' ')" "string \"abc\" Two $two" "the group goes on with the record that was not shown"
run kt avro-decode "$topic" -e -r "$url" --schema-dir schemas -J -q
is "$(grep -c '"payload":{"a":"abc","b":2}' out) $(grep -c '"payload_error":".*schema 19' out)" "3 1" "as JSON"

# A member goes on living while a registry lets it wait longer than max.poll.interval.ms, and what it had is out.
fresh silent
{
  value 17 '\002\006abc\004'
  value 50 '\006abc'
} >values
run kt produce "$topic" -J values
start member kt consume "$topic" -g "$topic" --reset earliest -s avro -r "$url" -m 8 -X session.timeout.ms=6000 \
  -X max.poll.interval.ms=6000
wait_for grep -q "^% waiting for the schema registry $url: schema 50" member.err || fail "says what it waits for" "$(cat member.err)"
is "$(cat member.out)" "$two" "what came before is written while a registry is asked"
wait "$pid"
is "$?" 5 "the registry's silence ends the run"
is "$(grep -Eci 'max.poll|expelled|left|lost|revoked' member.err)" 0 "and not the group, after 8 s"
is "$(kt group describe -q "$topic" | grep "^$topic" | cut -f 2,3)" "0	1" "what was shown is committed"
# Another group: the embedded broker drops who waits to join one of short sessions, and answers that member never.
start member kt consume "$topic" -g "$topic-again" --reset earliest -e -s avro -r "$url" -m 60
wait_for grep -q "^% waiting for the schema registry" member.err || fail "says so again" "$(cat member.err)"
stop "$pid" INT
is "$status" 130 "Ctrl-C ends such a wait"
run kt consume "$topic" -g "$topic-again" -e -s avro --schema-dir schemas -f '%o\n'
is "$out" 1 "the record that was not shown comes next"

# The other way round.
fresh sent
cat >two.avsc <<'END'
{"type": "record", "name": "Two", "fields": [{"name": "a", "type": ["null", "string"]}, {"name": "b", "type": "int"}]}
END
printf '"string"' >other.avsc
printf '{"a":"abc","b":2}\n{"a":null,"b":3}\n' >lines
run kt produce "$topic" -s avro --schema two.avsc --framing confluent -r "$url" --subject t-value lines
is "$status" 0 "kt produce finds the number of a schema"
run kt consume "$topic" -e -c 1 --encoding hex -J
like "$out" '"payload":"000000001102066162630' "and puts it in front"
run kt avro-decode "$topic" -e -r "$url" -f '%{b} '
is "$out" "2 3 " "which the registry knows"
run kt produce "$topic" -s avro --schema two.avsc --framing confluent -r "$url" lines
is "$status" 4 "a subject that does not have it: status 4"
like "$err" "^kt produce: the schema registry $url does not have this schema under the subject $topic-value$" "is named"
like "$err" "^hint: --register adds it" "with what to do"
: >registry.log
run env KT_REGISTRY="$url" kt produce "$topic" -s avro --schema two.avsc --framing confluent --register lines
is "$status $(cat registry.log)" "0 POST /subjects/$topic-value/versions" "--register adds it, to TOPIC-value"
run env KT_REGISTRY="$url" kt produce "$topic" -s avro --schema two.avsc --framing confluent lines
is "$status" 0 "where it is found from then on"
: >registry.log
run env KT_REGISTRY="$url" kt produce "$topic" -s avro --schema two.avsc --framing confluent --schema-id 17 lines
is "$status $(cat registry.log)" "0 " "a number that is given is not asked for"
run kt produce "$topic" -s avro --schema two.avsc --framing confluent -r http://127.0.0.1:1 lines
is "$status" 5 "no registry: status 5"
run kt produce "$topic" -s avro --schema two.avsc --framing confluent lines
is "$status" 2 "neither a number nor a registry: usage"
run kt produce "$topic" -s avro --schema two.avsc -r "$url" lines
is "$status" 2 "a registry without its framing: usage"

# A registry that wants a certificate, while the brokers are plain.
openssl req -x509 -newkey rsa:2048 -nodes -keyout one.key -out one.crt -subj /CN=client58 -days 30 \
  -addext subjectAltName=IP:127.0.0.1 2>/dev/null
openssl pkcs12 -export -inkey one.key -in one.crt -passout pass:secret -out one.p12
start secure python3 "$tests/cli/registry_server.py" secure.log --tls one.crt one.key --clients one.crt
wait_for test -s secure.out || fail "the registry starts" "$(cat secure.err)"
url=https://127.0.0.1:$(cat secure.out)
export KT_X_SSL_CA_LOCATION=one.crt KT_X_SSL_KEYSTORE_LOCATION=one.p12 KT_X_SSL_KEYSTORE_PASSWORD=secret
run kt consume "$topic" -e -c 1 -s avro -r "$url"
is "$status $out" '0 {"a":"abc","b":2}' "kt consume shows it the keystore's"
run kt produce "$topic" -s avro --schema two.avsc --framing confluent -r "$url" --subject t-value lines
is "$status" 0 "kt produce as well"
# Sinks: fields by a schema of the registry, in rows and lines; what it does not have is kept as it came.
fresh sunk 1
{
  value 17 '\002\006abc\004'
  value 19 x
  value 17 '\000\006'
} | kt produce -q -J "$topic"
run timeout 60 kt sink files lake "$topic" -e -s avro -r "$url"
is "$status $(cat lake/*)" "0 $(kt consume -q -J -e "$topic" -s avro -r "$url" 2>/dev/null)" "kt sink files: lines as consume -J prints them"
run timeout 60 kt sink files alone "$topic" -e -s avro -r "$url" --values
is "$(cat alone/*)" "$two
\"\\u0000\\u0000\\u0000\\u0000\\u0013x\"
{\"a\":null,\"b\":3}" "--values: the data alone"
run timeout 60 kt sink files csv "$topic" -e -s avro -r "$url" -f csv --grep abc
is "$status $(cut -d, -f3,6- csv/*)" "0 _offset,a,b,_value,_headers
0,abc,2,," "CSV: fields are columns, and filters look at what was decoded"
if kt --version | grep -q '+sqlite'; then
  run timeout 60 kt sink sqlite r.db "$topic" -e -s avro -r "$url"
  like "$err" "^% $topic: columns by the first 3 records: a, b$" "kt sink sqlite: fields are columns"
  is "$status $(kt sql -q --db r.db "SELECT _offset, a, b, hex(_value) FROM main.\"$topic\"")" "0 0	abc	2	7B2261223A22616263222C2262223A327D
1			000000001378
2		3	7B2261223A6E756C6C2C2262223A337D" "and every record is a row"
  { value 17 '\002\006abc\004'; value 50 x; } | kt produce -q -J "$topic"
  # Both at a time: each waits for the registry as long as it may.
  start waits kt sink files lake "$topic" -e -s avro -r "$url" -m 5
  run timeout 60 kt sink sqlite r.db "$topic" -e -s avro -r "$url" -m 5
  is "$status $(kt sql -q --db r.db "SELECT count(*), max(_offset), (SELECT next FROM kt_sink_offsets) FROM main.\"$topic\"")" "5 4	3	4" \
    "a registry that does not answer ends the run; what came before is kept"
  wait "$pid"
  is "$? $(cd lake && echo *)" "5 $topic.0.0-2.jsonl $topic.0.3-3.jsonl" "in files too"
else
  skip "kt sink sqlite with a registry" "built without SQLite"
fi
done_testing
