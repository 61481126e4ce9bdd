. "${0%/*}/lib.sh"
# kt check on a cluster that is as it should be, and on what is missing in it.
fresh check 3

run kt check "$topic"
is "$status $err" "0 " "a cluster that works"
unlike "$out" "^failed" "nothing fails"
like "$out" "^ok +configuration .*1 setting from KT_BROKERS" "the configuration"
like "$out" "^ok +dns .*${KT_BROKERS%%,*}: 127.0.0.1" "the name"
like "$out" "^ok +tcp .* 127.0.0.1 connected" "the connection"
like "$out" "^skipped +tls .*security.protocol is plaintext" "no TLS"
like "$out" "^ok +metadata .*cluster [^ ]+, [0-9]+ broker" "the cluster's name"
like "$out" "^ok +listener .*broker 1, ${KT_BROKERS%%,*}: as above" "the advertised address"
like "$out" "^ok +client .*librdkafka .* reaches the cluster" "the library's own way"
like "$out" "^ok +topic .*3 partitions, all with leaders" "the topic"
like "$out" "^ok +group .*group kt-check is coordinated by broker [0-9]+, 127.0.0.1" "a group"
like "$out" "^ok +round-trip .* ms at best, .* ms is the median of" "the time of a request"
like "$out" "^all [0-9]+ steps work" "the verdict"
if on_kafka; then
  release=${KT_KAFKA_VERSION:-4.1.0} release=${release%.*}
  like "$out" "^ok +api-versions .*as Apache Kafka $release has" "the release is told by what it speaks"
  like "$out" "^ok +read .*among this client's authorized operations" "reading is allowed"
  like "$out" "^ok +write .*among this client's authorized operations" "writing is allowed"
else
  like "$out" "^ok +api-versions .*an embedded broker, such as .kt broker" "an embedded broker"
  like "$out" "^skipped +read .*this broker does not say who may do what" "nobody knows about reading"
  like "$out" "^skipped +write .*this broker does not say who may do what" "nor about writing"
fi

run kt check "$topic" --for read -g mine
is "$status" 0 "for a group of readers"
like "$out" "^skipped +write" "the right to write does not matter"
like "$out" "^ok +group .*group mine is coordinated by" "the group that is named"
run env "KT_TOPIC=$topic" KT_GROUP=theirs kt check -J
is "$status" 0 "topic and group of the environment"
is "$(jq -r 'select(.step == "topic" or .step == "group") | .state' out | tr '\n' ' ')" "ok ok " "are looked at"
is "$(jq -r 'select(.verdict) | .verdict' out)" ok "the verdict as JSON"
run kt check
is "$status" 0 "without a topic"
like "$out" "^skipped +topic .*no topic is given or configured" "none is looked at"

run kt check "${topic}x"
is "$status" 4 "an unknown topic"
like "$out" "^failed +topic .*topic ${topic}x does not exist" "is named"
like "$out" "^ +hint: did you mean $topic\?" "with a near one"
like "$out" "^skipped +read .*the topic cannot be looked at" "and the rest of it skipped"
unlike "$(kt topic list)" "^${topic}x" "it was not created by asking"

# What is wrong with one broker of the list does not hide the others.
run kt check "$topic" -b "127.0.0.1:1,$KT_BROKERS"
is "$status" 5 "a broker that is away beside one that works"
like "$(head -n 1 out)" "^failed +tcp .*127.0.0.1:1: connection refused" "comes first"
like "$(sed -n 2p out)" "^ +hint: " "with what to try"
like "$(sed -n 3p out)" "^ok +configuration" "and then the rest"
like "$out" "^ok +topic" "and the cluster looked at all the same"
# An embedded cluster's id is made of an address in its memory, which the address sanitizer gives out alike in every
# process, unless its blocks have other sizes.
start second env "ASAN_OPTIONS=$ASAN_OPTIONS:redzone=256" kt broker -q
wait_for test -s second.out
run kt check -b "$KT_BROKERS,$(cat second.out)"
is "$status" 2 "brokers of two clusters"
like "$out" "^failed +bootstrap .*$(cat second.out) belongs to cluster [^ ]+, but .* to cluster" "are told apart"
run kt check "$topic" -m 30 -X security.protocol=ssl -X ssl.endpoint.identification.algorithm=none
is "$status" 5 "TLS to plain text"
like "$out" "^failed +tls .*it does not speak TLS there" "is told"
like "$out" "^ +hint: is it the plain port\? try -X security.protocol=plaintext" "with what to try"
if on_kafka; then
  run kt check -m 30 -X security.protocol=sasl_plaintext -X sasl.mechanism=PLAIN -X sasl.username=u -X sasl.password=p
  is "$status" 5 "SASL where none is asked for"
  like "$out" "^failed +authentication .*it does not ask for SASL there" "is told"
fi
run sh -c "kt check '$topic' | head -n 1"
is "$status $err" "0 " "a reader that has seen enough"

done_testing
