. "${0%/*}/lib.sh"
# kt copy: what arrives, where it goes, and what is counted.
need python3 jq

# as_json TOPIC: its records in the order of partitions and offsets, without the topic's name.
as_json() {
  kt consume -q -e -J "$@" | jq -cS 'del(.topic)' | sort
}

fresh from 3
from=$topic
cat >records <<'END'
{"key":"k","payload":"v","ts":1700000000000,"partition":2,"headers":[{"key":"h","value":"1"},{"key":"a","value":"x"},{"key":"h","value":"2"},{"key":"null","value":null},{"key":"empty","value":""}]}
{"key":"","payload":"","ts":1,"partition":1}
{"key":null,"payload":"no key","ts":1600000000000,"partition":0}
{"key":"tombstone","payload":null,"ts":1600000000001,"partition":0}
{"key":{"b64":"AAEC/w=="},"payload":{"b64":"/wAKDQk="},"ts":1600000000002,"partition":1}
END
kt produce -q -J --keep-partition "$from" records
as_json "$from" >expected

run kt copy "$from" "to-$$" -e
is "$status" 4 "a destination that is not there is a status of its own"
like "$err" "^hint: --create makes it, with the partitions and configs of $from" "and the hint says what to do"
run kt copy "$from" "to-$$" -e --create
is "$status" 0 "--create makes it"
like "$err" "^% created topic to-$$ with 3 partitions" "with as many partitions"
like "$err" "^% 5 records copied from $from to to-$$\$" "the last line counts"
is "$out" "" "nothing goes to stdout"
as_json "to-$$" >got
same got expected "keys, values, headers, timestamps and partitions are the same"

# Which records.
fresh some 3
run kt copy "$from" "$topic" -e --key tombstone -J
is "$status:$out" "0:{\"source\":\"$from\",\"destination\":\"$topic\",\"copied\":1,\"left_out\":4,\"retimed\":0,\"repartitioned\":0}" \
  "--key, and the counts as JSON"
kt copy -q "$from" "$topic" -e --header h=2
kt copy -q "$from" "$topic" -e --grep '^no k'
kt copy -q "$from" "$topic" -p 1 -o 0:1
is "$(kt consume -q -e -J "$topic" | jq -c '[.partition, .key]' | sort | tr '\n' ' ')" '[0,"tombstone"] [0,null] [1,""] [2,"k"] ' \
  "--header, --grep, -p and -o"

# Fewer partitions, keys, headers.
fresh one 1
run kt copy "$from" "$topic" -e --keep-partition
is "$status" 1 "--keep-partition refuses a destination with fewer partitions"
run kt copy "$from" "$topic" -e -J --drop-header 'n*' --drop-header h
is "$(echo "$out" | jq .repartitioned)" 3 "without it they go where there is room, and are counted"
like "$err" "^% records of partitions that the destination does not have go where their keys belong" "which is said"
is "$(kt consume -q -e -J "$topic" | jq -c 'select(.key == "k").headers')" '[{"key":"a","value":"x"},{"key":"empty","value":""}]' \
  "--drop-header leaves headers out"
fresh keyed 3
other=$topic
seq 200 | sed 's/.*/key-&:&/' | kt produce -q -K : --partitioner java "$other"
fresh bykey 3
kt copy -q "$other" "$topic" -e --by-key
is "$(kt consume -q -e -f '%p %k\n' "$topic" | sort | cksum)" "$(kt consume -q -e -f '%p %k\n' "$other" | sort | cksum)" \
  "--by-key: where Java's client puts them"

fresh early 1
printf '{"key":"z","payload":"1","ts":-5}\n' | kt produce -q -J "$topic"
early=$topic
fresh earlier 1
kt copy -q "$early" "$topic" -e
is "$(kt consume -q -e -f '%T ' "$topic")" "-5 " "a time before 1970 is kept"

# What cannot be.
run kt copy "$from" "$from"
is "$status" 2 "a topic is not copied into itself"
run kt copy "$from" --to-brokers "$KT_BROKERS"
is "$status" 2 "nor by way of another address"
like "$err" "the two clusters are one" "which is said"
run kt copy "$from" "$other" --commit each -g "g-$$"
is "$status" 2 "--commit each is for those who print"
run kt copy "$from" "$other" --to-property a=b
is "$status" 2 "--to-property without another cluster"
run kt copy "none-$$" "$other" -e
is "$status" 4 "a source that is not there"
run kt copy "$from" "to-$$" -e >/dev/full
is "$status" 0 "stdout does not matter"
run kt copy "$from" "$other" -e -J --to-brokers 127.0.0.1:1 -m 2
is "$status" 5 "a second cluster that cannot be reached"
like "$err" "127.0.0.1:1" "is named"

