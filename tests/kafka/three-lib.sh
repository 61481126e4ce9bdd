# shellcheck shell=sh
# What the scripts begin with that kill brokers: lib.sh, and three brokers of their own in KT_BROKERS; topics have three
# replicas, of which two must be in sync. The topics that matter to a script are in $watched.
. "${0%/*}/../lib.sh"
need jq
cluster() {
  KT_CLUSTER_DIR=$work/cluster "$tests/kafka/cluster" "$@" --three 9>&-
}
[ -z "${KT_TEST_MISSING:-}" ] || missing "$KT_TEST_MISSING"
# One after the other: three brokers that start cost more than all that runs beside them. (./dev test begins them so.)
exec 9>"${work%/*}/kt-three-brokers.lock"
flock 9
KT_BROKERS=$(cluster up 2>cluster.err) || missing "$(tail -n 1 cluster.err)"
export KT_BROKERS
tap_trap() {
  trap 'cluster down; tap_exit' EXIT
  trap 'exit 1' HUP INT TERM
}
tap_trap

said() {
  grep -Eq -e "$2" "$1"
}
# has FILE LINES: at least so many.
has() {
  [ "$(wc -l <"$1")" -ge "$2" ]
}
# The process of a broker.
broker() {
  cat "$work/cluster/three/$1/pid"
}
# The topics in the file described, a line each; false until all of them are there.
describe() {
  # shellcheck disable=SC2086
  kt topic describe $watched -J 2>/dev/null >described && has described "$(echo $watched | wc -w)"
}
leads_nothing() {
  describe && ! grep -q "\"leader\":$1," described
}
all_in_sync() {
  describe && ! jq -e '.partitions[] | select((.isr | length) < 3)' described >/dev/null
}
# comes_back NODE: with the broker's own words where it does not.
comes_back() {
  WAIT=120 wait_for all_in_sync || {
    note "$(cat described)"
    note "$(tail -n 20 "$work/cluster/three/$1/log")"
    false
  }
}
