. "${0%/*}/../lib.sh"
# kt serve: who may do what, HTTPS, what is for everybody, and how it ends.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl openssl python3 script
start_broker -q
for name in orders prices; do
  run kt topic create "$name"
done

serve() {
  start served kt serve "$@"
  wait_for grep -q '^% serving at' served.err
  url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err | head -n 1 | sed 's,//0\.0\.0\.0:,//localhost:,')
  ops=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err | tail -n 1)
}
# ask PATH CURL-ARGUMENT…: the answer's body is in $out, its code in $code, its head in the file head.
ask() {
  ask_path=$1
  shift
  code=$(curl -sS -D head -o out -w '%{http_code}' --cacert ca.pem "$@" "$url$ask_path" 2>curl.err)
  out=$(cat out)
}

# Tokens.
run kt serve token add shop 'produce:o*' --token-file tokens
is "$status:$err" "0:% added shop to tokens" "a token"
shop="Authorization: Bearer $out"
is "$(stat -c %a tokens) $(grep -c "$out" tokens)" "600 0" "which the file does not hold"
reader="Authorization: Bearer $(kt serve token add reader 'consume:prices' --token-file tokens)"
run kt serve token add shop 'produce:o*' --token-file tokens
is "$status:$err" "2:kt serve token add: tokens:3: there is a token of shop already" "a name is one client's"
run kt serve token add other 'read:t' --token-file tokens
is "$status:$err" "2:kt serve token add: \"read:t\" is not a right: produce:TOPIC, consume:TOPIC, group:GROUP or gateway:HOST" "a right that is none"
kt serve token add lost 'produce:*' --token-file tokens >/dev/full 2>err
is "$? $(grep -c lost tokens)" "1 0" "a token that nobody has seen is not added"
run kt serve --listen 0.0.0.0:0
like "$status $err" '^hint: --token-file or --tls-client-ca say who may; --insecure allows all$' \
  "an address that others can reach"
echo x >spoiled
run kt serve --listen 127.0.0.1:0 --token-file spoiled
is "$status:$err" "2:kt serve: --token-file: spoiled:1: expected a SHA-256 in 64 digits, a name and rights" "a file that is none"

# HTTPS.
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -subj /CN=ca -days 2 2>openssl.err
# issue NAME PURPOSE DAYS
issue() {
  openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>openssl.err
  printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=%s\n' "$2" >ext
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days "$3" -extfile ext -out "$1.pem" 2>openssl.err
}
issue first serverAuth 2
issue second serverAuth 2
issue client clientAuth 2
issue late clientAuth -1
cp first.pem cert.pem
cp first.key key.pem
run kt serve --listen 127.0.0.1:0 --tls-cert cert.pem --tls-key second.key
is "$status:$err" "2:kt serve: --tls-key second.key: not the key of the certificate in cert.pem" "a key of another certificate"
run kt serve --listen 127.0.0.1:0 --tls-cert cert.pem
is "$status:$err" "2:kt serve: --tls-cert and --tls-key go together" "no key"

serve --listen 0.0.0.0:0 --ops-listen 127.0.0.1:0 --token-file tokens --tls-cert cert.pem --tls-key key.pem \
  --tls-client-ca ca.pem --topics orders --topics prices --access-log --lab game@127.0.0.1:0 --no-create \
  --head-deadline 1m --idle 10m
lab=$(sed -n 's,^ \* Running on \(https://.*\)/ .*,\1,p' served.err)
like "$url $ops" '^https://localhost:[0-9]+ http://127\.0\.0\.1:[0-9]+$' "HTTPS, and HTTP for who only looks"
ask /healthy
is "$code $out" "403 {\"error\":\"a certificate of the client is needed\"}" "without a certificate"
ask /healthy --cert first.pem --key first.key
is "$code $out" "403 {\"error\":\"the client's certificate is not trusted here\"}" "with one of a server"
ask /healthy --cert late.pem --key late.key
is "$code $out" "403 {\"error\":\"the client's certificate has expired\"}" "with one that is over"
refusals() {
  [ "$(grep -c '"GET /healthy HTTP/1.1" 403 -$' served.err)" = 3 ]
}
ok "all three are in the log" wait_for refusals

# shellcheck disable=SC2086
while read -r expected who path arguments; do
  case $who in shop) header=$shop ;; reader) header=$reader ;; *) header="Authorization: Bearer $who" ;; esac
  ask "$path" --cert client.pem --key client.key -H "$header" $arguments
  is "$code" "$expected" "$who: $path $arguments: $expected"
