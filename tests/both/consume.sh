. "${0%/*}/lib.sh"
# kt consume: what is printed, and how, without a group.

fresh bytes
python3 - <<'END' >records
import random, sys
random.seed(5)
for n in range(500):
    sys.stdout.buffer.write(random.randbytes(n).replace(b"|-|", b"") + b"|-|")
END
kt produce -q "$topic" -D '|-|' records
run kt consume "$topic" -e -D '|-|'
same out records "the output is the payloads and the delimiter, not a byte else"
is "$status" 0 "and -e ends well"
kt consume -q -e -D '' "$topic" >got
sed 's/|-|//g' records >expected
same got expected "-D '' leaves nothing between them"
kt consume -q -e -D '\0\x41' "$topic" | tr -d '\0' >got
sed 's/|-|/A/g' records | tr -d '\0' >expected
same got expected "escapes in -D"
run kt consume "$topic" -e -q
is "$err" "" "-q says nothing"
kt consume -u -q -e -D '|-|' "$topic" >got
same got records "-u prints the same"

fresh formats 2
kt produce -q "$topic" -p 1 -K : -H a=1 -H b --timestamp 1700000000123 <<'END'
key:value
END
kt produce -q "$topic" -p 1 -K : -Z --timestamp 1700000000124 <<'END'
:
END
kt consume "$topic" -q -e -f '%t|%p|%o|%k|%K|%s|%S|%h|%T|%%\n' >got
cat >expected <<END
$topic|1|0|key|3|value|5|a=1,b=NULL|1700000000123|%
$topic|1|1||-1||-1||1700000000124|%
END
same got expected "-f: kcat's letters"
kt consume "$topic" -q -e -Z -f '%k %s\n' | tail -n 1 >got
is "$(cat got)" "NULL NULL" "-f with -Z"
is "$(kt consume "$topic" -q -e -c 1 -f '%R%s' | od -An -tx1 | tr -d ' \n')" 0000000576616c7565 "%R: a length of four bytes"
is "$(kt consume "$topic" -q -e -c 1 -f '\x41\t%s\0' | od -An -c | tr -d ' ')" 'A\tvalue\0' "escapes in -f"
if command -v kcat >/dev/null; then
  kcat -C -q -e -o beginning -b "$KT_BROKERS" -t "$topic" -f '%t|%p|%o|%k|%K|%s|%S|%T|%%\n' >theirs
  kt consume "$topic" -q -e -f '%t|%p|%o|%k|%K|%s|%S|%T|%%\n' >got
  same got theirs "as kcat prints them"
fi
run kt consume "$topic" -e -f '%y'
is "$status" 2 "an unknown letter is a mistake"
like "$err" "%y" "and named"
run kt consume "$topic" -e -J -f '%s'
is "$status" 2 "-J with -f is one"
run kt consume "$topic" -e -K '|'
printf 'key|value\n|\n' >expected
same out expected "-K: key, delimiter, value"

fresh words 2
printf 'apple\nbanana\ncherry\navocado\n' | kt produce -q -p 0 "$topic"
printf 'apricot\n' | kt produce -q -p 1 "$topic"
words=$topic
is "$(values "$topic" --grep '^a' | sort | tr '\n' ' ')" "apple apricot avocado " "--grep"
is "$(values "$topic" --grep '(err|an.n)' | sort | tr '\n' ' ')" "banana cherry " "extended expressions"
is "$(values "$topic" --grep nothing)" "" "no match"
is "$(values "$topic" -p 0 --grep '^a' -c 1)" "apple" "-c counts what is printed"
is "$(values "$topic" -p 0 --grep '^a' -c 2 | tr '\n' ' ')" "apple avocado " "and goes on until then"
run kt consume "$topic" --grep '('
is "$status" 2 "no expression at all is a mistake"
run kt consume "$topic" --grep '((a{1,99}){1,99}){1,99}'
is "$status" 2 "a pattern that would take all memory is refused"
like "$err" '^kt consume: --grep: the pattern "\(\(a\{1,99\}' "by name"
for group in '' '-g large'; do
  # shellcheck disable=SC2086
  run kt consume '^((a{1,99}){1,99}){1,99}' $group -e
  is "$status" 2 "so is one of topics${group:+, in a group}"
done
is "$(values "$topic" -p 1)" "apricot" "-p: only this partition"
is "$(values "$topic" -p 0 -p 1 | wc -l | tr -d ' ')" 5 "several of them"
run kt consume "$topic" -p 2 -e
is "$status" 4 "a partition that is not there: status 4"
like "$err" "^hint: it has partitions 0 to 1" "and which there are"
run kt consume "$topic" -p x -e
is "$status" 2 "no number is a mistake"

