. "${0%/*}/lib.sh"
# kt serve --lab chat: the course's chat, in one process, or over a topic in any number of them.

kt --version | grep -q +websocket || skip_all "built without libwslay"
need curl python3

# serve NAME COMMAND…: where it serves is $url, and $ws for WebSockets.
serve() {
  serve_name=$1
  shift
  start "$serve_name" "$@"
  wait_for said "$serve_name.err" '^% serving at'
  url=$(sed -n '1s,^% serving at \(.*\)/$,\1,p' "$serve_name.err")
  ws=ws${url#http}/ws
  served=$pid
}

# chat NAME URL: what is written to NAME.in is sent, what comes is in NAME.out.
chat() {
  : >"$1.in"
  start "$1" sh -c 'tail -n +1 -f "$0.in" | python3 "$@"' "$1" "$tests/both/sockets.py" "$2"
  wait_for said "$1.out" '^(open|status)'
}
shows() {
  [ "$(tail -n +2 "$1.out" | tr '\n' '|')" = "$2|" ]
}

# Before there is Kafka: within one process, whatever the brokers do.
serve alone env -u KT_BROKERS TOPIC=none podname='web & <1>' kt serve --lab chat@127.0.0.1:0
chat first "$ws"
chat second "$ws"
printf '%s\n' 'hello' '  two\nlines \r\n' '   ' 'h\xc3\xa9' >>first.in
ok "everybody gets it, in one line and without blanks around it" wait_for shows second "hello|two lines|hé"
ok "who wrote it, too" wait_for shows first "hello|two lines|hé"
head -c 70000 /dev/zero | tr '\0' x >large
python3 -c '
import sys
sys.path.insert(0, sys.argv[1])
import sockets
one = sockets.Socket(sys.argv[2])
one.socket.sendall(b"\x81\xff" + (70000).to_bytes(8, "big") + bytes(4) + b"x" * 70000)
while one.code is None:
    one.messages()
print(one.code)' "$tests/both" "$ws" >code 2>code.err
is "$(cat code)" 1009 "what is too large is refused"
for path in / /any/path; do
  curl -sS -D head "$url$path" >page
  like "$(cat page)" '^<meta name="viewport" content="width=device-width">$' "the page is at $path"
done
like "$(cat page)" '<title>Connected to Pod web &amp; &lt;1&gt;</title>' "its title has the pod"
like "$(cat page)" '<h1>Chatting on web &amp; &lt;1&gt;</h1>' "and its heading"
like "$(tr -d '\r' <"head")" '^Content-Type: text/html; charset=utf-8$' "as HTML"
like "$(tr -d '\r' <"head")" "^Content-Security-Policy: default-src 'none'; script-src 'unsafe-inline'" "which loads nothing else"
is "$(curl -sS -o out -w '%{http_code}' "$url/ws")" 426 "no WebSocket"
is "$(python3 -c '
import sys
sys.path.insert(0, sys.argv[1])
import sockets
print(sockets.Socket(sys.argv[2], ["Origin: http://elsewhere.example"]).status)' "$tests/both" "$ws")" 403 "a page of another site"
stop "$served" TERM
is "$status" 0 "a signal ends it"
ok "and its clients hear of it" wait_for said first.out '^closed 1001$'
serve nopod env -u KT_BROKERS -u podname TOPIC=none kt serve --lab chat@127.0.0.1:0
like "$(curl -sS "$url/")" '<h1>Chatting on Unknown Pod Name</h1>' "without the name of a pod"
stop "$served"

# Over a topic.
fresh chat 2
is "$(TOPIC=$topic kt serve --lab chat --print-routes)" "$(printf 'GET /ws chat %s\nGET /* page' "$topic")" "TOPIC says which"
is "$(TOPIC=other kt serve --lab chat -t "$topic" --print-routes | head -n 1)" "GET /ws chat $topic" "and -t before it"
for words in '-t t' '--lab game -t t' '--lab chat -t a/b'; do
  # shellcheck disable=SC2086
  run kt serve $words --print-routes
  is "$status" 2 "not $words"
done
serve one kt serve -t "$topic" --deadline 2m --lab chat@127.0.0.1:0 --ops-listen 127.0.0.1:0
ops=$(sed -n '2s,^% serving at \(.*\)/$,\1,p' one.err)
one=$ws
first=$served
ready() {
  [ "$(curl -sS -o out -w '%{http_code}' "$ops/ready")" = 200 ]
}
ok "it is ready once it knows where its topic ends" wait_for ready
serve two env TOPIC="$topic" kt serve --deadline 2m --lab chat@127.0.0.1:0
chat here "$one"
chat there "$ws"
echo "hi there" >>here.in
ok "two servers are one" wait_for shows there "hi there"
ok "and it comes back the same way" wait_for shows here "hi there"
is "$(kt consume "$topic" -q -e -f '%p %s\n')" "0 hi there" "it is in partition 0"
echo "from a shell" | kt produce "$topic" -p 1 -q
ok "all partitions are read" wait_for shows there "hi there|from a shell"
is "$(curl -sS "$ops/metrics" | grep '^kt_clients{kind="chat"}')" 'kt_clients{kind="chat"} 1' "one is there"
if ! on_kafka; then
  tell "down all"
  echo "meanwhile" >>here.in
  ok "a broker that is away is said" wait_for said one.err 'can be reached any more; trying on$'
  tell "up all"
  echo "again" >>here.in
  ok "it comes back: nobody has left, nothing is missing" \
    wait_for shows there "hi there|from a shell|meanwhile|again"
  ok "and nothing comes twice" wait_for shows here "hi there|from a shell|meanwhile|again"
  is "$(kt consume "$topic" -q -e -p 0 -f '%s|')" "hi there|meanwhile|again|" "nor in the topic"
fi
stop "$first"
stop "$served"

# Who waits to be let in and goes holds no connection any more.
descriptors() {
  [ "$(find "/proc/$served/fd" -type l | wc -l)" -le "$1" ]
}
serve lonely kt serve --no-create -b 127.0.0.1:1 --lab chat@127.0.0.1:0
before=$(find "/proc/$served/fd" -type l | wc -l)
run python3 "$tests/both/goers.py" "$url/ws" 'Upgrade: websocket' 'Connection: Upgrade' 'Sec-WebSocket-Version: 13' \
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='
is "$status" 0 "fifty wait"
ok "fifty have gone" wait_for descriptors $((before + 20))
stop "$served" TERM
is "$status" 0 "and it ends"

# play N PROGRAM ARGUMENT…: a Python program that prints N cases.
play() {
  play_n=$1 play_program=$2
  shift 2
  python3 "$tests/both/$play_program" "$@" >lines 2>lines.err || note "$(cat lines.err)"
  while read -r result words; do
    case $result in
    ok) pass "${words#- }" ;;
    *) fail "${words#ok - }" "$(cat lines.err)" ;;
    esac
  done <lines
  is "$(wc -l <lines)" "$play_n" "all of it"
}

# Those who are slow are no burden to the others.
if ! on_kafka; then
  fresh chat-slow
  serve slow kt serve -t "$topic" --lab chat@127.0.0.1:0
  play 4 chatters.py "$ws" "$topic" "$served"
  stop "$served" TERM
  is "$status" 0 "and it ends"
fi

fresh chat-kills
own_host
export TOPIC="$topic"
play 9 chats.py "$host:8000" "$host:8001"
done_testing
