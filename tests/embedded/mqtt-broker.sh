. "${0%/*}/../lib.sh"
# kt mqtt with a broker of MQTT that does what real ones do not: the order of acknowledgements, what is refused, what is
# tried again.
need python3
start_broker -q --brokers 2

# fake NAME MODE [ARGUMENT]: its address is in $mqtt, and in $at as kt says it; its process in $fake.
fake() {
  tap_fake=$1
  shift
  start "$tap_fake" python3 "$tests/embedded/mqtt_broker.py" "$@"
  wait_for test -s "$tap_fake.out" || fail "the fake broker starts" "$(cat "$tap_fake.err")"
  fake=$pid at=127.0.0.1:$(head -n 1 "$tap_fake.out")
  mqtt=mqtt://$at
}

# packets NAME WORD: what the fake broker got of a kind, without that word.
packets() {
  sed -n "s/^$2 *//p" "$1.out"
}

# has_packets NAME WORD N: at least so many. For wait_for.
has_packets() {
  [ "$(packets "$1" "$2" | wc -l)" -ge "$3" ]
}

said() {
  grep -Eq -e "$2" "$1"
}

# delivered N FILE: a run with --metrics-listen, whose words are in FILE, has so many records in Kafka. For wait_for.
delivered() {
  [ "$(curl -s "$(sed -n 's/^% metrics at //p' "$2")" | sed -n 's/.*result="delivered"} //p')" -ge "$1" ]
}

# The embedded broker draws the leaders of a topic by lot: here each of the two leads two partitions.
drawn=0
is_shared() {
  drawn=$((drawn + 1))
  fresh "t$drawn" 4
  kt topic describe "$topic" -J >leaders
  [ "$(grep -o '"leader":1' leaders | wc -l) $(grep -o '"leader":2' leaders | wc -l)" = "2 2" ]
}
wait_for is_shared

# Acknowledged in the order of the messages, whichever broker of Kafka answers first: the leader of some is down.
need curl
fake order publish 300
kt broker --tell 'down 2'
start order-kt kt mqtt "$mqtt" -s 't/#' -t "$topic" -X reconnect.backoff.max.ms=100 --metrics-listen 127.0.0.1:0
ok "some records are in Kafka" wait_for delivered 60 order-kt.err
acknowledged=$(packets order puback | wc -l)
ok "and not acknowledged, since others before them are not there ($acknowledged of 60 were)" test "$acknowledged" -lt 60
kt broker --tell 'up 2'
ok "all are acknowledged in the end" wait_for has_packets order puback 300
packets order puback >got
seq 300 >expected
same got expected "in the order in which they came"
stop "$pid"
is "$(packets order disconnect | wc -l)" 1 "and it says goodbye"
stop "$fake"

# As long as Kafka is away nothing is acknowledged, and pings go out.
fake away publish 300:go
start away-kt kt mqtt "$mqtt" -s 't/#' -t "$topic" -X reconnect.backoff.max.ms=100 --keep-alive 3s --protocol 3.1.1
wait_for said away-kt.err session
kt broker --tell 'down all'
: >go
ok "pings go out while Kafka is away" wait_for has_packets away ping $(($(packets away ping | wc -l) + 3))
is "$(packets away connect | wc -l)" 1 "the connection is kept"
is "$(packets away puback | wc -l)" 0 "and nothing is acknowledged"
kt broker --tell 'up all'
ok "what was not acknowledged is once Kafka is there" wait_for has_packets away puback 300
packets away puback >got
same got expected "in order"
stop "$pid"
stop "$fake"

# More than memory may hold: nothing more is read.
fake full endless
start full-kt kt mqtt "$mqtt" -s 't/#' -t "$topic" --keep-alive 1s
full=$pid
wait_for said full-kt.err session
kt broker --tell 'down all'
ok "while Kafka is away no more is read than there is room for" wait_for has_packets full full 1
ok "and pings go out all the same" wait_for has_packets full ping 2
is "$(packets full connect | wc -l)" 1 "on the connection that it has"
ok "memory is bounded ($(($(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$full/status") / 1024)) MB)" \
  test "$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$full/status")" -lt 400000
stop "$full" KILL
stop "$fake"
kt broker --tell 'up all'

# What a broker must not send ends the run with one sentence.
while read -r bytes words; do
  fake bad send "$bytes"
  run kt mqtt "$mqtt" -s 't/#' -t "$topic" --protocol 3.1.1
  is "$status:$(echo "$err" | grep '^kt mqtt')" "1:kt mqtt: $at: $words" "it sends $bytes"
  stop "$fake"
