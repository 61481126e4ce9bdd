. "${0%/*}/lib.sh"
# kt serve: topics as streams of Server-Sent Events.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl jq python3
broker=${pid:-}

# serve NAME ARGUMENT…: on a free port; its address is $url.
serve() {
  serve_name=$1
  shift
  start "$serve_name" kt serve --listen 127.0.0.1:0 "$@"
  wait_for said "$serve_name.err" '^% serving at'
  url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' "$serve_name.err")
  served=$pid
}

# listen NAME PATH CURL-ARGUMENT…: into NAME.out, from the end if nothing else is said; waits until it has begun.
listen() {
  listen_name=$1 listen_path=$2
  shift 2
  start "$listen_name" curl -sSN "$@" "$url$listen_path"
  wait_for said "$listen_name.out" '^retry'
}

# heard NAME: payloads, in a line.
heard() {
  sed -n 's/^data: //p' "$1.out" | jq -r '.payload // "-"' | tr '\n' ' '
}
hears() {
  [ "$(heard "$1")" = "$2 " ]
}
# The same in any order.
any_hear() {
  [ "$(heard "$1" | tr ' ' '\n' | sort -n | tr '\n' ' ')" = "$2 " ]
}

# ask PATH CURL-ARGUMENT…: the code is $code, the body $out.
ask() {
  ask_path=$1
  shift
  code=$(curl -sS -o out -w '%{http_code}' "$@" "$url$ask_path")
  out=$(tr -d '\0' <out)
}

metric() {
  curl -sS "$url/metrics" | sed -n "s/^$1 //p"
}

# python WHAT ARGUMENT…: its lines count.
python() {
  python3 "$tests/both/streams.py" "$@" >lines 2>lines.err || note "$(cat lines.err)"
  [ -s lines ] || fail "streams.py $1" "$(cat lines.err)"
  while read -r line_result line_words; do
    case $line_result in
    ok) pass "${line_words#- }" ;;
    *) fail "${line_words#ok - }" "$(cat lines.err)" ;;
    esac
  done <lines
}

fresh events 2
serve served --topics 'events*'
listen all "/events/$topic"
listen one "/events/$topic?partition=1"
listen keyed "/events/$topic?key=b%20c"
is "$(head -n 2 all.out)" "$(printf 'retry: 2000\nid: 0:0,1:0')" "a stream begins with where it is"
printf 'a:1\nb c:2\n' | kt produce "$topic" -p 0 -q -K :
wait_for hears all "1 2"
printf 'b c:3\n:4\n' | kt produce "$topic" -p 1 -q -K : -H 'h=é'
ok "all records" wait_for hears all "1 2 3 4"
ok "those of a partition" wait_for hears one "3 4"
ok "those of a key" wait_for hears keyed "2 3"
kt consume "$topic" -q -e -J | sort >wanted
sed -n 's/^data: //p' all.out | sort >got
same got wanted "each as kt consume -J has it"
is "$(sed -n 's/^id: //p' all.out | tr '\n' ' ')" "0:0,1:0 0:1,1:0 0:2,1:0 0:2,1:1 0:2,1:2 " \
  "with the positions of all partitions"
is "$(metric 'kt_clients{kind="events"}')" 3 "three listen"
ask "/events/$topic" -I
is "$code" 200 "HEAD says so, and no more"
for at in 'last_event_id=0:1,1:1' 'offset=0:1,1:1' 'offset=beginning&last_event_id=0:1,1:1' 'offset=-1'; do
  listen again "/events/$topic?$at"
  ok "what comes after $at" wait_for any_hear again "2 4"
  stop "$pid" 2>stop.err
done
listen again "/events/$topic?last_event_id=0:0,1:0" -H 'Last-Event-ID: 0:2,1:1'
ok "the header comes first" wait_for hears again 4
stop "$pid" 2>stop.err
listen again "/events/$topic?last_event_id=0:77,1:2"
ok "who was in another log hears of it, and gets this one" wait_for hears again "- 1 2"
is "$(sed -n '/^event/,/^$/p' again.out)" "$(printf 'event: gap\ndata: {"partition":0,"asked":77,"next":0}')" "as a gap"
stop "$pid" 2>stop.err

