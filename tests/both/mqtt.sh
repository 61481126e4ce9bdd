. "${0%/*}/lib.sh"
# kt mqtt with a real broker of MQTT: what is written, what a session keeps, and what is lost by nobody.
need python3 jq openssl mosquitto_passwd curl
own_host

# sign NAME SUBJECT EXTENSION: a key and a certificate of the CA for it.
sign() {
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$1.key" -subj "/CN=$2" 2>/dev/null |
    openssl x509 -req -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile "$3" -out "$1.crt" 2>/dev/null
}
for ca in ca other; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$ca.key" -out "$ca.crt" -days 2 \
    -subj "/CN=$ca" 2>/dev/null
done
echo "subjectAltName=IP:$host" >server.ext
: >client.ext
sign server "$host" server.ext
sign client bridge client.ext
mosquitto_passwd -c -b passwords bridge 'pass word' 2>/dev/null
set -- "password_file passwords"
for port in 8883 8884; do
  set -- "$@" "listener $port $host" "cafile ca.crt" "certfile server.crt" "keyfile server.key"
done
start_mosquitto "$@" "require_certificate true"

# publish ARGUMENT…: as the document's devices do.
publish() {
  mosquitto_pub -h "$mqtt_host" -p "$mqtt_port" "$@"
}

# A bridge that runs; $pid is its process. bridge NAME ARGUMENT…
bridge() {
  tap_bridge=$1
  shift
  start "$tap_bridge" kt mqtt "$mqtt" "$@"
  wait_for said "$tap_bridge.err" "session" || fail "the bridge starts" "$(cat "$tap_bridge.err")"
}

# subscribed N: so many sessions were begun at mosquitto, by its log.
subscribed() {
  [ "$(cat mosquitto.out mosquitto.err | grep -c ' connected from .* as kt')" -ge "$1" ]
}

# waits N FILE: a run with --metrics-listen, whose words are in FILE, has so many messages for Kafka. For wait_for.
waits() {
  [ "$(curl -s "$(sed -n 's/^% metrics at //p' "$2")" | sed -n 's/^kt_mqtt_waiting //p')" = "$1" ]
}

# has_all N: the topic has that many different values. For wait_for.
has_all() {
  [ "$(values "$topic" | sort -u | wc -l)" -eq "$1" ]
}

# What a message becomes.
fresh mqtt 2
bridge first --sub 'plant/+/t' --topic "$topic" -c 4 -J
publish -q 1 -t plant/1/t -m 21.5
publish -q 0 -t plant/2/t -m 22.5
publish -q 2 -t plant/1/t -n
printf '\377\000\n' >bytes
publish -q 1 -t plant/2/t -f bytes
publish -q 1 -t elsewhere -m no
wait "$pid"
is "$?" 0 "-c ends the run"
like "$(cat first.out)" "^\{\"broker\":\"$mqtt_host:$mqtt_port\",\"topic\":\"$topic\",\"written\":4,\"skipped\":0,\"dup\":0,\"refused\":0,\"unacknowledged\":0,\"lost\":0\}\$" \
  "the counts as JSON"
like "$(cat first.err)" "^% 4 messages of $mqtt_host:$mqtt_port written to $topic\$" "and in words"
kt consume -q -e -J "$topic" | jq -c 'select(.key == "plant/1/t") | [.payload, [.headers[] | .key + "=" + .value]]' >got
cat >expected <<'END'
["21.5",["mqtt.topic=plant/1/t","mqtt.qos=1","mqtt.retain=0","mqtt.dup=0"]]
["",["mqtt.topic=plant/1/t","mqtt.qos=1","mqtt.retain=0","mqtt.dup=0"]]
END
same got expected "key, value and headers; QoS 2 comes with 1"
is "$(kt consume -q -e -J "$topic" | jq -c 'select(.key == "plant/2/t") | [.payload, .headers[1].value]' | tr '\n' ' ')" \
  '["22.5","0"] ["/wAK","1"] ' "any bytes; a device's QoS 0 stays one"

# What is published while it does not run.
publish -q 1 -t plant/1/t -m away
run kt mqtt "$mqtt" -s 'plant/+/t' -t "$topic" -c 1
is "$status" 0 "the next start"
like "$err" "^% $mqtt_host:$mqtt_port goes on with the session of client id kt[0-9a-f]{20}\$" "goes on with the session"
is "$(values "$topic" --grep away)" away "and with what was published meanwhile"

