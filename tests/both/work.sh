. "${0%/*}/lib.sh"
# kt work: a command per record, what its end means, and what is committed.
need python3 jq prlimit

# work GROUP OPTION…: until the end of the topic.
work() {
  work_group=$1
  shift
  run timeout 120 kt work -e -g "$work_group-$$" --backoff 20ms "$@"
}
# committed GROUP: the offsets of the topic, with blanks between.
committed() {
  kt group describe -q -J "$1-$$" | jq -r '[.. | objects | select(has("committed") and has("partition")) | .committed | tostring] | join(" ")'
}
# Adds up what commands wrote.
cat >seen.sh <<'END'
#!/bin/sh
value=$(cat)
echo "$KT_RECORD_KEY $value $KT_RECORD_ATTEMPT" >>seen
case $value in
bad) echo "it is bad" >&2; exit 65 ;;
fail) exit 1 ;;
segv) kill -SEGV $$ ;;
esac
printf 'made of %s' "$value"
END
chmod +x seen.sh

# What a command finds.
fresh work 1
printf 'a:one\0\n' | kt produce -q -K : "$topic"
printf 'two' | kt produce -q --whole "$topic" -H h=v
work a "$topic" -- sh -c 'wc -c | tr -d " "; echo "$KT_RECORD_TOPIC $KT_RECORD_PARTITION $KT_RECORD_OFFSET ${KT_RECORD_KEY-none} $KT_RECORD_ATTEMPT"; cat <&3; ls /proc/self/fd | wc -l'
is "$status" 0 "a command per record"
is "$(grep -v '^{' out)" "4
$topic 0 0 a 1
5
3
$topic 0 1 none 1
5" "has value, place, key and attempt, and descriptors 0 to 3 (and ls its own)"
is "$(grep '^{' out | jq -c '[.key, .headers, has("payload")]')" '["a",null,false]
[null,[{"key":"h","value":"v"}],false]' "and all but the value as JSON on descriptor 3"
is "$(committed a)" 2 "all is committed"
like "$err" "^% 2 done, 0 retried, 0 dead, 0 skipped; 0 handed out that come again, 0 finished that are not committed" \
  "the last line counts"
unlike "$(sed '1,/^% assigned/d' err)" "waiting for group" "a run that leaves the group does not wait for it"

# What the ends of commands mean.
fresh ends 1
ends=$topic
printf 'a:one\na:bad\nb:fail\nb:four\nc:segv\n' | kt produce -q -K : "$topic" -H old=header
fresh dead 1
dead=$topic
fresh made 1
made=$topic
fresh told 1
told=$topic
work b --retries 2 --dlq "$dead" --out "$made" --notify "$told" -J "$ends" -- ./seen.sh
is "$status" 3 "records that cannot be done are a status of their own"
is "$out" '{"done":2,"retried":4,"dead":3,"skipped":0,"handed_out_again":0,"uncommitted":0}' "and counted, as JSON too"
is "$(cat seen)" "a one 1
a bad 1
b fail 1
b fail 2
b fail 3
b four 1
c segv 1
c segv 2
c segv 3" "retries keep the order; 65 is not tried again"
is "$(committed b)" 5 "dead letters are finished"
is "$(kt consume -q -e "$made" -J | jq -c '[.key, .payload, .headers]')" '["a","made of one",[{"key":"old","value":"header"}]]
["b","made of four",[{"key":"old","value":"header"}]]' "what was printed is a record with key and headers"
kt consume -q -e "$dead" -J >letters
is "$(jq -c '[.key, .payload, (.headers | from_entries | [.old, ."kt.errors.topic", ."kt.errors.partition", ."kt.errors.offset",
  ."kt.errors.attempts", ."kt.errors.reason", ."kt.errors.exit", ."kt.errors.stderr"])]' letters)" \
  '["a","bad",["header","'"$ends"'","0","1","1","reject","65","it is bad\n"]]
["b","fail",["header","'"$ends"'","0","2","3","exit","1",null]]
["c","segv",["header","'"$ends"'","0","4","3","signal","11",null]]' "dead letters say where they come from and why"
is "$(jq .ts letters | head -n 1)" "$(kt consume -q -e "$ends" -J | jq .ts | sed -n 2p)" "and keep their timestamp"
is "$(kt consume -q -e "$told" -J | jq -c '[.key, (.payload | fromjson | [.topic, .partition, .offset, .state, .attempt, .exit, .reason])]')" \
  '["a",["'"$ends"'",0,0,"done",1,0,null]]
