. "${0%/*}/../lib.sh"
# Completion that asks the cluster, the configuration and librdkafka.

start_broker --create client58:2 --create client59:1 --create __hidden:1
brokers=$KT_BROKERS
unset KT_BROKERS

# offered ARGUMENT…: run, until there is an answer: the cluster has half a second for it, for a shell waits, and on a busy
# machine not every try is in time.
answers() {
  run kt __complete "$@"
  test -n "$out"
}
offered() {
  wait_for answers "$@" || fail "offers something: $*"
}

offered consume -b "$brokers" cl
is "$status $out" "0 client58
client59" "topics of the cluster that is named on the line"
offered consume --bootstrap-server="$brokers" client58 client5
is "$out" "client58
client59" "a second topic"
offered consume -b "$brokers" ""
unlike "$out" "hidden" "internal topics do not come unasked"
offered consume -b "$brokers" __
is "$out" "__hidden" "but asked"
export KT_BROKERS="$brokers"
offered produce client5
unset KT_BROKERS
is "$out" "client58
client59" "the environment counts"

mkdir -p home/.config/kt
printf '[profile lab]\nbootstrap.servers=%s\n[profile last]\n' "$brokers" >home/.config/kt/config
run kt __complete consume --profile la
is "$out" "lab
last" "profiles"
offered consume --profile lab client58
is "$out" "client58" "topics of a profile's cluster"
rm home/.config/kt/config

ok "nobody there: it gives up within a second" within 1300 run kt __complete consume -b 127.0.0.1:1 cl
is "$status $out$err" "0 " "in silence"

run kt __complete produce -X linger.
like "$out" "^linger\.ms=	Delay" "properties and what they are"
run kt __complete produce -X compression.type=l
is "$out" "compression.type=lz4" "their values"
run kt __complete topic create --config retention.m
is "$out" "retention.ms=	age after which segments are deleted" "configs of topics and what they are"
run kt __complete topic alter --config cleanup.policy=
is "$out" "cleanup.policy=compact
cleanup.policy=compact,delete
cleanup.policy=delete" "their values"
run kt __complete topic alter --delete-config flush.
is "$out" "flush.messages	records between two flushes to disk
flush.ms	time between two flushes to disk" "their names alone"
offered topic delete -b "$brokers" cl
is "$out" "client58
client59" "topics to delete"
run kt __complete produce --on-error s
is "$out" "stop" "choices of an option"
done_testing
