. "${0%/*}/lib.sh"
# kcat's command lines, typed with kt: the 26 examples of kcat's README, and where options may stand.
need python3 jq

# A COMMAND whose stdin is a terminal, which is what kcat takes for "read".
cat >typed <<'EOP'
import os, pty, signal, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdin=pty.openpty()[1])
for number in signal.SIGINT, signal.SIGTERM:
    signal.signal(number, lambda *_: child.send_signal(signal.SIGINT))
status = child.wait()
sys.exit(status if status >= 0 else 128 - status)
EOP
# shows REGEX WHAT COMMAND…: prints such a line, and goes on until it is stopped.
shows() {
  regex=$1 what=$2
  shift 2
  start shown "$@"
  ok "$what" wait_for said shown.out "$regex"
  stop "$pid" INT
}

fresh one && topic1=$topic
fresh two && topic2=$topic
fresh filedrop && filedrop=$topic
fresh mytopic && mytopic=$topic
fresh ledger && ledger=$topic
fresh packed && packed=$topic
fresh test && test=$topic
fresh syslog && syslog=$topic
mybroker=$KT_BROKERS
unset KT_BROKERS

echo first | kt -b "$mybroker" -P -t "$topic1" -q
echo second | kt -b "$mybroker" -P -t "$topic2" -q
shows '^(first|second)$' "1: -G and its topics" \
  kt -X auto.offset.reset=earliest -b "$mybroker" -G "mygroup-$$" "$topic1" "$topic2"
printf 'a\nb\n' >two
run kt -b "$mybroker" -t "$syslog" -z snappy <two
is "$status $err" "0 % Auto-selecting Producer mode (use -P or -C to override)
% 2 records delivered to $syslog" "2: without a mode a pipe is written"
shows '^b$' "3: and on a terminal records are read" python3 typed kt -b "$mybroker" -t "$syslog"
like "$(cat shown.err)" "^% Auto-selecting Consumer mode \(use -P or -C to override\)$" "as kcat says it"

printf 'x\ny' >myfile1.bin
printf 'z\n' >thirdfile.tgz
run kt -P -b "$mybroker" -t "$filedrop" -p 0 myfile1.bin thirdfile.tgz
kt consume -q -e -b "$mybroker" "$filedrop" -D '|' >got
printf 'x\ny|z\n|' >expected
same got expected "4: a file is a record"
run kt -P -b "$mybroker" -t "$mytopic" -X transactional.id="myproducerapp-$$" <two
is "$status" 0 "5: all in one transaction"
run kt -C -b "$mybroker" -t "$syslog" -p 0 -o -2000 -e
is "$status $out" "0 a
b" "6: the last 2000 of a partition"
like "$err" "^% Reached end of topic $syslog \[0\] at offset 2: exiting$" "with kcat's line at the end"
shows '^b$' "7: all partitions" kt -C -b "$mybroker" -t "$syslog"
shows '"payload":"b"' "8: in a JSON envelope" python3 typed kt -b "$mybroker" -t "$syslog" -J

if kt --version | grep -q '+curl'; then
  start registry python3 "$tests/cli/registry_server.py" registry.log
  wait_for test -s registry.out || fail "the registry starts" "$(cat registry.err)"
  url=http://127.0.0.1:$(cat registry.out)
  printf '\000\000\000\000\021\002\006abc\004' >datum
  kt -P -q -b "$mybroker" -t "$ledger" datum
  shows '^{"a":"abc","b":2}$' "9: Avro, by a registry" python3 typed kt -b "$mybroker" -t "$ledger" -s avro -r "$url"
  shows '^{"a":"abc","b":2}$' "10: only values" python3 typed kt -b "$mybroker" -t "$ledger" -s value=avro -r "$url"
fi
printf '\000\000\000\007:\000\005\010text' >packed
run kt -P -b "$mybroker" -t "$packed" -K: -D '\xff' -l packed
# shellcheck disable=SC2016
shows '^7: 58 text$' "11: integers" python3 typed kt -b "$mybroker" -t "$packed" -s key='i$' -s value='hB s' -K ': '
shows "^Topic $syslog\[0\], offset: 1, key: , payload: 1 bytes: b$" "12: a format" \
  python3 typed kt -b "$mybroker" -t "$syslog" -f 'Topic %t[%p], offset: %o, key: %k, payload: %S bytes: %s\n'
run kt -C -b "$mybroker" -X broker.version.fallback=0.8.2.1 -t "$syslog" -p 0 -o -100 -e
is "$status $out" "0 a
b" "13: a property, and the last 100"
echo "abc:" >abc
run kt -b "$mybroker" -t "$mytopic" -Z -K: <abc
is "$status $(kt -b "$mybroker" -CeqJ -t "$mytopic" | tail -n 1 | jq -c '[.key, .payload]')" '0 ["abc",null]' "14: a tombstone"
run kt -b "$mybroker" -H "header1=header value" -H "nullheader" -H "emptyheader=" -H "header1=duplicateIsOk" <abc
is "$status" 2 "15: as in kcat's README, without a topic"
like "$err" "^hint: kt produce TOPIC" "the error says what is missing"
run kt -t "$mytopic" -b "$mybroker" -H "header1=header value" -H "nullheader" -H "emptyheader=" -H "header1=duplicateIsOk" <abc
is "$status" 0 "15: headers"
shows '^Headers: header1=header value,nullheader=NULL,emptyheader=,header1=duplicateIsOk: Message value: abc:$' \
  "16: headers in a format" kt -b "$mybroker" -C -t "$mytopic" -f 'Headers: %h: Message value: %s\n'