done <<END
401 nobody /healthy
401 $(cut -c -64 tokens | head -n 1) /healthy
200 shop /healthy
200 shop /produce/orders -d x
403 shop /produce/prices -d x
403 reader /produce/prices -d x
403 shop /produce/__orders -d x
200 reader /topics/prices
404 reader /topics/orders
200 shop /topics/orders
403 shop /produce/orders -d x -H Sec-Fetch-Site:cross-site
403 shop /produce/orders -d x -H Origin:https://localhost
403 shop /produce/orders -d x -H Origin:null
200 shop /produce/orders -d x -H Origin:$url
END
ask /healthy --cert client.pem --key client.key
is "$code $(tr -d '\r' <"head" | grep -i '^www-authenticate')" "401 WWW-Authenticate: Bearer" "what is missing"
ask /topics --cert client.pem --key client.key -H "$reader"
is "$out" '["prices"]' "topics that a token has no right for are not shown"
ask /metrics --cert client.pem --key client.key -H "$reader"
is "$code $(grep -c '^kt_records_total{' out)" "200 0" "nor in its metrics"
ask /metrics --cert client.pem --key client.key -H "$shop"
like "$out" '^kt_records_total\{topic="orders",result="delivered"\} 2$' "but those that it has a right for"
url_before=$url url=$ops
ask /metrics
like "$code $out" '^kt_records_total\{topic="orders",' "metrics for everybody, with all names"
ask /ready
is "$code" 200 "readiness, too"
ask /produce/orders -d x
is "$code" 404 "and nothing else"
url=$url_before

# A HUP has the certificate read again; what is open stays open.
subject() {
  for at in "$url" "$lab"; do
    openssl s_client -connect "${at#https://}" -CAfile ca.pem </dev/null 2>openssl.err | sed -n 's/^subject=//p'
  done | tr -d ' \n'
}
is "$(subject)" "CN=firstCN=first" "the certificate of each listener"
cat >open.py <<'END'
import socket, ssl, sys
context = ssl.create_default_context(cafile="ca.pem")
context.load_cert_chain("client.pem", "client.key")
connection = context.wrap_socket(socket.create_connection(("localhost", int(sys.argv[1]))), server_hostname="localhost")
def ask():
    connection.sendall(b"GET /healthy HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n" % sys.argv[2].encode())
    head = ""
    while not head.endswith("\r\n\r\nok\n"):
        piece = connection.recv(4096) or sys.exit("closed after " + repr(head))
        head += piece.decode()
    print(head.split()[1], "close" if "\r\nConnection: close\r\n" in head else "open", flush=True)
ask()
sys.stdin.readline()
ask()
print(len(connection.recv(4096)), flush=True)
END
mkfifo go
served=$pid
start open sh -c 'exec python3 open.py "$1" "$2" <go' sh "${url##*:}" "$shop"
exec 3>go
wait_for grep -q 'open$' open.out
cp second.pem cert.pem
kill -HUP "$served"
wait_for grep -q 'stay as they were: --tls-key key.pem: not the key' served.err
is "$(subject)" "CN=firstCN=first" "a certificate without its key changes nothing"
cp second.key key.pem
kill -HUP "$served"
wait_for grep -q 'read the certificates again' served.err
is "$(subject)" "CN=secondCN=second" "the new one"
echo >&3
exec 3>&-
wait_for grep -q '^0$' open.out
is "$(cat open.out)" "200 open
200 close
0" "what was open is answered once more, and ends"
# Often, each time with one more connection that stays.
cat >renew.py <<'END'
import os, signal, socket, ssl, sys, time
context = ssl.create_default_context(cafile="ca.pem")
context.load_cert_chain("client.pem", "client.key")
def connect():
    return context.wrap_socket(socket.create_connection(("localhost", int(sys.argv[1]))), server_hostname="localhost")
def ask(connection):
    connection.sendall(b"GET /healthy HTTP/1.1\r\nHost: localhost\r\n%s\r\n\r\n" % sys.argv[2].encode())
    head = ""
    while not head.endswith("\r\n\r\nok\n"):
        piece = connection.recv(4096) or sys.exit("closed after " + repr(head))
        head += piece.decode()
    return head.split()[1]
def answers():
    log = open("served.err").read()
    return log.count("read the certificates again") + log.count("stay as they were")
connections = []
for i in range(20):
    connections.append(connect())
    ask(connections[-1])
    before = answers()
    os.kill(int(sys.argv[3]), signal.SIGHUP)
    while answers() == before:
        time.sleep(0.01)
