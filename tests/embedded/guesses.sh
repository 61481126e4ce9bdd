. "${0%/*}/../lib.sh"
use_broker
# What people type who know another tool: every row of the table runs, or its error says the line.
need jq

fresh words 2
printf '1\n2\n3\n' | kt produce -q "$topic"
run kt consume "$topic" -g "$topic" -e --reset earliest -q
printf 'client.id=me\n[profile lab]\nclient.id=lab\n' >file
export KT_CONFIG=file

# What a person puts in place of the words in capitals, in all lines at once.
typed() {
  sed "s/\bkt COMMAND\b/kt topic list/g; s/\bTOPIC\b/$topic/g; s/\b\(GROUP\|SUBJECT\)\b/$topic/g; s/\bLIST\b/$KT_BROKERS/g
    s/\bFILE\b/file/g; s/\bCODEC\b/gzip/g; s/\bK=V\b/client.id=x/g; s/\bBYTES\b/:/g; s/\bREGEX\b/x/g; s/\bNAME\b/lab/g
    s/\bBROKER\b/1/g; s/\bDUR\b/10m/g; s/\bMS\b/5/g; s/\bSTART\b/earliest/g; s/\bWHEN\b/2026-11-30/g; s/\bSUBCOMMAND\b/list/g; s/\bWHERE\b/1:2/g
    s/\bSRC\b/$topic/g; s/\bDST\b/$topic-copy/g; s/\bTIME\b/2026-11-30/g
    s/\bADDR\b/127.0.0.1:0/g; s/\bPORT\b/0/g; s/\bSIZE\b/64k/g; s/\b\(DIR\|HOST\|FILTER\|CONDITION\)\b/x/g
    s/\bURL\b/http:x/g; s/\bCMD\b/cat/g
    s/\bN\b/1/g; s/\bK\b/retention.ms/g; s/\b\(KEY\|TEXT\|FORMAT\)\b/x/g"
}
kt help guesses -J | jq -r '[.kind, .typed, .line] | join("\u001f")' | typed >rows
wrong='' n=0
: >hints
while IFS=$(printf '\037') read -r kind command meant; do
  n=$((n + 1))
  if [ "$kind" = said ]; then
    eval "set -- $command"
    timeout 20 "$@" </dev/null >out 2>err
    printf '%s\037%s\037hint: type: %s\037' "$command" "$?" "$meant" >>hints
    tail -n 1 err >>hints
    continue
  fi
  case $command in
  *--yes | *--force | *--no-confirm | "kt topic list -f") command="kt topic delete no-such-topic ${command##* }" ;;
  *" configs "* | "kt consume "* | "kt produce "* | "kt topic create "* | "kt topic alter "*) command="$command $topic" ;;
  esac
  case $command in
  "kt topic create"* | "kt topic alter"* | *" --create"* | "kt topics --alter"* | "kt create"* | "kt topic add"* | \
    "kt topic new"*) command="$command --dry-run" ;;
  esac
  # Those that read go on for ever, and what deletes is asked of nobody.
  eval "set -- $command"
  timeout 20 "$@" --run-for 20ms </dev/null >out 2>err
  status=$?
  said=$(cat err)
  case $status in
  0 | 1 | 3 | 4 | 5 | 124) ;;
  # The command that was meant misses the user's words.
  2) printf '%s' "$said" | grep -Eq ' is missing$|no (topic|group|subject|new offset|user) is given$|no (principal|resource|operation) is named|no (ACLs|brokers to change) are named| needed|needs a group|registry|--before|into itself' ||
    wrong="$wrong$command: $status, $said
" ;;
  *) wrong="$wrong$command: $status, $said
" ;;
  esac
done <rows
is "$wrong" "" "every row of $n works or names its line"
# Words that were typed stand in the hint, others as they are in the table.
is "$(typed <hints | awk -F '\037' '$2 != 2 || $3 != $4')" "" "those that are only said say it"
ok "there are more than a hundred" test "$n" -gt 100

fresh few
printf '1\n2\n3\n' | kt produce -q "$topic"
run kt -q -b "$KT_BROKERS" tail -n 2 "$topic" -e
is "$status $(sort out | tr '\n' ' ')" "0 2 3 " "a guess after options, with options of its own"
run kt consume "$topic" -e -q --num=1
is "$status $(wc -l <out)" "0 1" "a value in the same word"
run kt consume "$topic" -e -q -fjson
is "$(jq -rs 'map(.payload) | sort | join(" ")' out)" "1 2 3" "-f json is JSON"
for word in yaml-like text "a word"; do
  run kt consume "$topic" -e -f "$word"
  is "$status $out" "2 " "-f $word prints nothing of a record"
  like "$err" "neither a % nor a backslash" "which is said"
