. "${0%/*}/../lib.sh"
# kt topic on an embedded broker; tests/kafka/ has it on a real one, tests/both/topics.sh what is the same.

start_broker -q --brokers 2 --create zebra:1

run kt topic create alpha -p 3
is "$status" 0 "create"
is "$err" "% created topic alpha" "said"
is "$out" "" "nothing on stdout"
run kt topic create alpha
is "$status" 1 "what exists: status 1"
is "$err" "kt topic create: topic alpha exists already
hint: with --if-not-exists that is not an error" "and a hint"
run kt topic create alpha -p 9 --if-not-exists
is "$status" 0 "--if-not-exists"
is "$err" "% left as it was: topic alpha" "says so"
run kt topic create -t beta alpha gamma
is "$status" 3 "one of three exists: status 3"
is "$err" "% created topic beta
% topic alpha exists already; with --if-not-exists that is not an error
% created topic gamma
kt topic create: 1 of 3 topics was not created" "each is said"
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

run script -qec "kt topic list" /dev/null
like "$out" "^TOPIC +PARTITIONS +REPLICAS" "on a terminal: a table"
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
like "$out" "^Topic: alpha	PartitionCount: 3	ReplicationFactor: 2	Configs: not supported\$" "describe: a heading"
like "$out" '^	Topic: alpha	Partition: 2	Leader: [12]	Replicas: 1,2	Isr: 1,2$' "describe: a partition"
unlike "$out" 'Broker|beta' "describe: nothing else"
run kt topic describe zebra alpha -J
is "$(printf '%s\n' "$out" | jq -c '[.topic, .configs, .configs_error, (.partitions | map([.partition, .replicas, .isr]))]')" \
  '["zebra",null,"not supported",[[0,[1,2],[1,2]]]]
["alpha",null,"not supported",[[0,[1,2],[1,2]],[1,[1,2],[1,2]],[2,[1,2],[1,2]]]]' "describe -J"
run kt -L
like "$out" "^Broker: 2	Address: ${KT_BROKERS#*,}" "-L: brokers"
like "$out" '^Topic: configured	PartitionCount: 4	' "-L: topics"
run kt -L -t zebra
like "$out" '^Topic: zebra	PartitionCount: 1	' "-L -t: one topic"
unlike "$out" 'alpha' "-L -t: no other"
run kt -L -J
is "$(printf '%s\n' "$out" | jq -c '[(.brokers | length), (.brokers[0].name | split(":")[0])]')" '[2,"127.0.0.1"]' \
  "-L -J is kcat's JSON"

run kt topic describe alhpa
is "$status" 4 "an unknown topic: status 4"
like "$err" '^kt topic describe: topic alhpa does not exist on ' "named"
like "$err" '^hint: did you mean alpha\?' "with the nearest name"
run kt topic describe alhpa zebra 'q*'
is "$status" 3 "one of three is there: status 3"
is "$err" "% topic alhpa does not exist on $KT_BROKERS; did you mean alpha? \`kt topic list\` shows what is there
% no topic on $KT_BROKERS matches q*; \`kt topic list\` shows what is there
kt topic describe: 2 of 3 topics were not shown" "each is said"
like "$out" '^Topic: zebra	' "and the others are shown"
run kt topic list --all
unlike "$out" '^alhpa$' "asking did not create it"

# What librdkafka's mock cluster cannot do is said, and not tried.
run kt topic delete alpha --yes
is "$status" 1 "delete: status 1"
is "$err" "kt topic delete: the embedded broker at $KT_BROKERS cannot delete topics
hint: it is librdkafka's mock cluster, which only creates topics" "and why"
run kt topic alter alpha -p 9
is "$status" 1 "alter: status 1"
like "$err" 'cannot change topics$' "and why"
run kt topic create epsilon --config retention.ms=1
is "$status" 1 "create --config: status 1"
like "$err" 'keeps no configs of topics: --config retention.ms=1$' "and why"
run kt topic create epsilon --dry-run
is "$status" 1 "create --dry-run: status 1"
run kt topic offsets alpha --time -1h
is "$status" 1 "offsets --time: status 1"
like "$err" 'cannot find offsets by time$' "and why"
run kt topic list
unlike "$out" epsilon "nothing was created"

for cmd in list describe "offsets alpha"; do
  # shellcheck disable=SC2086
  kt topic $cmd >/dev/full 2>err
  is "$?" 1 "$cmd: a full disk is noticed"
done

# Nobody there.
for cmd in "create x" list "describe x" "delete x -y" "alter x -p 2" "offsets x"; do
  # shellcheck disable=SC2086
  run kt topic $cmd -b 127.0.0.1:1 -m 2s
  is "$status" 5 "$cmd without a broker: status 5"
  like "$err" '127.0.0.1:1: connection refused' "$cmd without a broker: says why"
done
done_testing
