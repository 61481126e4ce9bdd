. "${0%/*}/tls-lib.sh"
# Two members of a group on the cluster of a course: TLS, three brokers, a student with a topic and any group.
need jq
seq 160 | kt produce -q client58 --auth auth -b "$address" --key-seq
run kt group-demo client58 -g "demo-$$" --auth auth -b "$address" --members 2 --reset earliest -e --json
is "$status" 0 "two members read to the end"
is "$(jq -cs 'map(select(.event == "assigned")) | group_by(.member) | map(last.partitions | length)' <out)" "[8,8]" \
  "eight partitions each"
is "$(jq -r 'select(.event == "check") | "\(.holds) \(.overlaps) \(.repeats) \(.passed_over)"' <out)" "true 0 0 0" \
  "the check holds, nothing came twice"
run kt group-demo client59 -g "demo-$$" --auth auth -b "$address"
is "$status" 1 "another student's topic is refused"
like "$err" 'client59' "and named"
done_testing
