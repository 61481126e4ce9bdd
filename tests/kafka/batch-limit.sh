. "${0%/*}/lib.sh"
# A topic that takes smaller batches than librdkafka makes: what fits goes through, and one record that is itself too large
# takes no others with it. The limit is asked for; where it is not known (a batch.size of the user's own stands for brokers
# that may not be asked), what was refused is sent again in smaller portions.

topic=limit-$$
kt topic create -q "$topic" -p 1 --config max.message.bytes=65536
seq -f '%0100g' 5000 >lines
run kt produce "$topic" lines
is "$status" 0 "half a MB of small lines to a topic that takes 64 KiB at a time"
kt consume -q -e "$topic" >got
same got lines "all are there, in order"
run kt produce "$topic" -X batch.size=1000000 lines
is "$status" 0 "with a batch.size that the topic does not take"
kt consume -q -e "$topic" | sort >got
sort lines lines >expected
same got expected "all are there too, each once"

{
  head -2000 lines
  head -c 200000 /dev/zero | tr '\0' z
  printf '\n'
  tail -3000 lines
} >mixed
for known in true false; do
  size=''
  [ $known = true ] || size='-X batch.size=1000000'
  kt topic create -q "$topic-$known" -p 1 --config max.message.bytes=65536
  # shellcheck disable=SC2086
  run kt produce "$topic-$known" --on-error continue $size mixed
  is "$status" 3 "one record among them that is too large: status 3 (limit known: $known)"
  like "$err" "^% mixed:2001: larger than the topic takes \(max\.message\.bytes\)$" "it is named, with the topic's limit"
  is "$(printf '%s\n' "$err" | grep -c '^% mixed')" 1 "it alone"
  kt consume -q -e "$topic-$known" | sort >got
  sort lines >expected
  same got expected "the others are there, each once"
done
# shellcheck disable=SC2086
run kt produce "$topic" --report -c 3 -H a=b -k key --timestamp 1600000000000 -X batch.size=1000000 lines
is "$status:$(kt consume -q -o -3 -e -f '%k %h %T\n' "$topic" | sort -u)" "0:key a=b 1600000000000" "dressed ones as well"

for size in 500 70000; do
  run kt loadgen -t "$topic" --size "$size" -c 400
  is "$status" "$([ $size = 500 ] && echo 0 || echo 3)" "kt loadgen with records of $size bytes"
done
done_testing
