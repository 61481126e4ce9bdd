. "${0%/*}/../lib.sh"
# Completion that asks the cluster, the configuration and librdkafka.

start_broker --create client58:2 --create client59:1 --create __hidden:1
brokers=$KT_BROKERS
unset KT_BROKERS

run kt __complete consume -b "$brokers" cl
is "$status $out" "0 client58
client59" "topics of the cluster that is named on the line"
run kt __complete consume --bootstrap-server="$brokers" client58 client5
is "$out" "client58
client59" "a second topic"
run kt __complete consume -b "$brokers" ""
unlike "$out" "hidden" "internal topics do not come unasked"
run kt __complete consume -b "$brokers" __
is "$out" "__hidden" "but asked"
KT_BROKERS=$brokers kt __complete produce client5 >out
is "$(cat out)" "client58
client59" "the environment counts"

mkdir -p home/.config/kt
printf '[profile lab]\nbootstrap.servers=%s\n[profile last]\n' "$brokers" >home/.config/kt/config
run kt __complete consume --profile la
is "$out" "lab
last" "profiles"
run kt __complete consume --profile lab client58
is "$out" "client58" "topics of a profile's cluster"
rm home/.config/kt/config

before=$(date +%s%N)
run kt __complete consume -b 127.0.0.1:1 cl
is "$status $out$err" "0 " "nobody there: silence"
ok "within a second" test "$((($(date +%s%N) - before) / 1000000))" -lt 1300

run kt __complete produce -X linger.
like "$out" "^linger\.ms=	Delay" "properties and what they are"
run kt __complete produce -X compression.type=l
is "$out" "compression.type=lz4" "their values"
run kt __complete topic create --config retention.m
is "$out" "retention.ms=	age from which on segments are deleted" "configs of topics and what they are"
run kt __complete topic alter --config cleanup.policy=
is "$out" "cleanup.policy=compact
cleanup.policy=compact,delete
cleanup.policy=delete" "their values"
run kt __complete topic alter --delete-config flush.
is "$out" "flush.messages	records between two flushes to disk
flush.ms	time between two flushes to disk" "their names alone"
run kt __complete topic delete -b "$brokers" cl
is "$out" "client58
client59" "topics to delete"
run kt __complete produce --on-error s
is "$out" "stop" "choices of an option"
done_testing
