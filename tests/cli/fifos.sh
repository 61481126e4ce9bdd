. "${0%/*}/../lib.sh"
# Every place that opens a file somebody named ends at a signal, also where the file is a FIFO that nobody writes to.

mkfifo ff && mkdir auth && echo '"string"' >schema.avsc
ends_at() {
  kill -s "$1" "$pid" 2>/dev/null
  ! is_ours "$pid" || [ "$(awk '{ print $3 }' "/proc/$pid/stat")" = Z ]
}
n=0
while read -r words; do
  n=$((n + 1))
  case $((n % 2)) in 0) signal=INT ;; *) signal=TERM ;; esac
  # shellcheck disable=SC2086
  start opener kt $words
  WAIT=20 ok "$signal ends kt $words" wait_for ends_at $signal
  is_ours "$pid" && kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
done <<EOF
topic list -F ff
config show -F ff
config init -b 127.0.0.1:1 -X sasl.password=file:ff
topic list -b 127.0.0.1:1 -X security.protocol=sasl_plaintext -X sasl.mechanisms=PLAIN -X sasl.username=u -X sasl.password=file:$PWD/ff
topic list -b 127.0.0.1:1 -X security.protocol=ssl -X ssl.ca.location=$PWD/ff
topic list -b 127.0.0.1:1 -X security.protocol=ssl -X ssl.certificate.location=ff -X ssl.key.location=ff
topic list -b 127.0.0.1:1 -X security.protocol=ssl -X ssl.truststore.location=ff
check -b 127.0.0.1:1 -X security.protocol=ssl -X ssl.keystore.location=ff -X ssl.keystore.password=x
check -b 127.0.0.1:1 -X security.protocol=ssl -X ssl.ca.location=ff
avro-decode --schema ff in
avro-decode --reader-schema ff in
avro-decode ff
produce t -b 127.0.0.1:1 -s avro --schema ff
produce t -b 127.0.0.1:1 -m 60s ff
produce t -b 127.0.0.1:1 -m 60s -l ff
loadgen ff --plan
loadgen -b 127.0.0.1:1 --log-file ff
loadgen -b 127.0.0.1:1 --schema ff --count 1
verify ff t -b 127.0.0.1:1 -m 60s
EOF

run kt topic list -b 127.0.0.1:1 -m 1 -X security.protocol=ssl -X ssl.crl.location=ff
like "$status $err" "^2 kt topic list: -X: ssl.crl.location: cannot read ff: " "where the library would open it, it is refused"

# What a pipe gives once is read once, and reaches the library as text.
if command -v openssl >/dev/null; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key -out cert -subj /CN=a 2>/dev/null
  cat cert >ff &
  run kt check -b 127.0.0.1:1 -m 1 -X security.protocol=ssl -X ssl.ca.location=ff
  like "$out" "^ok +library" "a CA from a pipe"
fi
done_testing
