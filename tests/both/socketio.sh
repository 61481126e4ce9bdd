. "${0%/*}/lib.sh"
# kt serve --lab socketio: the course's page that has texts echoed or sent to all, by Socket.IO, in one process or over a
# topic in any number of them.

kt --version | grep -q +websocket || skip_all "built without libwslay"
need curl python3
export PYTHONDONTWRITEBYTECODE=1
here=$tests/both/socketio

# serve NAME COMMAND…: where it serves is $url.
serve() {
  serve_name=$1
  shift
  start "$serve_name" "$@"
  wait_for said "$serve_name.err" '^% serving at'
  url=$(sed -n '1s,^% serving at \(.*\)/$,\1,p' "$serve_name.err")
  served=$pid
}

# play CASE…: each of what play.py looks at is a case; its sessions are added to the file sids.
play() {
  python3 "$here/play.py" "$@" >lines 2>lines.err || fail "plays $*" "$(cat lines.err)"
  while read -r result words; do
    case $result in
    ok) pass "${words#- }" ;;
    sid) echo "$words" >>sids ;;
    *) fail "${words#ok - }" "$(cat lines.err)" ;;
    esac
  done <lines
}

# all_gone FILE: each of the sessions was said to be gone, once for each time that it came.
all_gone() {
  sed -n 's/^Client disconnected //p' "$1" | sort >gone
  sort sids | cmp -s - gone
}

# Before there is Kafka: within one process, whatever the brokers do.
: >sids
serve alone env -u KT_BROKERS TOPIC=none kt serve --lab socketio@127.0.0.1:0
play "$url" polling generations websocket upgrade refused flood
curl -sS -D head "$url/" >page
for part in '<title>Chatty</title>' '<h1>Chatty</h1>' 'value="Echo"' 'value="Broadcast"' 'value="Disconnect"' 'Received Messages:'; do
  like "$(cat page)" "$part" "the page has $part"
done
like "$(tr -d '\r' <"head")" "^Content-Security-Policy: default-src 'none'" "and loads nothing else"
is "$(kt serve --lab socketio --print-routes)" 'GET / page of=socketio
GET /socket.io/ socketio broadcast
POST /socket.io/ socketio broadcast' "its rows"
play "$url" ends "$served"
wait "$served"
is "$?" 0 "a signal ends it"
ok "the end of each client was said once, however it left" all_gone alone.err
unlike "$(cat alone.err)" '^kt: |ERROR' "and nothing else"

: >sids
serve idle env -u KT_BROKERS TOPIC=none kt serve --lab socketio@127.0.0.1:0 --idle 50ms
play "$url" idle
ok "a session that nobody polls for is over after --idle" wait_for all_gone idle.err
stop "$served"
serve few env -u KT_BROKERS TOPIC=none kt serve --lab socketio@127.0.0.1:0 --max-connections 3
play "$url" many
stop "$served"

# Over a topic.
fresh broadcast
: >sids
export TOPIC="$topic"
serve one kt serve --lab socketio@127.0.0.1:0
one=$url first=$served
TOPIC=another serve two kt serve --lab socketio@127.0.0.1:0 -t "$topic"
start balancer python3 "$here/balancer.py" "${one#http://}" "${url#http://}"
balancer=$pid
wait_for said balancer.out '^127'
play "$one" replicas "http://$(cat balancer.out)" "$url" "$topic"
is "$(kt consume "$topic" -q -e -f '%p %s %h\n' | grep -e '^0 [0-9]*-[0-9]' -c)" 50 "each broadcast is a record of partition 0"
is "$(kt consume "$topic" -q -e -f '%s %h\n' | grep -e '^3-4 ')" '3-4 count=5' "whose header has the count"
unlike "$(cat one.err two.err)" '^Client disconnected .*[^0-9a-f]' "what is said of clients is their ids"
play "$one" behind "$topic"
stop "$first"
is "$status" 0 "one ends"
stop "$served"
is "$status" 0 "and the other"
cat one.err two.err >both.err
ok "all of their clients were said to be gone" all_gone both.err
stop "$balancer"
done_testing
