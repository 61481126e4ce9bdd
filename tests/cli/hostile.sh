# Brokers that want to harm whoever asks them: what they say does nothing on a terminal and forges no row, what they
# leave out is said, and where it is librdkafka that they crash the run ends with a sentence that names them.
. "${0%/*}/../lib.sh"
need python3

serve() {
  start "$1" python3 "$tests/cli/hostile_broker.py" "$1"
  wait_for test -s "$1.out"
  server=$pid
  KT_BROKERS=127.0.0.1:$(cat "$1.out")
  export KT_BROKERS
}

# No byte of stdout or stderr that a terminal acts on, and no line that a name has made.
harmless() {
  name=$1
  shift
  run timeout 60 "$@"
  LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]' out err >found
  grep -aE '^forged' out err >>found
  if [ -s found ] || [ "$status" -ge 99 ]; then
    fail "$name" "status $status" "$(cat -v found)" "$err"
  else
    pass "$name"
  fi
}

serve names
group=$(printf 'group\033]0;PWN\007\302\23331mPWN\nforged\trow\342\200\256')
for command in 'topic list' 'topic list -l' 'topic list -J' -L 'topic describe -J' 'topic describe good' \
  'topic describe --under-replicated' 'topic describe goof' 'topic offsets good' 'topic offsets -J good' \
  'topic create newt -p 1' 'topic delete good --yes' 'topic alter good --config retention.ms=1' 'group list' \
  'group list -J' 'check good' 'check -J good' 'consume good -e --run-for 2s' 'produce nope' 'config init -F made -y' \
  '__complete consume'; do
  # shellcheck disable=SC2086
  harmless "kt $command" kt $command -m 3s
done
# The library turns no names: it asks for the groups one by one.
for command in describe 'describe --offsets' 'describe --members' 'describe --state' 'describe -J' 'list -l'; do
  # shellcheck disable=SC2086
  harmless "kt group $command" kt group $command "$group" -m 3s
done
harmless "kt group reset" kt group reset "$group" --to earliest -m 3s
harmless "kt group delete" kt group delete "$group" --yes -m 3s
run kt topic list -a -m 3s
is "$(printf '%s\n' "$out" | wc -l)" 4 "four topics are four lines"
like "$out" '^topic\\x1b]0;PWN\\x07\\xc2\\x9b31mPWN\\nforged\\trow\\xe2\\x80\\xae$' "a name that cannot be shown is escaped"
run kt topic list -J -m 3s
like "$out" '"topic\\u001b]0;PWN\\u0007\\u009b31mPWN\\nforged\\trow\\u202e"' "in JSON it is the same name, escaped"
stop "$server"

serve holes
for command in -L 'topic describe good late' 'topic offsets good' 'topic create newt -p 1' \
  'topic delete good late --yes' 'topic alter good --partitions 4' 'topic alter good --config retention.ms=1' \
  'group describe group' 'group list -l' 'group reset group --topic good --to earliest --execute' \
  'group delete group --yes' 'check good' 'consume good -e --run-for 3s' 'consume other -e --run-for 3s'; do
  # shellcheck disable=SC2086
  run timeout 60 kt $command -m 3s
  if [ "$status" -ge 1 ] && [ "$status" -lt 99 ] && [ -n "$err$out" ]; then
    pass "an answer that leaves it out: kt $command"
  else
    fail "an answer that leaves it out: kt $command" "status $status" "$err"
  fi
done
run kt topic describe good late -m 3s
like "$out" '^Topic: late.*Configs: conf=value' "what the answer does speak of is shown"
like "$out" '^Topic: good.*Configs: not available' "and what it leaves out is not"
run kt topic delete good --yes -m 3s
is "$err" "kt topic delete: deleting topic good: the answer does not mention it" "a topic that the answer leaves out"
stop "$server"

serve other
run kt group describe group -m 3s
is "$status" 1 "the library aborts over an answer about another group: a status of kt's"
like "$err" "^kt: the Kafka library \(librdkafka [0-9.]+\) crashed while it talked to $KT_BROKERS: " "and it says where"
stop "$server"

scram="-X security.protocol=sasl_plaintext -X sasl.mechanisms=SCRAM-SHA-512 -X sasl.username=u -X sasl.password=p"
serve nonce
# shellcheck disable=SC2086
run kt topic list $scram -m 3s
if grep -q __asan_init "$KT"; then
  skip "the library's stack overflows over a nonce of 8 MiB" "a sanitizer reports the crash itself"
else
  is "$status" 1 "the library's stack overflows over a nonce of 8 MiB: a status of kt's"
  like "$err" "$KT_BROKERS" "and it says where"
fi
stop "$server"

# All but what matters is answered.
serve deaf
for end in -e "-c 3"; do
  # shellcheck disable=SC2086
  run timeout 60 kt consume good -p 0 $end -X socket.timeout.ms=1500
  is "$status" 5 "consume $end with Fetch unanswered ends"
  like "$err" "^kt consume: broker $KT_BROKERS has not answered Fetch for 1\.5 s: good \[0\] is read up to offset 0 of 7$" \
    "by a sentence that names what, who and where"
done
for load in --size=10 --no-metrics; do
  # shellcheck disable=SC2086
  run timeout 60 kt loadgen -t good $load --run-for 2s
  is "$status" 3 "loadgen $load with Produce unanswered ends soon after its time"
  like "$err" "waiting for $KT_BROKERS to acknowledge" "and says what it waits for"
done
stop "$server"

# The broker may have written what it could not say.
serve cut
for idempotent in true false; do
  run sh -c 'echo record | kt produce good -p 0 --report - "$@"' - -X message.timeout.ms=2000 \
    -X enable.idempotence=$idempotent
  is "$status $(printf '%s' "$out" | grep -o '"maybe_written":[a-z]*')" '3 "maybe_written":true' \
    "an answer to Produce that is cut off, idempotent $idempotent"
done
stop "$server"

# It takes longer than the patience of a client that ends: its threads are inside of OpenSSL then, which exit() takes
# down.
serve slow
brokers=$KT_BROKERS,localhost:${KT_BROKERS#*:}
for try in 1 2 3; do
  # shellcheck disable=SC2086
  run kt topic list $scram -b "$brokers" -m 1s
  is "$status" 5 "ends in time with a broker that makes it compute, $try"
done
done_testing
