. "${0%/*}/lib.sh"
# Several members of a group: who gets what while they come and go.

members=members-$$
quick="-X session.timeout.ms=6000 -X heartbeat.interval.ms=500"

# different FILE…: how many different records the files hold.
different() {
  sort -u "$@" | wc -l | tr -d ' '
}
has() {
  [ "$(different one.out two.out)" -ge "$1" ]
}

# A producer that goes on through it all; a second member comes and one leaves in the middle.
fresh rebalance 8
: >two.out
mkfifo feed
start feeder sh -c 'exec kt produce "$1" -q --rate 400 <feed' - "$topic"
feeder=$pid
seq 1000000 >feed 2>/dev/null &
# shellcheck disable=SC2086
start one kt consume "$topic" -g "$members" --reset earliest $quick
one=$pid
ok "the first member has all partitions" wait_for said one.err '^% assigned:.*7\]'
ok "and reads" wait_for has 100
# shellcheck disable=SC2086
start two kt consume "$topic" -g "$members" --reset earliest $quick
two=$pid
ok "the second member gets partitions in the middle of it" wait_for said two.err '^% assigned: rebalance'
ok "and records" wait_for test -s two.out
stop "$two" TERM
is "$status" 0 "it leaves"
stop "$feeder"
ok "all records arrive" wait_for has "$(count "$topic")"
if on_kafka; then
  is "$(cat one.out two.out | sort -n | uniq -d | wc -l | tr -d ' ')" 0 "each exactly once"
else
  skip "each exactly once" "the embedded broker refuses commits while members join"
fi
took_over() {
  [ "$(grep -c '^% assigned:.*\[0.*7\]' one.err)" -ge 2 ]
}
ok "the one that stays takes over" wait_for took_over
stop "$one" INT
is "$status" 0 "and ends well"

# -e in a group: a member ends when the partitions that it owns are at their ends.
fresh at-end 4
at_end=at-end-$$
seq 400 | kt produce -q "$topic" --key-seq
for member in a b c; do
  start "$member" timeout 150 kt consume "$topic" -g "$at_end" --reset earliest -e
  eval "$member=\$pid"
done
for member in a b c; do
  eval "wait \$$member"
  echo $? >"$member.status"
done
if on_kafka; then
  is "$(cat a.status b.status c.status | tr '\n' ' ')" "0 0 0 " "all three end"
else
  unlike "$(cat a.status b.status c.status)" "^(124|[2-9])" "all three end, their last commit may have been refused"
fi
is "$(sort a.out b.out c.out | uniq | wc -l | tr -d ' ')" 400 "and together they have read all"

run kt consume "$topic" -g "$members" -p 0 -e
is "$status" 2 "-p does not go with a group"
run kt consume "$topic" --commit each -e
is "$status" 2 "nor --commit without one"
run kt consume "$topic" -g "$members" --commit sometimes
is "$status" 2 "--commit wants none, auto, each, end or a number"
run kt consume "$topic" -g "$members" --reset sometimes
is "$status" 2 "--reset wants earliest, latest or none"
if on_kafka; then
  fresh fenced 1
  seq 3 | kt produce "$topic" -q
  start seat kt consume "$topic" -g "$topic" --reset earliest -X group.instance.id=seat
  wait_for said seat.err '^% assigned: '
  start usurper kt consume "$topic" -g "$topic" --reset earliest -X group.instance.id=seat
  ok "a static member whose place is taken ends" wait_for said seat.err 'same group\.instance\.id and took'
  unlike "$(cat seat.err)" "it is tried again" "and does not say that it tries anything again"
  stop "$pid" INT
else
  skip "static members" "the embedded broker does not fence them"
fi
done_testing