run kt consume "$topic" -p 0 -c 3
is "$status $(tr '\n' ' ' <out)" "0 apple banana cherry " "-c ends after so many"
run kt consume "$topic" -c 0
is "$status $out" "0 " "-c 0 prints none"
run kt consume "$topic" -p 0 --max-messages 1
is "$out" "apple" "--max-messages"
run kt consume "$topic" -e -c 100
is "$status $(wc -l <out | tr -d ' ')" "0 5" "-e ends before -c"
run kt consume "$topic" -c 100 --run-for 8s
is "$status $(wc -l <out | tr -d ' ')" "124 5" "--run-for ends what was not complete: status 124"
run kt consume "$topic" --run-for 8s
is "$status $(wc -l <out | tr -d ' ')" "0 5" "an endless run is complete at any time"

fresh second
echo two | kt produce -q "$topic"
second=$topic
is "$(values "$words" "$second" | sort | tr '\n' ' ')" "apple apricot avocado banana cherry two " "several topics"
is "$(values -t "$second")" "two" "-t"
is "$(KT_TOPIC=$second kt consume -q -e)" "two" "the topic from the environment"
run kt consume -e
is "$status" 2 "no topic: status 2"
like "$err" "^kt consume: no topic is given" "which is said"

fresh nothing 3
run kt consume "$topic" -e
is "$status $out" "0 " "an empty topic: no output, and all is well"
like "$err" "^% $topic is empty" "it is said"
run kt consume "$topic" -p 1 -p 0 -e
like "$err" "^% no records in $topic \[0-1\]" "of some partitions nothing more is said"
run kt consume -q "$topic" -e -g "nothing-$$" --reset earliest
run kt consume -q "$topic" -e -g "nothing-$$" --reset earliest
like "$err" "^% --reset earliest has no effect" "-q does not silence warnings"
unlike "$err" "assigned|commits" "but words"
run kt consume "$topic" --show-assign -e
like "$err" "^% assigned: $topic \[0-2\] from 0 \(beginning\)$" "--show-assign says where each partition starts"

# What waits is flushed soon: to a file and to a pipe, while the run goes on.
fresh live
start file kt consume "$topic"
file=$pid
mkfifo pipe
start pipe sh -c 'exec kt consume "$1" >pipe' - "$topic"
pipe=$pid
exec 4<pipe
echo one | kt produce -q "$topic"
ok "a record arrives in a file at once" wait_for grep -q one file.out
read -r line <&4
is "$line" one "and in a pipe"
echo two | kt produce -q "$topic"
ok "the next one too" wait_for grep -q two file.out
read -r line <&4
is "$line" two "in both"
stop "$file"
is "$status" 0 "SIGTERM ends an endless run: status 0"
stop "$pipe" INT
is "$status" 0 "SIGINT too"
exec 4<&-

fresh synonyms
echo one | kt produce -q "$topic"
run kt consume --bootstrap-server "$KT_BROKERS" --from-beginning -e --topic "$topic"
is "$status $out" "0 one" "--bootstrap-server, --from-beginning, --topic"
run kt consume --broker-list "$KT_BROKERS" -e -n 1 "$topic"
is "$status $out" "0 one" "--broker-list, -n"
run kt -C -b "$KT_BROKERS" -t "$topic" -e
is "$status $out" "0 one" "kt -C"
echo two | kt -P -b "$KT_BROKERS" -t "$topic"
is "$? $(values "$topic" | tr '\n' ' ')" "0 one two " "kt -P"
run kt consume --zookeeper localhost:2181 "$topic"
is "$status" 2 "--zookeeper"
like "$err" "brokers|bootstrap-server" "is answered with what to use now"

run kt consume "$words-typo" -e
is "$status" 4 "an unknown topic: status 4"
like "$err" "$words-typo" "is named"
like "$err" "^hint: .*$words" "with the nearest one"
run kt consume "$words-typo" -g typo
is "$status" 4 "with a group too"
run kt topic list
unlike "$out" "$words-typo" "and not created by asking"

fresh csv
printf 'k1:a,"b"\nk2:\n:plain\n' | kt produce "$topic" -q -K: -Z
for way in --csv '-f csv' '-o csv' '--output csv'; do
  # shellcheck disable=SC2086
  run kt consume "$topic" -e -q $way
  is "$(cut -d , -f 1-3,5- out)" "topic,partition,offset,key,value
$topic,0,0,k1,\"a,\"\"b\"\"\"
$topic,0,1,k2,
$topic,0,2,,plain" "$way: a heading, quotes where they are needed, nothing for null"
done
run kt consume "$topic" -e -q -f '%o,%k{csv},%s{csv}\n' -c 1
is "$out" "0,k1,\"a,\"\"b\"\"\"" "-f '%o,%k{csv},%s{csv}\\n': columns of one's own"
done_testing
