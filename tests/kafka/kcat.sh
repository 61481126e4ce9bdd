. "${0%/*}/lib.sh"
# Between kt and kcat: the same records out of the same lines, the same text out of the same records.
need kcat jq
need_python

# both NAME OPTION…: kcat and kt write the file lines, each to a topic of its own, and Python compares.
both() {
  name=$1
  shift
  fresh "kcat-$name-k" 1
  kcat -P -b "$KT_BROKERS" -t "$topic" "$@" <lines 2>kcat.err || note "$(cat kcat.err)"
  client consume "$topic" | jq -c 'del(.timestamp)' >by-kcat
  fresh "kcat-$name-t" 1
  run kt produce "$topic" "$@" <lines
  client consume "$topic" | jq -c 'del(.timestamp)' >by-kt
  ok "kcat wrote something: $name" test -s by-kcat
  same by-kt by-kcat "kt writes what kcat writes: $name"
}

printf 'one\ntwo\n  three \n\303\251\377\n' >lines
both lines
printf 'k:v\nk2:v:2\n:v\nk:\nnone\n' >lines
both keys -K:
printf 'k:v\n:v\nk:\n' >lines
both null -K: -Z
# Without an empty one: kcat drops those, for kt they are empty records.
printf 'a;b\nb;;;c' >lines
both delimiter '-D;;;'
printf 'x\n' >lines
both headers -H a=1 -H b=x=y -H a=2 -H empty= -H none
printf 'x\ny\n' >lines
both key -k fixed
seq 1 3000 >lines
both compressed -z lz4

# Without headers in which kcat shows less: it cuts values at a NUL byte, and prints null and the text NULL alike.
"$python" "$tests/kafka/records.py" | grep -v -e '"\\u00ff\\u0000"' -e '\["null", null\]' >records
fresh kcat-read 4
client produce "$topic" <records
format='%t %p %o %T %K %S %h|%k|%s\n'
for partition in 0 1 2 3; do
  kcat -C -q -e -b "$KT_BROKERS" -t "$topic" -p $partition -o beginning -f "$format" >by-kcat
  kt consume "$topic" -q -e -p $partition -f "$format" >by-kt
  same by-kt by-kcat "partition $partition reads the same with -f"
done
run kt consume "$topic" -e -p 1 -o 10
kcat -C -q -e -b "$KT_BROKERS" -t "$topic" -p 1 -o 10 >by-kcat
same out by-kcat "plain output and -o N are kcat's"
like "$err" "^% Reached end of topic $topic \[1\] at offset [0-9]+" "kcat's words at the end"

fresh kcat-json 1
kcat -P -b "$KT_BROKERS" -t "$topic" -K: -H h=1 <<EOF
key:{"a": "text"}
EOF
kcat -C -q -e -b "$KT_BROKERS" -t "$topic" -J | jq -Sc 'del(.broker, .headers)' >by-kcat
kt consume "$topic" -q -e -J | jq -Sc 'del(.broker, .headers)' >by-kt
same by-kt by-kcat "-J has kcat's names"
fresh kcat-json-in 1
run kt produce "$topic" -J <<EOF
{"topic":"elsewhere","partition":3,"offset":7,"tstype":"create","ts":1700000000123,"headers":["a","1","b","2"],"key":"k","payload":"v"}
EOF
is "$status" 0 "kt takes kcat's JSON with its flat headers"
is "$(client consume "$topic")" \
  '{"partition": 0, "timestamp": 1700000000123, "key": "k", "value": "v", "headers": [["a", "1"], ["b", "2"]]}' \
  "and writes what it says, to the topic of the command line"

done_testing