print(len([c for c in connections if ask(c) == "200"]))
END
refused=$(grep -c 'stay as they were' served.err)
run python3 renew.py "${url##*:}" "$shop" "$served"
is "$out $(grep -c 'stay as they were' served.err)" "20 $refused" "however often, and each connection is served"
unlike "$(cat served.err)" "${shop#*Bearer }" "no token in the log"
stop "$served" TERM
is "$status" 0 "a signal ends it"

# Other hosts, and a number of requests per second.
serve --listen 127.0.0.1:0 --rate-limit 5 --access-log
for host in evil.example localhost; do
  ask /healthy -H "Host: $host"
  echo "$code"
done >hosts
is "$(cat hosts)" "403
200" "Host has to be this machine"
ok "who names another is in the log" wait_for grep -q '"GET /healthy HTTP/1.1" 403 -$' served.err
ask /metrics
like "$out" '^kt_http_requests_total\{method="",route="",code="403"\} 1$' "and counted"
python3 -c '
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.sendall(b"GET /\x1b[31m HTTP/1.1\r\nHost: localhost\r\n\r\n")
connection.recv(4096)' "${url##*:}"
like "$(cat served.err)" '"GET /\\x1b\[31m HTTP/1.1" 404 -$' "control bytes do not come to a terminal"
curl -sS -D heads -o many -w '%{http_code}\n' "$url/healthy?[1-40]" >codes
ok "more than that is too much" grep -q '^429$' codes
is "$(tr -d '\r' <heads | grep -i '^retry-after' | sort -u)" "Retry-After: 1" "for a second"
allowed() {
  ask /healthy "$@"
  [ "$code" = 200 ]
}
ok "and then it goes on" wait_for allowed
stop "$pid" TERM

serve --listen 127.0.0.1:0 --rate-limit 5 --token-file tokens
curl -sS -o many -w '%{http_code}\n' -H 'Authorization: Bearer guessed' "$url/healthy?[1-40]" >codes
is "$(sort -u codes | tr '\n' ' ')" "401 429 " "who guesses tokens is held up, too"
ok "and nobody else" allowed -H "$shop"
stop "$pid" TERM

# On a terminal the last line tells how it goes.
start live script -qec "kt serve --listen 127.0.0.1:0" /dev/null
ok "a line that lives" wait_for grep -q 'requests/s, 0 in flight, 0 failures' live.out
stop "$pid" TERM

# The end: not ready first, then nobody can connect, and what has begun is answered.
serve --listen 127.0.0.1:0 --drain 1s --max-head 2KiB
ask /healthy -H "Long: $(printf '%5000s' x)"
is "$code" 431 "a head that is too long"
cat >half.py <<'END'
import socket, sys
connection = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
connection.sendall(b"POST /produce/orders HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nla")
print("half", flush=True)
sys.stdin.readline()
connection.sendall(b"te")
print(connection.recv(4096).decode().split()[1], flush=True)
END
server=$pid
start half sh -c 'exec python3 half.py "$1" <go' sh "${url##*:}"
exec 3>go
wait_for grep -q half half.out
kill -TERM "$server"
refused() {
  ask /ready
  [ "$code" = 000 ]
}
ok "when it drains no more nobody can connect" wait_for refused
echo >&3
exec 3>&-
wait_for grep -q '^[0-9]' half.out
is "$(tail -n 1 half.out)" 503 "what comes now is told so"
wait "$server"
is "$?" 0 "and nothing was lost"

# A broker that never answers is not waited for longer than a request may last; --deadline is said to be of that, too.
serve --listen 127.0.0.1:0 -b 127.0.0.1:1 --deadline 100ms
for path in /ready /topics '/consume/orders?timeout=0' /topics/orders/partitions/0/offsets; do
  ok "$path: no longer than --deadline" within 4000 ask "$path"
  is "$code" 503 "and that it is away"
done
ok "the server says so" wait_for grep -q '^% no broker of 127.0.0.1:1 can be reached; trying on$' served.err
stop "$pid" TERM

# A second signal ends it at once, whatever is not over.
serve --listen 127.0.0.1:0 --drain 10m
kill -TERM "$pid"
not_ready() {
  ask /ready
  [ "$code" = 503 ]
}
ok "not ready any more" wait_for not_ready
ask /produce/orders -d x
is "$code" 200 "but it serves who comes still"
# One that comes within a tenth of a second is taken for a copy of the first.
sleep 0.3
kill -TERM "$pid"
stop "$pid" 0
is "$status" 143 "a second signal ends it"
done_testing