# A group goes on where it was.
fresh group 3
run kt copy -g "c-$$" "$from" "$topic" -e
is "$status" 0 "as a group"
kt copy -q -g "c-$$" "$from" "$topic" -e
is "$(count "$topic")" 5 "it goes on where it was"
is "$(kt group describe -q -J "c-$$" | jq -c '[.. | objects | select(has("committed")) | .committed] | add')" 5 \
  "and has committed what was copied"
run kt copy -g "f-$$" "$from" "$topic" -e --grep nothing
is "$(kt group describe -q -J "f-$$" | jq -c '[.. | objects | select(has("committed")) | .committed] | add')" 5 \
  "what is left out is done too"

# A record that the destination refuses.
if on_kafka; then
  fresh small 1
  kt topic alter -q "$topic" --config max.message.bytes=1000
  fresh large 1
  printf 'a\nb\n' | kt produce -q "$topic"
  head -c 2000 /dev/urandom | kt produce -q --whole "$topic"
  echo c | kt produce -q "$topic"
  run kt copy -g "l-$$" "$topic" "small-$$" -e
  is "$status" 3 "a record that is too large ends the copy with a status of its own"
  like "$err" "^kt copy: $topic \[0\] offset 2 was not copied: larger than the topic takes" "and is named"
  is "$(kt group describe -q -J "l-$$" | jq -c '[.. | objects | select(has("committed")) | .committed] | add')" 2 \
    "nothing from it on is committed"
  fresh huge 1
  kt topic alter -q "$topic" --config max.message.bytes=20000000
  head -c 10000000 /dev/urandom >huge
  kt produce -q --whole -X message.max.bytes=20000000 "$topic" huge
  run kt copy "$topic" "huge2-$$" -e --create
  kt consume -q -e -D '' "huge2-$$" | cmp - huge
  is "$status:$?" 0:0 "10 MB go through, and --create takes over that they may"
fi

# Dead letters of kt work.
fresh mails 2
mails=$topic
fresh dead 1
dead=$topic
printf '{"key":"a","payload":"1","partition":1,"headers":[{"key":"h","value":"x"}]}\n' | kt produce -q -J --keep-partition "$mails"
kt work -q -e -g "w-$$" --retries 0 --dlq "$dead" "$mails" -- false 2>work.err
run kt copy --replay "$dead" -e
is "$status" 0 "dead letters are replayed"
is "$(kt consume -q -e -J "$mails" | jq -c '[.partition,.offset,.key,.payload,.headers]')" \
  '[1,0,"a","1",[{"key":"h","value":"x"}]]
[1,1,"a","1",[{"key":"h","value":"x"}]]' "to where they were, as they were"
echo stranger | kt produce -q "$dead"
run kt copy --replay "$dead" -e
is "$status" 1 "a record that is no dead letter ends that"
like "$err" "^kt copy: $dead \[0\] offset 1: it has no header kt.errors.topic" "and is named"
run kt copy --replay "$dead" -e --header kt.errors.topic
is "$status" 0 "unless it is left out"
printf '{"payload":"1","headers":[{"key":"to","value":"%s"}]}\n' "$dead" | kt produce -q -J "$dead"
run kt copy --to-header to --header to "$dead" -e
is "$status" 1 "what names the topic that it comes from is not copied"
printf '{"payload":"1","headers":[{"key":"where","value":"../etc"}]}\n' | kt produce -q -J "$dead"
run kt copy --to-header where --header where "$dead" -e
is "$status" 1 "nor what names something that is no topic"

# Another cluster.
start second kt broker -q
wait_for test -s second.out
second=$(head -n 1 second.out)
run kt copy "$from" --to-brokers "$second" -e --create
is "$status" 0 "to another cluster, under the same name"
as_json -b "$second" "$from" >got
same got expected "and it is the same there"
mkdir -p "$HOME/.config/kt"
cat >"$HOME/.config/kt/config" <<END
[profile second]
bootstrap.servers=$second
[profile secret]
bootstrap.servers=$KT_BROKERS
security.protocol=sasl_plaintext
sasl.mechanism=PLAIN
sasl.username=user
sasl.password=secret
END
chmod 600 "$HOME/.config/kt/config"
run kt copy "$from" "to-$$" --to-profile second -e --create
is "$status" 0 "and by a profile"
run kt copy -v -b "$second" "$from" "back-$$" --to-brokers "$KT_BROKERS" -e --create
is "$status" 0 "from there back to here"
as_json "back-$$" >got
same got expected "nothing was lost on the way"

# Credentials stay with their cluster: a listener that is handed whatever a client says first.
cat >listen.py <<'END'
import socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(20)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    try:
        while b := c.recv(65536):
            with open("seen", "ab") as seen:
                seen.write(b)
    except OSError:
        pass
    c.close()
