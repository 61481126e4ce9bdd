. "${0%/*}/lib.sh"
# Brokers that are not there, go away, or say no.
need python3

# Nobody listens on these ports; two brokers, so that each is named.
nobody=127.0.0.1:1,127.0.0.1:2
echo one | kt produce t -b "$nobody" >out 2>err
is "$? $(cat out)" "5 " "produce, unreachable brokers: status 5"
err=$(cat err)
like "$err" "127\.0\.0\.1:1.*refused" "the first is named with the reason"
like "$err" "127\.0\.0\.1:2.*refused" "the second too"
like "$err" "^hint: " "and there is a hint"
# Side by side: each takes its three seconds.
away=''
for command in "consume t" "consume t -e" "consume t -g g" "consume -J t"; do
  # shellcheck disable=SC2086
  start "away $command" timeout 60 kt $command -b "$nobody" -m 3s
  away="$away$pid $command
"
done
while read -r pid command; do
  stop "$pid" 0
  is "$status $(cat "away $command.out")" "5 " "$command: status 5"
  like "$(cat "away $command.err")" "127\.0\.0\.1:1.*refused" "named with the reason"
done <<END
${away%
}
END
unreachable() {
  run kt consume t -b "$nobody" -m 1s
}
ok "-m bounds the wait, which is 5 s otherwise" within 4000 unreachable
is "$status" 5 "with the same status"
run kt consume t -b no-such-host.invalid:9092 -m 3s
is "$status" 5 "a host name that does not resolve: status 5"
like "$err" "no-such-host\.invalid" "is named"
# One that accepts and says nothing.
start mute python3 -c '
import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(600)'
wait_for test -s mute.out
run kt consume t -b "127.0.0.1:$(cat mute.out)" -m 2s
is "$status" 5 "a broker that does not answer: status 5"
like "$err" "127\.0\.0\.1:$(cat mute.out)" "is named"
# One unreachable beside one that answers does no harm.
fresh mixed
echo one | kt produce -b "127.0.0.1:1,$KT_BROKERS" "$topic" 2>/dev/null
is "$? $(kt consume -q -e -b "127.0.0.1:1,$KT_BROKERS" "$topic")" "0 one" "one of the brokers is enough"

# A signal while it tries.
start trying kt consume t -b "$nobody" -m 60s
wait_for test -e /proc/"$pid"/exe
sleep 0.3
stop "$pid" INT
ok "a signal ends the attempt ($status)" test "$took" -lt 30000

if on_kafka; then
  skip "brokers that go away" "they are the embedded broker's part"
  done_testing
fi

mkfifo feed
# feeds NAME OPTION…: a producer that reads the pipe feed, and has sent the first line.
feeds() {
  fresh "$1"
  shift
  start feeds sh -c 'topic=$1; shift; exec kt produce "$topic" "$@" <feed' - "$topic" "$@"
  exec 3>feed
  echo first >&3
  wait_for holds "$topic" 1
}
ended() {
  exec 3>&-
  wait "$pid"
  status=$?
}

# Gone and back.
feeds back
tell "down all"
seq 1000 >&3
ok "a broker that went away is said" wait_for said feeds.err '^% .*(127\.0\.0\.1|reach|lost|gone)'
tell "up all"
ended
is "$status" 0 "a broker that comes back: status 0"
is "$(values "$topic" | tail -n +2 | sort -n | cksum)" "$(seq 1000 | cksum)" "every record once"
like "$(cat feeds.err)" "^% 1,001 records delivered" "counted"

# Gone for good.
feeds gone -X message.timeout.ms=3000
tell "down all"
seq 10 >&3
before=$(date +%s)
ended
is "$status" 3 "a broker that stays away: status 3"
ok "after message.timeout.ms, which is minutes otherwise" test "$(($(date +%s) - before))" -lt 60
like "$(cat feeds.err)" "line (2|2 to line 11)[: ]" "the lines that were not delivered are named"
like "$(cat feeds.err)" "^% 1 record delivered" "what was delivered is counted"
like "$(cat feeds.err)" "^kt produce: 10 of 11 records not delivered" "and what was not"
tell "up all"
is "$(values "$topic")" first "what is called not delivered is not there"

