. "${0%/*}/lib.sh"
# Each answer that kt's commands rely on, spoiled in each way by a proxy in front of the broker: every run ends in time,
# without much memory, with a sentence, and not by a crash of kt's own. More of them, with another seed: ./dev attack broker,
# which gives --minutes and --seed.
need python3

long=$#
set -- python3 "$tests/kafka/mutations.py" "$KT" "$KT_BROKERS" "$@"
apis=25
if "$tests/kafka/cluster" address --tls >/dev/null 2>&1; then
  tls=$(realpath "${KT_CLUSTER_DIR:-$tests/../build-kafka}/tls")
  password=$(sed -n 's/^ssl.keystore.password=//p' "$tls/auth/client-ssl.properties")
  set -- "$@" --sasl "$(cat "$tls/sasl-address")" -- -X security.protocol=sasl_plaintext \
    -X sasl.mechanisms=SCRAM-SHA-512 -X sasl.username=client58 -X sasl.password="$password"
  apis=27
fi
if [ "$long" -gt 0 ]; then
  "$@" | tee out
  out=$(cat out) runs='[0-9]+'
else
  run "$@"
  note "$out" 60
  note "$err"
  runs=$((apis * 16))
fi
like "$out" "^runs $runs bad 0 " "all end as they should"
like "$out" " apis $apis of $apis " "and answers of every API were spoiled"
done_testing