done <<'END'
3080808080 the length of a packet has more than four bytes
30ffffff7f a packet of 268435460 bytes is larger than the 1048576 of --max-packet
34050001740001 a message has a QoS that was not granted
320500017400000a a message of QoS 1 has the identifier 0
300300012b a topic's name holds a wildcard
3003000174c000 a packet of type 12 is not expected here
d100 the flags of a packet are not 0
e000 a DISCONNECT comes from the broker, which MQTT 3.1.1 does not have
END
fake other send ''
run kt mqtt "$mqtt" -s t -s u -t "$topic" --protocol 3.1.1
is "$status:$(echo "$err" | grep '^kt mqtt')" \
  "1:kt mqtt: $at: the answer to SUBSCRIBE has not a code for each filter" "an answer for fewer filters"
stop "$fake"
fake web refuse 485454502f312e3120343030204261640d0a
run kt mqtt "$mqtt" -s t -t "$topic"
is "$status:$(echo "$err" | grep '^kt mqtt')" "1:kt mqtt: $at: it does not speak MQTT: the flags of a packet are not 0" "an answer of a web server"
stop "$fake"

# Refusals, by reason: the bytes of the answer to CONNECT.
while read -r expected bytes words; do
  fake no refuse "$bytes"
  run kt mqtt "$mqtt" -s t -t "$topic" --protocol "${words%% *}"
  is "$status:$(echo "$err" | grep '^kt mqtt')" "$expected:kt mqtt: $at: it refuses the connection: ${words#* }" "it answers $bytes"
  stop "$fake"
done <<'END'
1 20020001 3.1.1 it does not speak this version of MQTT
1 20020002 3.1.1 it does not take this client id
5 20020003 3.1.1 its service is not available
1 20020004 3.1.1 the user name or the password is wrong
1 20020005 3.1.1 this client is not authorized
1 20020009 3.1.1 for a reason that MQTT 3.1.1 does not know
1 2003008600 5 the user name or the password is wrong
5 2003008900 5 it is busy
1 2008008a051f00026e6f 5 this client is banned (no)
END

while read -r code version words; do
  fake denies grant "$code"
  run kt mqtt "$mqtt" -s t -t "$topic" --protocol "$version"
  is "$status:$(echo "$err" | grep '^kt mqtt')" "1:kt mqtt: $at: it refuses the subscription to t: $words" "a subscription with $version"
  stop "$fake"
done <<'END'
80 3.1.1 for no reason that it tells
87 5 this client is not authorized
END
fake grants grant 00
start grants-kt kt mqtt "$mqtt" -s t -t "$topic"
ok "less than what was asked for is said" wait_for said grants-kt.err "$at grants QoS 0 for t: its messages come at most once"
stop "$pid"
stop "$fake"

# What is tried again, and what is not.
for how in close code; do
  fake "old-$how" old "$how"
  start old-kt kt mqtt "$mqtt" -s t -t "$topic" -v
  ok "a broker of 3.1.1 is spoken to in that ($how)" wait_for has_packets "old-$how" subscribe 1
  ok "which -v says" wait_for said old-kt.err "^% the broker does not speak MQTT 5: it is 3.1.1"
  stop "$pid"
  stop "$fake"
done
fake deaf deaf
run kt mqtt "$mqtt" -s t -t "$topic" -m 1s
is "$status:$(echo "$err" | grep '^kt mqtt')" "5:kt mqtt: $at: it does not answer CONNECT" "one that does not answer"
stop "$fake"
fake mute mute
start mute-kt kt mqtt "$mqtt" -s t -t "$topic" --keep-alive 1s
ok "one of which nothing is heard is left" wait_for said mute-kt.err "$at: nothing is heard of it any more; trying again in"
ok "and tried again" wait_for has_packets mute connect 2
stop "$pid"
stop "$fake"
fake over over
start over-kt kt mqtt "$mqtt" -s t -t "$topic" --client-id me
ok "a session that is taken over" wait_for said over-kt.err "another client took the session over: the client id me is used twice"
stop "$pid"
stop "$fake"
fake forget forget
start forget-kt kt mqtt "$mqtt" -s t -t "$topic"
ok "a session that was not kept" \
  wait_for said forget-kt.err "kept no session: what was published meanwhile, or not acknowledged, is lost"
ok "is subscribed in again" wait_for has_packets forget subscribe 2
stop "$pid"
stop "$fake"
fake busy busy
start busy-kt kt mqtt "$mqtt" -s t -t "$topic"
ok "a broker that is busy later" wait_for said busy-kt.err "it refuses the connection: it is busy; trying again in"
ok "is tried again" wait_for said busy-kt.err "is connected again, and kept the session"
is "$(packets busy subscribe | wc -l)" 1 "the session is subscribed in once"
stop "$pid"
stop "$fake"
done_testing
