. "${0%/*}/lib.sh"
# Topics whose values carry the numbers of a schema registry: what is shown is committed, and nothing else.

kt --version | grep -q '+curl' || skip_all "built without libcurl"
need python3
export no_proxy='*'
start registry python3 "$tests/cli/registry_server.py" registry.log
wait_for test -s registry.out || fail "the registry starts" "$(cat registry.err)"
url=http://127.0.0.1:$(cat registry.out)
fresh numbered

# value NUMBER BYTES: a record of that schema as a line for kt produce -J, bytes with printf's escapes.
value() {
  # shellcheck disable=SC2059
  printf '{"payload":"%s","payload_encoding":"base64"}\n' "$(printf "\\000\\000\\000\\000\\$(printf %03o "$1")$2" | base64)"
}
two='{"a":"abc","b":2}'
{
  value 17 '\002\006abc\004'
  value 19 x
  value 17 '\002\006abc\004'
  value 50 '\006abc'
  value 17 '\002\006abc\004'
} >values
run kt produce "$topic" -J values
run kt consume "$topic" -e -c 2 -s avro -r "$url"
is "$status $out" "3 $two" "kt consume -s avro asks, too"
like "$err" "^% $topic\[0\]@1: schema 19: the schema registry $url does not have it" \
  "with the place of what it does not have"
run kt avro-decode "$topic" -g "$topic" --reset earliest -e -r "$url" -m 2
is "$status $(printf '%s' "$out" | tr '\n' ' ')" "5 Two $two Two $two" "a registry that does not answer ends the run"
like "$err" "^kt avro-decode: $topic\[0\]@3: schema 50: the schema registry $url cannot be asked: no answer in time$" "where"
is "$(sort registry.log | uniq -c | sed 's/^ *//')" "2 GET /schemas/ids/17
2 GET /schemas/ids/19
1 GET /schemas/ids/50" "each run asks once for a number"
mkdir schemas
printf '"string"' >schemas/50.avsc
run kt avro-decode "$topic" -g "$topic" -e -r "$url" --schema-dir schemas
is "$(printf '%s' "$out" | tr '\n' ' ')" "string \"abc\" Two $two" "the group goes on with the record that was not shown"
run kt avro-decode "$topic" -e -r "$url" --schema-dir schemas -J -q
is "$(grep -c '"payload":{"a":"abc","b":2}' out) $(grep -c '"payload_error":".*schema 19' out)" "3 1" "as JSON"
done_testing
