# shellcheck disable=SC2086
. "${0%/*}/../lib.sh"
# SCRAM, plain and over TLS. Kafka 4 refuses what librdkafka before 2.6.1 sends, which 3.9 understands: three brokers of
# its own then.
library=$(kt -V | sed -n 's/^librdkafka //p')
case ${KT_KAFKA_VERSION:-4} in
4*)
  if [ "$(printf '%s\n' "$library" 2.6.1 | sort -V | head -n 1)" != 2.6.1 ]; then
    export KT_KAFKA_VERSION=3.9.1 KT_CLUSTER_DIR="$work/cluster"
    "$tests/kafka/cluster" up --tls >cluster.out 2>cluster.err || missing "$(tail -n 1 cluster.err)"
    tap_trap() {
      trap '"$tests/kafka/cluster" down --tls; tap_exit' EXIT
      trap 'exit 1' HUP INT TERM
    }
    tap_trap
  fi
  ;;
esac
. "${0%/*}/tls-lib.sh"

# The users are records of the cluster's log, which each broker has to have read.
known() {
  kt topic list -q $over_plain $user $secret -X sasl.mechanisms=SCRAM-SHA-256 -m 5 >/dev/null 2>&1
}
# Once, a cluster that stood still while it began had not read them a minute later: then they are told again.
known_by_now() {
  known && return
  for mechanism in SCRAM-SHA-256 SCRAM-SHA-512; do
    "$tests/kafka/cluster" java kafka.admin.ConfigCommand --bootstrap-server "$plain" --alter --entity-type users \
      --entity-name client58 --add-config "$mechanism=[password=$password]"
  done
}
WAIT=20 wait_for known || wait_for known_by_now || sed -n '/[Ss][Cc][Rr][Aa][Mm]/s/^/# /p' "$tls"/[1-3]/log | tail -n 20
for over in "$over_plain" "$over_tls"; do
  works SCRAM-SHA-256 "$over"
  works SCRAM-SHA-512 "$over"
done
run kt produce client58 $over_tls $user -X sasl.password=wrong -X sasl.mechanisms=SCRAM-SHA-512 </dev/null
is "$status" 1 "a wrong password"
like "$err" "it does not accept the user name or the password" "is told in the same words"
done_testing
