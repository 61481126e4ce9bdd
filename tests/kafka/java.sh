. "${0%/*}/lib.sh"
# Between kt and Apache's console producer and consumer. A JVM takes its time: one run each way.
need java
need_python

fresh java-out 1
printf 'k1\tone\n\ttwo\nk3\t\n\303\251\t\342\202\254\n' >lines
kt produce "$topic" -q -K '\t' -H a=x -H b=y --timestamp 1700000000123 <lines
java_tool consumer.ConsoleConsumer --topic "$topic" --from-beginning --max-messages 4 --timeout-ms 120000 \
  --property print.key=true --property print.headers=true --property print.timestamp=true \
  --property print.partition=true --property print.offset=true >seen 2>said || note "$(cat said)"
printf '%s\t%s\n' \
  'CreateTime:1700000000123	Partition:0	Offset:0	a:x,b:y	k1' one \
  'CreateTime:1700000000123	Partition:0	Offset:1	a:x,b:y	' two \
  'CreateTime:1700000000123	Partition:0	Offset:2	a:x,b:y	k3' '' \
  'CreateTime:1700000000123	Partition:0	Offset:3	a:x,b:y	é' '€' >expected
same seen expected "the console consumer reads what kt wrote"

fresh java-in 1
printf 'h1:x,h2:\tk1\tone\nh1:y\t\t\nNULL\tNULL\ttwo\nh:z\tk4\tNULL\nNULL\té\t€ \n' |
  java_tool ConsoleProducer --topic "$topic" --property parse.key=true --property parse.headers=true \
    --property null.marker=NULL >said 2>&1 || note "$(cat said)"
client consume "$topic" | jq -c 'del(.timestamp)' >there
ok "the console producer wrote five records" test "$(wc -l <there)" = 5
run kt consume "$topic" -e -J
client from-kt <out | jq -c 'del(.timestamp)' >seen
same seen there "kt reads what the console producer wrote"
is "$(jq -c '[[.headers[]? | [.key, .value]], .key, .payload]' <out)" '[[["h1","x"],["h2",""]],"k1","one"]
[[["h1","y"]],"",""]
[[],null,"two"]
[[["h","z"]],"k4",null]
[[],"é","€ "]' "with headers, null and empty as written"

done_testing
