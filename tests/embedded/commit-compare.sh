. "${0%/*}/../lib.sh"
# kt commit-demo --compare: members of its own on a broker of its own, killed at the same record.
need jq

# What is configured for another cluster does not matter.
printf 'security.protocol=ssl\nbootstrap.servers=127.0.0.1:1\n' >config
run env KT_CONFIG="$work/config" KT_X_SASL_USERNAME=nobody timeout 250 kt commit-demo --compare
is "$status" 0 "it needs no cluster"
is "$(cut -f 1 out | tr '\n' ' ')" "after before auto " "a row for each way to commit"
is "$(sed -n 1p out | cut -f 2-4)" "10	0	1" "after: the record that was in work is read twice"
is "$(sed -n 2p out | cut -f 2-4)" "11	1	0" "before: it is lost"
is "$(awk -F '\t' '$1 == "auto" { print ($3 + $4 > 0) }' out)" 1 "auto: the one or the other"
is "$(awk -F '\t' '$5 == ""' out)" "" "and why"
like "$err" "^% 3 members read the same 20 records" "it says what it does"

run timeout 250 kt commit-demo --compare -J
is "$(jq -r '"\(.mode) \(.lost) \(.twice) \(.why | length > 9)"' <out | head -n 2 | tr '\n' ' ')" \
  "after 0 1 true before 1 0 true " "the same as JSON"

for signal in TERM KILL; do
  start compare kt commit-demo --compare
  members() {
    members=$(pgrep -P "$pid" -f commit-demo) && [ "$(echo "$members" | wc -l)" = 3 ]
  }
  wait_for members
  left() {
    for member in $members; do
      ! kill -0 "$member" 2>/dev/null || return 1
    done
  }
  stop "$pid" "$signal"
  ok "SIG$signal ends it ($status)" test "$status" -gt 128
  ok "and its members" wait_for left
done
sh -c 'kt commit-demo --compare -q >/dev/full 2>said; echo $? >status'
is "$(cat status)" 1 "a full device is a failure"
done_testing
