# shellcheck shell=sh
# Every script of this folder runs twice: against an embedded broker of its own, and, with KT_TEST_ON=kafka, against
# Apache Kafka (KT_TEST_BROKERS, or the one that `./dev kafka up` started). KT_BROKERS holds the address either way.
. "${0%/*}/../lib.sh"

on_kafka() {
  [ "${KT_TEST_ON:-}" = kafka ]
}

if on_kafka; then
  if [ -z "${KT_TEST_BROKERS:-}" ]; then
    KT_TEST_BROKERS=$("$tests/kafka/cluster" address) || missing "${KT_TEST_MISSING:-no Apache Kafka is running: ./dev kafka up}"
  fi
  KT_BROKERS=$KT_TEST_BROKERS
  export KT_BROKERS
else
  start_broker
fi

# fresh NAME [PARTITIONS]: a new topic of this run, with one partition unless told; its name is in $topic.
fresh() {
  topic=$1-$$
  kt topic create -q "$topic" --partitions "${2:-1}" || fail "creates topic $topic"
}

# Says what the embedded broker is to do; see kt help broker.
tell() {
  kt broker --tell "$1" || fail "the broker does: $1"
}

# The values of a topic as they are, a newline behind each.
values() {
  kt consume -q -e "$@"
}

# How many records the topic has by now.
count() {
  kt consume -q -e -D x -f x "$@" | wc -c | tr -d ' '
}

# holds TOPIC N: it has at least N records. For wait_for.
holds() {
  [ "$(count "$1")" -ge "$2" ]
}

# said FILE REGEX: for wait_for.
said() {
  grep -Eq -e "$2" "$1"
}

# peak COMMAND…: runs it with the same descriptors and leaves its largest resident set in MiB in the file peak.
peak() {
  /usr/bin/env python3 -c '
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
with open("peak", "w") as out:
    out.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
sys.exit(status)' "$@"
}
