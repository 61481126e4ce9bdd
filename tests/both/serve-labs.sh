. "${0%/*}/lib.sh"
# kt serve: the labs' web services, and the part of the REST proxy's API that produces.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl python3 jq
fresh labs 2

# at NAME: the address at which the last server has that lab (or "api").
at() {
  sed -n "s,^% serving at \(.*\)/\$,\1,p;s,^ \* Running on \(.*\)/ (Press.*,\1,p" served.err | sed -n "$1p"
}
# ask URL CURL-ARGUMENT…: the answer's body is in $out, its code in $code, its head in the file head.
ask() {
  ask_url=$1
  shift
  code=$(curl -sS -D head -o out -w '%{http_code}' "$@" "$ask_url")
  out=$(cat out)
}
head_of() {
  tr -d '\r' <"head" | grep -iv '^date:'
}

run kt serve --lab gmae
is "$status $err" '2 kt serve: there is no lab "gmae"
hint: did you mean game?' "a lab that is none"
is "$(PORT=3999 KAFKA_TOPIC=pings kt serve --lab ping --print-routes | tail -n 1)" "POST /ping echo pings like=express" \
  "KAFKA_TOPIC moves ping's topic"
start served kt serve --listen 127.0.0.1:0 --lab game@127.0.0.1:0 --no-create
wait_for said served.err 'Running on'
like "$(cat served.err)" '^ \* Serving Flask app "game"$' "a lab of Flask begins as Flask does"
api=$(at 1)
game=$(at 2)
ask "$game/nothing"
is "$code" 404 "another path"
ask "$game/join_guild" -X POST
is "$code $(head_of | grep -i '^allow')" "405 Allow: GET, HEAD" "another method"
like "$(cat served.err)" '^127\.0\.0\.1 - - \[[0-3][0-9]/[A-Z][a-z][a-z]/2[0-9]{3} [0-9:]{8}\] "GET /nothing HTTP/1\.1" 404 -$' \
  "a line for each answer"

# The REST proxy's API.
head -c 9000000 /dev/zero >large
json='Content-Type: application/vnd.kafka.json.v2+json'
records() {
  ask "$api/topics/$1" -H "${3:-$json}" -d "$2"
}
records "$topic/partitions/1" '{"records":[{"key":{"a":1.50},"value":[1, 2],"timestamp":1700000000000,
  "headers":[{"key":"h","value":"eA=="},{"key":"n","value":null}]},{"value":null},{"value":1e400}]}'
is "$code $out" '200 {"offsets":[{"partition":1,"offset":0,"error_code":null,"error":null},{"partition":1,"offset":1,"error_code":null,"error":null},{"partition":1,"offset":2,"error_code":null,"error":null}],"key_schema_id":null,"value_schema_id":null}' \
  "three records, and where each is"
is "$(head_of | grep -i '^content-type')" "Content-Type: application/vnd.kafka.v2+json" "in the proxy's type"
is "$(kt consume "$topic" -q -e -p 1 -J | jq -c '[.key, .payload, .headers, .ts == 1700000000000]')" \
  '["{\"a\":1.50}","[1, 2]",[{"key":"h","value":"x"},{"key":"n","value":null}],true]
[null,null,null,false]
[null,"1e400",null,false]' "JSON goes on as its bytes are"
records "$topic" '{"records":[{"partition":0,"value":"aGk="}]}' 'Content-Type: application/vnd.kafka.binary.v2+json'
is "$code" 200 "binary"
records "$topic" '{"records":[{"partition":0,"value":"h\u00e9\n"}]}' 'Content-Type: application/vnd.kafka.text.v2+json; charset=utf-8'
is "$code" 200 "text"
is "$(kt consume "$topic" -q -e -p 0 -J | jq -c .payload)" '"hi"
"hé\n"' "as bytes and as text"
before=$(count "$topic")
while IFS='|' read -r expected path type body; do
  records "$path" "$body" "Content-Type: ${type:-application/vnd.kafka.json.v2+json}"
  is "$code $(jq -r .error_code out)" "$expected" "$expected: $body"
