. "${0%/*}/lib.sh"
# 300 members of a group that join, leave and die at random for a minute, while records come: no
# partition has two owners at once, nothing is passed over, and what comes twice has its reason.
need jq

all=300 first=60
check() {
  jq -r "select(.event == \"check\") | .$1" <out
}

# The same seed gives the same timetable: it is printed, for when something goes wrong.
seed=${KT_CHURN_SEED:-$$}
echo "# KT_CHURN_SEED=$seed"

# churn SECONDS: all members come and go in that time.
churn() {
  seconds=$1
  timetable=$(awk -v first="$first" -v all="$all" -v seconds="$seconds" -v seed="$seed" 'BEGIN {
    srand(seed)
    for (i = 1; i <= all; i++) {
      at = i <= first ? 1 : 1 + rand() * (seconds - 8)
      if (i > first)
        joins[i] = at
      if (rand() < 0.6)
        printf "--%s m%d@%.2f ", rand() < 0.04 ? "kill" : "leave", i, at + 3 + rand() * (seconds - at)
    }
    for (i in joins)
      printf "--join %.2f ", joins[i]
  }')
  fresh "churn$seconds" 48
  group=$topic
  rm -f feed
  mkfifo feed
  start feeder sh -c 'exec kt produce "$1" -q --key-seq --rate 500 <feed' - "$topic"
  feeder=$pid
  seq 10000000 >feed 2>/dev/null &
  numbers=$!
  # shellcheck disable=SC2086
  run kt group-demo "$topic" -g "$group" --members "$first" $timetable --run-for "$seconds" --reset earliest --json \
    -X session.timeout.ms=6000 -X heartbeat.interval.ms=500 -X fetch.wait.max.ms=100
  kill "$numbers" 2>/dev/null
  wait "$feeder"
}

churn 60
# Where the machine is so busy that the group never comes to rest, they come and go more slowly.
[ "$(check records)" -gt 1000 ] || churn 240
is "$status" 0 "the check holds"
is "$(check overlaps) $(check passed_over) $(check unexplained) $(check disordered) $(check moved_keys)" "0 0 0 0 0" \
  "one owner at any time, nothing passed over, nothing twice without a reason, keys in order"
ok "records were read" [ "$(check records)" -gt 1000 ]
note "$(check 'findings[]')"
echo "# $(jq -s 'map(select(.event == "settled")) | length' <out) rebalances were seen through," \
  "$(jq -s 'map(select(.event == "joining")) | length' <out) members joined," \
  "$(jq -s 'map(select(.event == "killed")) | length' <out) were killed"
jq -r 'select(.event == "record") | .payload' <out >values

# Whatever the members did not come to is there for the next one: together they have read everything.
run kt consume "$topic" -q -g "$group" --reset earliest -e
cat out >>values
values "$topic" | sort -u >all
sort -u values | comm -13 - all >missing
is "$(head -n 5 missing)" "" "what was not read is read by the next member"
done_testing