done
run kt consume "$topic" -e -q -f 'x\n'
is "$status $(tr '\n' ' ' <out)" "0 x x x " "a mark for each record has a line of its own"
run kt topic consume -r 'x.*'
is "$status $err" "2 kt consume: -r, a schema registry, is for -s avro
hint: topics of a regular expression are a word: '^x.*'" "rpk's -r"
run kt consume "$topic" -X brokers=b:1
like "$err" "^hint: .* -b LIST" "rpk's brokers"
run kt consume "$topic" --output other
like "$err" "--output json. is .kt consume -J. here$" "of --output the one that is used"
printf '%s\n' '--num' | kt produce -q "$topic-2" -H --value=1
is "$(kt consume -e -q "$topic-2" -f '%h %s')" "--value=1 --num" "the argument of an option is not a guess"
run kt tail -2 "$topic" -e -q
is "$status $(sort out | tr '\n' ' ')" "0 2 3 " "tail -2"
run kt head -1 "$topic" -q
is "$status $(wc -l <out)" "0 1" "head -1"
printf -- '-2\n' | kt produce -q "$topic-3" -k -1
is "$(kt consume -e -q "$topic-3" -K -3)" "-1-3-2" "a number that is the argument of an option stays there"
run kt profile ls
like "$out" "^lab	" "a guess that stands for another one"
run kt configs --entity-type brokers --entity-name 1 --describe
like "$err" "^kt cluster config: " "kafka-configs of brokers"
run kt topic alter "$topic" retention.ms=2h
like "$err" "^kt topic alter: .*embedded" "a config is no topic"
run kt topic "$topic"
like "$err" "or .kt topic describe $topic.\?$" "a topic is no command"
run kt consume --client-id me "$topic"
is "$status $err" "2 kt consume: unknown option --client-id
hint: it is a property: -X client.id=VALUE" "a property as an option"
printf 'a\nb\n' | kt produce -q "$topic-4" -k a
printf 'c\n' | kt produce -q "$topic-4" -k c
for line in "consume -k c $topic-4" "consume $topic-4 -kc" "-C -t $topic-4 -k c"; do
  # shellcheck disable=SC2086
  run kt $line -e -q
  is "$status $out" "0 c" "kt $line: a key to look for"
