. "${0%/*}/lib.sh"
# Between kt and Python's confluent-kafka: everything that a record can hold, in both directions.
need_python

"$python" "$tests/kafka/records.py" >records
count=$(wc -l <records)

fresh python 4
ok "Python writes $count awkward records" client produce "$topic" <records
client consume "$topic" >there
ok "and finds them all" test "$(wc -l <there)" = "$count"
run kt consume "$topic" -e -J
is "$status" 0 "kt consume ends well"
client from-kt <out >seen
same seen there "kt -J shows each byte that Python wrote"

cp out lines && source=$topic
fresh python-copy 4
run kt produce "$topic" -J --keep-partition <lines
is "$status" 0 "kt produce -J takes what kt consume -J printed"
client consume "$topic" >copy
same copy there "Python reads a copy that differs in nothing"

fresh python-pipe 4
kt consume "$source" -e -J 2>errors | kt produce "$topic" -J --keep-partition 2>>errors
client consume "$topic" >copy
same copy there "nor does it through a pipe"

fresh python-plain 1
printf 'one\n\ntwo\r\nthree' | kt produce "$topic" -q
client consume "$topic" | jq -c .value >values
is "$(cat values)" '"one"
""
"two\r"
"three"' "lines become values as they are, the empty and the unfinished one too"
run kt consume "$topic" -e
printf 'one\n\ntwo\r\nthree\n' >expected
same out expected "and come out as they went in"

fresh python-options 1
printf 'k1:v1\n:v2\nk3:\nv4\n' >keyed
run kt produce "$topic" -K : -Z -H a=1 -H a=2 -H none -H empty= --timestamp 1700000000123 <keyed
is "$status" 0 "keys, headers and a timestamp by options"
client consume "$topic" | jq -c '[.key, .value]' >pairs
# -Z is kcat's: what is empty becomes null, keys too.
is "$(cat pairs)" '["k1","v1"]
[null,"v2"]
["k3",null]
[null,"v4"]' "keys are cut off at the delimiter and -Z makes null of empty"
is "$(client consume "$topic" | jq -c '[.headers, .timestamp]' | uniq)" \
  '[[["a","1"],["a","2"],["none",null],["empty",""]],1700000000123]' "headers keep order, repetition, null and empty"

done_testing
