. "${0%/*}/../lib.sh"
# kt serve: requests that another server answers: the course's gateway, and rows of proxy.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
kt --version | grep -q +curl || skip_all "built without libcurl"
need curl ab python3
start_broker -q

# What comes is told in the answer's body; what the path says is what comes back.
cat >upstream.py <<'END'
import http.server, json, socketserver
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = self.path.split("?")[0]
        if path == "/cut":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
            self.close_connection = True
        elif path == "/chunked":
            self.wfile.write(b"HTTP/1.1 103 Early\r\nX-Early: 1\r\n\r\nHTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n"
                             b"X-Own: 1\r\nConnection: x-hop\r\nX-Hop: 1\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"
                             b"3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n")
        elif path == "/large":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 8000000\r\n\r\n" + b"x" * 8000000)
        elif path == "/big":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6000000\r\n\r\n" + b"x" * 6000000)
        elif path == "/moved":
            self.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n")
        elif path == "/never":
            self.rfile.read(1)
        elif path == "/two":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 5\r\n\r\nabcde")
            self.close_connection = True
        else:
            told = json.dumps([self.command, self.path, [[k, v] for k, v in self.headers.items()], body.decode("latin1"),
                               self.client_address[1]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(told)
    def __getattr__(self, name):
        if name.startswith("do_"):
            return self.handle_any
        raise AttributeError(name)
    def log_message(self, *args):
        pass
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
END
start upstream python3 upstream.py
wait_for test -s upstream.out
upstream=http://127.0.0.1:$(cat upstream.out)

cat >own.routes <<END
ANY /u/* proxy $upstream/base/
GET /only proxy $upstream
GET /u/own text own
END
start served kt serve --routes own.routes --listen 127.0.0.1:0 --lab ping@127.0.0.1:0 --lab gateway@127.0.0.1:0 \
  --lab gateway-admin@127.0.0.1:0 --max-body 7MB --max-inflight 7MB --deadline 1m
wait_for sh -c '[ "$(grep -c "^% serving at" served.err)" = 4 ]'
at() {
  sed -n 's,^% serving at \(.*\)/$,\1,p' served.err | sed -n "$1p"
}
rows=$(at 1) ping=$(at 2) gateway=$(at 3) admin=$(at 4)
# ask URL CURL-ARGUMENT…
ask() {
  ask_url=$1
  shift
  code=$(curl -sS -D head -o out -w '%{http_code}' "$@" "$ask_url" 2>curl.err)
  out=$(cat out)
}
head_of() {
  tr -d '\r' <"head"
}
# told PYTHON: an expression of what the server was told: m(ethod), t(arget), h(eaders), b(ody), p(ort).
told() {
  python3 -c 'import json, sys
m, t, h, b, p = json.load(open("out"))
print(eval(sys.argv[1]))' "$1"
}

# The gateway is told.
ask "$admin/"
is "$code" 200 "its admin"
ask "$admin/apis/" --data name=ping-api --data hosts=ping-api.com --data "upstream_url=$ping"
is "$code" 201 "an API"
like "$out" '^\{"created_at":[0-9]+,"hosts":\["ping-api\.com"\],"id":"[0-9a-f-]{36}","name":"ping-api","preserve_host":false,"upstream_url":"http://127' \
  "as it says"
for row in "all up.example,two.example $upstream" "gone gone.example http://127.0.0.1:1" "loop loop.example $gateway"; do
  # shellcheck disable=SC2086
  set -- $row
  ask "$admin/apis/" --data "name=$1" --data-urlencode "hosts=$2" --data "upstream_url=$3"
  is "$code" 201 "$1"
done
while IFS='|' read -r expected form answer; do
  ask "$admin/apis/" --data "$form"
  is "$code $out" "$expected $answer" "$form"
done <<'END'
409|name=gone&hosts=a&upstream_url=http://a|{"name":"already exists with value 'gone'"}
400|hosts=a&upstream_url=http://a|{"name":"name is required"}
400|name=a&hosts=a|{"upstream_url":"upstream_url is required"}
400|name=a&hosts=a&upstream_url=file:///etc/passwd|{"upstream_url":"upstream_url is not a url"}
400|name=a&hosts=a&upstream_url=http://u:p@a|{"upstream_url":"upstream_url is not a url"}
400|name=a&upstream_url=http://a|{"message":"at least one of 'hosts', 'uris' or 'methods' must be specified"}
400|name=%|{"message":"this is not a form"}
END
ask "$admin/apis/" --data 'name=b&hosts=b&upstream_url=http://b' -H 'Origin: http://evil.example'
is "$code" 403 "not by a page of another site"
ask "$admin/apis/"
is "$(python3 -c 'import json; d = json.load(open("out")); print(d["total"], [a["name"] for a in d["data"]])')" \
  "4 ['ping-api', 'all', 'gone', 'loop']" "the list"

# As the document has it.
ask "$gateway/ping" -H 'Host: ping-api.com'
is "$code $out" "200 pong" "through the gateway"
is "$(head_of | grep -E '^(X-Kong|Via)' | sed 's/[0-9]*$/N/')" "X-Kong-Upstream-Latency: N
X-Kong-Proxy-Latency: N
Via: kong/0.11.N" "with what it adds"
printf '{"some":"data"}' >body
ask "$gateway/ping" -H 'Host: ping-api.com:8000' -H 'Content-Type: application/json' -d @body
is "$code $out" '200 {"some":"data"}' "a POST"
ask "$gateway/ping"
is "$code $out" '404 {"message":"no API found with those values"}' "no such host"
ask "$gateway/" -H 'Host: gone.example'
is "$code $out" '502 {"message":"An invalid response was received from the upstream server"}' "nobody there"
ask "$gateway/" -H 'Host: loop.example' -H 'X: 1'
is "$code" 404 "the gateway itself, by another name"
ask "$admin/apis/" --data name=circle --data hosts=127.0.0.1 --data "upstream_url=$gateway"
ask "$gateway/"
is "$code $out" '508 {"message":"this request has come through here already"}' "and by its own"
ab -q -p body -T application/json -H 'Host: ping-api.com' -n 300 -c 10 "$gateway/ping" >ab.out 2>ab.err
is "$(grep -E '^(Complete|Failed) requests' ab.out | tr -s ' ')" "Complete requests: 300
Failed requests: 0" "as the document loads it"

ask "$ping/ping" -H 'Host: ping-api.com'
is "$code" 200 "the service takes that name, too"
ask "$ping/ping" -H 'Host: evil.example'
is "$code" 403 "and no other"

# What goes through, and what does not.
ask "$gateway/a%20b//c/../d?x=%41&y" --path-as-is -X PATCH -H 'Host: TWO.example' -H 'X-Mine: 1' -H 'x-mine: 2' -H 'X-Empty;' \
  -H 'Connection: x-secret, close' -H 'X-Secret: 1' -H 'TE: trailers' -H 'Proxy-Authorization: x' -H 'Via: 1.0 other' \
  -H 'X-Forwarded-For: 9.9.9.9' -H 'User-Agent:' -H 'Accept:' -d 'a=1' -H 'Content-Type:'
is "$code $(told '[m, t, b]')" "200 ['PATCH', '/a%20b//c/../d?x=%41&y', 'a=1']" "method, target and body"
is "$(told '[x for x in h if x[0] not in ("Via", "Host")]')" \
  "[['X-Mine', '1'], ['x-mine', '2'], ['X-Empty', ''], ['X-Forwarded-For', '9.9.9.9, 127.0.0.1'], ['X-Forwarded-Host', 'TWO.example'], ['X-Forwarded-Proto', 'http'], ['Content-Length', '3']]" \
  "headers, but for those of one connection"
like "$(told 'dict(h)["Via"]') $(told 'dict(h)["Host"]')" '^1\.0 other, 1\.1 kt-[0-9a-f]{16} 127\.0\.0\.1:[0-9]+$' "its own Via and Host"
via=$(told 'dict(h)["Via"]')
ask "$gateway/" -H 'Host: up.example' -H "Via: $via"
is "$code" 508 "what has come through here does not do so again"
first=$(ask "$gateway/" -H 'Host: up.example' && told p)
ask "$gateway/" -H 'Host: up.example'
is "$(told p)" "$first" "connections are kept"
head -c 300000 /dev/urandom | base64 -w 0 >large
ask "$gateway/" -H 'Host: up.example' -H 'Transfer-Encoding: chunked' --data-binary @large
is "$(told '[len(b), dict(h)["Content-Length"], "Transfer-Encoding" in dict(h)]')" "[400000, '400000', False]" "a chunked body has a length there"
ask "$gateway/" -H 'Host: up.example' -X POST -H 'Content-Length: 0'
is "$(told '[m, dict(h).get("Content-Length"), b]')" "['POST', '0', '']" "an empty one, too"
ask "$gateway/" -H 'Host: up.example' -I
like "$code $(head_of | grep -i '^content-length')" '^200 Content-Length: [1-9][0-9]+$' "HEAD has the length that GET has"
ask "$gateway/chunked" -H 'Host: up.example'
is "$code $out $(head_of | grep -v '^[XVD]')" "201 abc HTTP/1.1 201 Created
Set-Cookie: a=1
Set-Cookie: b=2
Content-Length: 3" "an answer in chunks"
is "$(head_of | grep -c -i -E '^x-(own|hop|early|trailer)')" 1 "without what is for one connection, or no header"
ask "$gateway/moved" -H 'Host: up.example'
is "$code $(head_of | grep -i '^location')" "302 Location: /elsewhere" "a redirect is an answer"
for path in cut large; do
  ask "$gateway/$path" -H 'Host: up.example'
  is "$code" 502 "$path: no answer that can be passed on"
done
ask "$gateway/two" -H 'Host: up.example'
like "$code" '^(200|502)$' "two lengths are not passed on"
is "$(head_of | grep -c -i '^content-length')" 1 "nor both of them"
cat >raw.py <<'END'
import socket, sys
host, port = sys.argv[1].split("//")[1].split(":")
for request in (b"POST / HTTP/1.1\r\nHost: up.example\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                b"POST / HTTP/1.1\r\nHost: up.example\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                b"POST / HTTP/1.1\r\nHost: up.example\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                b"GET http://up.example/ HTTP/1.1\r\nHost: up.example\r\n\r\n",
                b"GET /\x01 HTTP/1.1\r\nHost: up.example\r\n\r\n",
                b"G(T / HTTP/1.1\r\nHost: up.example\r\n\r\n"):
    connection = socket.create_connection((host, int(port)))
    connection.sendall(request)
    print(connection.recv(4096).split()[1].decode(), end=" ")
END
is "$(python3 raw.py "$gateway")" "400 400 400 404 400 400 " "shapes that two servers could read differently"

# Nor do answers pile up that nobody takes.
cat >greedy.py <<'END'
import socket, sys
host, port = sys.argv[1].split("//")[1].split(":")
kept = []
for _ in range(3):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect((host, int(port)))
    connection.sendall(b"GET /big HTTP/1.1\r\nHost: up.example\r\n\r\n")
    print(connection.recv(12).split()[1].decode(), end=" ")
    kept.append(connection)
END
is "$(python3 greedy.py "$gateway")" "200 200 503 " "answers that are not taken count towards --max-inflight"
ok "as long as their clients are there" wait_for curl -sf -o out -H 'Host: up.example' "$gateway/"

# Rows of one's own.
ask "$rows/u/x/y?z=1" -X DELETE
is "$code $(told '[m, t]')" "200 ['DELETE', '/base/u/x/y?z=1']" "a row of proxy"
is "$(head_of | grep -c -E '^(X-Kong|Via)')" 0 "adds nothing to the answer"
ask "$rows/u/own"
is "$out" own "a row that says more comes first"
ask "$rows/u/own" -X POST
is "$(told m)" POST "for its method"
ask "$rows/u/...;/..a/.b" --path-as-is
is "$(told t)" "/base/u/...;/..a/.b" "dots in a name"
ask "$rows/only" -X POST -d x
is "$code $(head_of | grep -i '^allow')" "405 Allow: GET, HEAD" "one method"
for path in /u/../x /u/%2e%2e/x /u/a%2f..%2f..%2fx /u/. '/u/..;/x' '/u/..;a=b/x' '/u/..\x' /u/a%5c..%5cx /u/..%5c; do
  ask "$rows$path" --path-as-is
  case $code in 400 | 404) pass "$path leads nowhere else" ;; *) fail "$path leads nowhere else" "$code" ;; esac
done
stop "$pid" TERM
is "$status" 0 "a signal ends it"

# One that has less patience than all others need.
start short kt serve --lab gateway@127.0.0.1:0 --lab gateway-admin@127.0.0.1:0 --deadline 1s
wait_for sh -c '[ "$(grep -c "^% serving at" short.err)" = 2 ]'
short=$(sed -n 's,^% serving at \(.*\)/$,\1,p' short.err | sed -n 1p)
ask "$(sed -n 's,^% serving at \(.*\)/$,\1,p' short.err | sed -n 2p)/apis/" -d "name=a&hosts=up.example&upstream_url=$upstream"
ask "$short/never" -H 'Host: up.example'
is "$code $out" '504 {"message":"The upstream server is timing out"}' "no answer in time"
stop "$pid" TERM

# Whose token says so.
reader="Authorization: Bearer $(kt serve token add reader 'consume:*' 'produce:*' --token-file tokens 2>err)"
owner="Authorization: Bearer $(kt serve token add owner 'gateway:*.shop.example' --token-file tokens 2>err)"
start guarded kt serve --lab gateway@127.0.0.1:0 --lab gateway-admin@127.0.0.1:0 --token-file tokens
wait_for sh -c '[ "$(grep -c "^% serving at" guarded.err)" = 2 ]'
admin=$(sed -n 's,^% serving at \(.*\)/$,\1,p' guarded.err | sed -n 2p)
for row in "401 Authorization:x a.shop.example" "403 reader a.shop.example" "403 owner shop.example" \
  "403 owner a.shop.example,other.example" "201 owner a.shop.example,b.shop.example"; do
  # shellcheck disable=SC2086
  set -- $row
  case $2 in reader) header=$reader ;; owner) header=$owner ;; *) header=$2 ;; esac
  ask "$admin/apis/" -H "$header" -d "name=a&hosts=$3&upstream_url=http://127.0.0.1:1"
  is "$code" "$1" "$2 puts a server behind $3: $1"
done
for header in "$reader" "$owner"; do
  ask "$admin/apis" -H "$header"
  sed 's/.*"total"/total/' out
done >totals
is "$(cat totals)" "total:0}total:1}" "others are not told where it is"
guarded=$(sed -n 's,^% serving at \(.*\)/$,\1,p' guarded.err | sed -n 1p)
ask "$admin/apis/" -H "$owner" -d "name=up&hosts=up.shop.example&upstream_url=$upstream"
ask "$guarded/" -H 'Host: up.shop.example' -H "$owner" -H 'X-Mine: 1'
is "$code $(told '"X-Mine" in dict(h)') $(grep -c "${owner##* }" out)" "200 True 0" "a token goes no further"
ask "$guarded/" -H 'Host: up.shop.example' -H 'Upgrade: websocket' -H 'X-Mine: 1' \
  -H "Sec-WebSocket-Protocol: kt, bearer.${owner##* }"
is "$code $(told '"X-Mine" in dict(h)') $(grep -c "${owner##* }" out)" "200 True 0" "nor one among the protocols"
stop "$pid" TERM
run kt serve --print-routes --routes /dev/stdin <<'END'
GET / proxy localhost:3000
END
like "$status $err" '^2 .*"localhost:3000" is not a URL such as http://localhost:3000$' "what is no address"
is "$(kt serve --lab gateway --print-routes | grep -v '^GET')" "# 127.0.0.1:8000
ANY /* gateway
# 127.0.0.1:8001
POST /apis api-add
POST /apis/ api-add" "its places"
done_testing
