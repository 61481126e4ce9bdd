. "${0%/*}/lib.sh"
# -o, --tail and --reset without a group: where a run starts and where it ends.

# The records of partition 0 that the options let through.
got() {
  kt consume "$topic" -q -p 0 "$@" | tr '\n' ' '
}

fresh range 2
seq 0 9 | kt produce -q -p 0 "$topic"
seq 100 102 | kt produce -q -p 1 "$topic"
all="0 1 2 3 4 5 6 7 8 9 "
is "$(got -e)" "$all" "from the beginning without -o"
is "$(got -e -o beginning)" "$all" "-o beginning"
is "$(got -e -o earliest)" "$all" "-o earliest"
is "$(got -e -o end)" "" "-o end"
is "$(got -e -o 7)" "7 8 9 " "-o N"
is "$(got -e -o 0)" "$all" "-o 0"
is "$(got -e -o -2)" "8 9 " "-o -N: the last N"
is "$(got -e -o -100)" "$all" "more than there are"
is "$(got -o 2:5)" "2 3 4 " "-o A:B, the end is exclusive and ends the run"
is "$(got -o 2:2)" "" "an empty range"
is "$(got -e -o 7:)" "7 8 9 " "-o A:"
is "$(got -o :3)" "0 1 2 " "-o :B"
is "$(got -o 8:100)" "8 9 " "an end that is not there yet is the end"
is "$(got -e -o +7)" "7 8 9 " "-o +N"
is "$(got -e -o +100)" "" "more than there are"
is "$(got -e --tail 3)" "7 8 9 " "--tail"
is "$(got -e --tail 0)" "" "--tail 0"
is "$(kt consume -q -e "$topic" --tail 2 | sort -n | tr '\n' ' ')" "8 9 101 102 " "--tail counts per partition"
is "$(kt consume -q -e "$topic" -o -1 | sort -n | tr '\n' ' ')" "9 102 " "-o -N too"
is "$(got -e --reset latest)" "" "without a group --reset latest is -o end"
is "$(got -e --reset earliest)" "$all" "and --reset earliest -o beginning"
is "$(got -e --from-beginning)" "$all" "--from-beginning"
is "$(got -e -c 2 -o 4)" "4 5 " "-c with -o"

run kt consume "$topic" -p 0 -e -o 50
is "$status $out" "0 " "a start beyond the end: nothing to print"
like "$err" "^% $topic \[0\]: .*not in the log, which holds 0 to 10; starting at 10" "which is said"
run kt consume "$topic" -e -o stored
is "$status" 2 "-o stored needs a group"
run kt consume "$topic" -e --reset none
is "$status" 2 "--reset none too"
for wrong in x 1:2:3 5:2 @ @never s@ --1 ''; do
  run kt consume "$topic" -e -o "$wrong"
  is "$status" 2 "-o '$wrong' is a mistake"
done
run kt consume "$topic" -e -o x
like "$err" "^hint: .*beginning" "the hint has the forms"

# Follows from the end: what comes after the line that says where it starts is seen.
fresh follow 4
seq 5 | kt produce -q "$topic"
start new kt consume "$topic" -o end --show-assign
new=$pid
wait_for said new.err '^% assigned:'
seq 6 9 | kt produce -q "$topic"
ok "-o end: what is produced after the assigned line is seen" wait_for grep -qx 9 new.out
stop "$new"
is "$(sort -n new.out | tr '\n' ' ')" "6 7 8 9 " "and nothing else"

if ! on_kafka; then
  skip "starts by time" "the embedded broker finds no offsets by time"
  done_testing
fi

fresh times
for second in 0 1 2 3 4; do
  echo "$second" | kt produce -q "$topic" --timestamp "170000000$second"
done
is "$(got -e -o @1700000002)" "2 3 4 " "@T in seconds"
is "$(got -e -o @1700000002000)" "2 3 4 " "@T in milliseconds"
is "$(got -e -o @1700000001500)" "2 3 4 " "between two records: the later one"
is "$(got -e -o @2023-11-14T22:13:22Z)" "2 3 4 " "@T as RFC 3339"
is "$(got -o @1700000001:1700000003)" "1 2 " "@T1:T2, the end is exclusive"
is "$(got -o @2023-11-14T22:13:21Z:2023-11-14T22:13:23Z)" "1 2 " "@T1:T2 as RFC 3339"
is "$(got -o s@1700000001000 -o e@1700000003000)" "1 2 " "kcat's s@ and e@"
is "$(got -e -o s@1700000003000)" "3 4 " "s@ alone"
is "$(got -o e@1700000002000)" "0 1 " "e@ alone"
is "$(got -o @1700000002:end)" "2 3 4 " "@T:end ends"
is "$(got -e -o @now)" "" "@now: later than all"
is "$(got -e -o @-1h)" "" "@-1h"
is "$(got -e -o @-10000h)" "" "long ago, but not that long"
is "$(got -e -o @0)" "0 1 2 3 4 " "@0"
echo new | kt produce -q "$topic"
is "$(got -e -o @-1h30m)" "new " "what is of this hour"
is "$(got -o @1700000003:now)" "3 4 new " "to now"

# Records that retention has removed: offsets that have gone.
fresh gone
seq 0 9 | kt produce -q "$topic"
if "$tests/kafka/cluster" java org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$KT_BROKERS" \
  --offset-json-file /dev/stdin >deleted 2>&1 <<END; then
{"partitions": [{"topic": "$topic", "partition": 0, "offset": 6}], "version": 1}
END
  is "$(got -e)" "6 7 8 9 " "the beginning is where the log begins"
  run kt consume "$topic" -e -o 2
  is "$status $(tr '\n' ' ' <out)" "0 6 7 8 9 " "a start that expired"
  like "$err" "^% $topic \[0\]: .*not in the log, which holds 6 to 10; starting at 6" "is said"
  is "$(got -e --tail 8)" "6 7 8 9 " "--tail counts what is there"
else
  skip "a start that expired" "cannot delete records: $(tail -n 1 deleted)"
fi
done_testing
