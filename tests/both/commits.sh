. "${0%/*}/lib.sh"
# What a group has committed after each way to end, seen by where the next run of the group starts. A group's first
# member may wait seconds for others, so the cases run side by side.
need python3

# Where a first run could not say in time that it leaves, the next one waits for so long.
session="-X session.timeout.ms=6000 -X heartbeat.interval.ms=500"

# The records of case NAME in the group NAME; $out of each is NAME.first (the run to be looked at) and NAME.next.
first() {
  name=$1
  shift
  # shellcheck disable=SC2086
  timeout 120 kt consume "$topic" -g "$name-$$" --reset earliest $session "$@" >"$name.first" 2>"$name.err"
  echo $? >"$name.status"
}
next() {
  # shellcheck disable=SC2086
  timeout 120 kt consume "$topic" -g "$1-$$" --reset earliest -q -e $session >"$1.next" 2>"$1.next.err" ||
    note "the next of $1: status $?, $(cat "$1.next.err")"
}
# case NAME OPTION…: both, in the background.
case_of() {
  (
    first "$@"
    next "$1"
  ) &
  cases="$cases $!"
}
await_cases() {
  for tap_case in $cases; do
    wait "$tap_case"
  done
  cases=
}
on_one_line() {
  tr '\n' ' ' <"$1"
}
cases=

# A member that commits on the library's timer; it is killed later, in the middle of its run.
fresh timer
timer_topic=$topic
seq 0 9 | kt produce -q "$topic"
# shellcheck disable=SC2086
start timer kt consume "$topic" -g "timer-$$" --reset earliest -X auto.commit.interval.ms=200 $session
timer=$pid

fresh ten
seq 0 9 | kt produce -q "$topic"
all="0 1 2 3 4 5 6 7 8 9 "

case_of end -e
case_of count -c 4
case_of none --commit none -e
case_of each --commit each -c 4
case_of every --commit 3 -c 4
case_of atend --commit end -c 4
case_of auto --commit auto -c 4
case_of nothing -c 0
case_of grep --grep '^[37]' -e
case_of grepcount --grep '^3' -c 1
case_of range -o 2:5
case_of json -J -e
case_of zero --reset latest -e
case_of tail --tail 2 -e
(
  # shellcheck disable=SC2086
  kt consume "$topic" -g "full-$$" --reset earliest $session -e >/dev/full 2>full.err
  echo $? >full.status
  next full
) &
cases="$cases $!"
(
  # shellcheck disable=SC2086
  kt consume "$topic" -g "closed-$$" --reset earliest $session -e >&- 2>closed.err
  echo $? >closed.status
  next closed
) &
cases="$cases $!"
(
  timeout 120 kt consume "$topic" -g "nowhere-$$" --reset none -e >nowhere.first 2>nowhere.err
  echo $? >nowhere.status
) &
cases="$cases $!"
(
  timeout 120 kt consume "$topic" -g "known-$$" --reset earliest -q -c 4 >/dev/null
  timeout 120 kt consume "$topic" -g "known-$$" --reset none -e >known.first 2>known.err
  echo $? >known.status
) &
cases="$cases $!"
await_cases

is "$(cat nowhere.status) $(on_one_line nowhere.first)" "1 " "--reset none fails where nothing is committed"
like "$(cat nowhere.err)" "^hint: .*--reset earliest" "and says what to do"
is "$(cat known.status) $(on_one_line known.first)" "0 4 5 6 7 8 9 " "and goes on where something is"
is "$(cat end.status) $(on_one_line end.first)| $(on_one_line end.next)" "0 $all| " "-e commits what it printed"
is "$(cat count.status) $(on_one_line count.first)| $(on_one_line count.next)" "0 0 1 2 3 | 4 5 6 7 8 9 " \
  "-c 4: the fifth is next, although more was fetched"
