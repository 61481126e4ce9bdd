. "${0%/*}/lib.sh"
# Every line that `kt help tutorial` prints, typed as it stands, in its order, each ended as it says.
need jq setsid curl ab
start_mosquitto

cp "$tests"/../loads/*.json .
group=g$$
fresh tutorial 16
for name in mytopic testtopic game-events; do
  run kt topic create "$name" --partitions 1 --if-not-exists
done

# What the document's web server had written by then, but for the headers of the last requests.
for event in default default default purchase_sword purchase_sword purchase_sword purchase_sword purchase_sword default \
  default purchase_a_sword purchase_a_sword; do
  echo "{\"event_type\": \"$event\"}"
done | kt produce -q game-events

run kt help tutorial "$topic" -g "$group" -J
is "$status" 0 "the steps are printed"
cp out steps
total=$(wc -l <steps)
ok "there are steps for every chapter" test "$total" -ge 20
run kt help tutorial "$topic" -g "$group"
is "$(grep -c '^    kt   ' out)" "$total" "as text too"
run kt help tutorial "$topic" -b "$KT_BROKERS" -g "it's" -J
like "$out" "-b $KT_BROKERS" "the lines carry the flags that were given"
like "$(printf '%s\n' "$out" | jq -r .kt)" "'it'\\\\''s'" "and quote what a shell would read as more than a word"

# What comes after `and` is typed until the line shows something; what waits for records without it gets one.
fed() {
  if [ -n "$and" ]; then
    sh -c "$and" >and.out 2>and.err
  else
    for name in "$topic" mytopic testtopic; do
      echo fed | kt produce -q "$name"
    done
  fi && test -s step.out
}

served() {
  [ "$(grep -Ec '^( \* Running on|% serving at) http' step.err)" -ge "$1" ]
}

# Two servers beside each other, the second on a port of its own, too: what is written at one of them is heard at the
# other if both are over a topic.
two_servers() {
  served=$pid
  start second setsid sh -c "exec $(echo "$and" | sed 's/@localhost:[0-9]*/@127.0.0.1:0/')"
  second=$pid
  wait_for said second.err '^% serving at' || fail "serves: $and" "$(cat second.err)"
  case $and in *TOPIC=none*) heard=no ;; *) heard=yes ;; esac
  case $and in *socketio*) kind=socketio ;; *) kind=chat ;; esac
  run python3 "$tests/both/twoservers.py" "$kind" "$(sed -n 's,^% serving at http,ws,p' step.err)" \
    "$(sed -n 's,^% serving at http,ws,p' second.err)"
  is "$out" "$heard" "two servers, $1; $and"
  kill -s INT "$second"
  stop "$second" 0
  is "$status" 0 "$and"
  pid=$served
}

took_it() {
  if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "status $status" "$out" "$err"; fi
}

# A line that goes on until Ctrl-C, or a kill, has shown that it works when it has written something, or, for what
# writes into a topic itself, when that has grown.
watch_step() {
  before=$(count mytopic) events=$(count "$topic")
  case $1 in
  while*)
    start step setsid sh -c "$1"
    wait_for holds mytopic "$((before + 1))" || fail "shows something: $1" "$(cat step.err)"
    kill -s INT -- "-$pid"
    stop "$pid" 0
    ;;
  "kt loadgen "*)
    start step setsid sh -c "exec $1"
    wait_for holds "$topic" "$((events + 20))" || fail "shows something: $1" "$(cat step.err)"
    # Where a test beside this one has the usual port, that one is printed.
    at=$(sed -n 's,^% metrics at http://\(.*\)/metrics$,\1,p' step.err)
    [ "$at" = 127.0.0.1:3001 ] || and="$and $at"
    run timeout 150 sh -c "$and"
    took_it "$and"
    kill -s INT "$pid"
    stop "$pid" 0
    is "$status" 130 "$1"
    ;;
  "kt mqtt "*)
    start step setsid sh -c "exec $(echo "$1" | sed "s,mqtt://localhost,$mqtt,")"
    wait_for said step.err session || fail "subscribes: $1" "$(cat step.err)"
    run timeout 150 sh -c "$(echo "$and" | sed "s/-h localhost -p 1883/-h $mqtt_host -p $mqtt_port/")"
    took_it "$and"
    is "$out" '{"celsius": 20}
{"celsius": 25}
{"celsius": 30}' "what devices publish is in the topic"
    kill -s INT "$pid"
    stop "$pid" 0
    is "$status" 0 "$1"
    ;;
  "kt serve "* | "env "*" kt serve "*)
    # Ports of its own, since a test beside this one may have the usual ones; the other line is typed with these.
    start step setsid sh -c "exec $(echo "$1" | sed 's/\(--lab [a-z-]*\)/\1@127.0.0.1:0/g')"
    labs=$(echo "$1" | grep -o -e '--lab [a-z-]*' | cut -d ' ' -f 2)
    wait_for served "$(echo "$labs" | wc -l)" || fail "serves: $1" "$(cat step.err)"
    ports=$(sed -n 's,^ \* Running on http://127.0.0.1:\([0-9]*\)/ .*,\1,p;s,^% serving at http://127.0.0.1:\([0-9]*\)/$,\1,p' step.err)
    for lab in $labs; do
      case $lab in ping) usual=3000 ;; gateway | chat) usual=8000 ;; gateway-admin) usual=8001 ;; *) usual=5000 ;; esac
      and=$(printf %s "$and" | sed "s,//localhost:$usual,//127.0.0.1:$(echo "$ports" | head -n 1),g")
      ports=$(echo "$ports" | sed 1d)
    done
    case $and in
    *"kt serve"*) two_servers "$1" ;;
    *)
      run timeout 150 sh -c "$and"
      took_it "$and"
      ;;
    esac
    case "$1; $and" in
    *"; "*"kt serve"*) ;;
    *"--lab chat"*)
      like "$out" '<h1>Chatting on one</h1>' "the page has the pod's name"
      like "$out" '^hello$' "and a message is a record"
      ;;
    *"--lab socketio"*)
      like "$out" '<title>Chatty</title>' "the page is there"
      like "$out" '^hi$' "and what is broadcast is a record"
      ;;
    *game-headers*) like "$out" '"event_type": "join_guild".*"User-Agent": "curl/' "the headers are in the event" ;;
    *game*) like "$out" '^\{"event_type": "purchase_sword"\}$' "the event is in the topic" ;;
    *rest*)
      is "$(sed -n '1,2p' out)" '{"msg": "Success"}
{"msg": "Invalid Topic"}' "one message was taken, one refused"
      like "$out" '^[0-9]+ hello$' "and the first is in the topic"
      ;;
    *ping*"
