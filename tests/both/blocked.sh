. "${0%/*}/lib.sh"
# Members that are stuck, killed, or have nothing to do.
need python3

# A member that was killed is missed for a while, and new ones wait.
quick="-X session.timeout.ms=6000 -X heartbeat.interval.ms=500"

# One is killed without a word: what it had not committed comes again.
fresh killed 4
killed=killed-$$
seq 2000 | kt produce -q "$topic" --key-seq
# shellcheck disable=SC2086
start victim kt consume "$topic" -g "$killed" --reset earliest $quick --commit 100
wait_for test -s victim.out
stop "$pid" KILL
# shellcheck disable=SC2086
start successor timeout 150 kt consume "$topic" -g "$killed" --reset earliest -e $quick
successor=$pid

# Output that is blocked: nobody reads for longer than the group's patience, and the member stays in.
fresh blocked
blocked=blocked-$$
python3 -c '
for n in range(300):
  print("%04d" % n + "x" * 9996)' | kt produce -q "$topic"
mkfifo slow
# shellcheck disable=SC2086
start blocked sh -c 'topic=$1 group=$2; shift 2; exec kt consume "$topic" -g "$group" --reset earliest "$@" >slow' \
  - "$topic" "$blocked" $quick -X max.poll.interval.ms=6000
member=$pid
exec 5<slow
ok "a member whose output nobody reads" wait_for said blocked.err '^% assigned: blocked'
sleep 8
is "$(grep -Eci 'max.poll|expelled|left|lost|revoked' blocked.err)" 0 "is still in the group after 8 s"
head -n 300 <&5 | cut -c 1-4 >taken
is "$(wc -l <taken | tr -d ' ') $(head -n 1 taken) $(tail -n 1 taken)" "300 0000 0299" "and goes on when it is read"
is "$(grep -c '^% assigned' blocked.err)" 1 "with the assignment it had"
python3 -c '
for n in range(300, 600):
  print("%04d" % n + "x" * 9996)' | kt produce -q "$topic"
read -r _ <&5
stop "$member" TERM
is "$status" 0 "SIGTERM ends a run that nobody reads"
ok "at once ($took ms)" test "$took" -lt 30000
# shellcheck disable=SC2086
run timeout 150 kt consume "$topic" -g "$blocked" --reset earliest -e -q $quick
again=$(head -c 4 out)
ok "what did not fit into the pipe comes again (from ${again:-nothing})" \
  test "${again:-9999}" -ge 300 -a "${again:-9999}" -le 320
is "$(tail -n 1 out | cut -c 1-4)" 0599 "to the end"
exec 5<&-

# Meanwhile the successor of the one that was killed has come in.
wait "$successor"
is "$?" 0 "after a SIGKILL the next member gets the partitions"
is "$(sort -u victim.out successor.out | wc -l | tr -d ' ')" 2000 "and every record is read at least once"

# More members than partitions: one has nothing to do, which is said, and takes over.
if ! on_kafka; then
  skip "a member without a partition" "the embedded broker takes half a minute for it"
  done_testing
fi
fresh spare
spare=spare-$$
# shellcheck disable=SC2086
start owner kt consume "$topic" -g "$spare" --reset earliest $quick
owner=$pid
ok "one partition, one owner" wait_for said owner.err '^% assigned: spare'
# shellcheck disable=SC2086
start waiter kt consume "$topic" -g "$spare" --reset earliest $quick
waiter=$pid
ok "one of the two has none" wait_for said waiter.err '^% assigned: (nothing|spare)'
stop "$owner"
echo one | kt produce -q "$topic"
ok "the one that is left reads" wait_for grep -q one waiter.out
stop "$waiter"

done_testing
