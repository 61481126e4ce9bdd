. "${0%/*}/lib.sh"
# How a run ends: signals at every moment, streams that are closed or full, a broker that is not there.

fresh ends
seq 1 100 | kt produce "$topic" -q
is "$?" 0 "the end of input"
run kt produce "$topic" </dev/null
is "$status" 0 "no input at all"
run kt produce "$topic" <&-
is "$status" 1 "a closed stdin is a failure"
like "$err" "stdin|standard input" "that is named"
run kt consume "$topic" -e -q
is "$status $(wc -l <out | tr -d ' ')" "0 100" "and wrote nothing"

sh -c "kt consume $topic -e -q 2>said >&-; echo \$? >status"
is "$(cat status)" 1 "a closed stdout is a failure"
sh -c "kt consume $topic -e -q 2>said >/dev/full; echo \$? >status"
is "$(cat status)" 1 "a full device is one"
like "$(cat said)" "No space left" "with the system's reason"
sh -c "kt consume $topic -q; echo \$? >status" | head -n 1 >first
is "$(cat first) $(cat status)" "1 0" "a reader that has enough is none, and ends an endless run"

for signal in INT TERM; do
  start reader kt consume "$topic" -q
  wait_for grep -qx 100 reader.out
  stop "$pid" $signal
  is "$status" 0 "SIG$signal ends an endless consume well"
  start reader kt consume "$topic" -g "g-$signal-$$"
  wait_for grep -q assigned reader.err
  stop "$pid" $signal
  is "$status" 0 "in a group too"
done
start reader kt consume "$topic" -c 1000 -q
wait_for grep -qx 100 reader.out
stop "$pid" TERM
is "$status" 143 "one that was not complete has the signal as its status"

mkfifo fifo
for signal in INT TERM; do
  fresh "flushed-$signal"
  start writer sh -c "exec kt produce $topic --tee -X linger.ms=20000 <fifo"
  exec 3>fifo
  echo last >&3
  wait_for grep -qx last writer.out
  stop "$pid" $signal
  exec 3>&-
  ok "SIG$signal ends produce with the signal's status ($status)" test "$status" = 130 -o "$status" = 143
  is "$(kt consume "$topic" -e -q)" "last" "after what was read is flushed"
done

# Nobody listens on port 1.
run timeout 60 kt produce "$topic" -b 127.0.0.1:1 -m 3s <first
is "$status" 5 "produce without a broker"
like "$err" "127\.0\.0\.1:1.*refused" "names it and the reason"
run timeout 60 kt consume "$topic" -b 127.0.0.1:1 -m 3s -e
is "$status" 5 "consume without a broker"
start writer kt consume "$topic" -b 127.0.0.1:1 -m 60s
sleep 0.3
stop "$pid" INT
ok "a signal while waiting for a broker ends it ($status)" test "$status" = 130 -o "$status" = 0

# A member that has joined, and is never told what it has: librdkafka aborts when it is destroyed (up to 2.2.0).
if ! on_kafka; then
  tell "error SyncGroup REBALANCE_IN_PROGRESS 100000"
  cooperative="-X partition.assignment.strategy=cooperative-sticky"
  # shellcheck disable=SC2086
  start consume kt consume "$topic" -g "consume-$$" $cooperative
  consume=$pid
  # shellcheck disable=SC2086
  start work kt work -g "work-$$" $cooperative "$topic" -- true
  for name in work consume; do
    wait_for said $name.err "waiting for group"
    [ "$name" = work ] || pid=$consume
    stop "$pid" INT
    is "$status" 0 "kt $name as a cooperative member without an assignment ends well"
  done
fi

done_testing
