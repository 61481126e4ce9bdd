. "${0%/*}/../lib.sh"
# Schemas of a registry: kt avro-decode with a registry of Python's standard library, well and ill behaved.

kt --version | grep -q '+curl' || skip_all "built without libcurl"
need python3 openssl
export KT_CONFIG=/dev/null KT_BROKERS=127.0.0.1:9 no_proxy='*'

# serve NAME OPTION…: a registry; its port is in $port, its log in NAME.log.
serve() {
  serve_name=$1
  shift
  start "$serve_name" python3 "$tests/cli/registry_server.py" "$serve_name.log" "$@"
  wait_for test -s "$serve_name.out" || fail "the registry starts" "$(cat "$serve_name.err")"
  port=$(cat "$serve_name.out")
}

# datum NUMBER BYTES: a message of that schema, bytes with printf's escapes.
datum() {
  # shellcheck disable=SC2059
  printf "\\000\\000\\000\\000\\$(printf %03o "$1")$2"
}

serve plain
url=http://127.0.0.1:$port plain_pid=$pid
datum 17 '\002\006abc\004' >two
run kt avro-decode two --registry "$url"
is "$status $out $err" '0 {"a":"abc","b":2} ' "a schema of the registry"
run env KT_REGISTRY="$url/" kt avro-decode two
is "$out" '{"a":"abc","b":2}' "which the environment names"
printf '[profile lab]\nkt.registry = %s\n' "$url" >config
run kt avro-decode two --config config --profile lab
is "$out" '{"a":"abc","b":2}' "or a profile"
printf 'schema.registry.url=%s,http://other:8081\nbasic.auth.user.info=me:hunter2\n' "$url" >java
run kt avro-decode two --config java
is "$out" '{"a":"abc","b":2}' "in Java's words, too"
run kt config show --config java
like "$out" "^kt.registry	$url	" "which kt config show lists"
unlike "$out" hunter2 "without the password"
: >plain.log
for value in abc xyz; do
  printf '{"payload":"%s","payload_encoding":"base64"}\n' "$(datum 17 "\\002\\006$value\\004" | base64)"
done >lines
run kt avro-decode lines -r "$url"
is "$(cat plain.log)" "GET /schemas/ids/17" "a number is asked for once"
: >plain.log
printf '"string"' >text.avsc
printf '\006abc' >bare
run kt avro-decode bare --schema text.avsc -r "$url"
is "$out $(cat plain.log)" '"abc" ' "what needs no registry does not ask it"
run kt avro-decode two -r http://127.0.0.1:1 --schema text.avsc --framing bare
is "$status" 3 "--framing decides"

# References.
: >plain.log
datum 18 '\006\002\002\010\000\000\002\002\002x' >outer
run kt avro-decode outer -r "$url"
is "$out" '{"inner":{"n":3,"kind":"BAD"},"again":[{"n":4,"kind":"GOOD"}],"kind":"BAD","plain":{"p":"x"}}' \
  "a schema with references"
is "$(sort plain.log)" "GET /schemas/ids/18
GET /subjects/in%2Fner%20%C3%BC/versions/3
GET /subjects/kind/versions/1
GET /subjects/plain/versions/1" "each of them once"
run kt avro-decode outer -r "$url" --schema-only
like "$out" '^\{"type":"record","name":"x.y.Outer",.*"symbols":\["GOOD","BAD"\].*\}$' "--schema-only has it in one piece"
run kt avro-decode --stats outer -r "$url"
like "$out" '^x.y.Outer	x.y.Outer	[0-9a-f]{16}	1$' "--stats knows its name"

