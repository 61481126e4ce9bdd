. "${0%/*}/lib.sh"
# kt produce --transaction: all of a run or nothing of it.

# What read_committed consumers see. The embedded broker keeps no markers: there a commit is what the status says.
committed() {
  values "$1" -X isolation.level=read_committed
}

fresh all 4
seq 5000 >lines
run kt produce --transaction "$topic" lines
is "$status" 0 "all of a file in one transaction"
like "$err" "^% 5,000 records delivered to $topic" "how many is said"
is "$(committed "$topic" | sort -n | cksum)" "$(cksum <lines)" "all are there"
run kt produce "$topic" -X "transactional.id=$topic" lines
is "$status" 0 "a transactional.id alone does the same, as with kcat"
run kt produce "$topic" -X "transactional.id=$topic" lines
is "$status" 0 "and once more with the same name"
run kt produce --transaction "$topic" </dev/null
is "$status" 0 "no records are a transaction too"

# The coordinator answers before all partitions have the marker: with this many of them about one run in eight was seen
# to end before its records could be read.
fresh markers 100
seen=
for _ in 1 2 3 4 5 6 7 8 9 10; do
  kt produce --transaction -q -X sticky.partitioning.linger.ms=0 "$topic" lines
  seen="$seen $(committed "$topic" | wc -l | tr -d ' ')"
done
is "$seen" " 5000 10000 15000 20000 25000 30000 35000 40000 45000 50000" "what was committed can be read when it ends"

run kt produce --transaction --on-error continue "$topic" lines
is "$status" 2 "--on-error continue does not go with it"
like "$err" "all or nothing" "which is said"
run kt produce --transaction --no-idempotent "$topic" lines
is "$status" 2 "nor --no-idempotent"
run kt produce --transaction --acks 1 "$topic" lines
is "$status" 2 "nor acks=1"
run kt loadgen -t "$topic" --size 10 -c 1 -X transactional.id=x
is "$status" 2 "kt loadgen writes without"
like "$err" "writes without transactions" "which is said"

fresh none
printf 'a\n{}\nb\n' >bad
run kt produce --transaction -J "$topic" bad
is "$status" 3 "a record that cannot be sent: status 3"
like "$err" "^% the transaction was aborted: read_committed consumers see nothing of it" "nothing is committed"
if on_kafka; then
  is "$(committed "$topic" | wc -l | tr -d ' ')" 0 "nothing is visible"
  # A consumer that takes everything sees what was written before it was taken back.
fi

for sig in INT TERM; do
  fresh "$sig"
  mkfifo "$sig.in"
  start "run-$sig" sh -c 'exec kt produce --transaction --report "$1" <"$2"' - "$topic" "$sig.in"
  exec 3>"$sig.in"
  seq 100 >&3
  ok "records are written before the transaction ends" wait_for said "run-$sig.out" '"record":100,'
  ! on_kafka || like "$(kt consume "$topic" -e -m 30s 2>&1)" \
    "^% $topic has nothing to read yet: an open transaction holds back 100 offsets" "what is held back is said"
  kill -s "$sig" "$pid"
  wait "$pid"
  status=$?
  exec 3>&-
  is "$status" "$([ "$sig" = INT ] && echo 130 || echo 143)" "SIG$sig: its status"
  like "$(cat "run-$sig.err")" "the transaction was aborted" "and nothing is committed"
  ! on_kafka || is "$(committed "$topic" | wc -l | tr -d ' ')" 0 "read_committed consumers see nothing"
done

fresh runfor
mkfifo f
start timed sh -c 'exec kt produce --transaction --run-for 8s "$1" <f' - "$topic"
exec 3>f
echo a >&3
wait "$pid"
is "$?" 124 "--run-for ends it: 124"
exec 3>&-
like "$(cat timed.err)" "the transaction was aborted" "without a commit"

fresh short
mkfifo g
start slow sh -c 'exec kt produce --transaction -X transaction.timeout.ms=2000 "$1" <g' - "$topic"
exec 3>g
echo a >&3
wait "$pid"
is "$?" 1 "an input that goes on for longer than transaction.timeout.ms: status 1"
exec 3>&-
like "$(cat slow.err)" "did not end within transaction.timeout.ms \(2" "which is said, and not called fencing"

if on_kafka; then
  fresh killed
  mkfifo k
  start dying sh -c 'exec kt produce -X transactional.id="$1" --report "$1" <k' - "$topic"
  exec 3>k
  seq 100 >&3
  ok "a run that has written" wait_for said dying.out '"record":100,'
  kill -9 "$pid"
  wait "$pid" 2>/dev/null
  exec 3>&-
  is "$(kt consume -q -e -X isolation.level=read_committed "$topic" | wc -l | tr -d ' ')" 0 \
    "killed, it leaves nothing visible"
  echo next | kt produce -q -X "transactional.id=$topic" "$topic"
  is "$?:$(committed "$topic")" "0:next" "the next one of that name goes on at once"

  run kt produce --transaction -X transaction.timeout.ms=86400000 "$topic" lines
  is "$status" 1 "longer than the broker allows"
  like "$err" "allows no transaction.timeout.ms as long as this" "is said"
fi
done_testing