while read -r expected path arguments; do
  eval "ask '$path' $arguments"
  is "$code" "$expected" "$expected: $path $arguments"
done <<END
400 /events/$topic?offset=x
400 /events/$topic?partition=x
400 /events/$topic?last_event_id=7
400 /events/$topic?count=1
400 /events/$topic -H 'Last-Event-ID: 0:1,0:2'
403 /events/$topic -H 'Origin: http://elsewhere.example'
404 /events/$topic-none
404 /events/elsewhere
404 /events/__consumer_offsets
405 /events/$topic -d x
416 /events/$topic?offset=0:77
404 /events/$topic?partition=7&offset=beginning
404 /events/$topic?partition=7
END
unlike "$(kt topic list)" "$topic-none" "and no topic was made"

# A signal ends streams, which their clients see as an end and no fault.
listen last "/events/$topic"
last=$pid
stop "$served" TERM
is "$status" 0 "a signal ends the server"
wait "$last"
is "$?" 0 "and its streams"

# What is read ahead for those who come again is no request that nobody answers.
fresh events-end 4
seq 300000 | kt produce "$topic" -q
serve ends
for i in 1 2 3 4 5 6 7 8; do
  start "catch$i" curl -sSN "$url/events/$topic?offset=beginning"
done
wait_for said catch8.out '^data'
stop "$served" TERM
is "$status" 0 "a signal ends a server that reads for them"

fresh events-slow
serve slow
python slow "$url" "$topic" "$served" "$(ldd "$KT" | grep -c libasan)"
stop "$served"
serve crowd
fresh events-crowd
seq 2000 | kt produce "$topic" -q
python crowd "$url" "$topic"
stop "$served"
fresh events-idle
python3 -c 'for i in range(60): print("%d" % i + "x" * 50000)' | kt produce "$topic" -q
serve idle --body-deadline 10m
python idle "$url" "$topic"

# Brokers come and go under a stream.
fresh events-away
listen all "/events/$topic"
echo 1 | kt produce "$topic" -q
wait_for hears all 1
if on_kafka; then
  skip "the broker is away" "it is others', too"
else
  kill -STOP "$broker"
  away() {
    ask /ready -m 30 && [ "$code" = 503 ]
  }
  ok "the broker is away" wait_for away
  kill -CONT "$broker"
fi
back() {
  ask /ready && [ "$code" = 200 ]
}
wait_for back
echo 2 | kt produce "$topic" -q
ok "and the stream goes on" wait_for hears all "1 2"
if on_kafka; then
  run kt topic alter "$topic" --partitions 2
  echo 3 | kt produce "$topic" -p 1 -q
  ok "also with a new partition" wait_for hears all "1 2 3"
  kt topic delete "$topic" --yes >deleted 2>&1
  wait_for kt topic create "$topic"
  wait_for sh -c "echo 4 | kt produce $topic -q"
  ok "and with a topic that was recreated" wait_for hears all "1 2 3 4"
fi
stop "$served"

fresh events-kills
own_host
python kills "$host:8000" "$topic"

# Whose token says so.
fresh events-token
reader=$(kt serve token add reader "consume:$topic" --token-file tokens)
writer=$(kt serve token add writer "produce:$topic" --token-file tokens)
serve token --token-file tokens
ask "/events/$topic"
is "$code" 401 "no token"
ask "/events/$topic" -H "Authorization: Bearer $writer"
is "$code" 403 "that of a writer"
listen mine "/events/$topic" -H "Authorization: Bearer $reader"
echo 1 | kt produce "$topic" -q
ok "that of a reader" wait_for hears mine 1

# Who waits for brokers and goes holds no connection any more, nor does who comes again and again.
descriptors() {
  [ "$(find "/proc/$served/fd" -type l | wc -l)" -le "$1" ]
}
serve lonely -b 127.0.0.1:1
before=$(find "/proc/$served/fd" -type l | wc -l)
run python3 "$tests/both/goers.py" "$url/events/$topic" 'Last-Event-ID: 0:1'
is "$status" 0 "fifty wait"
ok "fifty have gone" wait_for descriptors $((before + 20))
stop "$served"
done_testing
