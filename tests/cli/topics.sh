. "${0%/*}/../lib.sh"
# kt topic without a broker: what is wrong is said before anything is asked.
KT_BROKERS=127.0.0.1:1
export KT_BROKERS

# wrong SENTENCE COMMAND…: status 2.
wrong() {
  sentence=$1
  shift
  run kt topic "$@"
  is "$status" 2 "$*: status 2"
  like "$err" "^kt topic $1: $sentence\$" "and why"
}
wrong "no topic is given" create
wrong "no topic is given" delete --yes
wrong "--partitions is 1 to 100000" create t -p 0
wrong "--replication-factor is 1 to 32767" create t --replication-factor 0
wrong "--config kt.conf is not NAME=VALUE" create t --config kt.conf
like "$err" "^hint: --config is about the topic here; a configuration file is -F FILE" "and where kt's own are"
wrong "what to change is missing" alter t
wrong "--config =1 is not NAME=VALUE" alter t --config =1
wrong "retention.ms is to be set and to be removed" alter t --config retention.ms=1 --delete-config retention.ms
wrong "--partitions is 1 to 100000" alter t -p -3
wrong "--partitions is 1 to 100000" alter t -p 0
wrong "--time: .*" offsets t --time someday

printf 'bootstrap.servers=127.0.0.1:2\n' >kt.conf
unset KT_BROKERS
run kt topic create t -F kt.conf -m 2s
is "$status" 5 "-F is a file in every command"
like "$err" '127\.0\.0\.1:2: connection refused' "that is read"
run kt help topic alter
like "$out" '^      --config K=V ' "help: --config is about the topic"
like "$out" '^  -F FILE .*' "and the file has another name"
unlike "$out" '--config FILE' "only"
run kt __complete topic alter --conf
is "$(printf '%s\n' "$out" | cut -f 1)" "--config" "completed once"

# A broker that does not answer the question about configs.
need python3
start mute python3 "$tests/cli/check_broker.py" mute
wait_for test -s mute.out
run kt topic describe t -b "127.0.0.1:$(cat mute.out)" -m 3s
is "$status" 3 "configs that nobody tells: status 3"
is "$out" "Topic: t	PartitionCount: 1	ReplicationFactor: 1	Configs: not available
	Topic: t	Partition: 0	Leader: 1	Replicas: 1	Isr: 1" "the rest is printed"
like "$err" "^kt topic describe: reading configs of topics: no answer in time from " "and why"
done_testing