END
: >seen
start listener python3 listen.py
wait_for test -s listener.out
KT_X_SASL_PASSWORD=secret KT_X_SASL_USERNAME=user run kt copy "$from" --to-brokers "127.0.0.1:$(cat listener.out)" -e -m 2 \
  -X sasl.username=user -X sasl.password=secret
is "$status" 5 "a second cluster that does not answer"
ok "it was spoken to" wait_for test -s seen
stop "$pid" KILL 2>listener.killed
ok "and did not get to know the first one's credentials" sh -c '! grep -q "secret\|user" seen'

# Ends.
fresh endless 3
start endless kt copy -g "e-$$" "$from" "$topic"
ok "without an end it goes on" wait_for holds "$topic" 5
echo more | kt produce -q "$from"
ok "with what comes" wait_for holds "$topic" 6
stop "$pid" INT
is "$status" 0 "a signal ends it well"
like "$(cat endless.err)" "^% 6 records copied" "with its count"
is "$(grep -c "^% copying $from to $topic, and what comes: Ctrl-C ends it" endless.err)" 1 "and said so before, once"
fresh held 1
held=$topic
fresh slow 1
{ seq 30 | sed "s/.*/{\"payload\":\"&\",\"headers\":[{\"key\":\"to\",\"value\":\"$topic\"}]}/" && echo '{"payload":"stray"}'; } |
  kt produce -q -J "$held"
start slow kt copy -g "h-$$" --to-header to "$held" -X queue.buffering.max.messages=1 -X linger.ms=100
ok "while a record waits for room" wait_for holds "$topic" 3
stop "$pid" TERM
run kt copy -g "h-$$" --to-header to "$held" -e
is "$status:$(values "$topic" | sort -nu | wc -l | tr -d ' ')" 1:30 "a signal does not count it as copied"
is "$(kt group describe -q -J "h-$$" | jq -c '[.. | objects | select(has("committed")) | .committed] | add')" 30 \
  "nor does one that says no topic"
run kt copy "$from" "$topic" --run-for 1s -c 1000000
is "$status" 124 "--run-for before the end"
start metered kt copy -g "m-$$" "$from" "$topic" --metrics-listen 127.0.0.1:0
ok "metrics have an address" wait_for said metered.err '^% metrics at http'
url=$(sed -n 's/^% metrics at //p' metered.err)
ok "which tells what was copied" wait_for sh -c "curl -fsS '$url' | grep -q '^kt_records_total{topic=\"$from\",result=\"copied\"} 6'"
ok "and how far it is behind" \
  wait_for sh -c "curl -fsS '$url' | grep -q '^kt_copy_lag_records{topic=\"$from\",partition=\"0\"} 0'"
stop "$pid" TERM
is "$status" 0 "SIGTERM ends it"

# Read back.
fresh verified 3
run kt copy "$from" "$topic" --verify
is "$status" 2 "--verify needs an end"
run kt copy "$from" "$topic" --verify -e
is "$status" 0 "--verify"
like "$err" "^% verified: what was sent to $topic is there\$" "reads it back"
if on_kafka; then
  fresh stamped 3
  kt topic alter -q "$topic" --config message.timestamp.type=LogAppendTime
  run kt copy "$from" "$topic" --verify -e --exactly-once
  like "$err" "^% verified: what was sent to $topic is there, with timestamps of its own" "and says whose timestamps are there"
  fresh lost 1
  kt topic alter -q "$topic" --config cleanup.policy=delete
  lost=$topic
  fresh loser 1
  seq 200000 | kt produce -q "$topic"
  start trimmed kt copy "$topic" "$lost" --verify -c 200000 -X queue.buffering.max.messages=100
  ok "while it copies" wait_for holds "$lost" 1000
  kill -STOP "$pid"
  kt topic trim -q "$lost" --before 500 --yes >trim.out 2>&1
  kill -CONT "$pid"
  wait "$pid"
  is "$?" 1 "what is not there any more"
  like "$(cat trimmed.err)" "^kt copy: --verify: $lost \[0\]: of 200000 records that were acknowledged 199500 are there" "is said"
fi

# In the order of time, with the gaps of the timestamps.
fresh paced 2
paced=$topic
printf '{"payload":"%s","ts":%s,"partition":%s}\n' b 1700000000400 0 a 1700000000000 1 c 1700000000900 1 |
  kt produce -q -J --keep-partition "$paced"
fresh played 1
run kt copy "$paced" "$topic" --as-recorded 1
is "$status" 2 "--as-recorded needs an end"
began=$(date +%s%N)
run kt copy "$paced" "$topic" --as-recorded 1 -e
took=$((($(date +%s%N) - began) / 1000000))
is "$status:$(values "$topic" | tr -d '\n')" 0:abc "--as-recorded: in the order of time"
ok "no faster than it was recorded" test "$took" -ge 900