# A signal while the broker is away: five seconds to flush, then the account.
feeds signal --tee
tell "down all"
echo second >&3
wait_for said feeds.out second
wait_for said feeds.err '^% '
stop "$pid" TERM
exec 3>&-
is "$status" 143 "SIGTERM while records wait: its status"
ok "within the time to flush ($took ms)" test "$took" -lt 30000
like "$(cat feeds.err)" "line 2: " "the line is named"
like "$(cat feeds.err)" "1 delivered, 1 not" "and both counted"
tell "up all"

# SIGTERM leaves some time for what may still come; a second signal ends it at once, without a word.
feeds twice --tee
tell "down all"
echo second >&3
wait_for said feeds.out second
wait_for said feeds.err '^% '
# taken: no signal waits for the process. Of two that wait the kernel lets the smaller number in first.
taken() {
  ! grep -Eq '^(Sig|Shd)Pnd:.*[1-9a-f]' "/proc/$pid/status"
}
kill -s TERM "$pid"
wait_for taken
# Which is the second for it once it has seen the first.
while sleep 0.3 && is_ours "$pid"; do
  kill -s INT "$pid"
done
wait "$pid"
status=$?
exec 3>&-
is "$status" 130 "SIGTERM, then SIGINT: the second one's status"
unlike "$(cat feeds.err)" "delivered" "without waiting for the flush"
tell "up all"

# --run-for ends a run whose input goes on.
fresh run-for
yes | kt produce "$topic" --rate 100 --run-for 3s >/dev/null 2>err
is "$?" 124 "--run-for ended produce: status 124"
ok "and what was read was sent" test "$(count "$topic")" -gt 0

# Errors that the library gets over, and ones that it does not.
fresh retried
tell "error Produce NOT_LEADER_FOR_PARTITION 3"
seq 1000 | kt produce -q "$topic"
is "$?" 0 "NOT_LEADER_FOR_PARTITION three times: status 0"
is "$(values "$topic" | sort -n | cksum)" "$(seq 1000 | cksum)" "and each record once"
fresh cut
tell "error Produce _TRANSPORT 2"
seq 1000 | kt produce -q "$topic"
is "$? $(values "$topic" | sort -n | cksum)" "0 $(seq 1000 | cksum)" "connections that are cut: each record once"
fresh forbidden
tell "error Produce TOPIC_AUTHORIZATION_FAILED 1"
run kt produce "$topic" --no-idempotent -l /dev/stdin <<END
one
two
END
is "$status" 3 "a broker that refuses the records: status 3"
like "$err" "/dev/stdin:1.*: this client is not allowed to write to the topic" "they are named with the reason"
tell "error InitProducerId CLUSTER_AUTHORIZATION_FAILED 1"
echo one | kt produce "$topic" 2>err
is "$?" 1 "a producer that may not be idempotent: status 1"
like "$(cat err)" "no-idempotent|[Ii]dempoten" "and what to do"
# Another one asked with idempotence would fail; without it nothing is asked.
tell "error InitProducerId CLUSTER_AUTHORIZATION_FAILED 1"
run kt produce -q "$topic" --no-idempotent <<END
one
END
is "$status" 0 "--no-idempotent asks for no producer id"
echo one | kt produce -q "$topic" 2>/dev/null
is "$?" 1 "which is asked for by default"

# The consumer.
fresh outage
echo before | kt produce -q "$topic"
start reader kt consume "$topic"
reader=$pid
wait_for grep -q before reader.out
tell "down all"
ok "consume says that the broker has gone" wait_for said reader.err '^% .*(127\.0\.0\.1|reach|lost)'
tell "up all"
echo after | kt produce -q "$topic"
ok "and goes on when it is back" wait_for grep -q after reader.out
stop "$reader"
is "$status $(tr '\n' ' ' <reader.out)" "0 before after " "with nothing lost or twice"

# A group cannot be left without its broker: bounded, and said.
start member kt consume "$topic" -g away --reset earliest --commit end
member=$pid
wait_for grep -q after member.out
tell "down all"
stop "$member" TERM
ok "leaving without a broker takes seconds, not minutes ($took ms)" test "$took" -lt 40000
is "$status" 1 "the last commit failed: status 1"
like "$(cat member.err)" "commit" "which is said"
tell "up all"
done_testing
