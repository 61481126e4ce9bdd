# shellcheck disable=SC2086
. "${0%/*}/tls-lib.sh"
# kt topic as a student over TLS, who may use the topic of the certificate's name and not look at configs.
need jq
me="--auth auth -b $address"

run kt topic list $me
is "$out" "client58
experiment
inbox" "list: what the ACLs show"
run kt topic describe client58 $me
is "$status" 0 "describe"
is "$(printf '%s\n' "$out" | head -n 1)" "Topic: client58	PartitionCount: 16	ReplicationFactor: 3	Configs: not permitted" \
  "the configs are not for students"
is "$(printf '%s\n' "$out" | grep -c '^	Topic: client58	Partition: ')" 16 "all else is shown"
run kt topic describe client58 -J $me
is "$(printf '%s\n' "$out" | jq -c '[.configs, .configs_error, (.partitions | length)]')" '[null,"not permitted",16]' "as JSON"
run kt topic offsets client58 $me
is "$status" 0 "offsets"
like "$out" "^client58	15	[0-9]+	[0-9]+	[0-9]+\$" "of all partitions"
run kt topic offsets client58 client59 -J $me
is "$status" 3 "the topic of another client: status 3"
like "$err" "^% topic client59: this client is not allowed to use the topic" "said"
is "$(printf '%s\n' "$out" | jq -r .topic)" client58 "and one's own is shown"
run kt topic describe 'client*' $me
is "$status" 0 "a pattern means what is shown"

# refused WHAT SENTENCE HINT COMMAND…
refused() {
  what=$1 sentence=$2 hint=$3
  shift 3
  run kt topic "$@" $me
  is "$status" 1 "$what: status 1"
  is "$err" "kt topic $1: $sentence
hint: $hint" "and which right it takes"
}
no="this client is not allowed to do that"
refused create "creating topic mine: $no" \
  "it needs the right to Create on the cluster, or on topics of that name" create mine
refused delete "deleting topic client58: $no" "it needs the right to Delete on the topic" delete client58 --yes
refused "more partitions" "adding partitions to topic client58: $no" "it needs the right to Alter on the topic" \
  alter client58 -p 17
echo x | kt produce -q client58 $me
run kt topic trim client58 --before latest -y $me
is "$status" 1 "trim: status 1"
is "$err" "kt topic trim: topic client58: this client is not allowed to do that
hint: it needs the right to Delete on the topic" "and which right it takes"
run kt topic describe client58 --under-min-isr $me
is "$status:$err" "1:kt topic describe: the configs of 1 topic may not be read, which this filter needs" \
  "a filter that needs configs"
# Versions of librdkafka that write all configs have to read them first.
run kt topic alter client58 --config retention.ms=1 $me
is "$status" 1 "a config: status 1"
like "$err" "^kt topic alter: changing topic client58: ($no|its configs cannot be read \(not permitted\))" "and why"
like "$err" "^hint: it needs the right to (Alter|Describe)Configs on the topic" "and which right it takes"
run kt topic list -l client58 $me
is "$out" "client58	16	3" "all is as it was"
# The cluster as a client sees it that may not ask who leads the controllers.
run kt cluster -J $me
is "$status" 0 "kt cluster over TLS"
is "$(printf '%s\n' "$out" | jq -c '[(.brokers | length), (.brokers | map(.error) | unique), .controller, .controller_error]')" \
  '[3,[null],null,"it needs the right to Describe the cluster"]' "without that right the controller is not known"
run kt cluster -J -b "$plain"
is "$(printf '%s\n' "$out" | jq -c '[.controller] | inside([1,2,3])')" true "who may ask gets to know"
run kt cluster -b "$sasl" -X security.protocol=sasl_plaintext -X sasl.mechanisms=PLAIN $user $secret
is "$status $(printf '%s\n' "$out" | cut -f 4 | sort -u | wc -l)" "0 1" "with a password"
run kt cluster config 1 $me
is "$status" 1 "kt cluster config: status 1"
is "$err" "kt cluster config: the configs of broker 1: not permitted
hint: it needs the right to DescribeConfigs on the cluster" "and which right it takes"
done_testing