# copies N: topics with the prefix, separated by commas, in $targets.
copies() {
  targets=
  for n in $(seq "$2"); do
    fresh "$1$n" 4
    targets=$targets${targets:+,}$topic
  done
}
# Killed at random instants.
fresh victim 4
victim=$topic
seq 30000 | kt produce -q "$victim"
copies plain 4
run timeout 120 python3 "$tests/both/copy_kills.py" "$victim" "$targets" 3 -g
is "$status" 0 "12 kills: every record is there, in its order ($(head -n 1 out))"
[ "$status" = 0 ] || note "$out"

# Exactly once.
fresh once 4
run kt copy --exactly-once "$victim" "$topic" -e -p 1
is "$status" 2 "--exactly-once copies all partitions"
if ! on_kafka; then
  run kt copy --exactly-once "$victim" "$topic" -e
  is "$status" 1 "the embedded broker knows no transactions"
  like "$err" "the embedded broker keeps no offsets of transactions" "which is said"
else
  run kt copy --exactly-once "$victim" "$topic" -e
  is "$status" 0 "--exactly-once"
  is "$(count "$topic")" 30000 "copies all"
  seq 5 | kt produce -q "$victim"
  run kt copy --exactly-once "$victim" "$topic" -e -J
  is "$(echo "$out" | jq .copied)" 5 "and then what is new"
  fresh full 4
  echo x | kt produce -q "$topic"
  run kt copy --exactly-once "$victim" "$topic" -e
  is "$status" 1 "a destination with records of which nothing is known"
  like "$err" "^kt copy: group kt-copy\..*\.$victim has no offsets, but $topic is not empty" "is refused"
  like "$err" "^hint: nothing: -o beginning" "with what to say"
  run kt copy --exactly-once "$victim" "$topic" -e -o end
  is "$status:$(count "$topic")" 0:1 "-o says where it begins"
  fresh narrow 3
  run kt copy --exactly-once "$victim" "$topic" -e
  is "$status" 1 "a destination with fewer partitions"
  like "$err" "exactly once needs as many" "is refused"
  run kt copy --exactly-once -b "$second" "$from" "$topic" --to-brokers "$KT_BROKERS" -e -g g
  is "$status" 2 "and a group for another cluster"
  fresh fenced 4
  start first kt copy --exactly-once "$victim" "$topic"
  ok "one copies" wait_for holds "$topic" 30005
  start twin kt copy --exactly-once --show-assign "$victim" "$topic"
  twin=$pid
  ok "another one begins" wait_for said twin.err "^% assigned"
  echo more | kt produce -q "$victim"
  ok "which ends the first" wait_for said first.err "^kt copy: fenced: another copy of $victim to $topic has begun"
  ok "and goes on" wait_for holds "$topic" 30006
  stop "$twin" TERM
  is "$status:$(count "$topic")" 0:30006 "every record is there once"
  fresh open
  open=$topic
  mkfifo held
  start holder sh -c 'exec kt produce --transaction --report "$1" <held' - "$open"
  exec 3>held
  echo x >&3
  ok "a transaction is open" wait_for test -s holder.out
  fresh ahead
  run kt copy --exactly-once --isolation read_uncommitted "$open" "$topic" -e
  is "$status:$(count "$topic")" 0:1 "what it holds is copied where uncommitted records are read"
  run kt copy --exactly-once "$open" "$topic" -e
  is "$status" 1 "but not by one that waits for its end"
  like "$err" "$open \[0\] was copied up to offset 1, with records that an open transaction holds back from 0 on" "which says why"
  exec 3>&-
  wait "$pid"
  run kt copy --exactly-once "$open" "$topic" -e
  is "$status:$(count "$topic")" 0:1 "and then goes on"
  copies exact 4
  run timeout 120 python3 "$tests/both/copy_kills.py" "$victim" "$targets" 3 --exactly-once
  is "$status" 0 "12 kills of --exactly-once: every record once ($(head -n 1 out))"
  [ "$status" = 0 ] || note "$out"
  copies grouped 2
  run timeout 120 python3 "$tests/both/copy_kills.py" "$victim" "$targets" 6 --exactly-once -g
  is "$status" 0 "12 kills with a group: every record once ($(head -n 1 out))"
  [ "$status" = 0 ] || note "$out"
  kt topic create -q -b "$second" victim -p 4
  seq 30000 | kt produce -q -b "$second" victim
  copies across 4
  run timeout 120 python3 "$tests/both/copy_kills.py" victim "$targets" 3 --exactly-once -b "$second" --to-brokers "$KT_BROKERS"
  is "$status" 0 "12 kills between two clusters: every record once ($(head -n 1 out))"
  [ "$status" = 0 ] || note "$out"
fi
done_testing
