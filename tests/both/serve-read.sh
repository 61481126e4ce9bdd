. "${0%/*}/lib.sh"
# kt serve: reading topics over HTTP, line by line and as the REST proxy's version 2 shows records.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl jq python3
fresh read 2

start served kt serve --listen 127.0.0.1:0 --topics 'read*' --max-readers 2
wait_for said served.err '^% serving at'
url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)
served=$pid
# get PATH CURL-ARGUMENT…: the body is in $out and the file out, its code in $code, and where to go on in $next.
get() {
  get_path=$1
  shift
  code=$(curl -sS -D head -o out -w '%{http_code}' "$@" "$url$get_path")
  out=$(tr -d '\0' <out)
  next=$(tr -d '\r' <"head" | sed -n 's/^Kt-Next: //p')
}

get "/consume/$topic?timeout=0"
is "$code:$out:$next" "200::0:0,1:0" "nothing is there yet"
seq 20 | kt produce "$topic" -p 0 -q
{ seq -f 'v%g' 15 && printf 'h\303\251\n\377\n'; } | kt produce "$topic" -p 1 -q -H a=b -H n
get "/consume/$topic"
is "$code $next $(tr -d '\r' <"head" | grep -i '^content-type')" "200 0:20,1:17 Content-Type: application/x-ndjson" \
  "all of it"
kt consume "$topic" -q -e -J | sort >wanted
sort out >got
same got wanted "each record as kt consume -J has it"
: >all
offset=beginning
while get "/consume/$topic?count=7&timeout=0&offset=$offset" && [ "$code" = 200 ] && [ -s out ]; do
  cat out >>all
  offset=$next
done
sort all >got
same got wanted "seven at a time, from where the last ones ended"
get "/consume/$topic?timeout=0&max_bytes=1&partition=1"
is "$code $next $(jq -c '[.partition, .offset, .payload, .headers]' out)" \
  '200 1:1 [1,0,"v1",[{"key":"a","value":"b"},{"key":"n","value":null}]]' "one at least, of the partition that is named"
get "/consume/$topic?timeout=0&offset=-2"
is "$code $(jq -c .payload out | sort | tr '\n' ' ')" '200 "/w==" "19" "20" "hé" ' "the last two of each"
get "/consume/$topic?offset=end&timeout=0"
is "$code:$out:$next" "200::0:20,1:17" "nothing after the end"
curl -sS -o waited "$url/consume/$topic?offset=end&timeout=60000" &
curl_pid=$!
get "/consume/$topic?offset=end&timeout=300"
is "$code:$out" "200:" "nobody waits for ever"
echo later | kt produce "$topic" -p 1 -q
wait "$curl_pid"
is "$(jq -c .payload waited)" '"later"' "and what comes is given at once"
get "/consume/$topic?timeout=0" -I
is "$code" 200 "HEAD"

# Those that wait give up their place, of which there are two.
waiting=''
for i in 1 2 3 4 5 6; do
  curl -sS -o "place.$i" "$url/consume/$topic?offset=end&timeout=60000" 2>"place.$i.err" &
  waiting="$waiting $!"
done
get "/consume/$topic?timeout=0&count=1" -m 30
is "$code $(wc -l <out)" "200 1" "those that wait do not hold up the others"
for i in $waiting; do
  kill "$i" 2>kill.err
  wait "$i" 2>kill.err
done