# A schema's GUID in a header.
# guid BYTES…: a record with such a header, bytes with printf's escapes.
guid() {
  for bytes in "$@"; do
    # shellcheck disable=SC2059
    printf '{"headers":[{"key":"__value_schema_id","value":"AAAAABE=","encoding":"base64"},%s"%s"%s\n' \
      '{"key":"__value_schema_id","value":' "$(printf "$bytes" | base64)" \
      ',"encoding":"base64"}],"payload":"AgZhYmME","payload_encoding":"base64"}'
  done
}
known='\001\211\343\250\361\021\021\102\042\203\063\104\104\125\125\146\146'
: >plain.log
guid "$known" "$known" >guids
run kt avro-decode guids -q -f '%s\n' -r "$url"
is "$status $out" '0 {"a":"abc","b":2}
{"a":"abc","b":2}' "the GUID of a schema in a header; of two headers the last counts"
is "$(cat plain.log)" "GET /schemas/guids/89e3a8f1-1111-4222-8333-444455556666" "is asked for once"
printf '{"type":"record","name":"Two","fields":[{"name":"a","type":["null","string"]},{"name":"b","type":"int"}]}' >two.avsc
run kt avro-decode guids -q -f '%s\n' --schema two.avsc -m 1
is "$status $(sort -u out)" '0 {"a":"abc","b":2}' "the only schema there is is meant"
run kt avro-decode guids
like "$err" "^% guids:1: no schema is known for the GUID in its header .byte 0.; name the --registry, or give" "without one: said"
proto='\001\017\235\054\167\252\252\113\273\214\314\335\335\356\356\377\377'
: >plain.log
seq 300 | while read -r i; do guid "\\001$(printf '\\%03o\\%03o' $((i / 256)) $((i % 256)))aaaabbbbccccdd"; done >bad
{ guid "$proto" "$known"; cat bad; guid "$known" '\001\211\343'; } >guids
run kt avro-decode guids -v -f '%s\n' -r "$url"
is "$status $(grep -c abc out)" "3 2" "many GUIDs: the run goes on"
like "$err" "^% guids:1: schema 0f9d2c77-aaaa-4bbb-8ccc-ddddeeeeffff: it is of type PROTOBUF, not Avro" "another kind of schema"
like "$err" "^% guids:302: schema 012c6161-6161-6262-6262-636363636464: the schema registry $url does not have it" "an unknown one"
is "$(grep -c guids/89e3a8f1 plain.log) $(wc -l <plain.log)" "2 303" "what many others came after is asked for again"

# refused NUMBER PATTERN NAME: undecodable for that reason; the run goes on.
refused() {
  datum "$1" x >bad
  run kt avro-decode bad two -r "$url" -m 20
  is "$status $out" '3 {"a":"abc","b":2}' "$3: the run goes on"
  like "$err" "^% bad:0: schema $1: $2" "$3: said"
}
refused 19 "the schema registry $url does not have it; is it the registry that the writers used" "an unknown number"
refused 20 "it is of type PROTOBUF, not Avro" "another kind of schema"
refused 21 "the schema is not valid: an array without items" "a schema that is none"
refused 22 "its references go in a circle: circle-b version 1 refers back to circle-a version 1" "a circle"
refused 27 "its references go in a circle: own version 1 refers back to own version 1" "a small circle"
refused 23 "references of references, more than 20 deep" "endless references"
refused 24 ".*/schemas/ids/24: 101 references, more than 100" "many references"
refused 25 "its reference, missing version 1: .*does not have it" "a reference that is missing"
refused 26 ".*: the answer holds no schema; is that the address" "an answer without a schema"
refused 51 '.*/schemas/ids/51 answers with status 500: "Error in the backend data store"' "a registry in trouble"
refused 52 ".*: the answer is not JSON" "a page"
refused 53 ".*answers with status 302; redirects are not followed" "a redirect"
refused 54 ".*: the answer is larger than 8388608 bytes" "a huge answer"
refused 56 ".*answers with status 404; is that the address of a schema registry" "another server"
refused 57 ".*: the answer is not JSON" "a deep answer"
refused 60 ".*does not allow this .403." "no permission"
unlike "$err" "$(printf '\033')" "no escape sequences of others"
: >plain.log
datum 19 x | base64 | sed 's/.*/{"payload":"&","payload_encoding":"base64"}/' >one
cat one one one >bad
run kt avro-decode bad -r "$url"
is "$(grep -c 'schema 19' err) $(cat plain.log)" "3 GET /schemas/ids/19" "a refusal is remembered"
run kt avro-decode --strict one lines -r "$url"
is "$status $out" "3 " "--strict ends the run"

