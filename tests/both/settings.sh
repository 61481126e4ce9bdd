. "${0%/*}/lib.sh"
# The lines that people type, with topic, group and brokers from a file, a profile or the environment.
need jq
brokers=$KT_BROKERS
unset KT_BROKERS
mkdir -p home/.config/kt
config=home/.config/kt/config

# lines WHERE: what is typed without a flag for brokers or topic.
lines() {
  seq 3 >three
  run kt produce <three
  is "$status" 0 "kt produce ($1)"
  like "$err" "^% 3 records delivered to $topic" "to the topic of $1"
  run kt consume -e
  is "$status $(wc -l <out | tr -d ' ')" "0 3" "kt consume -e ($1)"
  is "$(kt consume -q -e -J | jq -r .payload | sort | tr '\n' ' ')" "1 2 3 " "kt consume -e -J | jq -r .payload ($1)"
}
topic_of() {
  KT_BROKERS=$brokers kt topic create -q "$topic" --partitions 2
}

topic=settings-file-$$
topic_of
printf 'bootstrap.servers=%s\nkt.topic=%s\n' "$brokers" "$topic" >"$config"
lines "the file"
start reader kt consume --group "settings-$$" --reset earliest
ok "kt consume --group g --reset earliest" wait_for sh -c 'test "$(wc -l <reader.out)" -ge 3'
stop "$pid"
is "$status $(sort reader.out | tr '\n' ' ')" "0 1 2 3 " "prints history and ends well"
printf 'kt.group=settings-%s\n' $$ >>"$config"
run kt consume -e
is "$status $out" "0 " "kt.group: the group goes on after what it has read"
like "$err" "^% group settings-$$" "and is named"
run kt consume -e --group-id "other-settings-$$" --from-beginning
is "$(sort out | tr '\n' ' ')" "1 2 3 " "--group-id beats it"

topic=settings-profile-$$
topic_of
printf '[profile lab]\nbootstrap.servers=%s\nkt.topic=%s\n' "$brokers" "$topic" >"$config"
export KT_PROFILE=lab
lines "a profile"
unset KT_PROFILE
run kt consume -e --profile lab
is "$(sort out | tr '\n' ' ')" "1 2 3 " "--profile"

rm "$config"
topic=settings-kcat-$$
topic_of
printf 'metadata.broker.list=%s\n' "$brokers" >home/.config/kcat.conf
export KT_TOPIC="$topic"
lines "kcat's file and KT_TOPIC"
unset KT_TOPIC
rm home/.config/kcat.conf

topic=settings-java-$$
topic_of
cat >client.properties <<END
bootstrap.servers=$brokers
key.serializer=org.apache.kafka.common.serialization.StringSerializer
linger.ms = 5
END
seq 3 | kt produce -q --command-config client.properties "$topic"
is "$? $(kt consume -q -e -F client.properties "$topic" | sort | tr '\n' ' ')" "0 1 2 3 " "a Java client's file as it is"

topic=settings-lab-$$
topic_of
export TOPIC="$topic" KAFKA_BROKER="$brokers"
lines "TOPIC and KAFKA_BROKER"
printf 'four\n\nfive\n' | kt produce --until-blank 2>err
is "$?" 0 "TOPIC=… KAFKA_BROKER=… kt produce --until-blank"
is "$(kt consume -q -e | sort | tr '\n' ' ')" "1 2 3 four " "ends at the blank line"
export KAFKA_BROKERS="$brokers"
unset KAFKA_BROKER
is "$(kt consume -q -e | wc -l | tr -d ' ')" 4 "KAFKA_BROKERS"
run kt consume -e -b 127.0.0.1:1 -m 1s
is "$status" 5 "-b beats the environment"

# kt consume -J t -e | kt produce -J t2, with the files' brokers.
copy=settings-copy-$$
kt consume -J "$topic" -e 2>/dev/null | kt produce -J "$copy" 2>/dev/null
is "$? $(kt consume -q "$copy" -e | sort | tr '\n' ' ')" "0 1 2 3 four " "kt consume -J t -e | kt produce -J t2"
done_testing
