. "${0%/*}/../lib.sh"
# kt and fastavro make the same of random data of random schemas: all codecs and framings, in both directions. fastavro's
# answers were recorded; SEED=7 asks the fastavro that python3 has, about 2000 other schemas.
need python3

kt --version | grep -q '+codecs' || skip_all "this kt was built without codecs"
export KT_CONFIG=/dev/null PYTHONDONTWRITEBYTECODE=1
start_broker -q --create bare:1 --create ocf:1
if [ -n "${SEED:-}" ]; then
  run python3 "$tests/embedded/avro-fastavro.py" live "$SEED" 2000
else
  run python3 "$tests/embedded/avro-fastavro.py" check "$tests/embedded/avro-fastavro.xz"
fi
is "$status $(tail -n 1 out)" "0 3000 data, 0 wrong" "values, schemas and bytes"
note "$out $err"
done_testing
