. "${0%/*}/three-lib.sh"
# Three brokers, three replicas, two of which must be in sync: brokers die and hang while records go in and out.

# grows FILE BY: it has so many lines more than when grow_from was set.
grows() {
  has "$1" $((grow_from + $2))
}
acknowledged_more() {
  grow_from=$(wc -l <"$1")
  wait_for grows "$1" "$2"
}

# The topic must hold the numbers 1 to $1 once each, ascending in each partition.
is_whole() {
  run kt consume -q -e -f '%p %s\n' "$topic"
  is "$status" 0 "$2: the topic is read to its end"
  is "$(cut -d ' ' -f 2 out | sort -n | uniq | wc -l | tr -d ' ') $(wc -l <out | tr -d ' ')" "$1 $1" \
    "$2: each record is there exactly once"
  is "$(awk '$2 <= last[$1] { print "after", last[$1], ":", $0 } { last[$1] = $2 }' out)" "" "$2: in order in each partition"
}

# controller NODE: the active controller as that node knows it; brokers do not tell clients which one it is.
controller() {
  sed -n 's/.*"leaderId":\([0-9]*\).*/\1/p' "$work/cluster/three/$1/data/__cluster_metadata-0/quorum-state"
}
other_than() {
  echo $(($1 % 3 + 1))
}
another_controls() {
  next=$(controller "$(other_than "$1")")
  [ -n "$next" ] && [ "$next" != "$1" ]
}

fresh copies 3
copies=$topic
fresh latency 3
latency=$topic
fresh replicated 3
watched="$topic __consumer_offsets"
WAIT=120
seq 10 | kt produce "$topic" -q
start one kt consume "$topic" -g "failover-$$" --reset earliest
one=$pid
start two kt consume "$topic" -g "failover-$$" --reset earliest
two=$pid
ok "two members read" wait_for said two.err '^% assigned: replicated'
wait_for all_in_sync || note "$(cat described)"

# The input never ends by itself; what has been read is acknowledged sooner or later.
mkfifo feed
start producer sh -c 'exec kt produce "$1" --rate 500 --report <feed' - "$topic"
producer=$pid
seq 11 1000000 >feed 2>/dev/null &
feeder=$!
wait_for has producer.out 500

# Beside them a copy whose transactions lose their coordinators, and what measures.
start copy kt copy --exactly-once -m 2m "$topic" "$copies"
copy=$pid
copies_some() {
  run kt consume "$copies" -e -q -c 1
  [ -n "$out" ]
}
ok "a copy in transactions has begun" wait_for copies_some
start bench kt bench consume "$topic" --interval 0.5s
bench=$pid
start e2e kt bench e2e "$latency" --rate 100 -n 5000 --wait 2m -J
e2e=$pid
wait_for all_in_sync || note "$(cat described)"

# Each broker leads a partition and coordinates some groups; the first one to be killed is the active controller.
agreed() {
  first=$(controller 1)
  [ -n "$first" ] && [ "$(controller "$(other_than "$first")")" = "$first" ]
}
wait_for agreed
for node in $first $(other_than "$first") $(other_than "$(other_than "$first")"); do
  [ "$node" != "$first" ] || is "$(controller "$(other_than "$node")")" "$node" "broker $node is the controller"
  kill -9 "$(broker "$node")"
  ok "broker $node is killed: the others take over" wait_for leads_nothing "$node"
  ok "one of them is the controller" wait_for another_controls "$node"
  ok "and the producer goes on" acknowledged_more producer.out 1000
  ok "as does the group" acknowledged_more one.out 100
  cluster revive "$node"
  ok "it comes back" comes_back "$node"
done

# A broker that hangs: its connections stay open and answer nothing.
kill -STOP "$(broker 1)"
stopped=$(date +%s)
ok "broker 1 is stopped: the others take over" wait_for leads_nothing 1
while [ "$(date +%s)" -lt $((stopped + 10)) ]; do
  sleep 0.2
done
kill -CONT "$(broker 1)"
ok "goes on after ten seconds" wait_for all_in_sync
ok "the producer goes on" acknowledged_more producer.out 1000

kill -s TERM "$producer"
wait "$producer"
echo $? >producer.status
kill "$feeder" 2>/dev/null
delivered=$(wc -l <producer.out | tr -d ' ')
is "$(cat producer.status)" 143 "the producer ends with the signal's status"
is "$(jq -s 'map(select(.error)) | length' producer.out)" 0 "nothing failed"
is "$(sed -n 's/^% \([0-9,]*\) records delivered.*/\1/p' producer.err | tr -d ,)" "$delivered" "its count is what was acknowledged"
is_whole $((delivered + 10)) "three brokers killed and one hung"
all=$((delivered + 10))
different() {
  [ "$(sort -u one.out two.out | wc -l)" -ge "$all" ]
}
ok "the group has read every record" wait_for different
# Rows of what it read, one for each interval.
measured() {
  [ "$(awk '$1 ~ /^[0-9.]+$/ && NF == 4 { n += $2 } END { print n + 0 }' bench.out)" = "$all" ]
}
ok "bench consume has counted each record once" wait_for measured
stop "$bench" INT
wait "$e2e"
is "$(jq -c '[.sent, .acknowledged, .received, .lost, .duplicates, .out_of_order, .failed]' e2e.out)" "[5000,5000,5000,0,0,0,0]" \
  "bench e2e: nothing is lost, twice or out of order"
stop "$copy" INT
is "$status" 0 "the copy has outlived its coordinators"
run kt copy --exactly-once -m 2m "$topic" "$copies" -e
kt consume -q -e -f '%p %s\n' "$topic" | sort >original
kt consume -q -e -f '%p %s\n' "$copies" | sort >copied
same copied original "and each record is in it exactly once"
echo "# $(cat one.out two.out | sort | uniq -d | wc -l) of $all records came twice to the group"
stop "$one" INT
is "$status" 0 "the first member ends well"
stop "$two" INT
is "$status" 0 "and the second"
run kt consume "$topic" -q -g "failover-$$" --reset earliest -e
is "$status $out" "0 " "everything was committed"
done_testing
