. "${0%/*}/../lib.sh"
# What kt makes of random data of random schemas agrees with what another implementation reads. More by hand:
# KT=build/cmd/kt python3 tests/cli/avro-random.py SEED SCHEMAS

for python in python3 /usr/bin/python3; do
  "$python" -c 'import avro.datafile' 2>/dev/null && break
  python=''
done
[ -n "$python" ] || missing "Apache Avro for Python (python3-avro) is not installed"
export KT_CONFIG=/dev/null PYTHONDONTWRITEBYTECODE=1
for seed in 1 2 3; do
  run "$python" "$tests/cli/avro-random.py" "$seed" 400
  is "$status $(tail -n 1 out)" "0 1600 data, 0 wrong" "seed $seed"
  [ "$status" = 0 ] || note "$out $err"
done
done_testing