run kt -b "$mybroker" -X enable.idempotence=true -P -t "$mytopic" <two
is "$status" 0 "17: idempotence"
run kt -b "$mybroker" -X security.protocol=SASL_SSL -X sasl.mechanism=PLAIN -X sasl.username=myapikey \
  -X sasl.password=myapisecret -L -m 5
is "$status" 5 "18: a broker that speaks neither TLS nor SASL"
like "$err" "TLS" "is told from one that is away"

run kt -L -b "$mybroker"
is "$status" 0 "19: brokers and topics"
like "$out" "$syslog" "with names"
run kt -b "$mybroker" -L -J
is "$status" 0 "20: as JSON"
jq . out >jq.out
is "$?" 0 "21: which jq reads"
is "$(jq -r '.query.topic, (.brokers[0] | keys | join(" ")), (.topics[] | select(.topic == "'"$syslog"'").partitions[0] |
  keys | join(" "))' out)" "*
id name
isrs leader partition replicas" "in kcat's shape"
run kt -b "$mybroker" -LJ -t "$syslog"
is "$(jq -r '[.query.topic, (.topics[] | .topic, .partitions[0].replicas[0].id == .partitions[0].leader)] | join(" ")' out)" \
  "$syslog $syslog true" "of one topic"
run kt -b "$mybroker" -Q -t "$topic1:0:-2" -t "$topic2:0:-1"
is "$status $out" "0 $topic1 [0] offset 0
$topic2 [0] offset 1" "22: offsets"
run kt -b "$mybroker" -QJ -t "$topic1:0:-2" -t "$topic2:0:-1" -t "$topic1:0:-1"
is "$(jq -c '[."'"$topic1"'"."0".offset, ."'"$topic2"'"."0"]' out)" '[1,{"partition":0,"offset":1}]' "as JSON, in kcat's shape"
run kt -b "$mybroker" -Q -t "$topic1:1:0"
is "$status" 4 "of a partition that is not there"
run kt -b "$mybroker" -Q -t "$topic1"
is "$status" 2 "and of a place that is none"
if on_kafka; then
  run kt -b "$mybroker" -Q -t "$topic1:0:1"
  is "$out" "$topic1 [0] offset 0" "22: by time"
  run kt -b "$mybroker" -C -t "$syslog" -o s@1 -o e@1568276617901
  is "$status $out" "0 " "23: between two times"
fi
run kt -b "$mybroker" -L
is "$status" 0 "24: as in the docker image"
run kt -b "$mybroker" -t "$test" -K: -P <<EOP
1:{"order_id":1,"total_amount":10.50}
2:{"order_id":2,"total_amount":3.32}
EOP
is "$status" 0 "25: a here document"
run kt -b "$mybroker" -C -e -f '\nKey (%K bytes): %k\t\nValue (%S bytes): %s\n\Partition: %p\tOffset: %o\n--\n' -t "$test"
is "$(sed -n 2,5p out)" "$(printf 'Key (1 bytes): 1\t\nValue (35 bytes): {"order_id":1,"total_amount":10.50}\nPartition: 0\tOffset: 0\n--')" \
  "26: a backslash before a letter that needs none"

run kt -b "$mybroker" -CJeq -t "$syslog"
is "$(jq -r .payload <out | tr '\n' ' ')" "a b " "a mode among other letters"
run kt -b "$mybroker" -t "$syslog" -e -C -q
is "$out" "a
b" "and at the end"
run kt -b "$mybroker" -q topic list "$syslog"
is "$out" "$syslog" "options before a command"
run kt -q -b "$mybroker" consume -e "$syslog" -c 1
is "$status $out" "0 a" "its own go on after it"
run kt -q tpic list
is "$status" 2 "options before a command that is mistyped"
like "$err" "^hint: did you mean .kt topic list -q.\?$" "say its name"
run kt -b "$mybroker" -t "$syslog" -f '%s' </dev/null
is "$status" 2 "what only reads, from a pipe"
like "$err" "to read: kt -C" "is told how"
run kt -C -O -t "$syslog" -b "$mybroker"
like "$err" "^hint: .*-f '%o:%k:%s" "-O has a format"
run kt -X client.id=me -X dump -b "$mybroker"
like "$out" "^client.id	me	-X$" "-X dump"
run kt -X list
like "$out" "^acks " "-X list"
start mock kt -M 2
ok "-M: brokers" wait_for said mock.out '^[^,]+,[^,]+$'
done_testing
