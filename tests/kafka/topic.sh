. "${0%/*}/lib.sh"
# kt topic on a real cluster: the admin request, the broker's own reasons, and what kcat says of the result.
need jq kcat

topic=created-$$
run kt topic create "$topic" -p 3
is "$status" 0 "create"
is "$err" "% created topic $topic" "said"
is "$(kcat -L -J -b "$KT_BROKERS" -t "$topic" | jq '.topics[0].partitions | length')" 3 "kcat sees its partitions"
run kt topic create "$topic" -p 3
is "$status" 1 "what exists: status 1"
is "$err" "kt topic create: topic $topic exists already
hint: --if-not-exists makes that no error" "and a hint"
run kt topic create "$topic" --if-not-exists
is "$status:$err" "0:% left as it was: topic $topic" "--if-not-exists"
run kt topic create "$topic-d"
is "$status" 0 "with the broker's defaults"
run kt topic create "$topic-r" --replication-factor 99
is "$status" 1 "more replicas than brokers: status 1"
like "$err" "^kt topic create: creating topic $topic-r: .*replica" "in the broker's words"
like "$err" 'replication-factor$' "and a hint"
run kt topic create -q "$topic" "$topic-e"
is "$status" 3 "one of two exists: status 3"

run kt topic list
ok "list" test "$(printf '%s\n' "$out" | grep -c "^$topic")" = 3
run kt topic describe "$topic" -J
is "$(printf '%s\n' "$out" | jq -c 'select(.leader == .replicas[0]) | [.topic, .partition]')" "[\"$topic\",0]
[\"$topic\",1]
[\"$topic\",2]" "describe -J"
run kt -L
is "$(printf '%s\n' "$out" | grep -c ' controller *$')" 1 "-L: one broker is the controller"
run kt topic describe "${topic}x"
is "$status" 4 "an unknown topic: status 4"
like "$err" '^hint: did you mean created-' "with the nearest name"
run kt topic list
unlike "$out" "^${topic}x\$" "asking did not create it"
done_testing
