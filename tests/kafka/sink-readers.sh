. "${0%/*}/../lib.sh"
# What kt sink files writes, as others read it: fastavro, DuckDB, and Apache Avro for Java. What cannot be fetched is left
# out, and it is said why.
need python3 jq
kt --version | grep -q '+codecs +avro' || skip_all "built without codecs or avro-c"

start_broker -q --create plain:3 --create small:1
seq 3000 | sed 's/.*/{"n":&,"s":"a,\\"b"}/' | kt produce -q plain -k key -H h=1
printf '%s' '{"type":"record","name":"E","doc":"kept","fields":[{"name":"n","type":"int","default":7},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"},"default":0}]}' >e.avsc
seq 500 | sed 's/.*/{"n":&,"at":1700000000000}/' | kt produce -q small -s avro --schema e.avsc --framing ocf
for codec in none deflate snappy; do
  kt sink files -q "plain-$codec" plain -e -f avro -z "$codec" --roll 20k
  kt sink files -q "small-$codec" small -e -f avro -z "$codec" --roll 1500
done
kt sink files -q lines plain -e --roll 50k
kt sink files -q zstd plain -e -z zstd --partition-by dt/hour
kt sink files -q gzip plain -e -z gzip -f csv --column n=n:int --column s
ok "there are files of every codec" test "$(find . -name "*.avro" | wc -l)" -ge 18

# readers: a Python of their own with what is asked for, made once.
readers() {
  home=${XDG_CACHE_HOME:-$HOME/.cache}/kt/readers-2
  [ -e "$home/done" ] || {
    mkdir -p "${home%/*}" && python3 -m venv "$home" &&
      "$home/bin/pip" -q --disable-pip-version-check install 'fastavro[snappy]' cramjam duckdb && : >"$home/done"
  } >fetched 2>&1
}
if readers; then
  "$home/bin/python" - >got 2>said <<'END'
import glob, json
import fastavro
for codec in ("none", "deflate", "snappy"):
    rows, schemas = [], set()
    for name in glob.glob("plain-%s/*.avro" % codec):
        with open(name, "rb") as f:
            rows += list(fastavro.reader(f))
    print(codec, len(rows), sum(json.loads(row["value"])["n"] for row in rows), rows[0]["headers"])
    rows = []
    for name in glob.glob("small-%s/*.avro" % codec):
        with open(name, "rb") as f:
            reader = fastavro.reader(f)
            schemas.add(json.dumps(reader.writer_schema["fields"], sort_keys=True))
            rows += list(reader)
    print(len(rows), sum(row["n"] for row in rows), rows[0]["at"].year, len(schemas), '"default": 7' in schemas.pop())
END
  is "$(cat got)" "$(for codec in none deflate snappy; do
    echo "$codec 3000 4501500 [{'key': 'h', 'value': b'1'}]"
    echo "500 125250 2023 1 True"
  done)" "fastavro reads every codec, with the schema as it was written"
  note "$(cat said)"
  "$home/bin/python" - >got 2>said <<'END'
import duckdb
print(*duckdb.sql("SELECT count(*), count(DISTINCT (partition, \"offset\")), sum(CAST(json_extract(payload, '$.n') AS INT)) FROM 'lines/*.jsonl'").fetchall()[0])
print(*duckdb.sql("SELECT count(*), min(length(dt::VARCHAR)), max(hour::INT) < 24 FROM read_json('zstd/*/*/*.jsonl.zst', hive_partitioning = true)").fetchall()[0])
print(*duckdb.sql("SELECT count(*), sum(n), min(s) FROM 'gzip/*.csv.gz'").fetchall()[0])
END
  is "$(cat got)" '3000 3000 4501500
3000 10 True
3000 4501500 a,"b' "DuckDB reads lines, packed ones in folders, and CSV"
  note "$(cat said)"
  if "$home/bin/python" -c 'import duckdb; duckdb.sql("INSTALL avro; LOAD avro")' >said 2>&1; then
    "$home/bin/python" - >got 2>said <<'END'
import duckdb
for codec in ("none", "deflate", "snappy"):
    print(*duckdb.sql("LOAD avro; SELECT count(*), sum(n) FROM read_avro('small-%s/*.avro')" % codec).fetchall()[0])
END
    is "$(tr '\n' ' ' <got)" "500 125250 500 125250 500 125250 " "and Avro"
    note "$(cat said)"
  else
    skip "DuckDB reads Avro" "its extension cannot be fetched: $(tail -n 1 said)"
  fi
else
  skip "fastavro and DuckDB read it" "they cannot be fetched: $(tail -n 1 fetched)"
fi

version=${KT_AVRO_VERSION:-1.11.4}
if command -v java >/dev/null && jars=$("$tests/jars" "avro-$version" "$tests/kafka/avro-pom.xml" "-Davro=$version" 2>said); then
  jvm="java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto -cp classes:$jars/*"
  $jvm org.eclipse.jdt.internal.compiler.batch.Main -17 -proc:none -d classes \
    -classpath "$(printf '%s:' "$jars"/*.jar)" "$tests/kafka/SinkReader.java" >said 2>&1 || fail "the Java side compiles" "$(cat said)"
  for codec in none deflate snappy; do
    run $jvm SinkReader "small-$codec"/*.avro
    is "$status $out" "0 500 125250 kept" "Java reads $codec"
    [ "$status" = 0 ] || note "$err"
    run $jvm SinkReader "plain-$codec"/*.avro
    is "$status $out" "0 3000 0 null" "and whole records"
  done
else
  skip "Java reads it" "Java or its Avro cannot be had: $(tail -n 1 said 2>/dev/null)"
fi
done_testing
