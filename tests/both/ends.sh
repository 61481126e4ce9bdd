. "${0%/*}/lib.sh"
# How runs end: exactly at the end, by a signal, by a reader that has had enough, and with an output that is full or closed.
need python3

# Adds up the ends that the last run has named.
told_ends() {
  told=$(($(sed -n 's/^% Reached end of topic .* at offset \([0-9]*\).*/\1/p' err | paste -sd + -)))
}

# -e while a producer goes on: the end is where it was when the run started.
fresh busy 4
seq 1000 | kt produce -q "$topic" --key-seq
start writer sh -c 'yes again | kt produce "$1" -q --rate 3000' - "$topic"
writer=$pid
ok "a producer goes on" wait_for holds "$topic" 1500
run timeout 120 kt consume "$topic" -e -v
is "$status" 0 "-e ends all the same"
told_ends
is "$(wc -l <out | tr -d ' ')" "$told" "exactly at the ends that it says"
ok "all that was there is printed" test "$(grep -c '^[0-9]*$' out)" = 1000
is "$(grep -c '^% Reached end of topic .*: exiting$' err)" 1 "the last end is said to be the last"
run timeout 120 kt consume "$topic" -e -v -g "busy-$$" --reset earliest
told_ends
is "$status $(wc -l <out | tr -d ' ')" "0 $told" "in a group too"
kill "$(pgrep -P "$writer" kt || echo "$writer")"
stop "$writer"

if on_kafka; then
  # What follows the last record is a control record, which is never given out.
  "$python" - "$topic-tx" 2>tx.err <<'END' || fail "a transactional producer" "$(cat tx.err)"
import confluent_kafka, os, sys
producer = confluent_kafka.Producer({"bootstrap.servers": os.environ["KT_BROKERS"], "transactional.id": sys.argv[1]})
producer.init_transactions(60)
for name, commit in (("one", True), ("two", True), ("aborted", False)):
    producer.begin_transaction()
    for n in range(10):
        producer.produce(sys.argv[1], name, partition=0)
    producer.flush()
    producer.commit_transaction() if commit else producer.abort_transaction()
END
  # An abort is acknowledged before its control record is written.
  aborted() {
    [ "$(kt topic offsets "$topic-tx" -J | jq '.partitions[0].end')" = 33 ]
  }
  wait_for aborted
  run timeout 120 kt consume "$topic-tx" -e -v
  is "$status $(sort out | uniq -c | tr -s ' \n' ' ')" "0  10 one 10 two " "-e after transactions, aborted records left out"
  like "$err" "\[0\] at offset 33" "up to the last control record"
  run timeout 120 kt consume "$topic-tx" -e -g "tx-$$" --reset earliest
  is "$status $(wc -l <out | tr -d ' ')" "0 20" "in a group too"
  run timeout 120 kt consume "$topic-tx" -e -g "tx-$$" --reset earliest
  is "$status $out" "0 " "which then has nothing left to read"
  run timeout 120 kt consume "$topic-tx" -e --isolation read_uncommitted
  is "$status $(sort out | uniq -c | tr -s ' \n' ' ')" "0  10 aborted 10 one 10 two " "--isolation read_uncommitted"
  for row in "1:1 two" "15:5 one 10 two" "25:10 one 10 two"; do
    run timeout 120 kt consume "$topic-tx" -e --tail "${row%%:*}"
    is "$status $(sort out | uniq -c | tr -s ' \n' ' ')" "0  ${row#*:} " "--tail ${row%%:*}: so many records, whatever lies between them"
  done
  run timeout 120 kt consume "$topic-tx" -e -o -11 -g "tail-$$"
  is "$status $(sort out | uniq -c | tr -s ' \n' ' ')" "0  1 one 10 two " "-o -11 in a group too"
else
  skip "control records" "on Kafka"
fi
run kt consume "$topic" --isolation sometimes
is "$status" 2 "--isolation wants one of two words"

# Signals.
fresh signals
seq 100 | kt produce -q "$topic"
for signal in INT TERM; do
  start endless kt consume "$topic"
  wait_for grep -qx 100 endless.out
  stop "$pid" "$signal"
  is "$status $(wc -l <endless.out | tr -d ' ')" "0 100" "SIG$signal ends an endless run: status 0"
done
start counted kt consume "$topic" -c 1000
wait_for grep -qx 100 counted.out
stop "$pid" INT
is "$status" 130 "SIGINT before -c was reached: status 130"
start counted kt consume "$topic" -c 1000
wait_for grep -qx 100 counted.out
stop "$pid" TERM
is "$status" 143 "SIGTERM: status 143"

