. "${0%/*}/../lib.sh"
# kt broker: its address, its ports, the command that it runs, its faults, and what it leaves behind.

listed() {
  kt topic list -m 2s >/dev/null 2>&1
}
unlisted() {
  ! kt topic list -m 200ms >/dev/null 2>&1
}

# Alone.
start one kt broker
one=$pid
wait_for test -s one.out
like "$(cat one.out)" '^127\.0\.0\.1:[0-9]+$' "the address is the first line"
like "$(cat one.err)" 'nothing is kept' "a word of warning on stderr"
port=$(cut -d : -f 2 one.out)
is "$(stat -c %a run/kt)" 700 "the control socket's directory is private"
ok "the control socket is named by the port" test -S "run/kt/broker-$port.sock"
run kt topic create found -v
is "$status" 0 "with nothing configured the running broker is found"
like "$err" "no brokers configured: using the .kt broker. at 127.0.0.1:$port" "and said"
run kt avro-decode <"$tests/fuzz/corpus/avro_reader/experiment"
is "$status $err" "0 % decoding stdin" "but not by what reads stdin"
stop "$one" INT
is "$status" 0 "an interrupt ends it with 0"
is "$(ls run/kt)" "" "the socket is removed"

start quiet kt broker -q
wait_for test -s quiet.out
stop "$pid" TERM
is "$status" 0 "SIGTERM ends it with 0"
is "$(cat quiet.err)" "" "-q says nothing"

start dead kt broker -q
wait_for test -s dead.out
stop "$pid" KILL
ok "a killed one leaves its socket" test -S "run/kt/broker-$(cut -d : -f 2 dead.out).sock"
run kt broker --tell bootstrap
is "$status" 4 "nobody to tell: status 4"
is "$(ls run/kt)" "" "which the next who looks removes"

# A machine that stands still, for longer than what is left of the time that a group's first member waits, and its session.
start still kt broker -q --create t:1
still=$pid
wait_for test -s still.out
still_at=$(cat still.out)
echo one | kt produce -q -b "$still_at" t
start joins kt consume t -g g --reset earliest -b "$still_at"
wait_for grep -q 'waiting for group' joins.err
kill -STOP "$still" "$pid"
sleep 3
kill -CONT "$still" "$pid"
ok "who was joining is a member all the same" wait_for grep -qx one joins.out
stop "$pid"
stop "$still"

# Ports: the first free pair below those that the system gives to everybody.
fixed_starts() {
  port=$((port + 2))
  start fixed kt broker -q --port "$port" --brokers 2
  fixed=$pid
  until [ -s fixed.out ] || [ -s fixed.err ]; do sleep 0.05; done
  test -s fixed.out
}
port=$((20000 + $$ % 5000 * 2))
wait_for fixed_starts
is "$(cat fixed.out)" "127.0.0.1:$port,127.0.0.1:$((port + 1))" "--port and --brokers: ports in a row"
run kt broker --port "$((port + 1))"
is "$status" 1 "a port that is taken: status 1"
is "$(head -n 1 err)" "kt broker: listening on 127.0.0.1:$((port + 1)): Address already in use" "and named"
is "$out" "" "and no address printed"
run kt broker --port 65535 --brokers 2
is "$status" 2 "ports beyond the last one: status 2"

# Told, by whoever asks, and by signals.
run kt broker --tell bootstrap --tell "create told 3" --tell "create told 3 if-not-exists"
is "$out" "127.0.0.1:$port,127.0.0.1:$((port + 1))
exists" "--tell: answers on stdout"
run kt broker --port "$((port + 1))" --tell "create told 3"
is "$err" "kt broker: topic told exists already
hint: with --if-not-exists that is not an error" "--tell: refusals are errors"
is "$status" 1 "with their status"
run kt broker --tell "dwon 1"
is "$status:$err" '2:kt broker: the command "dwon" is not known
hint: did you mean down?' "--tell: a mistyped command"
kt broker --tell "down all"
ok "down all: nobody answers" wait_for unlisted
run kt topic list -m 500ms
is "$status" 5 "which is status 5"
kt broker --tell "up all"
ok "up all: they answer again" wait_for listed
kill -USR1 "$fixed"
ok "SIGUSR1 takes them down" wait_for unlisted
kill -USR2 "$fixed"
ok "SIGUSR2 brings them up" wait_for listed
run kt broker --tell quit
is "$status" 0 "quit is answered"
wait "$fixed"
is "$?" 0 "and ends it with 0"

