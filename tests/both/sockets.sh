. "${0%/*}/lib.sh"
. "$tests/both/socketlib.sh"
# kt serve: topics by WebSocket.

kt --version | grep -q +websocket || skip_all "built without libwslay"
need curl jq python3
broker=${pid:-}

fresh sockets 2
serve served --topics 'sockets*'
socket all "$ws/ws/consume/$topic"
socket keyed "$ws/ws/consume/$topic?key=b"
printf 'a:1\nb:2\n' | kt produce "$topic" -p 0 -q -K :
ok "records come as they are written" wait_for hears all "1 2"
printf 'b:3\n:4\n' | kt produce "$topic" -p 1 -q -K :
ok "all of them" wait_for hears all "1 2 3 4"
ok "or those of a key" wait_for hears keyed "2 3"
kt consume "$topic" -q -e -J | sort >wanted
sed -n '/^{/p' all.out | sort >got
same got wanted "each as kt consume -J has it"
socket again "$ws/ws/consume/$topic?offset=0:1,1:1"
echo x:5 | kt produce "$topic" -p 0 -q -K :
wait_for said again.out '"payload":"5"'
is "$(heard again | tr ' ' '\n' | sort -n | tr '\n' ' ')" "2 4 5 " "from where it says, and what comes then, once"
seq 20000 | kt produce "$topic" -p 1 -q
socket much "$ws/ws/consume/$topic?offset=beginning&partition=1"
ok "more than a piece of it" wait_for said much.out '"payload":"20000"'
is "$(heard much)" "3 4 $(seq 20000 | tr '\n' ' ')" "in order"
is "$(curl -sS "$url/metrics" | grep '^kt_clients{kind="websocket"}')" 'kt_clients{kind="websocket"} 4' "four listen"
echo 'what' >>keyed.in
ok "there is nothing to say for one who listens" wait_for closes keyed 1008

while read -r expected path headers; do
  is "$(python3 "$tests/both/sockets.py" "$ws$path" ${headers:+"$headers"})" "status $expected" "$expected: $path $headers"
done <<END
400 /ws/consume/$topic?offset=x
403 /ws/consume/$topic Origin: http://elsewhere.example
404 /ws/consume/$topic-none
404 /ws/consume/elsewhere
416 /ws/consume/$topic?offset=0:77
404 /ws/consume/$topic?partition=7
END
is "$(curl -sS -o out -w '%{http_code}' "$url/ws/consume/$topic")" 426 "a request that wants no WebSocket"
socket own "$ws/ws/consume/$topic" "Origin: http://localhost"
is "$(cat own.out)" open "a page of its own may"
fresh sockets-burst
socket burst "$ws/ws/consume/$topic"
seq 100000 | kt produce "$topic" -q
ok "what comes all at once does not wait for what comes next" wait_for said burst.out '"payload":"100000"'
stop "$served" TERM
is "$status" 0 "a signal ends the server"
ok "and says goodbye" wait_for closes own 1001

# Those who write: a message is a record, and has its answer.
fresh senders 2
serve writes --topics 'senders*'
socket write "$ws/ws/produce/$topic?key=k&partition=1&header=from=a%3Db&header=n="
printf 'one\ntwo \\xc3\\xa9\\x00\n\n' >>write.in
ok "each is answered" wait_for said write.out '^\{"id":3,'
is "$(sed 1d write.out | tr '\n' ' ')" \
  '{"id":1,"partition":1,"offset":0} {"id":2,"partition":1,"offset":1} {"id":3,"partition":1,"offset":2} ' \
  "with its number, and where it is"
is "$(kt consume "$topic" -q -e -J | jq -c '[.key, .payload, .headers]' | tr '\n' ' ')" \
  "$(printf '["k","one",[H]] ["k","two é\\u0000",[H]] ["k","",[H]] ' |
    sed 's/H/{"key":"from","value":"a=b"},{"key":"n","value":""}/g')" "its bytes unchanged"
socket records "$ws/ws/produce/$topic?format=record"
cat >>records.in <<'END'
{"key":"a","payload":"1","id":"mine"}
{"payload":{"n":2},"headers":{"h":"x"},"partition":77}
{"id":7,"payload":null,"id":8}
{"id":{},"payload":null}
none
{}
{"id":9,"key":null}
END
ok "records as JSON" wait_for said records.out '^\{"id":9,"p'
is "$(sed 1d records.out | jq -c '[.id, .status, (.offset | type)]' | tr '\n' ' ')" \
  '["mine",null,"number"] [2,null,"number"] [7,422,"null"] [4,422,"null"] [5,422,"null"] [6,422,"null"] [9,null,"number"] ' \
  "with their own id, or a number, and what is none is said to be none"