# A run that waits for a group's answer, or for nothing at all, ends at once too; from its first moments on, in which it
# arranges for signals.
start waiting kt consume "$topic" -g "waiting-$$" --reset earliest
catches_int() {
  grep -q '^SigCgt:.*[2367abef]$' "/proc/$1/status"
}
wait_for catches_int "$pid"
stop "$pid" INT
ok "a run that may still be joining: status 0 ($status)" test "$status" = 0
ok "soon ($took ms)" test "$took" -lt 30000

# produce: what was read is sent.
mkfifo feed
for signal in INT TERM; do
  fresh "sent-$signal"
  start writer sh -c 'exec kt produce "$1" -T -X linger.ms=60000 <feed' - "$topic"
  exec 3>feed
  printf 'one\ntwo\nhal' >&3
  wait_for grep -qx two writer.out
  stop "$pid" "$signal"
  exec 3>&-
  is "$status" "$([ "$signal" = INT ] && echo 130 || echo 143)" "SIG$signal to produce: its status"
  is "$(values "$topic" | tr '\n' ' ')" "one two " "and the records that were read are delivered, not a half one"
done

# Readers that have enough.
fresh long
seq 200000 | kt produce -q "$topic"
{
  timeout 60 kt consume "$topic" 2>long.err
  echo $? >status
} | head -n 1 >enough
is "$(cat enough status | tr '\n' ' ')" "1 0 " "| head -n 1: ends at once, with status 0"
is "$(cat long.err)" "" "and nothing to say"
{
  timeout 120 kt consume "$topic" -e -J 2>long.err
  echo $? >status
} | head -n 1 | jq -r .payload >enough
is "$(cat enough status | tr '\n' ' ')" "1 0 " "-e -J | head -n 1"
{
  seq 100000 | kt produce "$topic" -T 2>long.err
  echo $? >status
} | head -n 1 >enough
is "$(cat enough status | tr '\n' ' ')" "1 0 " "produce -T | head -n 1: status 0"
like "$(cat long.err)" "^% 100,000 records delivered" "and all is delivered all the same"
# A reader that leaves while there is nothing to write.
fresh quiet
echo one | kt produce -q "$topic"
{
  timeout 60 kt consume "$topic"
  echo $? >status
} | head -n 1 >enough
is "$(cat enough status | tr '\n' ' ')" "one 0 " "an idle run notices soon that its reader has gone"

# Full and closed.
kt consume "$topic" -e >/dev/full 2>err
is "$?" 1 "a full device: status 1"
like "$(cat err)" "^kt consume: writing to standard output: No space left" "and why"
kt consume "$topic" -e >&- 2>err
is "$?" 1 "a closed stdout: status 1"
like "$(cat err)" "^kt consume: .*standard output" "which is named"
kt consume "$topic" -e <&- >got 2>/dev/null
is "$? $(cat got)" "0 one" "a closed stdin is nothing to consume"
kt consume "$topic" -e 2>&- >got
is "$? $(cat got)" "0 one" "nor a closed stderr"
kt produce "$topic" <&- 2>err
is "$?" 1 "a closed stdin to produce: status 1"
like "$(cat err)" "^kt produce: .*stdin" "which is named"
echo two | kt produce -q "$topic" >&-
is "$?" 0 "produce without output does not need a stdout"
echo three | kt produce -q -T "$topic" >/dev/full 2>err
is "$?" 1 "-T to a full device: status 1"
like "$(cat err)" "writing to standard output: No space left" "and why"
echo four | kt produce -q --report "$topic" >/dev/full 2>err
is "$?" 1 "--report to a full device: status 1"
echo five | kt produce -q -T "$topic" >&- 2>err
is "$?" 1 "-T to a closed stdout: status 1"

# A directory, a terminal that is none, a file that ends in the middle: input that cannot be read.
kt produce "$topic" <. 2>err
is "$?" 1 "stdin is a folder: status 1"
like "$(cat err)" "^kt produce: reading stdin: " "which is said"

# Output into a file that is appended to, and one that several share.
fresh append
seq 5 | kt produce -q "$topic"
echo before >got
kt consume -q -e "$topic" >>got
is "$(tr '\n' ' ' <got)" "before 1 2 3 4 5 " ">> appends"
python3 - "$topic" <<'END' >got
import fcntl, os, subprocess, sys
subprocess.check_call(["kt", "consume", "-q", "-e", sys.argv[1]])
flags = fcntl.fcntl(1, fcntl.F_GETFL)
print("non-blocking" if flags & os.O_NONBLOCK else "as it was")
END
is "$(tail -n 1 got)" "as it was" "stdout's flags are left alone"
done_testing
