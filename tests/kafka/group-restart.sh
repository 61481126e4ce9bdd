. "${0%/*}/three-lib.sh"
# Three brokers, each of which is killed and comes back while three members read what a producer writes: the coordinator
# of the group, the controller and leaders are among them.

grown() {
  [ "$(wc -l <demo.out)" -ge "$1" ]
}
WAIT=120

fresh restart 6
watched="$topic __consumer_offsets"
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
  kill -9 "$(broker "$node")"
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
