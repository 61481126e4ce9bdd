. "${0%/*}/lib.sh"
# kt produce: from files and stdin to records, and what is said about it.
need python3 jq

fresh lines
run kt produce "$topic" <<'END'
one

  two	words
END
is "$status $out" "0 " "lines of stdin, nothing on stdout"
like "$err" "^% 3 records delivered to $topic\$" "how many were delivered is said"
printf 'carriage\r\nno newline' | kt produce -q "$topic" >quiet 2>&1
is "$(cat quiet)" "" "-q says nothing"
printf 'one\n\n  two\twords\ncarriage\r\nno newline\n' >expected
values "$topic" >got
same got expected "an empty line is an empty record, an unfinished line is one too, nothing else is cut"
is "$(kt consume -q -e -J "$topic" | jq -c '[.key, .payload == null]' | sort -u)" '[null,false]' \
  "no line is null and none has a key"

fresh no-input
run kt produce "$topic" </dev/null
is "$status $(count "$topic")" "0 0" "empty input: no record, and all is well"
like "$err" "^% 0 records delivered" "which is said"

# Kafka creates a topic for whoever writes to it. librdkafka's mock does so for whoever asks, whatever the request says.
if on_kafka; then
  : >nothing
  seq 3 >some
  ghost=ghost-$$
  run kt produce "$ghost" </dev/null
  is "$status" 4 "nothing for a topic that is not there: status 4"
  run kt produce "$ghost" -m 1s nothing nothing
  ok "several files with nothing in them are nothing too" test "$status" -ne 0
  run kt produce "$ghost" -m 1s -n 0 some
  ok "so is -n 0" test "$status" -ne 0
  run kt topic list "$ghost"
  is "$status" 4 "and no topic has come of it"
  run kt produce "$ghost" some
  is "$status $(count "$ghost")" "0 3" "records make it"
fi

# Blocks of input are 64 KiB from a pipe and 1 MiB from a file: delimiters lie across these boundaries, cut at every
# place, with beginnings of delimiters all over, and the records hold every byte.
python3 - bytes expected <<'END'
import random, sys
random.seed(7)
delim, step = b"<|END|>", 65536
data = bytearray()
for n in range(1, 41):
    data += random.randbytes(n * step - n % len(delim) - len(data)).replace(delim, b"x" * len(delim))
    data[-9:] = b"\0\r\n\xff<|EN\n"
    data += delim
data += b"<|END|<|END" + delim + delim
with open(sys.argv[1], "wb") as out:
    out.write(data)
END
fresh bytes
run kt produce "$topic" -D '<|END|>' bytes
is "$status" 0 "a file of random bytes with a delimiter of 7"
kt consume "$topic" -q -e -D '<|END|>' >got
same got bytes "comes back as it was"
is "$(count "$topic")" 42 "as 42 records, one of them empty"
fresh bytes-pipe
# shellcheck disable=SC2002
cat bytes | kt produce -q "$topic" -D '<|END|>'
kt consume "$topic" -q -e -D '<|END|>' >got
same got bytes "through a pipe as well"

fresh drops
python3 -c '
import os
for n in range(300):
    for byte in b"%d\0;" % n:
        os.write(1, bytes([byte]))' | kt produce "$topic" -q -D '\0;'
seq 0 299 >expected
values "$topic" >got
same got expected "a pipe that gives one byte at a time"

fresh nul
printf 'a\nb\0\0c' | kt produce -q "$topic" -D '\0'
is "$(kt consume -q -e -J "$topic" | jq -c .payload | tr '\n' ' ')" '"a\nb" "" "c" ' "records that end with a NUL"

fresh files
printf 'a1\na2' >a
printf 'b1\n' >b
printf 'from stdin\n' >c
: >nothing
run kt produce "$topic" a nothing - b --lines a -l b <c
is "$status" 0 "several files, stdin between them as -, and --lines"
values "$topic" >got
printf 'a1\na2\nfrom stdin\nb1\na1\na2\nb1\n' >expected
same got expected "in the order of the command line, each file's last line a record of its own"
run kt produce "$topic" a missing b
is "$status" 1 "a file that is not there: status 1"
like "$err" "missing: No such file" "and its name"
run kt produce "$topic" .
is "$status" 1 "a folder is no file"
like "$err" "^kt produce: .*\..*directory" "which is said"
fresh option
run kt produce -t "$topic" a
is "$(values "$topic" | tr '\n' ' ')" "a1 a2 " "with -t every word is a file"

fresh whole
printf 'two\nlines\n' >w
run kt produce "$topic" --whole w nothing - <b
is "$status $(kt consume -q -e -J "$topic" | jq -c .payload | tr '\n' ' ')" '0 "two\nlines\n" "" "b1\n" ' \
  "--whole: a file is a record, an empty one too"
run kt produce "$topic" --whole <w
is "$(kt consume -q -e -J -o -1 "$topic" | jq -c .payload)" '"two\nlines\n"' "--whole of stdin alone"

