. "${0%/*}/lib.sh"
# kt serve: what a request becomes, what its answer means, and that every record that was acknowledged is there.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl python3
fresh served 2

# serve NAME OPTION…: a server; its address is in $url.
serve() {
  serve_name=$1
  shift
  start "$serve_name" kt serve --listen 127.0.0.1:0 "$@"
  wait_for said "$serve_name.err" '^% serving at'
  url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' "$serve_name.err")
}
# post PATH CURL-ARGUMENT…: the answer's body is in $out, its code in $code.
post() {
  post_path=$1
  shift
  code=$(curl -sS -o out -w '%{http_code}' "$@" "$url$post_path")
  out=$(cat out)
}
ndjson='Content-Type: application/x-ndjson; charset=utf-8'

serve first -X statistics.interval.ms=200
first_pid=$pid
post "/produce/$topic?partition=1" -d 'hello, "you"'
is "$code $out" "200 {\"topic\":\"$topic\",\"partition\":1,\"offset\":0}" "a body is a record"
printf 'a\0b\r\n\n' >bytes
post "/produce/$topic?key=k+1%2F&partition=1&timestamp=1700000000000" --data-binary @bytes -H 'Kt-Header-Trace: x y' \
  -H 'Kt-Header-trace;'
is "$code" 200 "with key, headers and time"
is "$(kt consume "$topic" -q -e -p 1 -o 1 -J | jq -c '[.key, .payload, .headers, .ts]')" \
  '["k 1/","a\u0000b\r\n\n",[{"key":"Trace","value":"x y"},{"key":"trace","value":""}],1700000000000]' \
  "which are as they were given"
post "/produce/$topic?partition=0" -H "$ndjson" --data-binary "$(seq 1000)"
is "$code $out" '200 {"records":1000,"failed":0,"offsets":{"0":[0,999]}}' "each line is a record"
printf 'one\r\n\ntwo\n\n\nthree' >lines
post "/produce/$topic?partition=0" -H "$ndjson" -H 'Transfer-Encoding: chunked' --data-binary @lines
is "$code $out" '200 {"records":3,"failed":0,"offsets":{"0":[1000,1002]}}' "but for empty ones"
is "$(values "$topic" -p 0 | tail -n 4)" "1000
one
two
three" "in their order"
post "/produce/$topic?partition=0&report=each" -H "$ndjson" -d 'a
b'
is "$code $out" '200 {"partition":0,"offset":1003}
{"partition":0,"offset":1004}' "each record told of"
post "/produce/$topic?partition=0&format=record&report=each" -H "$ndjson" --data-binary \
  '{"topic":"x","partition":7,"offset":1,"ts":1700000000000,"headers":[{"key":"h","value":null}],"key":"k","payload":"p"}
{"key":null,"payload":null}
{"payload":"/w==","payload_encoding":"base64"}'
is "$code $out" '200 {"partition":0,"offset":1005}
{"partition":0,"offset":1006}
{"partition":0,"offset":1007}' "records as kt consume -J has them"
is "$(kt consume "$topic" -q -e -p 0 -o 1005 -J | jq -c '[.ts == 1700000000000, .headers, .key, .payload, .payload_encoding]')" \
  '[true,[{"key":"h","value":null}],"k","p",null]
[false,null,null,null,null]
[false,null,null,"/w==","base64"]' "which they are again"
post "/produce/$topic" -d ''
is "$code" 200 "an empty body is an empty record"

yes | head -n 100001 >lines
before=$(count "$topic")
while read -r expected path arguments; do
  eval "post $path $arguments"
  is "$code" "$expected" "$expected: $path $arguments"
done <<END
400 /produce/$topic?partition=x -d x
400 /produce/$topic?partion=1 -d x
400 /produce/$topic?key=%4 -d x
400 /produce/$topic?timestamp=0 -d x
422 /produce/$topic?partition=99 -d x
400 /produce/$topic -H '$ndjson' -d ''
400 /produce/$topic?report=each -d x
413 /produce/$topic?report=each -H '$ndjson' --data-binary @lines
400 /produce/$topic?format=record -d x
400 /produce/$topic?report=all -H '$ndjson' -d x
400 /produce/$topic?format=json -H '$ndjson' -d x
400 '/produce/$topic?format=record&key=a' -H '$ndjson' -d '{"payload":"x"}'
422 /produce/$topic?format=record -H '$ndjson' -d x
422 /produce/$topic?format=record -H '$ndjson' -d '{"payload":"x"}{'
422 /produce/$topic?format=record -H '$ndjson' -d '{"topic":"x"}'
422 /produce/$topic?format=record -H '$ndjson' -d '{"payload":"x","paylod":"x"}'
422 '/produce/$topic?format=record&partition=9' -H '$ndjson' -d '{"payload":"x"}'
405 /produce/$topic
404 /produce/$topic/ -d x
404 /produce/ -d x
404 /elsewhere -d x
404 /produce/a%3Ab -d x
403 /produce/__consumer_offsets -d x
403 /produce/$topic -d x -H 'Origin: http://evil.example'
403 /produce/$topic -d x -H 'Origin: null'
403 /produce/$topic -d x -H 'Sec-Fetch-Site: cross-site'
403 /produce/$topic -d x -H 'Host: evil.example'
END
head -c 1100000 /dev/zero | tr '\0' x >large
post "/produce/$topic" --data-binary @large
like "$code $out" '^413 .*message.max.bytes' "413: larger than a record may be"
if on_kafka; then
  run kt topic create "$topic-small" --config max.message.bytes=2000
  head -c 5000 /dev/urandom >larger
  post "/produce/$topic-small" --data-binary @larger
  like "$code $out" '^502 .*larger than the topic takes' "502: a broker refuses it for good"
  post "/produce/$topic-small" -d small
  is "$code" 200 "and not the next one"
