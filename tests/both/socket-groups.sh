. "${0%/*}/lib.sh"
. "$tests/both/socketlib.sh"
# kt serve: WebSockets whose clients are members of a group, and acknowledge records.

kt --version | grep -q +websocket || skip_all "built without libwslay"
need curl jq python3

# committed N…: of the topic's partitions in $group.
committed() {
  [ "$(kt group describe -q -J "$group" | jq -r '[.. | objects | select(has("committed") and has("partition")) |
    .committed | tostring] | join(" ")')" = "$*" ]
}

fresh socket-groups
group=$topic
serve first -X session.timeout.ms=6000 --max-consumers 2 --topics 'socket-groups*'
seq 10 | kt produce "$topic" -q
socket one "$ws/ws/consume/$topic?group=$group&window=3"
ok "so many come" wait_for hears one "1 2 3"
echo '{"ack":"0:2"}' >>one.in
ok "and as many more as are acknowledged" wait_for hears one "1 2 3 4 5"
ok "whose commit follows" wait_for committed 2
echo '{"ack":{"partition":0,"offset":4}}' >>one.in
ok "a single one makes room" wait_for hears one "1 2 3 4 5 6"
echo '{"ack":{"partition":0,"offset":2}}' >>one.in
ok "when those before it are done" wait_for hears one "1 2 3 4 5 6 7"
ok "the commit goes as far as there is none without" wait_for committed 3
echo '{"ack":"0:9999"}' >>one.in
ok "what was not sent is not acknowledged" wait_for hears one "1 2 3 4 5 6 7 8 9 10"
ok "nor committed" wait_for committed 7
echo '{"ack":"7:1"}' >>one.in
echo '{"ack":{"partition":0,"offset":2}}' >>one.in
is "$(curl -sS "$url/metrics" | grep '^kt_clients{kind="group"}')" 'kt_clients{kind="group"} 1' "it is counted"
echo '{"ack":"x"}' >>one.in
ok "what is no acknowledgement ends it" wait_for closes one 1008
like "$(sed -n '/error/p' one.out)" '^{"error":"ack: expected PARTITION:N' "and it hears why"
ok "what it was sent is not committed" wait_for committed 7
python3 - "$tests/both" "$ws/ws/consume/$topic?group=$group" >two.out <<'END'
import sys
sys.path.insert(0, sys.argv[1])
import sockets
two = sockets.Socket(sys.argv[2])
got = []
while len(got) < 3:
    got += two.messages()
print("\n".join(got))
two.send('{"ack":"0:9"}')
END
is "$(heard two)" "8 9 10 " "but comes again to the next"
ok "what one says last before it vanishes counts" wait_for committed 9
seq 11 12 | kt produce "$topic" -q
socket three "$ws/ws/consume/$topic?group=$group"
ok "and the rest comes to the one after it" wait_for hears three "10 11 12"
echo '{"ack":"0:12"}' >>three.in
ok "all are done" wait_for committed 12

while read -r expected query headers; do
  is "$(python3 "$tests/both/sockets.py" "$ws/ws/consume/$query" ${headers:+"$headers"})" "status $expected" \
    "$expected: $query $headers"
done <<END
400 $topic?group=
400 $topic?group=g&window=0
400 $topic?group=g&reset=x
400 $topic?group=g&offset=end
403 $topic?group=g Origin: http://elsewhere.example
404 $topic-none?group=g
404 elsewhere?group=g
END
gone() {
  curl -sS "$url/metrics" | grep -qx 'kt_clients{kind="group"} 1'
}
wait_for gone
socket four "$ws/ws/consume/$topic?group=$group-b&reset=latest"
is "$(cat four.out)" open "another group"
is "$(python3 "$tests/both/sockets.py" "$ws/ws/consume/$topic?group=g")" "status 503" "one too many"
stop "$served" TERM
is "$status" 0 "a signal ends the server"
ok "and says goodbye" wait_for closes three 1001

# Two servers are one group; one is killed.
fresh socket-groups-kill 2
group=$topic
serve kept -X session.timeout.ms=6000
kept=$ws kept_pid=$served
serve killed -X session.timeout.ms=6000
socket b "$ws/ws/consume/$topic?group=$group&window=2"
seq 1 4 | kt produce "$topic" -p 0 -q
seq 11 14 | kt produce "$topic" -p 1 -q
many() {
  [ "$(heard "$1" | wc -w)" -ge "$2" ]
}
ok "records of both partitions or of one" wait_for many b 2
socket a "$kept/ws/consume/$topic?group=$group&window=100"
ok "half of them go to the other server" wait_for many a 4
kept_part=$(sed -n '/^{/p' a.out | jq -r .partition | head -n 1)
part=$((1 - kept_part))
# A record counts once it was sent to b since it shares.
acks() {
  echo "{\"ack\":\"$part:1\"}" >>b.in
  [ "$(kt group describe -q -J "$group" | jq -r --arg p "$part" '[.. | objects | select(has("committed") and
    (.partition | tostring) == $p) | .committed] | first')" = 1 ]
}
ok "the one acknowledges its first" wait_for acks
kill -KILL "$served"
wait_for closes b 1006
rest() {
  [ "$(sed -n '/^{/p' a.out | jq -r --arg p "$part" 'select((.partition | tostring) == $p) | .offset' | tr '\n' ' ')" = "1 2 3 " ]
}
ok "what it had not acknowledged goes to the other when its server is killed, and nothing else" wait_for rest
served=$kept_pid
stop "$served" TERM
is "$status" 0 "the other one ends well"

# Whose token says so.
token=$(kt serve token add some "consume:$topic" "group:mine*" --token-file tokens)
serve token --token-file tokens
is "$(python3 "$tests/both/sockets.py" "$ws/ws/consume/$topic?group=theirs" "Authorization: Bearer $token")" \
  "status 403" "a token is for some groups"
socket mine "$ws/ws/consume/$topic?group=mine-$$" "Authorization: Bearer $token"
is "$(head -n 1 mine.out)" open "and not for others"
stop "$served"
done_testing