# Retained ones.
publish -r -q 1 -t kept/a -m old
fresh kept
for version in 3.1.1 5; do
  bridge skips -s 'kept/#' -t "$topic" --skip-retained --client-id "skip-$version" --protocol "$version" -c 1 -J
  publish -q 1 -t kept/b -m new
  wait "$pid"
  is "$(values "$topic")" "$(yes new | head -n "$(count "$topic")")" "--skip-retained with $version"
done
is "$(jq .written skips.out)" 1 "which are not counted"
run kt mqtt "$mqtt" -s 'kept/#' -t "$topic" --client-id all -c 1
is "$(kt consume -q -e -J -o -1 "$topic" | jq -c '[.payload, .headers[2].value]')" '["old","1"]' "else they say that they are"
publish -r -t kept/a -n

# begins OPTION…: a session, for a second. For wait_for: on a busy machine that may be too short for one.
begins() {
  run kt mqtt "$@" -t "$topic" --run-for 1s
  [ "$status" = 0 ]
}

# What is asked for.
ok "--run-for ends it" wait_for begins "$mqtt" -s a --qos 2 -v
like "$err" "^% QoS 2 ends at this client: it subscribes with QoS 1, at least once\$" "QoS 2 is 1, which is said"
wait_for begins "$mqtt" -s a --qos 0
like "$err" "^% QoS 0: messages come at most once" "and what QoS 0 means"
run kt mqtt "$mqtt" -s 'a/#/b' -t "$topic"
is "$status:$err" '2:kt mqtt: --sub: "a/#/b" is not an MQTT filter: # stands alone, as the last level' "a filter that is none"
run kt mqtt mqtt://127.0.0.1:1 -s a -t "$topic"
is "$status:$(echo "$err" | head -n 1)" "5:kt mqtt: 127.0.0.1:1: connection refused" "a broker that is not there"
run kt mqtt "$mqtt" -s a -t "none/$$"
is "$status" 2 "a topic's name that cannot be one"

# Who it is, and who the broker is.
export KT_MQTT_PASSWORD='pass word'
wait_for begins "$mqtt" -s a -u bridge --client-id who
unset KT_MQTT_PASSWORD
is "$status:$(echo "$err" | head -n 1)" "0:% $mqtt_host:$mqtt_port begins a session with client id who" "a user with a password"
for version in 3.1.1 5; do
  run env KT_MQTT_PASSWORD='wrong word' kt mqtt "mqtt://bridge@$mqtt_host" -s a -t "$topic" --protocol "$version"
  is "$status:$(echo "$err" | head -n 1)" \
    "1:kt mqtt: $mqtt_host:$mqtt_port: it refuses the connection: this client is not authorized" "a wrong one with $version"
  unlike "$err" "wrong word" "which is not shown"
done
run kt mqtt "mqtt://bridge:secret@$mqtt_host" -s a -t "$topic"
is "$status" 2 "a password in the address is refused"
unlike "$err" "secret" "and not shown"
ok "TLS, with the CA of the broker" wait_for begins "mqtts://$mqtt_host" --ca ca.crt -s a
run kt mqtt "mqtts://$mqtt_host" --ca other.crt -s a -t "$topic"
is "$status:$(echo "$err" | head -n 1)" \
  "1:kt mqtt: $mqtt_host:8883: the certificate of the broker is not signed by a CA that is trusted here" "another CA"
like "$err" "^hint: --ca FILE has the CA of the broker" "and what to do"
run kt mqtt mqtts://broker.test --resolve "broker.test=$mqtt_host" --ca ca.crt -s a -t "$topic"
is "$status:$(echo "$err" | head -n 1)" "1:kt mqtt: broker.test:8883: the certificate of the broker is for another host name" "another name"
run kt mqtt "mqtts://$mqtt_host:8884" --ca ca.crt -s a -t "$topic"
is "$status:$(echo "$err" | head -n 1)" \
  "1:kt mqtt: $mqtt_host:8884: it demands a client certificate and got none" "a broker that wants a certificate"
ok "and gets one" wait_for begins "mqtts://$mqtt_host:8884" --ca ca.crt --cert client.crt --key client.key -s a
run kt mqtt "mqtts://$mqtt_host" --ca none.crt -s a -t "$topic"
is "$status" 2 "a CA that is not there"
run kt mqtt "mqtts://$mqtt_host:$mqtt_port" --ca ca.crt -s a -t "$topic"
is "$status:$(echo "$err" | head -n 1)" "5:kt mqtt: $mqtt_host:$mqtt_port: it does not speak TLS there" "the plain port"
fresh sealed
bridge sealed -s sealed -t "$topic" -c 20000
stop "$pid"
seq 20000 | publish -q 1 -t sealed -l
run kt mqtt "mqtts://$mqtt_host" --ca ca.crt -s sealed -t "$topic" -c 20000
is "$(values "$topic" | sort -n | cksum)" "$(seq 20000 | cksum)" "many messages over TLS, of the session that was plain"

