. "${0%/*}/../lib.sh"
# kt topic on an embedded broker; tests/kafka/ has it on a real one.

start_broker -q --brokers 2 --create zebra:1

run kt topic create alpha -p 3
is "$status" 0 "create"
is "$err" "% created topic alpha" "said"
is "$out" "" "nothing on stdout"
run kt topic create alpha
is "$status" 1 "what exists: status 1"
is "$err" "kt topic create: topic alpha exists already
hint: --if-not-exists makes that no error" "and a hint"
run kt topic create alpha -p 9 --if-not-exists
is "$status" 0 "--if-not-exists"
is "$err" "% left as it was: topic alpha" "says so"
run kt topic create -t beta alpha gamma
is "$status" 3 "one of three exists: status 3"
is "$err" "% created topic beta
% topic alpha exists already
% created topic gamma
kt topic create: 1 of 3 topics were not created" "each is said"
run env KT_TOPIC=configured kt topic create
is "$err" "% created topic configured" "the configured topic"
run kt topic create
is "$status" 2 "no topic: status 2"
run kt topic create a/b
is "$status" 2 "no legal name: status 2"
for wrong in 0 -2 100001; do
  run kt topic create x -p "$wrong"
  is "$status" 2 "-p $wrong: status 2"
done
run kt topic create delta --replication-factor 2 -q
is "$status" 0 "--replication-factor is ignored"
kt topic create -q __internal

run kt topic list
is "$out" "alpha
beta
configured
delta
gamma
zebra" "list: sorted, without internal ones"
is "$err" "" "list: nothing else"
run kt topics list --all
is "$(printf '%s\n' "$out" | head -n 1)" __internal "list --all, and topics for topic"
run kt topic list -J
is "$(printf '%s\n' "$out" | head -n 2)" '{"topic":"alpha","partitions":3,"replicas":2}
{"topic":"beta","partitions":4,"replicas":2}' "list -J"

run kt topic describe alpha
like "$out" '^topic alpha: 3 partitions$' "describe: a heading"
like "$out" '^ +2 +[12]  1,2 +1,2 *$' "describe: partition, leader, replicas, in sync"
unlike "$out" 'BROKER|beta' "describe: nothing else"
run kt topic describe zebra alpha -J
is "$(printf '%s\n' "$out" | sed 's/"leader":[12]/"leader":N/')" \
  '{"topic":"zebra","partition":0,"leader":N,"replicas":[1,2],"isr":[1,2]}
{"topic":"alpha","partition":0,"leader":N,"replicas":[1,2],"isr":[1,2]}
{"topic":"alpha","partition":1,"leader":N,"replicas":[1,2],"isr":[1,2]}
{"topic":"alpha","partition":2,"leader":N,"replicas":[1,2],"isr":[1,2]}' "describe -J"
run kt -L
like "$out" "^ +2 +${KT_BROKERS#*,}" "-L: brokers"
like "$out" '^topic configured: 4 partitions$' "-L: topics"
run kt -L -t zebra
like "$out" '^topic zebra: 1 partition$' "-L -t: one topic"
unlike "$out" 'alpha' "-L -t: no other"
run kt -L -J
is "$(printf '%s\n' "$out" | jq -s '[map(select(.broker)) | length, (map(.host) | first)] == [2, "127.0.0.1"]')" true \
  "-L -J is JSON"

run kt topic describe alhpa zebra
is "$status" 4 "an unknown topic: status 4"
like "$err" '^kt topic describe: topic alhpa does not exist on ' "named"
like "$err" '^hint: did you mean alpha\?' "with the nearest name"
like "$out" '^topic zebra: 1 partition$' "and the others are shown"
run kt topic list --all
unlike "$out" '^alhpa$' "asking did not create it"

kt topic list >/dev/full 2>err
is "$?" 1 "a full disk is noticed"

# Nobody there.
for cmd in "create x" list "describe x"; do
  # shellcheck disable=SC2086
  run kt topic $cmd -b 127.0.0.1:1 -m 300ms
  is "$status" 5 "$cmd without a broker: status 5"
  like "$err" '127.0.0.1:1: connection refused' "$cmd without a broker: says why"
done
done_testing