is "$(on_one_line none.first)| $(on_one_line none.next)" "$all| $all" "--commit none"
is "$(on_one_line each.first)| $(on_one_line each.next)" "0 1 2 3 | 4 5 6 7 8 9 " "--commit each"
is "$(on_one_line every.first)| $(on_one_line every.next)" "0 1 2 3 | 4 5 6 7 8 9 " "--commit 3, with a rest of 1"
is "$(on_one_line atend.first)| $(on_one_line atend.next)" "0 1 2 3 | 4 5 6 7 8 9 " "--commit end"
is "$(on_one_line auto.first)| $(on_one_line auto.next)" "0 1 2 3 | 4 5 6 7 8 9 " "--commit auto"
is "$(on_one_line nothing.first)| $(on_one_line nothing.next)" "| $all" "-c 0 commits nothing"
is "$(on_one_line grep.first)| $(on_one_line grep.next)" "3 7 | " "what --grep leaves out counts as read"
is "$(on_one_line grepcount.first)| $(on_one_line grepcount.next)" "3 | 4 5 6 7 8 9 " "up to the last one printed"
is "$(on_one_line range.first)| $(on_one_line range.next)" "2 3 4 | 5 6 7 8 9 " "a range commits its end"
is "$(wc -l <json.first | tr -d ' ')| $(on_one_line json.next)" "10| " "-J"
is "$(on_one_line zero.first)" "" "--reset latest -e of a fresh group prints nothing"
is "$(on_one_line tail.first)| $(on_one_line tail.next)" "8 9 | " "--tail"
is "$(cat full.status) $(on_one_line full.next)" "1 $all" "a full device: status 1, and nothing is committed"
is "$(cat closed.status) $(on_one_line closed.next)" "1 $all" "a closed stdout: the same"

# The words on stderr.
like "$(cat end.err)" "^% group end-$$" "stderr names the group"
like "$(cat end.err)" "commits: auto" "says when it commits"
like "$(cat every.err)" "commits: 3" "as it was asked for"
like "$(cat end.err)" "^% assigned: $topic \[0\] from 0 \(beginning\)" "and where the partitions start"
like "$(cat end.err)" "^% Reached end of topic $topic \[0\] at offset 10: exiting" "and that the end was reached"

wait_for grep -qx 9 timer.out
timer_committed() {
  [ "$(kt group describe -q "timer-$$" --offsets | cut -f 4)" = 10 ]
}
ok "--commit auto commits while it runs" wait_for timer_committed
stop "$timer" KILL
echo 10 | kt produce -q "$timer_topic"
topic=$timer_topic
next timer &
timer=$!

# A run that is killed by each signal, and what comes after.
fresh signals
seq 0 9 | kt produce -q "$topic"
for signal in TERM INT KILL; do
  start "$signal" kt consume "$topic" -g "$signal-$$" --reset earliest --commit each
  eval "pid_$signal=\$pid"
done
start auto kt consume "$topic" -g "auto-signal-$$" --reset earliest
auto=$pid
for signal in TERM INT KILL; do
  wait_for grep -qx 9 "$signal.out" || note "$(cat "$signal.err")"
  eval "stop \$pid_$signal $signal"
  echo "$status" >"$signal.status"
done
wait_for grep -qx 9 auto.out
stop "$auto" INT
is "$status" 0 "Ctrl-C ends an endless run in a group: status 0"
is "$(cat TERM.status) $(cat INT.status)" "0 0" "with --commit each too"
# One more, so that the next runs have something to read that shows where they started.
echo 10 | kt produce -q "$topic"
for signal in TERM INT auto-signal; do
  next "$signal" &
  cases="$cases $!"
done
await_cases
is "$(on_one_line TERM.next)" "10 " "what was printed before SIGTERM was committed"
is "$(on_one_line INT.next)" "10 " "before SIGINT"
is "$(on_one_line auto-signal.next)" "10 " "and by --commit auto at the end"

# Downstream closes the pipe: what it did not take is not committed. Records of 10,000 bytes, each with its number in
# front; head takes the first, a pipe holds some more.
fresh pipe
python3 -c '
for n in range(100):
    print("%04d" % n + "x" * 9996)' | kt produce -q "$topic"
{
  timeout 60 kt consume "$topic" -g "pipe-$$" --reset earliest -u 2>pipe.err
  echo $? >pipe.status
} | python3 -c '
import os
data = b""
while len(data) < 25000:
    data += os.read(0, 25000 - len(data))
open("taken", "wb").write(data)'
is "$(cat pipe.status)" 0 "a reader that has enough ends an endless run promptly: status 0"
next pipe
again=$(head -c 4 pipe.next)
ok "what the pipe did not take, 64 KiB of it at most, comes again (from ${again:-nothing})" \
  test "${again:-9999}" -ge 2 -a "${again:-9999}" -le 10
is "$(tail -n 1 pipe.next | cut -c 1-4) $(wc -l <pipe.next | tr -d ' ')" "0099 $((10100 - 1${again:-0000}))" \
  "and all that comes after it"
wait "$timer"
is "$(on_one_line timer.next)" "10 " "so that after a SIGKILL only what is new comes"
done_testing