["a",["'"$ends"'",0,1,"dead",1,65,"reject"]]
["b",["'"$ends"'",0,2,"dead",3,1,"exit"]]
["b",["'"$ends"'",0,3,"done",1,0,null]]
["c",["'"$ends"'",0,4,"dead",3,11,"signal"]]' "notices tell what became of each"
work b2 --retries 0 --on-exit 65=done,1=skip --on-exit signal=reject --dlq "$dead" "$ends" -- ./seen.sh
like "$err" "^% 3 done, 0 retried, 1 dead, 1 skipped" "--on-exit says it otherwise"
is "$status" 3 "a record that was skipped was not done"

# Ten replays of a letter.
head -n 1 letters | kt produce -q -J "$dead"
size() {
  kt consume -q -o -1 -e "$dead" -J | jq -c '[.headers[].key]'
}
size >before
for replay in 1 2 3 4 5 6 7 8 9 10; do
  kt consume -q -o -1 -e "$dead" -J | jq -c 'del(.topic,.partition,.offset)' | kt produce -q -J "$ends"
  timeout 60 kt work -q -e -g "b-$$" --dlq "$dead" "$ends" -- sh -c 'echo again >&2; exit 65' 2>err
done
is "$(size)" "$(cat before)" "ten times through the dead letters there are no more headers than after once"

# What stops the run.
: >seen
for end in 100 126 127; do
  work c "$ends" -- sh -c "echo x >>seen; exit $end"
  is "$status $(committed c)" "1 " "status $end stops the run, and nothing is committed"
done
is "$(wc -l <seen)" 3 "after one record"
work c "$ends" -- ./no-such-command
is "$status" 1 "so does a command that is not there"
like "$err" "running ./no-such-command: No such file" "which is named"
ok "in few words" test "$(wc -l <err)" -lt 6
cp seen.sh gone.sh
work c2 --by none "$ends" -- sh -c 'rm -f gone.sh; exec ./gone.sh'
is "$status $(committed c2)" "1 " "and one that has gone meanwhile"
work c --retries 1 "$ends" -- sh -c 'exit 65'
is "$status $(committed c)" "3 " "without --dlq the first record that cannot be done is the end"
like "$err" "offset 0 ended with status 65 at attempt 1" "it is named"
work c --on-failure skip "$ends" -- sh -c 'exit 65'
is "$status" 3 "--on-failure skip passes over all"
if on_kafka; then
  run kt work -e -g "c3-$$" --dlq "no-such-topic-$$" "$ends" -- true
  is "$status" 4 "no topic for dead letters, no start"
fi

# Hostile commands.
fresh hostile 1
seq 3 | kt produce -q "$topic"
python3 -c 'print("x" * 600000)' | kt produce -q "$topic"
# none_sleeps SECONDS: no command of this script with so many is there any more. For wait_for: what was killed ends when it
# is its turn.
none_sleeps() {
  ! pgrep -fx "sleep $1.$$" >pgrep.out
}
work d --retries 0 --dlq "$dead" --job-timeout 300ms -c 1 "$topic" -- sh -c "trap '' TERM; sh -c 'sleep 333.$$ & sleep 333.$$'"
is "$status" 3 "a command that ignores TERM, and its children"
like "$err" "^% 0 done, 0 retried, 1 dead" "are ended by --job-timeout"
ok "all of them" wait_for none_sleeps 333
work d -c 1 "$topic" -- sh -c 'sleep 5 & exit 0'
ok "a child that keeps stdout open is not waited for" test "$status" = 0
work d "$topic" -- sh -c 'exec <&-; exec 1>&- 2>&-; exit 0'
is "$status" 0 "a command that closes its stdin at once, or never reads 600 kB"
work d2 -j 4 --by none "$topic" -- sh -c 'head -c 3000000 /dev/zero | tr "\0" x >&2; echo "line of" "$KT_RECORD_OFFSET"'
is "$status $(sort out | tr '\n' ,)" "0 line of 0,line of 1,line of 2,line of 3," "megabytes of stderr, and whole lines of stdout"
work d3 --retries 0 --dlq "$dead" --out "$made" --out-max 1kB -c 1 "$topic" -- sh -c 'head -c 30000 /dev/zero'
like "$err" "^% 0 done, 0 retried, 1 dead" "more output than --out-max is a failure"
fresh lines 1
work d4 --out "$topic" --out-lines -c 2 "hostile-$$" -- sh -c 'printf "a\nb"'
is "$(values "$topic")" "a
b
a
b" "--out-lines makes a record of each line"

