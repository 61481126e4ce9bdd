. "${0%/*}/three-lib.sh"
# kt topic and kt cluster on three brokers, one of which dies: what is marked, and configs that all brokers agree about.

kt topic create -q whole -p 3
kt topic create -q single -p 3 --replication-factor 1
# A broker may hear of a new topic a moment after the others.
is_listed() {
  [ "$(kt topic list -l | tr '\n\t' ' -')" = "single-3-1 whole-3-3 " ]
}
ok "three replicas, and one" wait_for is_listed
is_settled() {
  [ "$(kt topic describe whole -J | jq '[.partitions[].isr | length] == [3,3,3]')" = true ]
}
ok "all replicas are in sync" wait_for is_settled
run kt topic describe --under-replicated
is "$status:$out" "0:" "nothing is under-replicated"

# Each change reads from all brokers what the one before has written.
for i in 1 2 3 4 5; do
  kt topic alter -q whole --config "retention.ms=$i" --config "flush.ms=$i" || fail "change $i"
  kt topic alter -q whole --delete-config flush.ms --config "flush.messages=$i" || fail "second change $i"
done
is "$(kt topic describe whole -J | jq -c '.configs | to_entries | map(select(.value.source == "DYNAMIC_TOPIC_CONFIG"))
  | map([.key, .value.value])')" '[["flush.messages","5"],["retention.ms","5"]]' "changes one after the other are all there"

# Where the replicas are is for who creates them to say.
run kt topic create placed --replica-assignment 3:1,1:2 --config min.insync.replicas=2
is "$status:$(kt topic describe placed -J | jq -c '[.partitions[] | .replicas]')" "0:[[3,1],[1,2]]" "--replica-assignment"
run kt topic describe --at-min-isr
is "$status:$(printf '%s\n' "$out" | cut -f 2,3)" "0:Topic: placed	Partition: 0
Topic: placed	Partition: 1" "--at-min-isr"
run kt topic describe --under-min-isr
is "$status:$(printf '%s\n' "$out" | cut -f 2,3)" "0:Topic: single	Partition: 0
Topic: single	Partition: 1
Topic: single	Partition: 2" "--under-min-isr: one replica, where two are wanted"
run kt topic elect placed
if kt --version | grep -qE '^librdkafka 2\.[0-5]\.'; then
  is "$status:$(head -n 1 err)" "1:kt topic elect: electing leaders needs librdkafka 2.6 or newer; this one is $(kt --version |
    sed -n 's/^librdkafka //p')" "topic elect before librdkafka 2.6"
else
  is "$status:$err" "0:% left as it was: placed [0]
% left as it was: placed [1]" "topic elect: they lead that should"
fi
kt topic delete -q --yes placed

# The cluster: each broker by itself, and who leads the controllers.
run kt cluster -J
is "$status" 0 "kt cluster"
is "$(printf '%s\n' "$out" | jq -c '[(.cluster | length), [.brokers[] | [.broker, .rack]], ([.brokers[] | select(.controller)] | length)]')" \
  '[22,[[1,"r1"],[2,"r2"],[3,"r3"]],1]' "its id, the racks, one controller"
controller=$(printf '%s\n' "$out" | jq .controller)
for i in 1 2 3 4; do
  [ "$(kt brokers -J | jq .controller)" = "$controller" ] || fail "the controller is the same at each call"
done
is "$(printf '%s\n' "$out" | jq -c '[.features[] | select(.feature == "metadata.version") | .level >= .from]')" "[true]" \
  "features, with their levels"
run kt cluster --versions
like "$out" '^Fetch	1	[0-9]+	[0-9]+	all$' "versions of requests, which all brokers have in common"
run kt cluster config 2 -J
is "$(printf '%s\n' "$out" | jq -c '[.broker, .configs["broker.rack"].value, .configs["num.partitions"].source]')" \
  '[2,"r2","STATIC_BROKER_CONFIG"]' "kt cluster config"
run kt cluster config 9
is "$status" 4 "a broker that is not there: status 4"
run kt cluster config 1 --config log.cleaner.threads=2
if kt --version | grep -q '^librdkafka 2\.[01]\.'; then
  is "$status" 1 "changing one before librdkafka 2.2: status 1"
  like "$err" "^kt cluster config: changing configs of brokers needs librdkafka 2\.2 or newer" "said"