# A signal: what is there is finished.
fresh ends
bridge ends -s ends -t "$topic"
publish -q 1 -t ends -m last
wait_for holds "$topic" 1
stop "$pid"
is "$status" 0 "a signal ends it"
like "$(cat ends.err)" "^% 1 message of .* written" "with its counts"
like "$(cat mosquitto.out mosquitto.err)" "Received DISCONNECT|Client kt[0-9a-f]* disconnected\.\$" "and says so to the broker"

run kt mqtt "$mqtt" -s none -t "$topic" -c 1 --run-for 1s
is "$status" 124 "a count that is not reached is a status of its own"

# Two with one id take the session from each other.
fresh two
for version in 3.1.1 5; do
  bridge "one-$version" -s two -t "$topic" --client-id "twice-$version" --protocol "$version"
  one=$pid
  bridge "other-$version" -s two -t "$topic" --client-id "twice-$version" --protocol "$version"
  ok "a client id that is used twice is noticed with $version" \
    wait_for said "one-$version.err" "is there another client with the id twice-$version\?"
  stop "$one"
  stop "$pid"
done

# Mosquitto goes and comes back.
fresh again
bridge again -s 'again/#' -t "$topic"
bridge=$pid
publish -q 1 -t again/1 -m before
wait_for holds "$topic" 1
stop "$(pgrep -P $$ -x mosquitto)"
ok "a broker that goes away is said" wait_for said again.err "closed the connection; trying again in"
start_mosquitto
ok "and when it is there again" wait_for said again.err "is connected again, and kept the session"
publish -q 1 -t again/2 -m after
ok "it goes on" wait_for holds "$topic" 2
stop "$bridge"

# Kafka is away: nothing is acknowledged, the session stays, and nothing is lost.
if ! on_kafka; then
  fresh away
  # Only what mosquitto is told to log of all types shows acknowledgements: the fake broker's test counts them.
  bridge away -s away -t "$topic" --keep-alive 6s -J
  tell "down all"
  seq 300 | publish -q 1 -t away -l
  # Longer than the broker waits for a sign of life, which is half as long again; what is left of that is for a machine that
  # stands still.
  sleep 12
  unlike "$(cat mosquitto.out mosquitto.err)" "exceeded timeout" "the session stays"
  tell "up all"
  ok "everything is written then" wait_for holds "$topic" 300
  stop "$pid"
  is "$(values "$topic" | sort -n | cksum)" "$(seq 300 | cksum)" "once each"
  is "$(jq .unacknowledged away.out)" 0 "and acknowledged"

  # What the broker keeps for nobody is not said to come again.
  bridge once -s away -t "$topic" --qos 0 -J --metrics-listen 127.0.0.1:0
  tell "down all"
  publish -q 0 -t away -m once
  publish -q 0 -t away -m twice
  wait_for waits 2 once.err || fail "two messages wait"
  stop "$pid"
  tell "up all"
  is "$(jq -c '[.written, .unacknowledged, .lost]' once.out)" '[0,0,2]' "messages of QoS 0 that Kafka did not take are lost"
  like "$(cat once.err)" "2 messages of QoS 0 are lost: " "which is said"

  # A producer that can go on no more says nothing of its messages: none is taken for one that Kafka refuses.
  fresh fatal
  bridge fatal -s fatal -t "$topic" --on-error continue -J
  tell "error Produce OUT_OF_ORDER_SEQUENCE_NUMBER 1"
  seq 50 | publish -q 1 -t fatal -l
  wait "$pid"
  is "$?:$(jq .refused fatal.out)" 1:0 "a producer that cannot go on ends the run"
  bridge fatal-2 -s fatal -t "$topic"
  ok "and the next one has all" wait_for has_all 50
  stop "$pid"
fi

# Killed again and again while numbers come.
fresh kills 3
ok "every number is in the topic, whenever the bridge was killed" \
  python3 "$tests/both/mqtt_kills.py" "$mqtt_host" "$mqtt_port" "$topic" 4 20000

done_testing