done <<END
422 42206|$topic||{"records":[{"value":1},{"value":1,"partition":7}]}
422 42206|$topic||{"records":[{"value":1},{"valu":1}]}
422 42206|$topic||{"records":[]}
422 42206|$topic|application/vnd.kafka.text.v2+json|{"records":[{"value":"a"},{"value":1}]}
422 42206|$topic|application/json|{"records":[{"value":"!!"}]}
404 40402|$topic/partitions/x||{"records":[{"value":1}]}
404 40402|$topic/partitions/-1||{"records":[{"value":1}]}
404 40401|a%3Ab||{"records":[{"value":1}]}
422 42206|$topic/partitions/1||{"records":[{"value":1,"partition":1}]}
400 400|$topic||{"records":[
400 400|$topic?x=1||{"records":[{"value":1}]}
404 40402|$topic/partitions/7||{"records":[{"value":1}]}
415 415|$topic|application/vnd.kafka.avro.v2+json|{"records":[{"value":1}]}
403 40301|__consumer_offsets||{"records":[{"value":1}]}
END
is "$(count "$topic")" "$before" "nothing of all that was written"
while IFS='|' read -r expected path arguments; do
  eval "ask '$api$path' $arguments"
  is "$code $(jq -r .error_code out) $(head_of | grep -ic '^content-type: application/vnd\.kafka\.v2+json')" "$expected 1" \
    "$expected: $path $arguments"
done <<'END'
404 404|/topics/
404 404|/topics/a/b
404 404|/topics/a/partitions/0/offsets/1|-X POST
405 405|/topics|-X DELETE
405 405|/topics/a|-X PUT -d x
405 405|/topics/a/partitions/0/offsets|-d x
413 413|/topics/a|-d x -H 'Content-Length: 99999999'
413 413|/topics/a|-H 'Transfer-Encoding: chunked' --data-binary @large
413 413|/topics|-X GET -H 'Content-Length: 99999999' -d x
400 400|/topics/a%00b
403 40301|/topics|-H 'Host: evil.example'
403 40301|/topics/a|-d '{"records":[{"value":1}]}' -H 'Sec-Fetch-Site: cross-site' -H "$json"
END
ask "$api/topics/a" -X PUT -d x
is "$(head_of | grep -i '^allow')" "Allow: GET, HEAD, POST" "and which methods there are"
ask "$api/elsewhere/topics"
is "$code $out" '404 {"error":"there is no such path"}' "other paths have errors of their own"
ask "$api/produce/$topic" --data-binary @large -H 'Transfer-Encoding: chunked'
is "$code $out" '413 {"error":"the body is too large"}' "as JSON, too"
for i in 1 2; do
  records "$topic-none" '{"records":[{"value":1}]}'
  is "$code $out" '404 {"error_code":40401,"message":"Topic not found."}' "no such topic, time $i"
done
ask "$api/topics"
is "$code $(jq "map(select(. == \"$topic\")) | length" out) $(jq 'map(select(startswith("__"))) | length' out)" "200 1 0" \
  "the topics, but for internal ones"
ask "$api/topics/$topic"
is "$code $(jq -c '[.name, .configs, (.partitions | map([.partition, .leader >= 0, (.replicas | length) > 0]))]' out)" \
  "200 [\"$topic\",{},[[0,true,true],[1,true,true]]]" "a topic"
ask "$api/topics/$topic/partitions/1"
is "$code $(jq -c '[.partition, .replicas[0].in_sync]' out)" "200 [1,true]" "one of its partitions"
ask "$api/topics/$topic/partitions/1/offsets"
is "$code $out" '200 {"beginning_offset":0,"end_offset":3}' "where its log begins and ends"
for path in "$topic/partitions/7" "$topic/partitions/x" "$topic/partitions/7/offsets"; do
  ask "$api/topics/$path"
  is "$code $out" '404 {"error_code":40402,"message":"Partition not found."}' "no such partition: $path"
done
for path in "$topic-none" "$topic-none" __consumer_offsets "$topic-none/partitions/0/offsets" a%3ab; do
  ask "$api/topics/$path"
  is "$code $out" '404 {"error_code":40401,"message":"Topic not found."}' "no such topic: $path"
done
unlike "$(kt topic list)" "$topic-none" "and none was made"
ask "$api/ready"
is "$code $out" '200 {"ready":true,"why":[]}' "ready"
if ! on_kafka; then
  tell 'down all'
  ask "$api/ready"
  is "$code $(jq -c '[.ready, (.why | length)]' out)" '503 [false,1]' "not while the broker is away"
  ask "$api/topics"
  is "$code $(jq .error_code out)" '503 50301' "nor are there topics then"
  tell 'up all'
  ask "$api/ready"
  is "$code" 200 "and again afterwards"
fi
ask "$api/topics/$topic?async=true" -H "$json" -d '{"records":[{"value":"later"}]}'
is "$code$out" 204 "not waited for"
ask "$api/produce/$topic?async=true" -d later
is "$code$out" 204 "nor here"
ok "both arrive" wait_for holds "$topic" $((before + 2))
stop "$pid" TERM
is "$status" 0 "a signal ends it"

# The labs' rows, on topics of this test's own.
fresh lab-rows 2
cat >rest.routes <<END
POST /kafka message topics=deliveries,updates
GET / event $topic '{"event_type": "default"}' reply="\nThis is the default response!\n"
GET /merged event $topic '{"event_type": "default"}' merge=headers
POST /ping echo $topic like=express
END
start served kt serve --listen 127.0.0.1:0 --routes rest.routes --access-log
wait_for said served.err '^% serving at'
lab=$(at 1)
ask "$lab/kafka" -d "{\"topic\":\"$topic\",\"message\":\"h\u00e9\",\"more\":[1]}" -H 'Content-Type: text/plain'
is "$code $out" '200 {"msg": "Success"}' "a message"
ask "$lab/kafka" -d "{\"topic\":\"$topic\",\"message\":\"\"}"
is "$code $out" '200 {"msg": "Success"}' "an empty message"
for body in '{' '[]' "{\"topic\":\"$topic\"}" "{\"topic\":\"$topic\",\"message\":1}" "{\"topic\":\"$topic\\u0000\",\"message\":\"\"}"; do
  ask "$lab/kafka" -d "$body"
  is "$code $out" '400 {"msg": "Invalid Request"}' "not one: $body"
done
for i in 1 2; do
  ask "$lab/kafka" -d "{\"topic\":\"$topic-none\",\"message\":\"x\"}"
  is "$code $out" '400 {"msg": "Invalid Topic"}' "an unknown topic, time $i"
done
unlike "$(kt topic list)" "$topic-none" "is not made"
ask "$lab/"
is "$out" "
This is the default response!" "an event"
ask "$lab/" -I
is "$code" 200 "HEAD writes nothing"
ask "$lab/merged" -H 'User-Agent: me' -H 'Accept:' -H 'x-foo_2bar: "é' -H 'A: 1' -H 'a: 2' -H 'Host: localhost'
is "$code" 200 "with its headers"
ask "$lab/ping" -d 'b=x+y%20z&a=1&b=%41&c='
is "$code $out" '200 {"b":["x y z","A"],"a":"1","c":""}' "a form comes back as JSON"
ask "$lab/ping" -H 'Content-Type: application/json' -d '{"some" : "data"}'
is "$code $out
$(head_of)" '200 {"some":"data"}
HTTP/1.1 200 OK
X-Powered-By: Express
Content-Type: application/json; charset=utf-8
ETag: W/"f-tfl+UKjW+xZ7g7PHCEsNFRCUKcA"
Content-Length: 15' "and JSON without its blanks, as Express answers"
ask "$lab/ping" -H 'Content-Type: text/plain' -d x
is "$code $out" '200 {}' "other types are nothing"
for body in '"x"' '{"a":1' '1' '{"a":01}'; do
  ask "$lab/ping" -H 'Content-Type: application/json' -d "$body"
  is "$code" 400 "not an object: $body"
done
head -c 102401 /dev/zero | tr '\0' 1 >large
ask "$lab/ping" -H 'Content-Type: application/json' --data-binary @large
is "$code" 413 "more than Express takes"
ask "$lab/ping" -d "$(seq 1001 | tr '\n' '&')x"
is "$code" 413 "and more fields"
is "$(values "$topic" | sort)" "$(sort <<'END'
hé

{"event_type": "default"}
{"event_type": "default", "Host": "localhost", "User-Agent": "me", "X-Foo-2Bar": "\"\u00c3\u00a9", "A": "1,2"}
{"b":["x y z","A"],"a":"1","c":""}
{"some":"data"}
{}
END
)" "the records of all that"
stop "$pid" TERM

# Where they listen, unless it is said.
is "$(PORT=3999 kt serve --lab rest --lab game --lab ping --lab gateway -l 8082 --ops-listen 9100 --print-routes | grep '^#' | tr '\n' ' ')" \
  "# 8082 # 127.0.0.1:5000 # 127.0.0.1:5000 # 127.0.0.1:3999 # 127.0.0.1:8000 # 127.0.0.1:8001 # 9100 " "the documents' ports"
start served kt serve --lab game@127.0.0.1:0 --lab ping@127.0.0.1:0 --no-create -q
listens() {
  lab=$(ss -ltnpH 2>ss.err | sed -n "s/.* \(127\.0\.0\.1:[0-9]*\) .*pid=$pid,.*/\1/p" | head -n 1) && [ -n "$lab" ]
}
if command -v ss >/dev/null; then
  wait_for listens
  ask "http://$lab/nothing"
  is "$code:$(cat served.err)" "404:" "-q leaves the log of Flask out"
else
  skip "-q leaves the log of Flask out" "ss is not installed"
fi
stop "$pid" TERM

# Topics of a lab are made, with one partition.
start served kt serve --lab rest@127.0.0.1:0
wait_for said served.err 'Running on'
for name in deliveries updates; do
  is "$(kt topic describe "$name" -J | jq '.partitions | length')" 1 "$name has one partition"
done
stop "$pid" TERM
done_testing
