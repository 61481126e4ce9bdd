. "${0%/*}/../lib.sh"
# kt schema against a registry of Python's standard library, well and ill behaved.

kt --version | grep -q '+curl' || skip_all "built without libcurl"
need python3 jq
export KT_CONFIG=/dev/null KT_BROKERS=127.0.0.1:9 no_proxy='*'
start plain python3 "$tests/cli/registry_server.py" plain.log
wait_for test -s plain.out || fail "the registry starts" "$(cat plain.err)"
KT_REGISTRY=http://127.0.0.1:$(cat plain.out)
export KT_REGISTRY
two='{"type":"record","name":"Two","fields":[{"name":"a","type":["null","string"]},{"name":"b","type":"int"}]}'
echo "$two" >two.avsc

run kt schema list
is "$status:$out" "0:old\\x1b[31m
orders-value" "list: names, without what acts on a terminal"
run kt schema list -l 'ord*'
is "$out" "orders-value	1,2" "with versions"
run kt schema list -J --deleted 'ord*'
is "$out" '{"subject":"orders-value","versions":[1,2,3]}' "and those that are marked as deleted, as JSON"
run kt schema list order-value
is "$status:$err" "4:kt schema list: subject order-value does not exist on $KT_REGISTRY
hint: \`kt schema list\` shows what is there" "a subject that is not there: status 4"
run env -u KT_REGISTRY kt schema list
is "$status:$(head -n 1 err)" "2:kt schema list: no schema registry is configured" "without a registry: status 2"

run kt schema get orders-value 1
is "$status:$(printf '%s\n' "$out" | jq -c .name)" '0:"Two"' "get"
run kt schema get orders-value -J
is "$(printf '%s\n' "$out" | jq -c '[.subject, .version, .id, .type, (.schema | fromjson | .name), .references]')" \
  '["orders-value",2,32,"AVRO","Plain",[{"name":"plain","subject":"plain","version":1}]]' "the newest, as JSON"
run kt schema get --id 17
is "$status:$(printf '%s\n' "$out" | jq -c .name)" '0:"Two"' "by its number"
run kt schema get --id 20
is "$status:$out" '0:syntax = "proto3";' "of whatever type"
run kt schema get orders-value 9
is "$status" 4 "no such version: status 4"
like "$err" "^kt schema get: subject orders-value version 9: the schema registry .* does not have it: \"Version 9 not found.\"" "said"
run kt schema get
is "$status" 2 "nothing to get: status 2"

run kt schema register t-value two.avsc
is "$status:$out" "0:17" "register prints the number"
run kt schema register new-value - <two.avsc
is "$status:$out" "0:101" "a new one, from stdin"
run kt schema register typed-value two.avsc --type json --reference a=b:1 --reference c:d=e:f:2
is "$status:$out" "0:72" "with references"
run kt schema register typed-value two.avsc --reference a=b
is "$status" 2 "a reference without a version: status 2"
run kt schema register strict-value two.avsc
is "$status:$err" "1:kt schema register: subject strict-value: the schema registry $KT_REGISTRY refuses it: \"Schema being registered is incompatible\"" \
  "what does not fit is refused, and said"
run kt schema check orders-value two.avsc
is "$status:$err" "0:% it fits subject orders-value version latest" "check"
echo '"int"' >int.avsc
run kt schema check orders-value int.avsc
is "$status:$err" "1:% NAME_MISMATCH: \\x1b[2Jexpected Two
kt schema check: it does not fit subject orders-value version latest" "what does not fit: status 1, with the reasons"
run kt schema check none-value two.avsc
is "$status" 4 "no such subject: status 4"
echo wrong >wrong.avsc
run kt schema check orders-value wrong.avsc
is "$status" 1 "an answer that says neither: status 1"
like "$err" "^hint: is that the address of a schema registry" "said"

run setsid kt schema delete orders-value
is "$status:$out" "2:orders-value	1
orders-value	2" "delete shows which, and asks"
is "$(kt schema list -l 'ord*')" "orders-value	1,2" "nothing is deleted without an answer"
run kt schema delete orders-value 2 --yes
is "$status:$err" "0:% deleted 1 version of subject orders-value" "one version"
run kt schema delete orders-value 2 --yes
is "$status" 4 "which is only marked, but gone: status 4"
run kt schema delete orders-value --permanent --dry-run
is "$out" "orders-value	1
orders-value	2
orders-value	3" "for good: those that are marked as well"
run kt schema delete orders-value --permanent --yes
is "$status:$err" "0:% deleted 3 versions of subject orders-value for good" "and done"
is "$(kt schema list --deleted)" 'old\x1b[31m' "nothing is left"
run kt schema delete orders-value --yes --if-exists
is "$status" 0 "--if-exists"

for subject in wrong-list wrong-words wrong-page wrong-deep wrong-big; do
  run kt schema delete "$subject" --yes
  is "$status:$out" "1:" "$subject: status 1, and nothing is asked for"
done
is "$(grep -c '^DELETE /subjects/wrong' plain.log)" 0 "what is not understood is not deleted"
run kt schema list -r http://127.0.0.1:1
is "$status" 5 "no registry: status 5"
done_testing