# gone NUMBER PATTERN NAME: nothing can be asked, so the run ends there.
gone() {
  datum "$1" x >bad
  run kt avro-decode two bad two -r "$url" -m 4
  is "$status $out" '5 {"a":"abc","b":2}' "$3: the run ends there"
  like "$err" "^kt avro-decode: bad:0: schema $1: the schema registry $url cannot be asked: $2" "$3: said once"
  is "$(grep -vc '^% waiting' err)" 2 "$3: with one hint"
}
gone 50 "no answer in time" "a silent registry"
is "$(grep -c "^% waiting for the schema registry $url: schema 50$" err)" 1 "a wait that takes a second is explained, once"
gone 55 "it closed the connection" "one that hangs up"
gone 58 "no answer in time" "a slow one"
gone 59 "no answer in HTTP" "one of another kind"
run kt avro-decode two -r http://127.0.0.1:1
is "$status" 5 "no registry: status 5"
like "$err" "two:0: schema 17: the schema registry http://127.0.0.1:1 cannot be asked: Connection refused" "why"
run kt avro-decode two -r "https://127.0.0.1:$port"
like "$err" "cannot be asked: it does not speak TLS" "TLS against plain text"
run kt avro-decode two -r "http://registry.test:$port" --resolve registry.test=127.0.0.1
is "$status $out" '0 {"a":"abc","b":2}' "--resolve serves for the registry as well"
datum 50 x >bad
: >plain.log
start slow kt avro-decode bad -r "$url" -m 60
wait_for grep -q 50 plain.log
stop "$pid" INT
is "$status" 130 "Ctrl-C ends the wait"

# Addresses that are none.
for address in localhost:8081 ftp://x http:// http://:80 http://x:0 'http://x y' http://x/?a 'http://u:%zz@x' http://x:port; do
  run kt avro-decode two -r "$address"
  is "$status" 2 "refused: $address"
done
run kt avro-decode two -r 'http://me:hunter2@x:port'
is "$status" 2 "refused, with a password"
unlike "$err" hunter2 "which is not shown"
run kt consume t -r "$url"
is "$status $(head -n 1 err)" "2 kt consume: -r, a schema registry, is for -s avro" "kt consume wants -s avro with it"

# A user and a password.
serve closed --user 'me:hun ter/2'
closed=127.0.0.1:$port
run kt avro-decode two -r "http://$closed"
is "$status" 3 "without a user"
like "$err" "^% two:0: schema 17: the schema registry http://$closed wants a user and a password .401.; they are kt.reg" "said"
run kt avro-decode two -r "http://me:wrong-one@$closed"
like "$err" "schema registry http://$closed does not take this user and password .401." "a wrong password"
unlike "$err" "wrong-one" "is not shown"
run kt avro-decode two -r "http://me:hun%20ter%2f2@$closed"
is "$status $out" '0 {"a":"abc","b":2}' "in the address"
run env KT_REGISTRY_USERNAME=me KT_REGISTRY_PASSWORD='hun ter/2' kt avro-decode two -r "http://$closed"
is "$status $out" '0 {"a":"abc","b":2}' "in the environment"
printf 'hun ter/2\n' >secret
printf 'kt.registry=http://%s\nkt.registry.username=me\nkt.registry.password=file:%s\n' "$closed" "$PWD/secret" >config
run kt avro-decode two --config config
is "$status $out" '0 {"a":"abc","b":2}' "in the configuration, as a file"
serve another --user 'me:hun ter/2'
run kt avro-decode two --config config -r "http://127.0.0.1:$port"
like "$err" "wants a user and a password" "those of a profile are not shown to another registry"

# TLS.
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj /CN=TestCA -days 30 2>/dev/null
sign() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>/dev/null
  printf 'subjectAltName=%s\n' "$2" >"$1.ext"
  openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile "$1.ext" -out "$1.crt" 2>/dev/null
}
sign server IP:127.0.0.1
sign elsewhere DNS:elsewhere.test
sign client58 DNS:client58
mkdir auth
cp ca.crt auth/
openssl pkcs12 -export -inkey client58.key -in client58.crt -certfile ca.crt -passout pass:secret \
  -out auth/kafka.keystore.pkcs12