"*ab*)
      # In a total, ab may have a piece of an answer that it no longer waits for.
      is "$(sed -n "s/^Failed requests: *//p" out | tr '\n' ' ')" "0 0 " "no request fails under load"
      is "$(tr -s ' ' <out | awk '/^Complete/ { n = $3 } /^Total tr/ { print int($3 / n); exit }')" 221 "answers are as long as the document's"
      ;;
    *"; ab -p"*)
      is "$(sed -n 's/^Failed requests: *//p' out | tr '\n' ' ')" "0 0 " "no request fails under load"
      is "$(tr -s ' ' <out | awk '/^Complete/ { n = $3 } /^Total tr/ { print int($3 / n); exit }')" 221 \
        "an answer has 221 bytes, as in the document"
      ;;
    env*) like "$out" '^\{"celsius":99\}$' "what is sent through the gateway is in the topic, too" ;;
    *ping*)
      is "$(sed -n '2,3p' out)" 'pong
{"name":"ping-api"}' "the gateway leads to the service"
      like "$(sed 1,3d out)" '^\{"name":"ping-api"\}$' "and that to the topic"
      ;;
    esac
    kill -s INT "$pid"
    stop "$pid" 0
    is "$status" 0 "$1"
    ;;
  *)
    start step setsid sh -c "exec $1"
    wait_for fed || fail "shows something: $1" "$(cat step.err)"
    [ "$2" != kill ] || wait_for said step.out '^Start Storing'
    kill -s "$([ "$2" = kill ] && echo KILL || echo INT)" "$pid"
    stop "$pid" 0
    is "$status" "$([ "$2" = kill ] && echo 137 || echo 0)" "$1"
    ;;
  esac
}

n=0
while [ "$n" -lt "$total" ]; do
  n=$((n + 1))
  sed -n "${n}p" steps >step
  line=$(jq -r .kt step) and=$(jq -r '.and // empty' step)
  ends=$(jq -r .ends step)
  case $ends in
  itself)
    [ -z "$and" ] || start "meanwhile-$n" sh -c "$and"
    run sh -c "$line"
    took_it "$line"
    case $line in
    *--db*) like "$out" '^\|plant/3/temperature\| +30\| +86\|$' "a reading is followed from the device to the row" ;;
    *--show*) like "$out" '^\|purchase_a_sword\|$' "events as a table" ;;
    esac
    ;;
  "end of input")
    printf 'typed\n\n' >typed
    run sh -c "$line" <typed
    took_it "$line"
    ;;
  *)
    watch_step "$line" "$ends"
    ;;
  esac
done

# What the agents did.
is "$(sort outbox | uniq -c | sort -u | grep -c ' 1 user')" 50 "each of 50 mails went out once, although the relay was down"
like "$(cat meanwhile-*.err meanwhile-*.out)" \
  "mail-$group has committed nothing|^lag 50, 50 of it in 4 of 4 partitions in which nothing is committed" \
  "and none was committed meanwhile"
is "$(cat sent)" 0301234 "the fax was sent once the line was free"
is "$(values "$topic-told" -f '%s\n' | jq -c '[.topic, .state, .attempt, .exit]')" '["'"$topic"'-faxes","done",1,0]
["'"$topic"'-faxes","dead",1,65]
["'"$topic"'-valid","done",3,0]' "and everybody was told"
is "$(cat sold)" "bob car
anna violin
anna bow" "orders waited for their seller, in their order"
done_testing