fi
{ echo first && cat large; } >large-line
post "/produce/$topic" -H "$ndjson" --data-binary @large-line
like "$code $out" '^413 .*record 2 is larger' "413: and so is a line, which is named"
is "$(count "$topic")" "$before" "nothing of all that was written"
post "/produce/$topic" -d x -H "Origin: $url"
is "$code" 200 "a page of one's own may"
none=$topic-none
for i in 1 2; do
  post "/produce/$none" -d x
  is "$code $out" "404 {\"error\":\"topic $none does not exist\"}" "404: no such topic, time $i"
done
curl -sS -Z -o many.out -w '%{http_code}\n' -d x "$url/produce/$none-[1-50]" >codes 2>/dev/null
is "$(sort codes | uniq -c | tr -s ' ')" " 50 404" "nor fifty others at once"
unlike "$(kt topic list)" "^$none" "and none was made"
run kt topic create "$none"
found() {
  post "/produce/$none" -d x && [ "$code" = 200 ]
}
measured() {
  post "/produce/$topic" -d x && curl -sS "$url/metrics" | grep -Eq '^kt_broker_rtt_seconds (0\.[0-9]+|[0-9.]+e-[0-9]+)$'
}
ok "it is found when it is there" wait_for found
if on_kafka; then
  run kt topic delete "$none" --yes
  gone() {
    post "/produce/$none" -d x && [ "$code" = 404 ]
  }
  ok "and not when it was deleted" wait_for gone
  unlike "$(kt topic list)" "^$none" "nor made again"
fi
ok "how long brokers take to answer" wait_for measured
post /healthy
is "$code $out" "200 ok" "/healthy"
post /metrics
like "$out" "^kt_records_total\{topic=\"$topic\",result=\"delivered\"\} 10[0-9]+$" "/metrics counts records"
like "$out" '^kt_http_requests_total\{method="POST",route="/produce/\{topic\}",code="413"\} 3$' "and answers"
is "$(sed -n 's/^kt_http_seconds_count //p' out)" "$(sed -n 's/^kt_http_requests_total{.*} //p' out | awk '{ n += $1 } END { print n }')" \
  "and how long they took"
is "$(tail -n 1 out)" "# EOF" "as OpenMetrics"
if python3 -c 'import prometheus_client' 2>python.err; then
  run python3 -c '
from prometheus_client.openmetrics.parser import text_string_to_metric_families
print(*sorted(f.name for f in text_string_to_metric_families(open("out").read())))'
  like "$status $out" '^0 .*kt_http_requests kt_http_seconds kt_inflight_bytes kt_records ' "Prometheus' own parser takes it"
else
  skip "Prometheus' own parser takes it" "the Python module prometheus_client is not installed"
fi

# Many at once, each value by its own request: what is answered 200 is there, once.
python3 - "$url/produce/$topic?key=many" >acknowledged <<'END'
import concurrent.futures, sys, urllib.request
def send(i):
    with urllib.request.urlopen(sys.argv[1], data=b"m%d" % i, timeout=60) as answer:
        return i if answer.status == 200 else None
with concurrent.futures.ThreadPoolExecutor(32) as pool:
    for i in pool.map(send, range(500)):
        print("m%d" % i)
END
values "$topic" | grep -a '^m' | sort >there
sort acknowledged >sorted
same there sorted "500 requests at once are 500 records"
stop "$first_pid" TERM
is "$status" 0 "a signal ends it"

# Rows of one's own.
cat >game.routes <<'END'
# A game's
GET / text "\nHello\n" type="text/html; charset=utf-8"
GET /now event TOPIC '{"event_type": "now"}' reply=Now wait=0
POST /any echo TOPIC on-error=200
POST /none echo other-nowhere on-error=200
GET /sword event TOPIC '{"event_type": "purchase_sword"}' reply="\nSword Purchased!\n"
POST /in/{topic} produce {topic} host=game.example
END
sed "s/TOPIC/$topic/" game.routes >rows
kt serve --print-routes --routes rows >printed
kt serve --print-routes --routes printed >again
same printed again "rows that are printed can be read again"
serve game --routes rows --topics "$topic" --topics "other*"
before=$(count "$topic")
post /sword
is "$code:$out" "200:
Sword Purchased!" "an event's reply"
post /sword -I
is "$code $(count "$topic")" "200 $((before + 1))" "HEAD writes nothing"
is "$(values "$topic" | grep -c '^{"event_type": "purchase_sword"}$')" 1 "the event is there"
post /now
is "$code:$out" "200:Now" "one that is not waited for"
ok "comes there, too" wait_for holds "$topic" $((before + 2))
for path in /any /none; do
  post "$path" -d '{"a": 1}' -H 'Content-Type: application/json'
  is "$code:$out" '200:{"a":1}' "one whose failure is forgiven: $path"
