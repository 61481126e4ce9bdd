. "${0%/*}/lib.sh"
# The metrics of kt loadgen: as the original's page and Prometheus read them, and what hostile clients get.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
fresh measured 4
documents=$topic-documents

# get ADDRESS [REQUEST LINES]: the answer to a request as it is, headers and body.
get() {
  python3 - "$@" <<'END'
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
text = sys.argv[2] if len(sys.argv) > 2 else "GET /metrics HTTP/1.1\nHost: x\nConnection: close\n\n"
text = text.replace("Host: x\n", "Host: %s\n" % sys.argv[1]).replace("\n", "\r\n")
with socket.create_connection((host, int(port)), timeout=60) as s:
    s.sendall(text.encode())
    while data := s.recv(65536):
        sys.stdout.write(data.decode().replace("\r\n", "\n"))
END
}
address() {
  sed -n 's,^% metrics at http://\(.*\)/metrics$,\1,p' "$1"
}
# served NAME: it has said where; the address is in $at.
served() {
  wait_for said "$1.err" '^% metrics at'
  at=$(address "$1.err")
}

kt topic create "$documents" -q
start first kt loadgen -t "$topic" --topic-document "$documents" --sample-rate 50 --carry-out-samples 60000 --seed 1
served first
first=$at first_pid=$pid
is "$(sed -n '/^% metrics/{n;p}' first.err)" "% page at http://$at/" "the page is named too"
wait_for holds "$topic" 40
get "$first" >answer
like "$(cat answer)" "^HTTP/1.1 200 OK$" "a scrape"
like "$(cat answer)" "^Content-Type: text/plain; charset=utf-8$" "is plain text"
key=$(kt consume "$topic" -q -c 1 -f '%k')
sed '1,/^$/d' answer | sed 's/ [1-9][0-9]*$/ N/' | head -n 6 >lines
cat >expected <<END
# HELP experiment_producer_event_count Count of events produced.
# TYPE experiment_producer_event_count counter
experiment_producer_event_count_total{key="$key",topic="$topic"} N
# HELP experiment_producer_num_experiments Number of experiments running.
# TYPE experiment_producer_num_experiments gauge
experiment_producer_num_experiments N
END
same lines expected "that begins with the original's lines"
is "$(tail -n 1 answer)" "# EOF" "and ends with the mark"
like "$(get "$first" "GET /metrics HTTP/1.1
Host: x
Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5
Connection: close

")" "^Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8$" "OpenMetrics for who asks for it"
get "$first" "HEAD /metrics HTTP/1.1
Host: x
Connection: close

" >headers
like "$(cat headers)" "^Content-Length: [1-9]" "HEAD has a length"
unlike "$(cat headers)" "^#" "and no body"
for path in /metrics/ /page.html /../etc/passwd /%2e%2e/page.js "/..%2fpage.js" //events; do
  like "$(get "$first" "GET $path HTTP/1.1
Host: x
Connection: close

")" "^HTTP/1.1 404" "another path: $path"
done
like "$(get "$first" "POST /metrics HTTP/1.1
Host: x
Content-Length: 2
Connection: close

hi")" "^HTTP/1.1 405" "another method"
for lengths in "Content-Length: 2
Content-Length: 2" "Content-Length: 2
Transfer-Encoding: chunked"; do
  like "$(get "$first" "POST /metrics HTTP/1.1
Host: x
$lengths
Connection: close

hi")" "^HTTP/1.1 400" "two lengths: $(echo "$lengths" | tr '\n' ' ')"
done
like "$(get "$first" "GET /metrics HTTP/1.1
Host: evil.example
Connection: close

")" "^HTTP/1.1 403" "a page whose name was made to point here"
like "$(get "$first" "GET /metrics HTTP/1.1
Connection: close

")" "^HTTP/1.1 400" "no Host"
like "$(get "$first" "GET /metrics HTTP/1.1
Host: x
Transfer-Encoding: gzip, chunked
Connection: close

")" "^HTTP/1.1 400" "another transfer coding"
like "$(get "$first" "GET /metrics HTTP/1.1
Host: x
X: $(head -c 40000 /dev/zero | tr '\0' x)

