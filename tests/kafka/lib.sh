# shellcheck shell=sh
# What the scripts of this suite begin with: lib.sh, an Apache Kafka in KT_BROKERS, and the other clients. Which Kafka:
# KT_TEST_BROKERS, or the one that `./dev kafka up` started.
[ -n "${work:-}" ] || . "${0%/*}/../lib.sh"

if [ -z "${KT_TEST_BROKERS:-}" ]; then
  KT_TEST_BROKERS=$("$tests/kafka/cluster" address) || missing "${KT_TEST_MISSING:-no Apache Kafka is running: ./dev kafka up}"
fi
unused_id "${KT_CLUSTER_DIR:-$tests/../build-kafka}/plain"
KT_BROKERS=$KT_TEST_BROKERS
export KT_BROKERS

# The first Python that has the module; one of the user's own is often first on PATH and does not.
for python in python3 /usr/bin/python3 ''; do
  [ -z "$python" ] || ! "$python" -c 'import confluent_kafka' 2>/dev/null || break
done

need_python() {
  [ -n "$python" ] || missing "the Python module confluent_kafka is not installed"
}

# The Python client: produce TOPIC <records, consume TOPIC, from-kt <JSON lines (see client.py).
client() {
  "$python" "$tests/kafka/client.py" "$@"
}

# One of Apache's console tools, by its class. Before 4.0 the console producer lived elsewhere.
java_tool() {
  case ${KT_KAFKA_VERSION:-},$1 in
  3.*,ConsoleProducer) tap_class=kafka.tools.$1 ;;
  *) tap_class=org.apache.kafka.tools.$1 ;;
  esac
  shift
  "$tests/kafka/cluster" java "$tap_class" --bootstrap-server "$KT_BROKERS" "$@"
}