else
  is "$status:$err" "0:% changed broker 1" "one is changed"
  has_two() {
    [ "$(kt cluster config 1 -J | jq -r '.configs["log.cleaner.threads"] | .value + .source')" = 2DYNAMIC_BROKER_CONFIG ]
  }
  ok "and told" wait_for has_two
fi

seq 9 | kt produce -q single --key-seq
leader=$(kt topic describe single -J | jq '.partitions[1].leader')
kill -9 "$(cat "$work/cluster/three/$leader/pid")"
sees_it() {
  [ "$(kt topic describe --unavailable -J | jq -c '[.topic, .partitions[0].partition]')" = '["single",1]' ] &&
    [ "$(kt topic describe whole --under-replicated | wc -l)" = 3 ]
}
# Each of the brokers that are left: now the one is asked, now the other.
noticed() {
  sees_it && sees_it && sees_it && sees_it && sees_it
}
ok "a broker dies: a topic has a partition without a leader" wait_for noticed
run kt topic describe --unavailable
is "$out" "	Topic: single	Partition: 1	Leader: none	Replicas: $leader	Isr: 	UnderReplicated: true" "--unavailable"
run kt topic describe --under-replicated
is "$(printf '%s\n' "$out" | cut -f 2,3 | sort)" "Topic: single	Partition: 1
Topic: whole	Partition: 0
Topic: whole	Partition: 1
Topic: whole	Partition: 2" "--under-replicated"
run kt topic describe --at-min-isr whole
is "$status $(printf '%s\n' "$out" | wc -l)" "0 3" "--at-min-isr: just enough"
run kt topic describe single --under-min-isr
is "$status" 0 "--under-min-isr"
run kt topic trim single --before latest --yes
is "$status:$err" "1:kt topic trim: topic single: partition 1 has no leader" "nothing is trimmed where a partition has no leader"
run kt topic describe single whole
is "$status" 0 "describe"
is "$(printf '%s\n' "$out" | grep -c 'UnderReplicated: true$')" 4 "marks them among the others"
run script -qec "kt topic describe single whole" /dev/null
like "$out" '^ +1 +none +[123] +no leader' "and on a terminal in words"
like "$out" '^ +0 +[123] +[123],[123],[123] +[123],[123] +under-replicated' "both of them"

run kt cluster -b "$KT_BROKERS"
case $(printf '%s\n' "$out" | wc -l) in
3)
  # The others list it for as long as its session lasts.
  is "$status" 3 "kt cluster: a broker that does not answer: status 3"
  like "$out" "^$leader	.*does not answer\$" "it is marked"
  ;;
*) is "$status" 0 "kt cluster: a broker that is not listed any more is none" ;;
esac
run kt consume single -e --sort time -m 3s
is "$status:$err" "1:kt consume: single [1] has no leader: no broker that holds it is there
hint: \`kt topic describe --unavailable\` shows such partitions; -p reads others" "a partition without a leader cannot be read"
run kt consume single -e --sort time -p 0,2 -q
is "$status" 0 "the others can"
run kt topic offsets single
is "$status" 3 "offsets of which one has no leader to ask: status 3"
is "$(printf '%s\n' "$out" | sed -n 2p)" "single	1	-	-	-" "it is left open"
like "$out" "^single	total			[0-9]+\$" "the sum is that of the others"
is "$err" "kt topic offsets: topic single: 1 of 3 partitions has no leader" "said"
run kt topic offsets single whole -J -q
is "$status" 3 "one of two topics is whole: status 3"
is "$(printf '%s\n' "$out" | jq -c '[.topic, .partitions[1].error]')" '["single","no leader"]
["whole",null]' "as JSON"
kt group reset -q half -t "single:0" --to 0 --execute >/dev/null
run kt group describe half
is "$status" 3 "a group's lag where a partition has no leader: status 3"
is "$(printf '%s\n' "$out" | grep -c '	no leader$')" 1 "it is marked"
like "$err" "^kt group describe: group half: single \[1\]: no leader\$" "and said"
run kt topic alter whole --config retention.ms=7
is "$status" 0 "configs are changed by the brokers that are left"
run kt topic alter whole -p 4
is "$status" 0 "and partitions added"
done_testing
