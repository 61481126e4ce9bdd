. "${0%/*}/../lib.sh"
# Where consume starts and ends without a group.
use_broker

fresh ten
seq 0 9 | kt produce "$topic" -q

# reads EXPECTED OPTION…: the values on one line.
reads() {
  expected=$1
  shift
  run kt consume "$topic" -q "$@"
  is "$status $(tr '\n' ' ' <out)" "0 $expected" "consume $*"
}
all="0 1 2 3 4 5 6 7 8 9 "
reads "$all" -e
reads "$all" -e -o beginning
reads "$all" -e --reset earliest
reads "" -e -o end
reads "7 8 9 " -e -o 7
reads "" -e -o 10
reads "8 9 " -e -o -2
reads "$all" -e -o -100
reads "8 9 " -e --tail 2
reads "3 4 " -o 3:5
reads "8 9 " -o 8:100 -e
reads "0 1 2 " -c 3
reads "" -c 0
reads "4 5 " -o 4 -c 2
reads "$all" -e -p 0
reads "1 " -e --grep '^1'
reads "$all" --run-for 20s -e
if [ "${KT_ON:-}" = kafka ]; then
  before=$(($(date +%s%N) / 1000000 + 1))
  sleep 0.05
  echo new | kt produce "$topic" -q
  reads "new " -e -o "@$before"
  reads "new " -e -o "s@$before"
  reads "$all" -o "@-1h:$before"
  reads "$all" -o beginning -o "e@$before"
  reads "${all}new " -e -o @-1h
  reads "" -e -o @now
fi

run kt consume "$topic" -e -p 7
is "$status" 4 "a partition that does not exist is not found"
like "$err" "7" "and named"
run kt consume "$topic" -e -o nowhere
is "$status" 2 "an offset that is none is a usage error"
run kt consume "$topic" --run-for 1s -c 100
is "$status" 124 "--run-for ends what is not complete with 124"
is "$(head -n 10 out | tr '\n' ' ')" "$all" "after printing what there was"

fresh empty 3
run kt consume "$topic" -e
is "$status $out" "0 " "an empty topic ends at once"
like "$err" "empty" "and is called empty"

fresh spread 16
seq 1 1000 | kt produce "$topic" -q --key-seq
run kt consume "$topic" -e
is "$(sort -n out | tr '\n' ' ')" "$(seq 1 1000 | tr '\n' ' ')" "16 partitions, every record once"
is "$(grep -c '^% Reached end of topic .* at offset [0-9]*$' err)" 15 "the end of each partition is said"
is "$(grep -c ': exiting$' err)" 1 "and of the last that it is the last"
run kt consume "$topic" -q -e -p 3 -p 5 -f '%p\n'
is "$(sort -u out | tr '\n' ' ')" "3 5 " "-p more than once"

# -e means the ends of the start: a producer that never stops does not keep it running.
fresh busy
start busy kt produce "$topic" -q --rate 2000 -D '\0' /dev/zero
busy=$pid
ok "records arrive" wait_for sh -c "kt consume $topic -q -c 100 --run-for 5s >/dev/null"
run timeout 20 kt consume "$topic" -e
is "$status" 0 "-e ends while records keep coming"
stop "$busy"

done_testing
