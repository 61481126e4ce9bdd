# shellcheck shell=sh
# What the scripts of this folder begin with: a broker, which is Apache Kafka with KT_ON=kafka, and a few words more.
. "${0%/*}/../lib.sh"
use_broker

on_kafka() {
  [ "${KT_ON:-}" = kafka ]
}

# Says what the embedded broker is to do; see kt help broker.
tell() {
  kt broker --tell "$1" || fail "the broker does: $1"
}

# The values of a topic as they are, a newline after each.
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
  python3 -c '
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
with open("peak", "w") as out:
    out.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024))
sys.exit(status)' "$@"
}
