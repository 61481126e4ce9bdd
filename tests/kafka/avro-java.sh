. "${0%/*}/../lib.sh"
# kt and Apache Avro for Java make the same of random data of random schemas: with every codec, in both directions, and
# read with other schemas. More by hand: see avro-java.py. (1.12 has a class for lists of double that holds floats.)
need java python3

version=${KT_AVRO_VERSION:-1.11.4}
jars=$("$tests/jars" "avro-$version" "$tests/kafka/avro-pom.xml" "-Davro=$version" 2>said) || missing "$(cat said)"
kt --version | grep -q '+codecs' || skip_all "this kt was built without codecs"
jvm="java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto"
$jvm -cp "$jars/*" org.eclipse.jdt.internal.compiler.batch.Main -17 -proc:none -d classes \
  -classpath "$(printf '%s:' "$jars"/*.jar)" "$tests/kafka/AvroOracle.java" >said 2>&1 ||
  fail "the Java side compiles" "$(cat said)"
export KT_CONFIG=/dev/null PYTHONDONTWRITEBYTECODE=1 AVRO_ORACLE="$jvm -cp classes:$jars/* AvroOracle"

start_broker -q --create values:1
run python3 "$tests/kafka/avro-java.py" values 1 200
is "$status $(tail -n 1 out)" "0 600 data, 0 wrong" "what the one writes the other reads, and schemas have the same fingerprints"
[ "$status" = 0 ] || note "$out $err"
run python3 "$tests/kafka/avro-java.py" resolve 1 3000
is "$status $(tail -n 1 out)" "0 9000 data, 0 wrong" "read with another schema"
like "$out" "^# 1[0-9]{3} of 9000 data could not be read" "not all pairs of schemas go together"
[ "$status" = 0 ] || note "$out $err"
done_testing
