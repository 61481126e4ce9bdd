. "${0%/*}/lib.sh"
# Which topics, partitions and records are read, in the words that people have in their fingers.
need jq

line() {
  tr '\n' ' ' | sed 's/ $//'
}
# run_is EXPECTED NAME COMMAND…: status 0 and these lines, in any order.
run_is() {
  expected=$1 name=$2
  shift 2
  run timeout 60 "$@"
  is "$status $(sort out | line)" "0 $expected" "$name"
  [ "$status" = 0 ] || note "$err"
}
fresh orders 3
for n in 0 1 2; do
  seq -f "$n.%g" 4 | kt produce "$topic" -q -p $n
done
other="$topic-more"
kt topic create "$other" --partitions 1 -q
echo other | kt produce "$other" -q

run_is "0.1 0.2 0.3 0.4 1.3 1.4 2.4 other" "-t twice reads both, -o starts partitions at different places" \
  kt consume -t "$topic" -t "$other" -e -o 1=2,2=-1
run_is "0.4 1.1 1.2 1.3 1.4" "-p 0,1" kt consume "$topic" -e -p 0,1 -o 0=3
run_is "1.4 2.4" "-p 1-2" kt consume "$topic" -e -p 1-2 --tail 1
run_is "0.1 0.2 0.3 0.4 1.1 1.2 1.3 1.4 2.1 2.2 2.3 2.4 other" "a pattern without a group" kt consume "$topic*" -e
run_is "other" "a regular expression" kt consume "^$topic-m" -e
run kt consume "^$topic-none" -e
is "$status" 4 "one that nothing matches: status 4"
if on_kafka; then
  run_is "0.1 0.2 0.3 0.4 1.1 1.2 1.3 1.4 2.1 2.2 2.3 2.4 other" "a pattern in a group" \
    kt consume "$topic*" -e -g "p-$$" --reset earliest
  run_is "0.1 0.2 0.3 0.4" "--since, so long ago" kt consume "$topic" -e -p 0 --since 1h
  run_is "0.1 0.2 0.3 0.4" "--until now, which ends" kt consume "$topic" -p 0 --since 1h --until now
  run_is "" "--until an hour ago" kt consume "$topic" -p 0 --until 1h
  run_is "0.1 0.2 0.3 0.4" "dates alone" kt consume "$topic" -p 0 --from 2020-01-01 --until 2100-01-01
  run_is "0.1 0.2 0.3 0.4" "-o -1h" kt consume "$topic" -e -p 0 -o -1h
  run_is "" "--from now" kt consume "$topic" -e -p 0 --from @now
else
  skip "times" "the embedded broker has none"
fi
run_is "0.1" "--limit" kt consume "$topic" -p 0 --limit 1
run_is "0.1 0.2 0.3 0.4" "--idle ends a run that follows" kt consume "$topic" -p 0 --follow --idle 1s
run_is "0.1 0.2" "Kafka's own flags" kt consume --topic "$topic" --partition 0 --from-beginning --max-messages 2 --timeout-ms 30000
run_is "0.1 0.2 0.3 0.4" "--timeout-ms" kt consume --topic "$topic" --partition 0 --timeout-ms 1000

run kt consume "$topic" -e
like "$err" "^% Reached the end of $topic \[0-2\]: exiting$" "one line for the ends of all"
for way in "consume -v" "-C"; do
  # shellcheck disable=SC2086
  run kt $way "$topic" -e
  is "$(grep -c "^% Reached end of topic $topic \[[0-2]\] at offset 4" err)" 3 "kcat's line for each with kt $way"
done