")" "^HTTP/1.1 431" "a head that is too large"
# More connections than are served at a time, which stay.
start crowd python3 -c '
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
kept = [socket.create_connection((host, int(port)), timeout=60) for _ in range(100)]
print("here", flush=True)
time.sleep(600)' "$first"
wait_for test -s crowd.out
ok "a crowd that says nothing does not stop the events" wait_for holds "$topic" $(($(count "$topic") + 10))
stop "$pid" KILL 2>crowd.killed
like "$(get "$first")" "^HTTP/1.1 200 OK$" "and when it has gone there is an answer again"

start second kt loadgen -t "$topic" --sample-rate 50 --carry-out-samples 60000
served second
ok "a second one takes another port ($first, $at)" test "$first" != "$at"
run kt loadgen -t "$topic" --metrics-listen "$first"
is "$status" 1 "a port that was asked for and is taken"
like "$err" "^kt loadgen: --metrics-listen: cannot listen on $first: Address already in use" "is named"
run kt loadgen -t "$topic" --metrics-listen here
is "$status" 2 "no address at all"
stop "$pid" INT
start third kt loadgen -t "$topic" --sample-rate 50 --carry-out-samples 60000 --metrics-listen 127.0.0.1:0
served third
like "$(get "$at")" "^HTTP/1.1 200 OK$" "any port"
stop "$pid" INT
run kt loadgen -t "$topic" --speed max --no-metrics
unlike "$err" "metrics" "none at all"

if python3 -c 'import prometheus_client' 2>/dev/null; then
  get "$first" | sed '1,/^$/d' >scraped
  python3 - >families 2>&1 <<'END'
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open("scraped").read()):
    print(family.name, family.type, len(family.samples))
END
  like "$(cat families)" "^experiment_producer_event_count counter 1$" "Prometheus' own parser takes it as OpenMetrics"
  like "$(cat families)" "^experiment_producer_delivery_latency_seconds histogram 17$" "with the histogram"
else
  skip "Prometheus' own parser takes it" "the Python module prometheus_client is not installed"
fi
if command -v promtool >/dev/null; then
  get "$first" | sed '1,/^$/d' | promtool check metrics >checked 2>&1
  # It takes the older format for granted, in which the name of a counter's family has _total, too.
  is "$(grep -v -e 'should have "_total" suffix$' -e '_total no help text$' checked)" "" "and promtool"
else
  skip "and promtool" "it is not installed"
fi
stop "$first_pid" INT
# What a reader tells of itself.
fresh reading 1
seq 10 | kt produce -q "$topic"
start reader kt consume "$topic" -g "reading-$$" --reset earliest --grep '[1-5]' --metrics-listen 127.0.0.1:0
served reader
# metric NAME: its value.
metric() {
  get "$at" | sed -n "s/^$1 //p"
}
has_metric() {
  [ "$(metric "$1")" = "$2" ]
}
ok "kt consume counts what it has written" wait_for has_metric 'kt_records_total{result="written"}' 6
is "$(metric 'kt_records_total{result="filtered"}')" 4 "and what it left out"
ok "nothing is left to read" wait_for has_metric "kt_consume_lag_records{topic=\"$topic\",partition=\"0\"}" 0
like "$(metric kt_consume_committed_timestamp_seconds)" '^1[0-9.e+]+$' "it says when records last counted"
stop "$pid"
seq 100000 | kt produce -q "$topic"
mkfifo slow
start slow sh -c "exec kt consume $topic --metrics-listen 127.0.0.1:0 >slow"
exec 4<slow
served slow
# A pipe has room for a part of it.
lags() {
  [ "$(metric "kt_consume_lag_records{topic=\"$topic\",partition=\"0\"}")" -gt 10000 ]
}
ok "what nobody reads yet is lag" wait_for lags
exec 4<&-
stop "$pid"
run kt consume "$topic" -e --table --metrics-listen 127.0.0.1:0
is "$status" 2 "--table has no metrics"

done_testing