fresh many 8
seq 1 300000 | kt produce -q "$topic"
is "$?" 0 "300,000 lines"
values "$topic" | sort -n >got
seq 1 300000 >expected
same got expected "come back, each once"

fresh count
run kt produce "$topic" -c 2 <expected
is "$status $(values "$topic" | tr '\n' ' ')" "0 1 2 " "-c 2 sends the first two"
run kt produce "$topic" -n 0 <expected
is "$status $(count "$topic")" "0 2" "-n 0 sends none"

fresh tee
run kt produce "$topic" -T -D ';' <<'END'
a;b
;c
END
printf 'a;b\n;c\n;' >expected
same out expected "-T prints the records as they are sent"

fresh blank
run kt produce "$topic" --until-blank <<'END'
one
two

three
END
is "$status $(values "$topic" | tr '\n' ' ')" "0 one two " "--until-blank: an empty line ends the input and is not sent"
like "$err" "^Enter lines of text to be written to \"$topic\":" "the lab's prompt"

fresh partition 3
seq 5 | kt produce -q "$topic" -p 2
is "$(kt consume -q -e -f '%p\n' "$topic" | sort -u)" 2 "-p chooses the partition"
run kt produce "$topic" -p 3 </dev/null
is "$status" 4 "a partition that is not there: status 4"
like "$err" "^hint: it has partitions 0 to 2" "and which there are"
run kt produce "$topic" -p -2
is "$status" 2 "-p -2 is a mistake"

for codec in gzip snappy lz4 zstd none; do
  fresh "$codec"
  seq 2000 | kt produce -q "$topic" -z "$codec"
  is "$? $(values "$topic" | cksum)" "0 $(seq 2000 | cksum)" "-z $codec"
done
run kt produce "$topic" -z brotli
is "$status" 2 "an unknown codec is a mistake"
like "$err" "brotli" "and is named"

fresh acks
echo one | kt produce --acks 1 "$topic" 2>err
is "$?" 0 "--acks 1"
is "$(grep -c 'switches idempotence off' err)" 1 "switches idempotence off, which is said once"
echo two | kt produce -X acks=0 "$topic" 2>err
is "$? $(grep -c 'acks=0 .*switches idempotence off' err)" "0 1" "-X acks=0 does too"
echo three | kt produce --no-idempotent "$topic" 2>err
is "$? $(grep -c idempotence err)" "0 0" "--no-idempotent is the user's word: nothing to say"
echo four | kt produce --acks all "$topic" 2>err
is "$? $(grep -c idempotence err)" "0 0" "--acks all goes with it"
run kt produce "$topic" -X acks=1 -X enable.idempotence=true </dev/null
is "$status" 2 "both asked for is a mistake"
is "$(values "$topic" | tr '\n' ' ')" "one two three four " "all four are there"

fresh time
echo old | kt produce -q "$topic" --timestamp 1600000000123
echo seconds | kt produce -q "$topic" --timestamp 1600000000
echo date | kt produce -q "$topic" --timestamp 2020-09-13T12:26:40.5Z
is "$(kt consume -q -e -f '%s %T\n' "$topic" | tr '\n' ' ')" \
  "old 1600000000123 seconds 1600000000000 date 1600000000500 " "--timestamp takes ms, seconds, RFC 3339"
before=$(date +%s)
echo now | kt produce -q "$topic" --timestamp -1h
ts=$(kt consume -q -o -1 -e -f '%T' "$topic")
ok "and times from now" test "$((ts / 1000 + 3600 - before))" -ge 0 -a "$((ts / 1000 + 3600 - before))" -lt 60
run kt produce "$topic" --timestamp 0 <b
is "$status" 3 "a timestamp of 0 cannot be carried: status 3"
like "$err" "line 1: .*timestamp of 0" "and the line is named"
run kt produce "$topic" --timestamp tomorrow <b
is "$status" 2 "no time at all is a mistake"

fresh rate
before=$(date +%s%N)
seq 11 | kt produce -q "$topic" --rate 10
took=$((($(date +%s%N) - before) / 1000000))
is "$(count "$topic")" 11 "--rate loses nothing"
ok "11 records at 10 per second take a second ($took ms)" test "$took" -ge 900
run kt produce "$topic" --rate -1
is "$status" 2 "a negative rate is a mistake"

fresh report 2
run kt produce "$topic" --report -p 1 <<'END'
a
b
END
is "$(jq -c '[.topic, .partition, .offset, .record]' <out | tr '\n' ' ')" \
  "[\"$topic\",1,0,1] [\"$topic\",1,1,2] " "--report: a line of JSON per delivery"

fresh full
seq 20000 >expected
run kt produce "$topic" -X queue.buffering.max.messages=100 <expected
is "$status" 0 "a queue of 100 for 20,000 lines"
values "$topic" >got
same got expected "is waited for: nothing is lost, order is kept"
fresh full-headers
run kt produce "$topic" -X queue.buffering.max.messages=100 -H a=b <expected
values "$topic" >got
same got expected "with headers too"

