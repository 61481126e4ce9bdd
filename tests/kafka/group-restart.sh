. "${0%/*}/../lib.sh"
# Three brokers, each of which is killed and comes back while three members read what a producer writes: the coordinator
# of the group, the controller and leaders are among them.
cluster() {
  KT_CLUSTER_DIR=$work/cluster "$tests/kafka/cluster" "$@" --three
}
need jq
[ -z "${KT_TEST_MISSING:-}" ] || missing "$KT_TEST_MISSING"
KT_BROKERS=$(cluster up 2>cluster.err) || missing "$(tail -n 1 cluster.err)"
export KT_BROKERS
tap_trap() {
  trap 'cluster down; tap_exit' EXIT
  trap 'exit 1' HUP INT TERM
}
tap_trap
grown() {
  [ "$(wc -l <demo.out)" -ge "$1" ]
}
all_in_sync() {
  kt topic describe "$topic" __consumer_offsets -J 2>/dev/null >described && [ -s described ] &&
    ! jq -e '.partitions[] | select((.isr | length) < 3)' described >/dev/null
}
WAIT=60

fresh restart 6
mkfifo feed
start feeder sh -c 'exec kt produce "$1" -q --key-seq --rate 200 <feed' - "$topic"
feeder=$pid
seq 10000000 >feed 2>/dev/null &
numbers=$!
start demo kt group-demo "$topic" -g "restart-$$" --members 3 --reset earliest --json
demo=$pid
ok "three members read" wait_for grown 200
wait_for all_in_sync
for node in 1 2 3; do
  kill -9 "$(cat "$work/cluster/three/$node/pid")"
  before=$(wc -l <demo.out)
  ok "broker $node is killed: the members go on" wait_for grown $((before + 1000))
  cluster revive "$node" >/dev/null
  ok "it comes back" wait_for all_in_sync
done
kill "$numbers" 2>/dev/null
wait "$feeder"
stop "$demo" INT
cp demo.out out
note "$(jq -r 'select(.event == "check") | .findings[]' <out)"
is "$status" 0 "the check holds"
is "$(jq -r 'select(.event == "check") | "\(.overlaps) \(.passed_over) \(.unexplained)"' <out)" "0 0 0" \
  "no partition had two owners, nothing was passed over"
jq -r 'select(.event == "record") | .payload' <out >values
kt consume "$topic" -q -g "restart-$$" --reset earliest -e >>values
kt consume "$topic" -q -e | sort -u >all
sort -u values | comm -13 - all >lost
is "$(head -n 5 lost)" "" "the members, and the one after them, have read everything"
done_testing
