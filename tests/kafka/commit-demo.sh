. "${0%/*}/tls-lib.sh"
# kt commit-demo as a student over TLS, and with a broker that is killed in the middle.
said() {
  grep -Eq -e "$2" "$1"
}

# client58's own topic is shared with other tests: what is read from its end may be theirs.
group=commit-$$
echo first | kt produce -q --auth auth -b "$address" client58
run timeout 120 kt commit-demo --auth auth -b "$address" client58 -g "$group" --store-time 0 -c 1
is "$status $(tail -n 1 out)" "0 Message committed" "a student reads and commits"
start student kt commit-demo --auth auth -b "$address" client58 -g "$group" --reset latest --store-time 30s \
  --session-timeout 6s
ok "a student is assigned the topic" wait_for said student.out '^assigned: client58 \[0-15\]'
echo second | kt produce -q --auth auth -b "$address" client58
ok "and gets a record" wait_for said student.out '^Start Storing'
stop "$pid" KILL
start again kt commit-demo --auth auth -b "$address" client58 -g "$group" --store-time 30s --session-timeout 6s
ok "the next run waits for the session" wait_for said again.out '^Start Storing'
like "$(cat again.err)" "waiting for group $group: a member that was killed could not leave.* up to 6.0 s" "and says so"
stop "$pid" TERM
is "$status $(tail -n 1 again.out)" "0 EXITING SAFELY!" "and ends well"
run timeout 120 kt commit-demo --auth auth -b "$address" client58 -g denied --store-time 0 -c 1
is "$status" 1 "a group that is closed to the student"
like "$err" "this client is not allowed to use the group" "is an error of its own"
run timeout 60 kt commit-demo --auth auth -b "$address" client59 -g "$group" --store-time 0 -c 1
is "$status" 1 "a topic that is another student's"
like "$err" "topic client59: this client is not allowed to use the topic" "too"

# A broker of its own, killed and started again.
cluster() {
  KT_CLUSTER_DIR=$work/cluster "$tests/kafka/cluster" "$@"
}
KT_BROKERS=$(cluster up 2>cluster.err) || missing "$(tail -n 1 cluster.err)"
export KT_BROKERS
tap_trap() {
  trap 'cluster down; tap_exit' EXIT
  trap 'exit 1' HUP INT TERM
}
tap_trap
fresh restart 1
seq 40 | kt produce -q "$topic"
start demo kt commit-demo "$topic" -g restart --store-time 200ms --store demo.db -c 40 --session-timeout 20s
demo=$pid
ok "a demo begins" wait_for said demo.out '^10$'
kill -9 "$(cat "$work"/cluster/plain/1/pid)"
ok "says that the broker is away" wait_for said demo.err "can be reached any more"
cluster revive 1 >revive.out 2>&1
WAIT=120
ok "goes on when its broker is back, to the last record" wait_for said demo.out '^40$'
wait "$demo"
is "$?" 0 "and ends well"
is "$(grep -x '[0-9]*' demo.out | sort -nu | tr '\n' ' ')" "$(seq 40 | tr '\n' ' ')" "every record was read"
is "$(python3 -c 'import sqlite3
print(*sqlite3.connect("demo.db").execute("SELECT count(*), count(DISTINCT value) FROM records").fetchone())')" "40 40" \
  "and stored once"
run kt consume "$topic" -g restart --reset none -e
is "$status $out" "0 " "the last commit stands"
done_testing
