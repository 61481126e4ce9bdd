. "${0%/*}/lib.sh"
# kt produce -s avro: lines of JSON in every framing, read back, and what does not fit the schema.

cat >event.avsc <<'EOT'
{
  "type": "record", "name": "n.Event",
  "fields": [
    {"name": "id", "type": "string"},
    {"name": "sensors", "type": {"type": "array", "items": "string"}, "default": []},
    {"name": "t", "type": ["null", "double"], "default": null}
  ]
}
EOT
cat >lines <<'EOT'
{"id":"a","sensors":["s","t"],"t":1.5}
{"id":"b"}

{"t":{"double":2},"id":"c","sensors":[]}
EOT
cat >expected <<'EOT'
{"id":"a","sensors":["s","t"],"t":1.5}
{"id":"b","sensors":[],"t":null}
{"id":"c","sensors":[],"t":2.0}
EOT

fresh ocf
run kt produce -q "$topic" -s avro --schema event.avsc -H record_name=ev lines
is "$status" 0 "lines of JSON are sent"
run kt avro-decode "$topic" -e -q
is "$status $(sed -n 1p out)" "0 ev" "as containers"
sed -n 'n;p' out >records
same records expected "which say the same"
run kt avro-decode "$topic" -e -q --schema-only
is "$out" '{"type":"record","name":"n.Event","fields":[{"name":"id","type":"string"},{"name":"sensors","type":{"type":"array","items":"string"},"default":[]},{"name":"t","type":["null","double"],"default":null}]}' \
  "and bring their schema"
run sh -c "kt consume -q '$topic' -e -s avro -J | kt produce -q '$topic' -J -s avro --schema event.avsc --framing bare"
run kt avro-decode "$topic" -e -q -o 3 --schema event.avsc -J
is "$(grep -c '"headers":\[{"key":"record_name","value":"ev"}\].*"payload":{"id":' out)" 3 \
  "what kt consume -s avro -J prints can be sent again"

for framing in single confluent bare; do
  fresh "$framing"
  run kt produce -q "$topic" -s avro --schema event.avsc --framing "$framing" --schema-id 7 lines
  run kt consume "$topic" -e -q -s avro --schema event.avsc
  same out expected "$framing"
done
fresh key
printf 'k:{"id":"a"}\n' | kt produce -q "$topic" -K : -s avro --schema event.avsc
run kt consume "$topic" -e -q -s avro -K '='
is "$out" 'k={"id":"a","sensors":[],"t":null}' "keys stay as they are"

fresh bad
printf '%s\n' '{"id":"a"}' '{"id":"b","sensors":["x",7]}' '{"id":"c"}' >bad
run kt produce "$topic" -s avro --schema event.avsc --on-error continue bad
is "$status" 3 "a line that does not fit: status 3"
like "$err" 'bad:2.*\.sensors\[1\]: expected string, got a whole number' "named with line and path"
run kt consume "$topic" -e -q -s avro -f '%{id}'
is "$out" "ac" "and nothing of it is sent"
run kt produce "$topic" -s avro bad
is "$status" 2 "no schema: usage"
run kt produce "$topic" --schema event.avsc bad
is "$status" 2 "a schema without -s avro: usage"
run kt produce "$topic" -s avro --schema event.avsc --framing confluent bad
is "$status" 2 "confluent framing without a number: usage"
printf '"what"' >what.avsc
run kt produce "$topic" -s avro --schema what.avsc bad
like "$status $err" '^2 kt produce: what.avsc: the schema is not valid: there is no type "what"' "a schema that is none"

echo '{"type":"enum","name":"E","symbols":["A","A"]}' >twice.avsc
run kt produce "$topic" -s avro --schema twice.avsc bad
like "$status $err" '^2 kt produce: twice.avsc: the schema is not valid: enum "E": the symbol "A" is there twice$' \
  "one that can be read, and is not fit for writing"

# A container brings the types of other files, and no comments.
fresh several
printf '// ours\n{"type":"record","name":"x.User","fields":[{"name":"addr","type":["null","Addr"]}]}' >user.avsc
echo '{"type":"record","name":"x.Addr","fields":[{"name":"zip","type":"string"}]}' >addr.avsc
printf '\357\273\277{"addr":{"zip":"z"}}\n' | kt produce "$topic" -s avro --schema user.avsc --schema addr.avsc
run kt avro-decode "$topic" -e -q -f '%s'
is "$out" '{"addr":{"zip":"z"}}' "types of other files"
run kt avro-decode "$topic" -e -q --schema-only
is "$out" '{"type":"record","name":"x.User","fields":[{"name":"addr","type":["null",{"type":"record","name":"x.Addr","fields":[{"name":"zip","type":"string"}]}]}]}' \
  "are in the schema of the container"

# Keys too, and JSON over several lines.
fresh keys
echo '{"type":"record","name":"K","fields":[{"name":"id","type":"int"}]}' >key.avsc
echo '{"type":"record","name":"V","fields":[{"name":"x","type":["null","double"]}]}' >value.avsc
both="-s key=avro,value=avro --key-schema key.avsc --schema value.avsc --framing confluent --key-schema-id 7 --schema-id 8"
# shellcheck disable=SC2086
echo '{"id":5}|{"x":1.5}' | kt produce -q "$topic" -K '|' $both
is "$(kt consume "$topic" -e -q -J --encoding hex | sed 's/.*"key":"//; s/",.*payload":"/ /; s/".*//')" \
  "00000000070a 000000000802000000000000f83f" "keys and values of their own schemas"
# shellcheck disable=SC2086
run kt produce "$topic" -K '|' $both <<'EOF'
"five"|{"x":1}
EOF
is "$status" 3 "a key that does not fit"
like "$err" "^% line 1: key: expected" "is called so"
run kt produce "$topic" -s key=avro </dev/null
is "$status" 2 "a key needs a schema"
like "$err" "--key-schema FILE" "of its own"
fresh lines
printf '{\n  "x": null\n}\n{"x":1}\n{\n"x":\n2}' | kt produce -q "$topic" -s avro --schema value.avsc
is "$(kt consume "$topic" -e -q -s avro | tr '\n' ' ')" '{"x":null} {"x":1.0} {"x":2.0} ' "records over several lines"

done_testing