# A thousand of them that go: what they held is free, long before their time is over.
has() {
  find "/proc/$served/$1" -mindepth 1 -maxdepth 1 2>find.err | wc -l
}
waiting() {
  curl -sS "$url/metrics" | sed -n 's/^kt_reads_waiting //p'
}
many_wait() {
  [ "$(waiting)" -ge 500 ]
}
none_waits() {
  [ "$(waiting)" -eq 0 ] && [ "$(has fd)" -le "$before" ]
}
before=$(has fd) threads=$(has task)
start crowd python3 -c '
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (2000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
host, port = sys.argv[1].split("//")[1].split(":")
kept = [socket.create_connection((host, int(port))) for _ in range(990)]
for s in kept:
    s.sendall(b"GET /consume/%s?offset=end&timeout=60000 HTTP/1.1\r\nHost: localhost\r\n\r\n" % sys.argv[2].encode())
time.sleep(600)' "$url" "$topic"
ok "a thousand wait for records" wait_for many_wait
stop "$pid" KILL 2>killed.err
WAIT=45
ok "clients that have gone are not waited for" wait_for none_waits
unset WAIT
is "$(has task)" "$threads" "nor by a thread each"

while read -r expected path arguments; do
  eval "get '$path' $arguments"
  is "$code" "$expected" "$expected: $path $arguments"
done <<END
400 /consume/$topic?offset=x
400 /consume/$topic?offset=stored
400 /consume/$topic?offset=0:
400 /consume/$topic?offset=0:1,0:2
400 /consume/$topic?offset=0:1,x:2
400 /consume/$topic?offset=@
400 /consume/$topic?offset=@tomorrowish
400 /consume/$topic?count=0
400 /consume/$topic?timeout=60001
400 /consume/$topic?max_bytes=99999999999
400 /consume/$topic?key=a
400 /consume/$topic?offset=%4
404 /consume/$topic?partition=2
404 /consume/$topic?offset=5:0
404 /consume/$topic-none
404 /consume/$topic-none
404 /consume/elsewhere
404 /consume/__consumer_offsets
405 /consume/$topic -d x
END
unlike "$(kt topic list)" "$topic-none" "and no topic was made"
get "/consume/$topic?offset=0:20,1:99"
is "$code $(jq -c '[.partition, .beginning_offset, .end_offset]' out)" "416 [1,0,18]" "an offset that is not there"

# From a time on; the embedded broker knows none.
fresh read-times
printf '{"ts":%s,"payload":"%s"}\n' 1700000000000 old 1700000100000 new | kt produce "$topic" -J -q
if on_kafka; then
  while IFS='|' read -r from wanted; do
    get "/consume/$topic?timeout=0&offset=$from"
    is "$code $(jq -r .payload out | paste -sd ,)" "200 $wanted" "from $from on"
  done <<END
@0|old,new
@-1000000h|old,new
@1700000050|new
@2023-11-14T22:15:00Z|new
@now|
END
fi

# All topics and groups, at a glance. What is told may be two seconds old.
seq 3 | kt produce "$topic" -q
overview() {
  get /overview && [ "$code" = 200 ] &&
    [ "$(jq -c --arg t "$topic" '.topics[] | select(.topic == $t) | [.partitions, .records, .written]' out)" = "$1" ]
}
ok "how many records there are" wait_for overview '[1,5,5]'
is "$(jq -c '[(.topics | map(.topic) | . == sort), (.topics | map(.topic | startswith("read")) | all), .again_ms >= 2000]' out)" \
  "[true,true,true]" "of the topics that may be seen, in their order"
if on_kafka; then
  kt topic trim "$topic" -p 0:2 --yes -q >trimmed
  ok "and how many of those that came are left" wait_for overview '[1,3,5]'
  kt consume "$topic" -g "$topic-group" -o beginning -c 1 -q >one
  is "$(cat one)" 1 "a group reads one of them"
  behind() {
    get /overview && [ "$(jq -c --arg t "$topic" '.groups[] | select(.group == $t + "-group")' out)" = \
      "{\"group\":\"$topic-group\",\"state\":\"Empty\",\"members\":0,\"topics\":[{\"topic\":\"$topic\",\"lag\":2}],\"lag\":2}" ]
  }
  ok "and is two behind" wait_for behind
  sized() {
    get /overview && [ "$(jq --arg t "$topic" '.topics[] | select(.topic == $t) | .bytes > 100 and .bytes < 10000' out)" = true ]
  }
  ok "how many bytes its log has" wait_for sized
else
  is "$(jq -c '[.topics[].bytes] | unique' out)" "[null]" "how many bytes is not known there"
  is "$(jq .groups out)" null "groups are not known there"
fi

# The page is for browsers.
page='Accept: text/html,application/xhtml+xml,*/*;q=0.8'
get / -H "$page"
is "$code $(tr -d '\r' <"head" | grep -i '^content-type')" "200 Content-Type: text/html; charset=utf-8" "a page"
like "$(tr -d '\r' <"head")" "^Content-Security-Policy: default-src 'none'; script-src 'self'; " "that loads nothing from elsewhere"
grep -o 'ui/[a-z.]*' out | sort -u >files
while read -r file; do
  get "/$file"
  is "$code" 200 "$file"
done <files
for path in / /ui/index.html /ui/nothing /ui/../serve.c; do
  get "$path" --path-as-is
  is "$code $out" '404 {"error":"there is no such path"}' "$path, for others"
done
is "$(kt serve --print-routes | grep -c ' ui ') $(kt serve --print-routes --no-ui | grep -c ' ui ')" "2 0" "--no-ui"

# As the REST proxy has it.
fresh read-v2
v2=/topics/$topic/partitions/0/records
printf '"k":{"a": 1.50}\nx:not JSON\n"k":[]\n' | kt produce "$topic" -q -K :
json='Accept: application/vnd.kafka.json.v2+json'
get "$v2?timeout=0" -H "$json"
is "$code $next $(jq -c 'map(del(.timestamp))' out)" \
  "200 0:1 [{\"topic\":\"$topic\",\"key\":\"k\",\"value\":{\"a\":1.5},\"partition\":0,\"offset\":0}]" \
  "JSON, as far as it is some"
like "$out" '"value":\{"a": 1\.50\}' "as the bytes that they are"
like "$(tr -d '\r' <"head")" '^Content-Type: application/vnd\.kafka\.json\.v2\+json$' "in its type"
get "$v2?offset=1&timeout=0" -H "$json"
is "$code $next$out" "422 {\"error_code\":42203,\"message\":\"the key of $topic [0] at offset 1 is not JSON\"}" \
  "what cannot be shown is named, and its neighbours are not lost"
get "$v2?offset=2&timeout=0" -H "$json"
is "$code $next $(jq -c '.[].value' out)" "200 0:3 []" "it can be passed by"
get "$v2?timeout=0"
is "$code $(jq -c 'map([.key, .value])' out)" '200 [["Imsi","eyJhIjogMS41MH0="],["eA==","bm90IEpTT04="],["Imsi","W10="]]' \
  "base64"
get "$v2?timeout=0&offset=1&count=1" -H 'Accept: text/html, application/vnd.kafka.text.v2+json;q=0.9'
is "$code $(jq -c 'map([.key, .value])' out)" '200 [["x","not JSON"]]' "text"
get "$v2?timeout=0&offset=3" -H "$json"
is "$code:$out" "200:[]" "nothing"
while IFS='|' read -r expected path accept; do
  get "$path" -H "Accept: ${accept:-*/*}"
  is "$code $(jq .error_code out)" "$expected" "$expected: $path $accept"
done <<END
416 416|$v2?offset=4
400 400|$v2?offset=0:1
400 400|$v2?partition=0
404 40402|/topics/$topic/partitions/1/records
404 40402|/topics/$topic/partitions/x/records
404 40401|/topics/$topic-none/partitions/0/records
404 40401|/topics/__consumer_offsets/partitions/0/records
406 40601|$v2|text/html
END

if ! on_kafka; then
  tell 'down all'
  get "$v2?timeout=0"
  is "$code $(jq .error_code out)" "503 50301" "the broker is away"
  like "$(tr -d '\r' <"head")" '^Retry-After: 1$' "and it may be asked again"
  tell 'up all'
  again() {
    get "$v2?timeout=0" && [ "$code" = 200 ]
  }
  ok "it goes on" wait_for again
fi

# A signal ends what waits, too.
curl -sS -o waited -w '%{http_code}' "$url$v2?offset=end&timeout=60000" >waited-code &
curl_pid=$!
reading() {
  [ "$(curl -sS "$url/metrics" | sed -n 's/^kt_reads_waiting //p')" -ge 1 ]
}
wait_for reading
stop "$served" TERM
is "$status" 0 "a signal ends it"
wait "$curl_pid"
is "$(cat waited-code) $(cat waited)" "200 []" "and what waits for records is answered"

# Answers that nobody takes are not piled up, and do not keep others from theirs. The last record's are six times as
# long as it is.
fresh read-large 2
head -c 9000000 /dev/zero | tr '\0' x | fold -w 100000 | kt produce "$topic" -p 0 -q
head -c 900000 /dev/zero | tr '\0' '\1' | kt produce "$topic" -p 1 -q
start served kt serve --listen 127.0.0.1:0 --max-inflight 32MiB --body-deadline 1h
served=$pid
wait_for said served.err '^% serving at'
url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)
# lazy NAME N QUERY: clients that ask, and take the first bytes of their answers only.
lazy() {
  start "$1" python3 -c '
import socket, sys, time
clients = []
for _ in range(int(sys.argv[3])):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = sys.argv[1].split("//")[1].split(":")
    s.connect((host, int(port)))
    s.sendall(b"GET /consume/%s?timeout=0&%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % (sys.argv[2].encode(), sys.argv[4].encode()))
    clients.append(s)
for s in clients:
    s.recv(1)
print("all have begun", flush=True)
time.sleep(600)' "$url" "$topic" "$2" "$3"
}
lazy few 30 'partition=0&max_bytes=8388608'
few=$pid
wait_for said few.out begun
get "/consume/$topic?timeout=0&partition=0&max_bytes=8388608"
is "$code" 200 "thirty answers that are not taken"
like "$(wc -l <out)" '^[1-9]' "others get theirs"
get "/consume/$topic?timeout=0&partition=0&max_bytes=8388608&offset=${next%%,*}"
is "$code" 200 "and go on from there"
lazy many 40 'partition=1'
taken() {
  get "/consume/$topic?timeout=0&partition=1" && [ "$code" = 200 ]
}
ok "forty that fill what there is, end, so that others are answered" wait_for taken
stop "$few" KILL 2>killed.err
stop "$pid" KILL 2>killed.err
ok "and when their clients are gone" wait_for taken
stop "$served" TERM

# Whose token says so.
fresh read-token
v2=/topics/$topic/partitions/0/records
reader=$(kt serve token add reader "consume:$topic" --token-file tokens)
writer=$(kt serve token add writer "produce:$topic" --token-file tokens)
start served kt serve --listen 127.0.0.1:0 --token-file tokens
wait_for said served.err '^% serving at'
url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)
for path in "$v2" "/consume/$topic"; do
  get "$path?timeout=0"
  is "$code" 401 "no token: $path"
  get "$path?timeout=0" -H "Authorization: Bearer $reader"
  is "$code" 200 "that of a reader"
  get "$path?timeout=0" -H "Authorization: Bearer $writer"
  is "$code" 403 "that of a writer"
done
get / -H "$page"
is "$code" 200 "the page asks for one itself"
get /overview
is "$code" 401 "what it shows needs one"
seen() {
  get /overview -H "Authorization: Bearer $1" && [ "$(jq -c '[.topics[] | [.topic, .consume, .produce]]' out)" = "$2" ]
}
ok "a reader sees what it may read" wait_for seen "$reader" "[[\"$topic\",true,false]]"
ok "a writer what it may write" wait_for seen "$writer" "[[\"$topic\",false,true]]"
get "/consume/elsewhere" -H "Authorization: Bearer $reader"
is "$code" 404 "another topic is not there"
done_testing
