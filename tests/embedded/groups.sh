. "${0%/*}/../lib.sh"
# Groups: where they start, and that an offset is committed only after what it stands for was written.
use_broker

g=g-$$
fresh history 2
seq 1 5 | kt produce "$topic" -q -p 0

run kt consume "$topic" -g "$g-all" --reset earliest -e
is "$(tr '\n' ' ' <out)" "1 2 3 4 5 " "a fresh group with --reset earliest sees history"
like "$err" "$g-all" "the group is named"
like "$err" "$topic \[0\] from 0" "the start of each partition is said"

start new kt consume "$topic" -g "$g-new" --reset latest
ok "a fresh group with --reset latest gets its partitions" wait_for grep -q "\[0\] from 5" new.err
seq 6 8 | kt produce "$topic" -q -p 0
ok "and sees what is new" wait_for grep -qx 8 new.out
stop "$pid"
is "$status $(tr '\n' ' ' <new.out)" "0 6 7 8 " "and only that"

run kt consume "$topic" -g "$g-all" --reset earliest -e
is "$(tr '\n' ' ' <out)" "6 7 8 " "a group goes on behind its committed offset"
like "$err" "idle" "where --reset has no effect, which is said"
run kt consume "$topic" -g "$g-all" -o beginning -e -q
is "$(tr '\n' ' ' <out)" "1 2 3 4 5 6 7 8 " "-o beginning reads all again"

run kt consume "$topic" -g "$g-none" --reset none -e
is "$status" 1 "--reset none fails where nothing is committed"
like "$err" "^hint:" "and says what to do"

# commits EXPECTED OPTION…: where a second run of the same group starts after `-c 3` with these options.
turn=0
commits() {
  expected=$1 turn=$((turn + 1))
  shift
  kt consume "$topic" -g "$g-c$turn" --reset earliest -q -c 3 "$@" >/dev/null
  run kt consume "$topic" -g "$g-c$turn" --reset earliest -q -c 1
  is "$out" "$expected" "what comes after -c 3 $*"
}
commits 4
commits 4 --commit auto
commits 4 --commit each
commits 4 --commit end
commits 4 --commit 2
commits 1 --commit none

# A reader that goes away: its records come again.
fresh pipe
yes "a line that is long enough to fill the pipe after a while" | head -n 50000 | kt produce "$topic" -q
sh -c "kt consume $topic -g $g-pipe --reset earliest -q; echo \$? >status" | head -n 1 >first
is "$(cat status)" 0 "a reader that has enough is no failure"
run kt consume "$topic" -g "$g-pipe" --reset earliest -q -e -f '%o\n' -c 1
# What head took from the pipe in its last read counts as read, 64 KiB in the pipe at most besides.
ok "what the closed pipe did not take is not committed (goes on at ${out:-nothing})" test "${out:-50000}" -lt 5000
run kt consume "$topic" -g "$g-full" --reset earliest -q -e
ok "a whole run reads all" test "$(wc -l <out)" = 50000
sh -c "kt consume $topic -g $g-device --reset earliest -q -e >/dev/full 2>said; echo \$? >status"
is "$(cat status)" 1 "a full device is a failure"
run kt consume "$topic" -g "$g-device" --reset earliest -q -c 1 -f '%o'
is "$out" 0 "and nothing of it is committed"

# Two members.
fresh shared 16
start one kt consume "$topic" -g "$g-two" --reset earliest -f '%p %s\n'
one=$pid
ok "the first member gets all partitions" wait_for grep -q "\[15\]" one.err
start two kt consume "$topic" -g "$g-two" --reset earliest -f '%p %s\n'
two=$pid
ok "the second gets some" wait_for grep -q "assigned: $topic" two.err
seq 0 199 | kt produce "$topic" -q --key-seq
ok "all records arrive" wait_for sh -c 'test "$(cat one.out two.out | wc -l)" -ge 200'
is "$(cat one.out two.out | cut -d ' ' -f 2 | sort -n | tr '\n' ' ')" "$(seq 0 199 | tr '\n' ' ')" \
  "each at exactly one member"
is "$(cut -d ' ' -f 1 one.out | sort -u | join - "$(cut -d ' ' -f 1 two.out | sort -u >parts && echo parts)")" "" \
  "and no partition at both"
stop "$two" INT
is "$status" 0 "a member that is interrupted ends well"
ok "and leaves at once: the other takes over" wait_for sh -c 'test "$(grep -c assigned one.err)" -ge 3'
stop "$one"

done_testing