serve tls --tls server.crt server.key
run kt avro-decode two -r "https://127.0.0.1:$port" -X ssl.ca.location=ca.crt
is "$status $out" '0 {"a":"abc","b":2}' "https, with a CA of its own"
run kt avro-decode two -r "https://127.0.0.1:$port"
is "$status" 5 "without it: status 5"
like "$err" "the certificate of https://127.0.0.1:$port is not signed by a CA that is trusted here" "and why"
run kt avro-decode two -r "http://127.0.0.1:$port"
is "$status" 5 "plain text against TLS"
serve elsewhere --tls elsewhere.crt elsewhere.key
run kt avro-decode two -r "https://127.0.0.1:$port" -X ssl.ca.location=ca.crt
like "$err" "the certificate of https://127.0.0.1:$port is for another host name" "another host's certificate"
run kt avro-decode two -r "https://elsewhere.test:$port" -X ssl.ca.location=ca.crt --resolve elsewhere.test=127.0.0.1
is "$status $out" '0 {"a":"abc","b":2}' "by its name, given an address"
serve clients --tls server.crt server.key --clients ca.crt
run kt avro-decode two -r "https://127.0.0.1:$port" --auth auth -X ssl.keystore.password=secret
is "$status $out" '0 {"a":"abc","b":2}' "--auth shows the client's certificate"
run kt avro-decode two -r "https://127.0.0.1:$port" -X ssl.ca.location=ca.crt
is "$status" 5 "without it: refused"
like "$err" "cannot be asked: it .*wants? a certificate of this client" "and why"
like "$err" "^hint: the one of ssl.keystore.location or ssl.certificate.location is shown to it" "with what to do"
openssl req -x509 -newkey rsa:2048 -nodes -keyout strange.key -out strange.crt -subj /CN=Strange -days 30 2>/dev/null
run kt avro-decode two -r "https://127.0.0.1:$port" -X ssl.ca.location=ca.crt -X ssl.certificate.location=strange.crt \
  -X ssl.key.location=strange.key
is "$status" 5 "another one: refused"

# With plain brokers the certificate is shown as well, in every shape that it can have.
openssl pkcs12 -export -legacy -inkey client58.key -in client58.crt -passout pass:secret -out old.p12
openssl pkcs12 -export -nokeys -in ca.crt -passout pass:trust -out trust.p12
openssl pkcs8 -topk8 -in client58.key -passout pass:secret -out encrypted.key
cat client58.key client58.crt >both.pem
store=auth/kafka.keystore.pkcs12
printf '%s\n' ssl.ca.location=ca.crt ssl.keystore.location=$store ssl.keystore.password=secret >store
printf '%s\n' ssl.ca.location=ca.crt ssl.keystore.location=old.p12 ssl.keystore.password=secret >old-store
printf '%s\n' ssl.truststore.location=trust.p12 ssl.truststore.password=trust ssl.keystore.location=$store \
  ssl.keystore.password=secret >truststore
printf '%s\n' ssl.ca.location=ca.crt ssl.certificate.location=client58.crt ssl.key.location=client58.key >pem
printf '%s\n' ssl.truststore.location=ca.crt ssl.keystore.location=both.pem ssl.keystore.type=PEM >java-pem
printf '%s\n' ssl.ca.location=ca.crt ssl.certificate.location=client58.crt ssl.key.location=encrypted.key >encrypted
{
  cat encrypted
  echo ssl.key.password=secret
} >opened
for shape in store old-store truststore pem java-pem opened; do
  run kt avro-decode two -r "https://127.0.0.1:$port" --config $shape
  is "$status $out" '0 {"a":"abc","b":2}' "plain brokers, $shape"
done
run kt avro-decode two -r "https://127.0.0.1:$port" --config encrypted
is "$status" 2 "a key without its password"
like "$err" "two:0: encrypted.key is encrypted and there is no password for it" "is named"
run kt avro-decode two -r "https://127.0.0.1:$port" --config encrypted -X ssl.key.location=server.key
like "$err" "the key server.key does not belong to the certificate client58.crt" "a key of another certificate"
run kt avro-decode two -r "https://127.0.0.1:$port" -X ssl.certificate.location=client58.crt
like "$err" "there is no key for the certificate client58.crt" "a certificate alone"
run kt avro-decode two -r "https://127.0.0.1:$port" --config store -X ssl.keystore.password=wrong
like "$err" "the password does not open $store" "a wrong password"

kill -STOP "$plain_pid"
run kt avro-decode two -r "$url" -m 1
is "$status" 5 "a registry that is stopped"
kill -CONT "$plain_pid"
done_testing