# With a command.
run env KT_PROFILE=none KT_AUTH=/nowhere KT_X_SECURITY_PROTOCOL=ssl KAFKA_BROKER=elsewhere:1 kt broker --create t:2 -- \
  sh -c 'echo "$KT_BROKERS $KAFKA_BROKERS $KAFKA_BROKER [${KT_PROFILE-}${KT_X_SECURITY_PROTOCOL-}]"; kt topic list -J; exit 7'
is "$status" 7 "the command's status"
address=${out%% *}
is "$out" "$address $address $address []
{\"topic\":\"t\",\"partitions\":2,\"replicas\":1}" "the command sees this cluster and nothing of another"
is "$err" "" "nothing on stderr"
run kt broker -- sh -c 'kill -KILL $$'
is "$status" 137 "a command ended by a signal: 128 + n"
run kt broker -- no-such-command
is "$status" 2 "no such command: status 2"
is "$(head -n 1 err)" "kt broker: running no-such-command: No such file or directory" "and said"
start child kt broker -- sh -c 'trap "echo got; exit 5" TERM; echo up; while :; do sleep 0.05; done'
wait_for test -s child.out
run kt broker --tell quit
is "$status" 1 "quit is refused while a command runs"
stop "$pid" TERM
is "$status" 5 "a signal is passed on, and its end waited for"
is "$(cat child.out)" "up
got" "the command saw it"

# Faults.
date >line
run kt broker --create t:1 --error Produce:NOT_LEADER_FOR_PARTITION:2 -- kt produce t line
is "$status" 0 "a leader that moved twice is retried"
run kt broker --create t:1 --error Produce:TOPIC_AUTHORIZATION_FAILED:1000 -- kt produce t line
ok "what cannot be retried fails" test "$status" != 0
before=$(date +%s%N)
run kt broker --delay 700ms -- kt topic list
ok "--delay delays" test $((($(date +%s%N) - before) / 1000000)) -ge 700
for wrong in --create=t --create=a/b:1 --create=t:0 --error=Produce:6 --error=Prodce:6:1 --error=Produce:NO:1 --brokers=0 \
  --port=-1 --delay=2h; do
  run kt broker "$wrong"
  is "$status" 2 "$wrong: status 2"
done
run kt broker --error=Prodce:6:1
is "$err" 'kt broker: --error Prodce:6:1: the request "Prodce" is not known
hint: did you mean Produce?' "a mistyped request"

# kt brokers are those of a cluster, by connections of our own.
run kt broker -q --brokers 3 -- kt brokers
is "$status $(printf '%s\n' "$out" | cut -f 1,3- | tr '\t\n' ', ')" "0 1,-,-, 2,-,-, 3,-,-, " "kt brokers: each that it is"
python3 "$tests/both/terminal.py" /dev/null screen kt broker -q --brokers 3 -- kt brokers
is "$(grep -o 'asking the brokers' screen | wc -l)" 1 "a terminal is told once that they are asked"
run kt broker -q -- kt cluster --versions
like "$out" '^Fetch	1	[0-9]+	[0-9]+	all$' "and what they speak"
run kt broker -q -- kt cluster -J
like "$out" '"controller":null,"controller_error":"the brokers name none of them"' "they have no controller"
run kt broker -q -- kt cluster config
like "$err" "^kt cluster config: the embedded broker at .* cannot tell configs" "nor configs"

kt broker >/dev/full 2>err
is "$?" 1 "an address that cannot be printed: status 1"
is "$(ls run/kt)" "" "nothing is left behind"
done_testing