fresh pipe
mkfifo line
start slow sh -c 'exec kt produce "$1" <line' - "$topic"
exec 3>line
echo first >&3
ok "a line is on its way although the pipe stays open" wait_for holds "$topic" 1
echo second >&3
printf 'unfinished' >&3
ok "and the next one" wait_for holds "$topic" 2
is "$(count "$topic")" 2 "what has no end yet waits"
exec 3>&-
wait "$pid"
is "$? $(values "$topic" | tr '\n' ' ')" "0 first second unfinished " "the end of the input flushes"

fresh words
run kt produce "$topic" hello
is "$status:$(count "$topic")" "1:0" "a word that is no file is not sent"
like "$err" "^hint: words after the topic are files; for a record: echo hello \| kt produce $topic$" \
  "and the line for it is given"
run kt produce "$topic" a missing
is "$(count "$topic")" 0 "nothing is sent when one of the files is not there"
run kt produce -t "$topic" -t other a
is "$status" 2 "two topics are a mistake"
like "$err" "records go to one topic, not 2" "which is said"

fresh members
cat >objects <<'END'
{"event_type":"x"}
{}
{"key":"k","payload":"v","comment":1}
{"Partition":0,"Offset":7,"Key":"K","Value":"V"}
{"key":"r","value":"v","timestamp":1700000000123}
{"key":"f","payload":"v","timestamp":"2023-11-14T22:13:20.123Z"}
{"key":"gone","value":null}
END
run kt produce "$topic" -J --on-error continue objects
is "$status" 3 "-J: what is not a record is refused"
like "$err" '^% objects:1: "event_type" is not a member of a record$' "a member that is not known, by its name"
like "$err" '^% objects:2: names neither "key" nor "payload"' "an object without key and payload"
like "$err" '^% objects:3: "comment" is not a member' "nothing is dropped in silence"
is "$(kt consume -q -e -J "$topic" | jq -r '[.key, .payload, .ts == 1700000000123] | join(",")' | sort | tr '\n' ' ')" \
  "K,V,false f,v,true gone,,false r,v,true " "the spellings of rpk, kaf and kafkactl are read"

fresh indented
jq . >pretty <<'END'
{"key":"a","payload":{"x":[1,{"y":"}"}]}}
{"key":"b","payload":"v","headers":[{"key":"h","value":"1"}]}
END
{
  cat pretty
  printf '{"key":"torn",\n{"key":"c","payload":"w"}\n'
  cat pretty
} >several
run kt produce "$topic" -J --on-error continue several
is "$(kt consume -q -e -J "$topic" | jq -r '[.key, .payload, .headers[0].value] | join(",")' | sort | uniq -c | tr -s ' \n' ' ')" \
  ' 2 a,{"x":[1,{"y":"}"}]}, 2 b,v,1 1 c,w, ' "indented JSON is read"
is "$status:$(printf '%s\n' "$err" | grep -c '^% several')" "3:1" "a torn object takes no other along"
like "$err" "^% several:22: " "and its first line is named"

fresh kip
printf 'a:x,b:y\tk;v\n\tk2;NULL\nno tab\nbad\tx\na:NULL\tNULL;v3\n' >kip
run kt produce "$topic" --parse-headers --null-marker NULL -K ';' --on-error continue kip
is "$status" 3 "--parse-headers: lines that have none are refused"
like "$err" "^% kip:3: --parse-headers: no tab ends the headers$" "one without a tab"
like "$err" "^% kip:4: --parse-headers: \"bad\" is not NAME:VALUE$" "one without a colon"
is "$(kt consume -q -e -J "$topic" | jq -c '[.headers // [] | .[] | .value] + [.key, .payload]' | sort | tr '\n' ' ')" \
  '["k2",null] ["x","y","k","v"] [null,null,"v3"] ' "headers, and nulls where the marker is"

if ! on_kafka; then
  fresh silent
  mkfifo silence
  start silent sh -c 'exec kt produce --run-for 10s --report "$1" <silence' - "$topic"
  exec 3>silence
  echo a >&3
  ok "a record is acknowledged" wait_for said silent.out '"offset":0'
  tell 'delay 300s'
  echo b >&3
  exec 3>&-
  wait "$pid"
  is "$?" 3 "a broker that answers no more: --run-for ends the run"
  like "$(cat silent.err)" "^% waiting for .* to acknowledge 1 record$" "what it waits for is said"
  is "$(jq -c .maybe_written silent.out | tail -1)" true "what was sent may have been written"
  tell 'delay 0ms'
fi

run kt produce
is "$status" 2 "no topic: status 2"
like "$err" "^kt produce: no topic is given" "which is said"
run kt produce "$topic" -D ''
is "$status" 2 "an empty delimiter is a mistake"
run kt produce "$topic" -K ''
is "$status" 2 "an empty key delimiter too"
run kt produce "$topic" -X acks=many
is "$status" 2 "a property with a wrong value"
like "$err" "acks" "is named"
done_testing
