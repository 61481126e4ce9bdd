. "${0%/*}/three-lib.sh"
# What one command has done the next one sees, on three brokers of which two are slow to hear of it: each of these stops
# now and then, as in a long pause of its garbage collector.
need jq

slow() {
  while :; do
    for node in 2 3; do
      kill -STOP "$(broker $node)"
      sleep 0.4
      kill -CONT "$(broker $node)"
      sleep 0.1
    done
  done
}
# Their pauses end with the script, whatever ends it.
tap_trap() {
  trap 'kill $slow 2>/dev/null; kill -CONT $(broker 2) $(broker 3) 2>/dev/null; cluster down; tap_exit' EXIT
  trap 'exit 1' HUP INT TERM
}
slow=
tap_trap
slow &
slow=$!

# try COMMAND…: counts those that failed. How long a broker takes to answer is not what this is about.
lost=0
try() {
  run timeout 120 "$@" -m 60s
  [ "$status" = 0 ] || {
    lost=$((lost + 1))
    note "status $status from: $*" && note "$err" 4
  }
}
for n in 1 2 3; do
  topic=race-$$-$n
  try kt topic create -q "$topic" -p 3
  try kt topic list -q "$topic"
  try kt consume -q -e "$topic"
  try kt topic alter -q "$topic" -p 5
  try kt topic describe "$topic" -J
  [ "$(printf '%s\n' "$out" | jq '.partitions | length')" = 5 ] || lost=$((lost + 1))
  try kt topic alter -q "$topic" --config retention.ms=86400000
  try kt topic describe "$topic" -J
  printf '%s\n' "$out" | jq -e '.configs["retention.ms"].value == "86400000"' >/dev/null || lost=$((lost + 1))
  try kt group reset -q "group-$$-$n" -t "$topic" --to earliest --execute
  try kt group describe -q "group-$$-$n"
  try kt group delete -q "group-$$-$n" --yes
  try kt topic delete "$topic" --if-exists --yes
  run kt topic list -q "$topic"
  [ "$status" = 4 ] || lost=$((lost + 1))
done
is "$lost" 0 "each command sees what the one before has done"
done_testing
