. "${0%/*}/lib.sh"
# kt rate: what the counters of kt loadgen, or of anybody else, grow by.

kt --version | grep -q '+http.*+curl' || skip_all "built without libmicrohttpd or libcurl"
fresh rated
own_host
# producer NAME ADDRESS: 20 events per second; its address is in $at.
producer() {
  producer_name=$1
  shift
  start "$producer_name" kt loadgen -t "$topic" --sample-rate 100 --carry-out-samples 60000 --pacing open \
    --metrics-listen "$@"
  wait_for said "$producer_name.err" '^% metrics at'
  at=$(sed -n 's,^% metrics at http://\(.*\)/metrics$,\1,p' "$producer_name.err")
}

producer first "$host:3001"
first=$at first_pid=$pid
# For wait_for: what a producer sends while the machine is busy is another rate, which is measured again then.
measured() {
  run kt rate "$first" --count 3 --interval 2s
  rate=$(tail -n 1 out | cut -f 2)
  test "${rate%.*}" -gt 5 -a "${rate%.*}" -lt 60
}
ok "the rate of a producer is about 20" wait_for measured
is "$status $err" "0 " "and told without a word"
is "$(grep -cE '^20[0-9-]{8}T[0-9:.]{12}Z	[0-9]+\.[0-9]$' out)" 3 "a line each"
producer second "$host:3002"
together() {
  run kt rate --producer-connection "$first" --producer-connection "$at" --by topic --count 3 -J
  said out "^\{\"time\":\"[^\"]*\",\"rate\":([2-9][0-9]|1[0-9][0-9])\.[0-9]*,\"by\":\{\"$topic\":[0-9.]*\}\}$"
}
ok "two producers together, by label" wait_for together
stop "$pid" INT

# Before the producer, through its end, and on to the next one.
start watcher kt rate "$at" --interval 200ms
wait_for said watcher.err "^% $at: Connection refused; asking on$"
pass "a producer that is not there yet"
watcher=$pid
producer third "$at"
wait_for said watcher.err "^% $at answers$"
wait_for said watcher.out "	[1-9]"
stop "$pid" INT
producer fourth "$at"
seen=$(wc -l <watcher.out)
grown() {
  [ "$(wc -l <watcher.out)" -ge "$((seen + 3))" ]
}
wait_for grown
stop "$pid" INT
stop "$watcher" INT
is "$status" 0 "is waited for, and for the next one"
unlike "$(cat watcher.out)" "	-" "without a negative rate"

# Somebody else's metrics, and somebody who has none.
cat >server.py <<'END'
import gzip, http.server, socketserver, sys
class Handler(http.server.BaseHTTPRequestHandler):
    n = 0
    def do_GET(self):
        Handler.n += 100
        body = b'# TYPE x counter\nx_total{device="a"} %d\nx_total{device="b"} 5\n' % Handler.n
        body += b'# TYPE "b.c" counter\n{"b.c_total", "its.foo" = "y\xc2\x9b1m"} %d\n# TYPE none_yet counter\n' % Handler.n
        body += b'long_total{of="%s"} %d\n' % (1000000 * b"x", Handler.n)
        self.send_response(200 if self.path == "/metrics" else 404)
        self.send_header("Content-Encoding", sys.argv[1] if len(sys.argv) > 1 else "gzip")
        self.end_headers()
        self.wfile.write(gzip.compress(body, 1))
    def log_message(self, *args):
        pass
