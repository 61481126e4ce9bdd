. "${0%/*}/lib.sh"
# kt mqtt with a real broker of MQTT: what is written, what a session keeps, and what is lost by nobody.
need python3 jq
start_mosquitto

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
like "$(cat first.out)" "^\{\"broker\":\"$mqtt_host:$mqtt_port\",\"topic\":\"$topic\",\"written\":4,\"skipped\":0,\"dup\":0,\"refused\":0,\"unacknowledged\":0\}\$" \
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

# What is asked for.
run kt mqtt "$mqtt" -s a -t "$topic" --qos 2 --run-for 1s -v
is "$status" 124 "--run-for ends it"
like "$err" "^% QoS 2 ends at this client: it subscribes with QoS 1, at least once\$" "QoS 2 is 1, which is said"
run kt mqtt "$mqtt" -s a -t "$topic" --qos 0 --run-for 1s
like "$err" "^% QoS 0: messages come at most once" "and what QoS 0 means"
run kt mqtt "$mqtt" -s 'a/#/b' -t "$topic"
is "$status:$err" '2:kt mqtt: --sub: "a/#/b" is no filter of MQTT: # stands alone, as the last level' "a filter that is none"
run kt mqtt mqtt://127.0.0.1:1 -s a -t "$topic"
is "$status:$(echo "$err" | head -n 1)" "5:kt mqtt: 127.0.0.1:1: connection refused" "a broker that is not there"
run kt mqtt "$mqtt" -s a -t "none/$$"
is "$status" 2 "a topic's name that cannot be one"

# A signal: what is there is finished.
fresh ends
bridge ends -s ends -t "$topic"
publish -q 1 -t ends -m last
wait_for holds "$topic" 1
stop "$pid"
is "$status" 143 "a signal ends it"
like "$(cat ends.err)" "^% 1 message of .* written" "with its counts"
like "$(cat mosquitto.out mosquitto.err)" "Received DISCONNECT|Client kt[0-9a-f]* disconnected\.\$" "and says so to the broker"

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
  bridge away -s away -t "$topic" --keep-alive 1s -J
  tell "down all"
  seq 300 | publish -q 1 -t away -l
  # Three times as long as the broker waits for a sign of life.
  sleep 5
  unlike "$(cat mosquitto.out mosquitto.err)" "exceeded timeout" "the session stays"
  tell "up all"
  ok "everything is written then" wait_for holds "$topic" 300
  stop "$pid"
  is "$(values "$topic" | sort -n | cksum)" "$(seq 300 | cksum)" "once each"
  is "$(jq .unacknowledged away.out)" 0 "and acknowledged"
fi

# Killed again and again while numbers come.
fresh kills 3
ok "every number is in the topic, whenever the bridge was killed" \
  python3 "$tests/both/mqtt_kills.py" "$mqtt_host" "$mqtt_port" "$topic" 4 20000

done_testing