is "$(curl -sS "$url/metrics" | grep '^kt_clients{kind="produce"}')" 'kt_clients{kind="produce"} 2' "two write"
# senders LINES ARGUMENT…: what senders.py found, so many lines.
senders() {
  lines=$1
  shift
  python3 "$tests/both/senders.py" "$@" >lines 2>lines.err || note "$(cat lines.err)"
  [ "$(wc -l <lines)" = "$lines" ] || fail "senders.py" "$(cat lines lines.err)"
  while read -r line_result line_words; do
    case $line_result in
    ok) pass "${line_words#- }" ;;
    *) fail "${line_words#ok - }" "$(cat lines.err)" ;;
    esac
  done <lines
}
senders 5 "$ws/ws/produce/$topic?partition=0" 3000
while read -r expected path headers; do
  is "$(python3 "$tests/both/sockets.py" "$ws$path" ${headers:+"$headers"})" "status $expected" "$expected: $path $headers"
done <<END
400 /ws/produce/$topic?partition=x
400 /ws/produce/$topic?offset=end
400 /ws/produce/$topic?header=x
400 /ws/produce/$topic?format=record&key=a
403 /ws/produce/$topic Origin: http://elsewhere.example
403 /ws/produce/elsewhere
404 /ws/produce/$topic-none
END
is "$(curl -sS -o out -w '%{http_code}' "$url/ws/produce/$topic")" 426 "a request that wants no WebSocket"
unlike "$(kt topic list)" "$topic-none" "and no topic was made"
stop "$served" TERM
is "$status" 0 "one server ends"

# Messages that wait for room, of a size that memory comes in.
serve full --topics 'senders*' -X queue.buffering.max.messages=10
senders 5 "$ws/ws/produce/$topic?partition=0" 3000
if on_kafka; then
  skip "the broker is away" "it is others', too"
  run kt topic create "$topic-small" --partitions 1 --config max.message.bytes=2000
  stop "$served" TERM
  is "$status" 0 "one ends that had little room"
  serve left --topics 'senders*' -X batch.size=1000000
  senders 1 "$ws/ws/produce/$topic-small" 40 leave
else
  stop "$served" TERM
  is "$status" 0 "one ends that had little room"
  serve away --deadline 2s --topics 'senders*'
  socket write "$ws/ws/produce/$topic?partition=1"
  kill -STOP "$broker"
  echo away >>write.in
  ok "the broker is away" wait_for said write.out '^\{"id":1,"status":503,"error":"'
  kill -CONT "$broker"
  back() {
    echo back >>write.in
    said write.out '^\{"id":[0-9]+,"partition":1,"offset":([3-9]|[1-9][0-9]+)\}'
  }
  ok "and comes back" wait_for back
fi
stop "$served" TERM
is "$status" 0 "a signal ends the server"
ok "and says goodbye to who has all answers" wait_for closes write 1001

# Whose token says so, also as browsers can say it.
reader=$(kt serve token add reader "consume:$topic" --token-file tokens)
serve token --token-file tokens
is "$(python3 "$tests/both/sockets.py" "$ws/ws/consume/$topic")" "status 401" "no token"
socket mine "$ws/ws/consume/$topic" "Sec-WebSocket-Protocol: kt, bearer.$reader"
is "$(cat mine.out)" open "one among the protocols"
socket other "$ws/ws/consume/$topic" "Authorization: Bearer $reader"
is "$(cat other.out)" open "or where it belongs"
is "$(python3 "$tests/both/sockets.py" "$ws/ws/produce/$topic" "Authorization: Bearer $reader")" "status 403" \
  "who may read may not write"
writer=$(kt serve token add writer "produce:$topic" --token-file tokens)
stop "$served"
serve token --token-file tokens
socket wrote "$ws/ws/produce/$topic" "Sec-WebSocket-Protocol: kt, bearer.$writer"
is "$(cat wrote.out)" open "and who may write may"
stop "$served"

# HTTPS.
run openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost
start tls kt serve --listen 127.0.0.1:0 --tls-cert cert.pem --tls-key key.pem
served=$pid
wait_for said tls.err '^% serving at'
port=$(sed -n 's,^% serving at .*:\([0-9]*\)/$,\1,p' tls.err)
cat >tls.py <<'END'
import ssl, sys, socket
sys.path.insert(0, sys.argv[2])
import sockets
plain = socket.create_connection
context = ssl.create_default_context(cafile="cert.pem")
context.check_hostname = False
sockets.socket.create_connection = lambda where: context.wrap_socket(plain(where), server_hostname="localhost")
one = sockets.Socket("wss://127.0.0.1:%s/ws/consume/%s" % (sys.argv[1], sys.argv[3]))
print("open", one.status, flush=True)
while one.code is None:
    for text in one.messages():
        print(text, flush=True)
print("closed", one.code)
END
start secure python3 tls.py "$port" "$tests/both" "$topic"
wait_for said secure.out '^open 101'
echo secret | kt produce "$topic" -q
ok "by HTTPS" wait_for hears secure secret
stop "$served" TERM
is "$status" 0 "which ends"
ok "well" wait_for closes secure 1001
done_testing