done
run kt consume "$topic-4" -k -e -q
like "$out" "^c	c$" "-k before an option is a flag: keys are shown"
run kt topic set orders retention.ms 2h
is "$err" "kt topic alter: what to change is missing
hint: a config and its value: retention.ms=2h" "a config and its value as two words"
run kt produce "$topic-4" -k c -Z </dev/null
like "$err" "an empty line is a record: echo . kt produce $topic-4 -k c -Z$" "no line at all is no tombstone"
run kt -b "$KT_BROKERS" produce "$topic-4" -k 'a b' 'two words' more
like "$err" "for a record: echo 'two words more' . kt -b $KT_BROKERS produce $topic-4 -k 'a b'$" "words as a record"
run kt produce "$topic-4" -l none
unlike "$err" "hint" "a file that is not there is none"
run kt topic help create
like "$out" "^Usage: kt topic create " "help in the middle"
run kt p "$topic"
like "$err" "^hint: .kt help. lists the commands$" "a letter is no mistyped word"
run kt topic lits
is "$err" "kt: unknown command \"topic lits\"
hint: did you mean \`kt topic list\`?" "did you mean, of a family"
run kt topic list -o yaml
is "$err" "kt: there is no \`kt topic list -o yaml\`
hint: type: kt topic list -J" "what is only said, by the command that was typed"
run kt tial "$topic"
is "$status $err" "2 kt: unknown command \"tial\"
hint: did you mean \`kt consume --tail 10 $topic\`?" "did you mean"
run kt -b B1 topic lits 'or*' -J
is "$err" "kt: unknown command \"topic lits\"
hint: did you mean \`kt topic list 'or*' -J -b B1\`?" "did you mean, with all that was typed"
run kt -b B1 tial t
like "$err" "^hint: did you mean .kt consume --tail 10 t -b B1.\?$" "and with a guess"
run kt consume "$topic" --lsat 3
is "$status $err" "2 kt consume: unknown option --lsat
hint: did you mean --last? That is \`kt consume --tail N\` here" "an option of another tool, mistyped"
run kt topic list --ouput json
like "$err" "^hint: did you mean --output\? That is .kt topic list -J. here" "one of all commands"
run kt consume --form-beginning "$topic"
like "$err" "^hint: did you mean --from-beginning\?$" "its own come first"
run kt cluster info
is "$status" 0 "two words where the first is a command"
run kt kafka-topics.sh --bootstrap-server "$KT_BROKERS" --list
is "$status" 0 "a script of Kafka's, with its options in between"
like "$out" "^$topic$" "lists"
for family in groups group consumer-groups kafka-consumer-groups.sh; do
  run kt $family --group "g-$$" --topic "$topic" --reset-offsets --to-earliest --execute
  is "$status" 0 "kt $family --group G --reset-offsets"
  run kt $family --describe --group "g-$$"
  like "$out" "$topic" "kt $family --describe"
  run kt $family --delete --group "g-$$"
  is "$(grep -c unknown err)" 0 "kt $family --delete"
done
# Kafka's consumer starts at the end, unless it is told otherwise or has committed.
for line in "" "--from-beginning" "--offset earliest --partition 0" "--consumer-property auto.offset.reset=earliest"; do
  # shellcheck disable=SC2086
  run kt kafka-console-consumer.sh --bootstrap-server "$KT_BROKERS" --topic "$topic" $line -e -q
  is "$status $(wc -l <out)" "0 $([ "$line" ] && echo 3 || echo 0)" "console-consumer $line"
done
kt group reset -q "old-$$" -t "$topic" --to earliest --execute >plan
run kt console-consumer --topic "$topic" --group "old-$$" -e
is "$status $(wc -l <out)" "0 3" "console-consumer goes on where the group was"
unlike "$err" "latest" "and has nothing to say of it"
run kt topic list -d
is "$out" "$(kt topic list -l)" "rpk's -d"
for line in "topic describe -c $topic" "topic config $topic" \
  "kafka-configs --describe --entity-type topics --entity-name $topic"; do
  # shellcheck disable=SC2086
  run kt $line
  like "$status $err" "^1 kt topic describe: the embedded broker at .* cannot tell configs" "kt $line"
done
hint_of() {
  run kt "$@"
  is "$status $(sed -n 's/^hint: type: //p' err)" "2 $line" "the hint for kt $*"
}
line='kt copy orders --to-brokers B2 --create -e'
for option in --to --dest --destination --target -B; do
  hint_of copy orders $option B2
done
hint_of mirror orders --to=B2
line='kt -b B1 copy SRC --to-brokers B2 --create -e' hint_of copy --to B2 -b B1
line='kafka-log-dirs.sh --bootstrap-server LIST --describe --topic-list TOPIC'
hint_of kafka-log-dirs.sh --describe
like "$err" "librdkafka cannot ask for bytes on disk" "with the reason"
hint_of cluster logdirs describe
for option in --topic-list --topic-list=; do
  case $option in *=) set -- "${option}t" ;; *) set -- "$option" t ;; esac
  line='kafka-log-dirs.sh --bootstrap-server LIST --describe --topic-list t' hint_of kafka-log-dirs.sh --describe "$@"
done
line='kafka-log-dirs.sh --bootstrap-server LIST --describe --topic-list t' hint_of cluster logdirs describe --topics t
line='kt cluster -J | jq -r .cluster' hint_of cluster info -c
run kt copy orders 127.0.0.1:9092
is "$status $err" "2 kt copy: DST is a topic, and 127.0.0.1:9092 is an address
hint: --to-brokers 127.0.0.1:9092" "an address in place of a topic"
run kt copy orders 127.0.0.1:9092/other
is "$status $(tail -n 1 err)" "2 hint: other --to-brokers 127.0.0.1:9092" "with a topic"
run kt copy orders http://x/y
is "$status $(tail -n 1 err)" "2 hint: --to-brokers http://x/y" "of a URL nothing is taken"
run kt leader-election
like "$err" "needs librdkafka 2.6$" "what it needs"
run kt consume orders -f --offset newest
is "$status:$(tail -n 1 err)" "2:hint: new records are followed without an option: leave out -f (only those: -o end)" "kaf's -f"
for header in x:y 'x: y' 'x:  y z' 'x: a=b'; do
  run kt produce "$topic" -H "$header" </dev/null
  is "$status $(head -n 1 err)" "2 kt produce: --header \"$header\": name and value have = between them" "-H '$header'"
done
is "$(tail -n 1 err)" "hint: -H x=a=b" "with what is meant"
printf 'v\n' | kt produce -q "$topic-h" -H 'x=y: z' -H u=http://v -H null
is "$(kt consume -e -q "$topic-h" -f '%h')" "x=y: z,u=http://v,null=NULL" "a colon in a value is the value's"
run kt topic create "n-$$" 3 2
is "$status $err" "2 kt topic create: 3 is a number, and no further topic is made of it
hint: partitions are -p 3, replicas --replication-factor 2" "numbers after a topic"
run kt topic create "n-$$" other 3
is "$status $(tail -n 1 err)" "2 hint: partitions are -p 3" "one of them"
run kt topic list "n-$$"
is "$status" 4 "and nothing was made"
run kt topic create 7
is "$status" 0 "a topic may be called 7"
fresh comma
kt topic create -q "other-$$"
run kt topics --describe --topic "$topic,other-$$"
is "$status $(grep -c '^Topic: ' out)" "0 2" "two topics with a comma"
hint_of du
line='kafka-log-dirs.sh --bootstrap-server LIST --describe --topic-list '\''my topic'\''' hint_of topic size 'my topic'
like "$err" "topic offsets. counts records" "and what counts records"
line='kafka-log-dirs.sh --bootstrap-server B1 --describe --topic-list t' hint_of du -b B1 t
line='kafka-log-dirs.sh --bootstrap-server B1 --describe --topic-list t' hint_of -b B1 du t
line='echo hi | kt -b B1 produce t' hint_of echo -b B1 hi t
line='kt group reset a --export >FILE; kt group reset b --from-file FILE --execute' hint_of group copy a b
line='echo --hi | kt -b B1 produce t' hint_of produce t -b B1 --value --hi
line='kt consume -e --grep x t' hint_of grep x t
line='kt consume -e --grep x t -n 3' hint_of grep x -n 3 t
line="kt consume '^ord.*' -n 3" hint_of consume --include 'ord.*' -n 3
line="kt consume '^ord' -n 3" hint_of consume --regex=^ord -n 3
line='echo v | kt produce t --key=k -p 0' hint_of produce t --key=k --value=v -p 0
line='kt topic create --config retention.ms=2h t -p 3' hint_of topic create t --retention 2h -p 3
line='kt topic delete a b --yes' hint_of rm a b --yes
line='kt consume t -e | jq .id' hint_of consume t --jq .id -e
line='kt group reset g --to start --execute --topics t' hint_of group seek g --to start --topics t
for time in 1796079757 @1796079757 1796079757000; do
  line="kt group reset g --to @${time#@} --execute" hint_of group seek g --to "$time"
done
line='kt topic trim TOPIC --partition P --before OFFSET' hint_of delete-records --offset-json-file dr.json
line='kt topic trim TOPIC --partition P --before OFFSET' hint_of kafka-delete-records.sh --offset-json-file dr.json
line='kt topic trim t --partition 1 --before OFFSET' hint_of topic delete-records t -p 1
line='kt group reset g --to 3 -t t:0 --execute' hint_of group commit g -t t --offset 3 -p 0 --noconfirm
line='kt group describe g' hint_of topic offsets t -g g
line='kt topic alter t --partitions TOTAL' hint_of topic add-partitions -n 3 t
line='kt -b B1 topic elect TOPIC' hint_of kafka-leader-election.sh --bootstrap-server B1 --election-type preferred --all
line='kt work t -g g --retries 3 -- sh -c '\''./job x'\''' hint_of work t -g g --exec './job x' --retries 3
line='kt work -g g t -- CMD' hint_of xargs -g g t ./job
line='kt sink files out t' hint_of sink files t --dir out
line='KT_MQTT_PASSWORD=x kt mqtt mqtt://h -t t' hint_of mqtt mqtt://h -t t --password x
line='kt mqtt mqtt://h --sub FILTER --topic TOPIC' hint_of bridge mqtt mqtt://h
line='kt consume a -e -J --where '\''t > 3'\'' | kt produce b -J' hint_of copy a b --where 't > 3'
run kt bench latency "$topic" -h
like "$out" "^Usage: kt bench e2e " "a second word of other tools"
run kt select x from y
like "$err" "did you mean .kt sql 'SELECT" "a statement of SQL's"
line='kt topic list -X sasl.username=USER -X sasl.password=ask:' hint_of topic list --password secret
run kt __complete descr
like "$out" "^describe	topic describe TOPIC$" "completion knows them"
run kt __complete topic r
like "$out" "^rm	topic delete TOPIC$" "second words too"
run kt topics -h
like "$out" "^Usage: kt topic COMMAND" "a family's help stays"
run kt help guesses group
like "$out" "^kt lag GROUP	kt group describe GROUP$" "kt help guesses"
unlike "$out" "console-producer" "of a word"
done_testing