done
post /any -d '{' -H 'Content-Type: application/json'
is "$code" 400 "which is for brokers, not for what is not JSON"
post /
is "$out" "
Hello" "a text"
post "/in/$topic" -d x
is "$code" 404 "a row for another host"
post "/in/$topic" -d x -H "Host: game.example"
is "$code" 200 "and for this one"
post /in/forbidden -d x -H "Host: game.example"
is "$code" 403 "--topics allows no other topic"
stop "$pid" INT
printf 'GET /x text a\nPOST /x text b\nGET /x text c\n' >twice
run kt serve --routes twice
is "$status $err" "2 kt serve: twice:3: GET /x is claimed already, by twice:1" "two rows for one path"
run kt serve --listen :0
is "$status" 2 "an address that others can reach"
like "$err" '--insecure allows all$' "has to be meant"

# What is in the queue counts towards --max-inflight, whether its client waits or not.
if ! on_kafka; then
  serve busy --max-inflight 1MB --max-body 1MB --deadline 60s -X linger.ms=30000 -X batch.size=10000000 -X message.max.bytes=10000000
  head -c 400000 /dev/zero | tr '\0' x >part
  for expected in 204 204 503; do
    post "/produce/$topic?async=true" --data-binary @part
    is "$code" "$expected" "not waited for, of 400 kB: $expected"
  done
  is "$out" '{"error":"too many requests are waiting"}' "which is said"
  like "$(curl -sS "$url/metrics")" '^kt_inflight_bytes 800000$' "and how much it is"
  kill -KILL "$pid"
fi

# A queue that is full is waited for, and nobody else waits for that.
serve narrow -X queue.buffering.max.messages=10
post "/produce/$topic?partition=1" -H "$ndjson" --data-binary "$(seq -f 'q%g' 3000)"
is "$code $(jq -c '[.records, .failed, (.offsets["1"] | .[1] - .[0])]' out)" '200 [3000,0,2999]' "more lines than the queue has room for"
is "$(values "$topic" -p 1 | grep -a '^q')" "$(seq -f 'q%g' 3000)" "in their order"
stop "$pid" TERM

# Nobody acknowledges: the client is told, and it goes on by itself.
if ! on_kafka; then
  serve away --deadline 1s -m 1s
  acknowledged() {
    post "/produce/$topic" -d here && [ "$code" = 200 ]
  }
  ok "before the broker goes" wait_for acknowledged
  tell 'down all'
  post "/produce/$topic" -d during -D heads
  is "$code" 503 "while it is away"
  like "$(tr -d '\r' <heads)" '^Retry-After: 1$' "the client may try again"
  post "/produce/$topic-unheard" -d x
  is "$code" 503 "nor can it be said what topics there are"
  tell 'up all'
  ok "and when it is back" wait_for acknowledged

  # Written, but not acknowledged in time. For wait_for: what a busy machine has not sent by then is not written, as is said.
  slowly() {
    tell 'delay 3s'
    post "$@" -D heads
    mv out slow.out
    slow=$code
    tell 'delay 0'
    wait_for acknowledged
    grep -q '"maybe_written": *true' slow.out
  }
  v2='Content-Type: application/vnd.kafka.text.v2+json'
  ok "a record that was sent" wait_for slowly "/produce/$topic" -d slow
  is "$slow $(jq -c .maybe_written slow.out)" "503 true" "and of which nobody knows"
  ok "one of the REST proxy's" wait_for slowly "/topics/$topic" -H "$v2" -d '{"records":[{"value":"slow"}]}'
  is "$slow $(jq -c '[.maybe_written, (.offsets[0] | .offset, .error_code)]' slow.out) $(tr -d '\r' <heads | grep -E '^(Kt-|Retry)' | tr '\n' ' ')" \
    "503 [true,null,50003] Kt-Failed: 1 Retry-After: 1 " "as that says it"
  ok "several" wait_for slowly "/produce/$topic?report=each" -H "$ndjson" -d slow
  is "$slow $(cat slow.out)" '503 {"status":503,"error":"not acknowledged within message.timeout.ms","maybe_written":true}' "each of them"
  ok "it is there" test "$(values "$topic" | grep -a -c '^slow$')" -ge 1
  like "$(curl -sS "$url/metrics")" "^kt_records_total\{topic=\"$topic\",result=\"failed\"\} [3-9]" "and counted as failed"
  stop "$pid" TERM
  is "$status" 0 "which is no failure of the server's"
  serve ended
  stop "$pid" TERM
  is "$status" 0 "one that had nothing to do ends, too"
fi
done_testing