with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
    print("127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()
END
start server python3 server.py
wait_for test -s server.out
other=$(cat server.out)
run kt rate "$other" --metric x_total --by device --interval 200ms --count 2
like "$out" "	[0-9]+\.[0-9]  a [0-9.]+$" "any counter"
run kt rate "$other" "$first" --metric x_total --interval 200ms --count 1 -q
is "$status" 0 "also of one of two"
like "$out" "	[1-9]" "which is packed here, without having been asked to"
run kt rate "$other" --metric b.c_total --by its.foo --interval 200ms --count 1 -J
like "$out" '"by":\{"y\\u009b1m":[1-9]' "names with dots are quoted, blanks stand around, and values cannot command a terminal"
run kt rate "$other" --metric none_yet --interval 200ms --count 1 -J
like "$status $out" '^0 .*"rate":0' "a metric that is announced and has no sample yet"
run kt rate "$other" --metric long_total --by of --interval 200ms --count 1 -J
ok "a label of a megabyte is cut" test "$(wc -c <out)" -lt 400
run kt rate "$other" --metric x --interval 200ms --count 2
is "$status $out" "4 " "a metric that is not there has no rate"
like "$err" "^% $other has no metric \"x\"; did you mean x_total\?$" "is said"
is "$(grep -c 'has no metric' err)" 1 "once"
like "$err" '^kt rate: there is no metric "x"$' "and ends the run with its status"
# For wait_for: as long as it had an answer within its time.
ended() {
  run kt rate "$@" --interval 200ms --run-for 1s
  ! said err "no answer"
}
ok "also after --run-for" wait_for ended "$other" --metric long_totl -q
is "$status $(tail -n 1 err)" '4 kt rate: there is no metric "long_totl"' "is its last word"
start packed python3 server.py shorthand
wait_for test -s packed.out
packing_is_named() {
  run kt rate "$(cat packed.out)" --metric x_total --interval 200ms --run-for 1s
  said err "[Uu]nrecognized content encoding"
}
ok "a packing that nobody knows is named" wait_for packing_is_named
is "$status" 5 "and is no rate of 0"
# A point stands for all that was counted since the one before it, however late an answer comes, and whoever is late.
cat >late.py <<'END'
import http.server, json, socketserver, sys, time
if sys.argv[1:]:
    counts = [int(line) for line in open("late.err")]
    points = [json.loads(line[6:]) for line in open("late.events") if line.startswith('data: {"t"')]
    points = [point for point in points if point["rate"] is not None]
    grown = 0
    for before, point, count in zip(points, points[1:], counts[2:]):
        grown += point["rate"] * (point["t"] - before["t"]) / 1000
        if abs(grown - (count - counts[1])) > 5 + 0.05 * grown:
            sys.exit("%.1f drawn, %d counted" % (grown, count - counts[1]))
    sys.exit(len(points) < 20)
class Handler(http.server.BaseHTTPRequestHandler):
    n = 0
    def do_GET(self):
        Handler.n += 1
        count = int(time.monotonic() * 1000)
        if Handler.n % 5 == 3:
            time.sleep(0.75)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"# TYPE x counter\nx_total %d\n" % count)
        print(count, file=sys.stderr, flush=True)
    def log_message(self, *args):
        pass
with socketserver.TCPServer(("127.0.0.1", 0), Handler) as server:
    print("127.0.0.1:%d" % server.server_address[1], flush=True)
    server.serve_forever()
END
start late python3 late.py
wait_for test -s late.out
start page kt rate "$(cat late.out)" --metric x_total --interval 100ms --count 25 --listen 127.0.0.1:0
page_pid=$pid
wait_for said page.err '^% page at'
curl -sN --max-time 60 "$(sed -n 's/^% page at //p' page.err)events" >late.events || :
wait "$page_pid"
ok "late answers are drawn over the time that they stand for" python3 late.py compare
start mute python3 -c 'import socket, time
listener = socket.create_server(("127.0.0.1", 0))
print("127.0.0.1:%d" % listener.getsockname()[1], flush=True)
time.sleep(1000)'
wait_for test -s mute.out
ok "one that never answers does not keep the others waiting" \
  within 4000 run kt rate "$(cat mute.out)" "$other" --metric x_total --interval 200ms --count 3 --run-for 9s
is "$status" 0 "for long"
run kt rate "$other" --listen nowhere.invalid:x
is "$status $(head -n 1 err)" \
  '2 kt rate: --listen: "nowhere.invalid:x" is not an address to listen on' "no address for the page"
run kt rate "$KT_BROKERS" --run-for 1s
is "$status" 5 "somebody who speaks no HTTP"
like "$err" "no answer in HTTP|reset by peer|no answer in time|no answer from" "is named"
run kt rate --run-for 300ms 127.0.0.1:1
is "$status $(tail -n 1 err)" "5 kt rate: no answer from 127.0.0.1:1" "nobody"
run kt rate here
is "$status $(head -n 1 err)" '2 kt rate: "here" is not HOST:PORT' "no address"
run sh -c "kt rate $first --interval 100ms | head -n 1"
is "$status $(wc -l <out | tr -d ' ')" "0 1" "a reader that has enough"
stop "$first_pid" INT
done_testing