# Partitions and topics merged by time: the value of a record is its place among all, the last partition is empty.
# timed FIRST LAST STEP PARTITIONS
timed() {
  seq "$1" "$3" "$2" | awk -v p="$4" '{ printf "{\"partition\":%d,\"ts\":17000000%05d,\"payload\":\"%d\"}\n", $1 * 7919 % p, $1, $1 }'
}
fresh late 1
late=$topic
timed 1000 1999 2 1 | kt produce "$topic" -q -J --keep-partition
fresh timed 16
{
  seq 0 2 998
  seq 1000 1 11999
} >expected
{
  timed 0 998 2 15
  timed 1001 1999 2 15
  timed 2000 11999 1 15
} | kt produce "$topic" -q -J --keep-partition
run timeout 120 kt consume "$topic" "$late" -e --sort time
is "$status" 0 "--sort time, of 17 partitions"
like "$err" "$topic \[0-15\].*: exiting$" "which all end"
same out expected "is the order of the timestamps"
run timeout 60 kt consume "$topic" "$late" -e --sort time -c 503 -J
is "$status $(jq -r .payload <out | tail -n 4 | line)" "0 998 1000 1001 1002" "with -c and -J"
run timeout 60 kt consume "$topic" "$late" -e --sort time --grep '^1.00$'
is "$status $(line <out)" "0 1000 1100 1200 1300 1400 1500 1600 1700 1800 1900" "with a filter"
run timeout 60 kt consume "$topic" -o 5:8 --sort time -f '%T\n'
is "$status $(wc -l <out)" "0 45" "of a range"
ok "in order" sort -nc out
kt consume "$topic" "$late" -e -q -p 0 --tail 3 --sort time >last
is "$(wc -l <last)" 6 "from the last ones of each"
ok "they too" sort -nc last
start writer sh -c 'yes "" | kt produce "$1" -q --rate 3000' - "$topic"
writer=$pid
ok "a producer goes on" wait_for sh -c "kt consume '$topic' -e -q --tail 20 -f '%S ' | grep -q '0 '"
run timeout 120 kt consume "$topic" -e --sort time -f '%T\n'
is "$status" 0 "-e ends beside it"
kill "$(pgrep -P "$writer" kt || echo "$writer")"
stop "$writer"
ok "what it has written comes last" sort -nc out
run kt consume "$topic" --sort time
is "$status" 2 "without an end"
like "$err" "^hint: .*--sort time -e" "the line is said"
run kt consume "$topic" --sort time -e -g g
is "$status" 2 "nor in a group"

# Keys, headers and letters.
fresh people 1
kt produce "$topic" -q -k ann -H lang=de -H x=1 <<'END'
grün
END
kt produce "$topic" -q -k Bob -H lang=en -H lang=fr <<'END'
green
END
kt produce "$topic" -q <<'END'
Grau
END
run_is "grün" "--key" kt consume "$topic" -e --key ann
run_is "" "--key is the whole of it" kt consume "$topic" -e --key an
run_is "green" "--key-grep -i" kt consume "$topic" -e --key-grep '^b' -i
run_is "" "and without" kt consume "$topic" -e --key-grep '^b'
run_is "green" "--header NAME=TEXT, any of that name" kt consume "$topic" -e --header lang=fr
run_is "green grün" "--header NAME" kt consume "$topic" -e --header lang
run_is "grün" "two headers" kt consume "$topic" -e --header lang --header x=1
run_is "green grün" "--header-grep NAME=REGEX" kt consume "$topic" -e --header-grep 'lang=^[de]'
run_is "grün" "--header-grep in any" kt consume "$topic" -e --header-grep '^x$'
run_is "Grau green grün" "--grep -i" env LC_ALL=C kt consume "$topic" -e --grep '^gr' -i
run_is "grün" "--grep knows the locale's letters" env LC_ALL=C.UTF-8 kt consume "$topic" -e --grep '^gr[öü]n$'
run_is "Grau grün" "a dot is a letter" env LC_ALL=C.UTF-8 kt consume "$topic" -e --grep '^.{4}$'
run kt consume "$topic" -e --key-grep '('
is "$status" 2 "a pattern that is none"

# kafka-console-consumer's properties.
properties="--property print.key=true"
# shellcheck disable=SC2086
run_is "$(printf 'Bob\tgreen\nann\tgrün\nnull\tGrau' | line)" "print.key" kt consume "$topic" -e $properties
# shellcheck disable=SC2086
run_is "NO_HEADERS|null|Grau lang:de,x:1|ann|grün lang:en,lang:fr|Bob|green" "print.headers and key.separator" \
  kt consume "$topic" -e $properties --property print.headers=true --property "key.separator=|"
run kt consume "$topic" -e -c 1 -X print.timestamp=true -X print.partition=true -X print.offset=true -X print.value=false
like "$out" "^CreateTime:[0-9]{13}	Partition:0	Offset:0$" "print.timestamp, print.partition and print.offset"
run kt consume "$topic" -e --property print.color=true
is "$status" 2 "what cannot be printed is said"
# shellcheck disable=SC2086
run kt consume "$topic" -e -J $properties
is "$status" 2 "print.key beside -J is said"
done_testing