# By keys: those of one key in their order, others beside a retry; without an order all beside it.
fresh keys 1
printf 'a:1\na:2\nb:3\na:4\nb:5\n' | kt produce -q -K : "$topic"
cat >held.sh <<'END'
#!/bin/sh
# held.sh WHAT: the first record fails until there is as much of WHAT in the file seen as there has to be before.
value=$(cat)
if [ "$value" != 1 ] || [ "$(grep -cE "$1" seen)" -ge "$2" ]; then
  echo "$KT_RECORD_KEY$value" >>seen
else
  exit 1
fi
END
chmod +x held.sh
: >seen
work e -j 3 --by key --retries 50 --backoff 500ms "$topic" -- ./held.sh '^b' 2
is "$status $(grep a seen | tr '\n' ' ')" "0 a1 a2 a4 " "a key waits for its retry, and others do not"
: >seen
work f -j 3 --by none --retries 50 --backoff 500ms "$topic" -- ./held.sh . 4
is "$status $(tail -n 1 seen) $(wc -l <seen)" "0 a1 5" "without an order everything goes on beside a retry"

# Signals: what runs may finish, and is committed.
fresh signal 1
seq 100 | kt produce -q "$topic"
start term kt work -g "s-$$" -j 2 --by none "$topic" -- sh -c 'echo started; sleep 1; echo finished'
wait_for grep -q started term.out
stop "$pid" TERM
is "$status" 0 "SIGTERM is a good end when all that ran could finish"
is "$(grep -c started term.out)" "$(grep -c finished term.out)" "which it did"
is "$(committed s)" "$(grep -c finished term.out)" "and is committed"
start twice kt work -g "s2-$$" "$topic" -- sh -c 'echo started; sleep 60'
wait_for grep -q started twice.out
kill -TERM "$pid"
sleep 0.3
stop "$pid" TERM
is "$status" 143 "a second one ends the command"
like "$(cat twice.err)" "1 handed out that come again" "whose record comes again"
start grace kt work -g "s3-$$" --grace 300ms "$topic" -- sh -c 'echo started; sleep 60'
wait_for grep -q started grace.out
stop "$pid" TERM
is "$status" 143 "and so does the end of --grace"
start dies kt work -g "s4-$$" --die-with-me "$topic" -- sh -c "echo started; exec sleep 444.$$"
wait_for grep -q started dies.out
stop "$pid" KILL
ok "--die-with-me ends a command even with kill -9" wait_for none_sleeps 444
run sh -c "kt work -g h-$$ $topic -- sh -c 'echo line' | head -n 1"
is "$out" line "a reader that has enough ends the run"

# A job that is longer than max.poll.interval.ms, beside other partitions.
fresh long 2
printf 'slow\n' | kt produce -q "$topic" -p 0
seq 20 | kt produce -q "$topic" -p 1
work l -j 2 -X max.poll.interval.ms=6100 -X session.timeout.ms=6000 "$topic" -- sh -c \
  'v=$(cat); test "$v" != slow || sleep 9; echo "$v"'
is "$status $(tail -n 1 out) $(committed l)" "0 slow 1 20" "a long job stays in its group, and others go on beside it"
unlike "$err" "lost|exceeded" "nothing was lost"

# Words that do not go together.
run prlimit --nofile=64 kt work -g g -j 100 "$topic" -- true
is "$status" 2 "more commands than there can be descriptors"
like "$err" "ulimit -n 340 raises it" "and what would help"
for words in "-g g $topic" "$topic -- true" "-g g -j 0 $topic -- true" "-g g --on-exit 3=x $topic -- true" \
  "-g g --retries x $topic -- true" "-g g --out-lines $topic -- true" "-g g --max-ahead -1 $topic -- true"; do
  # shellcheck disable=SC2086
  run kt work $words
  is "$status" 2 "kt work $words"
done
done_testing
