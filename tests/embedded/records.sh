. "${0%/*}/../lib.sh"
# What goes in comes out: bytes, keys, headers, null and empty, timestamps; what cannot be carried is named.
need jq
use_broker

# copied NAME OPTION…: the file in goes through a topic and comes out equal; options for both directions.
copied() {
  name=$1
  shift
  fresh "$name"
  run kt produce "$topic" "$@" <in
  [ "$status" = 0 ] || fail "produce $*" "$err"
  run kt consume "$topic" -e -q "$@"
  same out in "$name comes out as it went in"
}
printf 'one\n\n\n two \n\r\n\303\251\377\376\n' >in && copied lines
head -c 300000 /dev/urandom | base64 -w 0 >in && echo >>in && copied long-line
head -c 100000 /dev/urandom | tr -d '\0' >in && printf '\0' >>in && copied nul -D '\0'
printf 'a;;b;;;;c;;' >in && copied delimiter -D ';;'
printf 'k=v\nk2=v=2\n=\n' >in && copied keys -K =
seq 1 100000 >in && copied many

fresh files
printf 'one\ntwo' >a && printf 'three\n' >b && : >c && printf 'x\0y\n\n' >d
run kt produce "$topic" a b
is "$(kt consume "$topic" -e -q)" "one
two
three" "files of lines"
fresh whole
run kt produce "$topic" --whole a c d
kt consume "$topic" -e -J -q | jq -c .payload >values
is "$(cat values)" '"one\ntwo"
""
"x\u0000y\n\n"' "--whole: a file is a record"
fresh stdin-whole
kt produce "$topic" -q --whole <d
run kt consume "$topic" -e -q -D ''
same out d "--whole from stdin"

fresh numbered 16
seq 0 9 | kt produce "$topic" -q --key-seq
is "$(kt consume "$topic" -e -q -f '%k %s %p\n' | sort | cut -d ' ' -f 3 | tr '\n' ' ')" "1 7 13 11 8 14 4 2 3 5 " \
  "--key-seq, and keys where the tutorial's clients put them"
seq 3 | kt produce "$topic" -q -p 9 -k key
is "$(kt consume "$topic" -e -q -p 9 -f '%k %s|')" "key 1|key 2|key 3|" "-p and -k"

fresh headers
printf 'v\n' | kt produce "$topic" -q -H a=1 -H a=2 -H =x -H empty= -H null -H 'é=ü=ö' --timestamp 1700000000123
record=$(kt consume "$topic" -e -q -J)
is "$(printf '%s' "$record" | jq -c '[.headers[] | [.key, .value]]')" \
  '[["a","1"],["a","2"],["","x"],["empty",""],["null",null],["é","ü=ö"]]' "headers in their order"
is "$(printf '%s' "$record" | jq -c '[.ts, .tstype, .topic, .partition, .offset, .key, .payload]')" \
  "[1700000000123,\"create\",\"$topic\",0,0,null,\"v\"]" "every member of -J"
is "$(kt consume "$topic" -e -q -f '%t %p %o %T %K %S %h %%|')" "$topic 0 0 1700000000123 -1 1 a=1,a=2,=x,empty=,null=,é=ü=ö %|" "-f"

cat >json <<'EOF'
{"key":null,"payload":null}
{"key":"","payload":""}
{"payload":"/w==","payload_encoding":"base64","key":"/wA=","key_encoding":"base64"}
{"headers":[{"key":"a","value":null},{"key":"a","value":""},{"key":"b","value":"/w==","encoding":"base64"}],"payload":"é","ts":1}
EOF
fresh json
run kt produce "$topic" -J <json
is "$status" 0 "-J takes null, empty, base64 and headers"
shown='[.key, .key_encoding, .payload, .payload_encoding, .headers]'
is "$(kt consume "$topic" -e -q -J | jq -c "$shown")" "$(jq -c "$shown" json)" "and -J prints them"
source=$topic
fresh copy
kt consume "$source" -e -q -J | kt produce "$topic" -q -J
same_but='del(.topic)'
is "$(kt consume "$topic" -e -q -J | jq -c "$same_but")" "$(kt consume "$source" -e -q -J | jq -c "$same_but")" \
  "consume -J | produce -J copies"

fresh null
printf 'k:\n:v\n' | kt produce "$topic" -q -K : -Z
is "$(kt consume "$topic" -e -q -J | jq -c '[.key, .payload]')" '["k",null]
[null,"v"]' "-Z makes null of empty"
is "$(kt consume "$topic" -e -q -Z -f '%k=%s;')" "k=NULL;NULL=v;" "and shows it"

# What cannot be carried.
fresh refused
printf '{"payload":"a"}\n{"payload":"b","ts":0}\n{"payload":"c","headers":[{"key":"x\\u0000y","value":"1"}]}\nnot json\n{"payload":"d"}\n' >bad
run kt produce "$topic" -J --on-error continue <bad
is "$status" 3 "records that cannot be sent make status 3"
like "$err" "line 2|:2:" "the timestamp 0 is named by its line"
like "$err" "line 3|:3:" "the NUL in a header's name too"
like "$err" "line 4|:4:" "and what is not JSON"
is "$(kt consume "$topic" -e -q | tr '\n' ' ')" "a d " "the others are sent"
fresh large
{ head -c 1100000 /dev/zero | tr '\0' x; echo; echo small; } >lines
run kt produce "$topic" --on-error continue <lines
is "$status" 3 "a record over message.max.bytes makes status 3"
like "$err" "(line|:) ?1" "and is named"
is "$(kt consume "$topic" -e -q)" "small" "what follows it arrives"

# Prompt on a pipe that stays open.
fresh prompt
start reader kt consume "$topic" -q
mkfifo fifo
start writer sh -c "exec kt produce $topic -q <fifo"
writer=$pid
exec 3>fifo
echo early >&3
ok "a line is on its way while the pipe stays open" wait_for grep -qx early reader.out
exec 3>&-
wait "$writer"
is "$?" 0 "the end of the pipe is the end"
fresh report
run kt produce "$topic" --report <a
is "$(jq -c '[.topic, .partition, .offset, .record]' <out)" "[\"$topic\",0,0,1]
[\"$topic\",0,1,2]" "--report has a line per delivery"
fresh count
seq 10 >in
run kt produce "$topic" -c 3 --tee <in
is "$out" "1
2
3" "--tee prints what is sent, -c ends"
is "$(kt consume "$topic" -e -q | tr '\n' ' ')" "1 2 3 " "and no more is sent"

done_testing
