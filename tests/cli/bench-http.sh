. "${0%/*}/../lib.sh"
# kt bench http: against servers whose delays are known, beside ab, and what is counted of failures.
need jq python3 openssl

server() {
  start "server$1" python3 "$tests/cli/delays.py" "log$1" ${2:+"$2" "$3"}
  wait_for test -s "server$1.out"
  at=$(cat "server$1.out")
}
field() {
  jq -r "$1" out
}
# A busy machine may not keep up with a rate, which the status and what is achieved say alike.
forgive_busy() {
  [ "$status" != 3 ] || ! jq -e '.achieved < 0.99' out >/dev/null || status=0 err=
}
# percentile P: of what the server logged.
percentile() {
  cut -d ' ' -f 1 "log$n" | sort -n | awk -v p="$1" '{ v[NR] = $1 } END { i = int(NR * p + 0.999999); print v[i < 1 ? 1 : i] }'
}
# near P NAME: ours is the server's within one per cent, or 3 ms of a short wait. Never less: it began later and ended earlier.
near() {
  theirs=$(percentile "$1") ours=$(field ".latency_ms[\"$2\"]")
  awk -v a="$ours" -v b="$theirs" 'BEGIN { m = b * 0.01 > 3 ? b * 0.01 : 3; exit !(a >= b * 0.99 && a <= b + m) }'
}
# less P NAME: it says less than what the server waited, which no machine makes of a wait.
less() {
  awk -v a="$(field ".latency_ms[\"$2\"]")" -v b="$(percentile "$1")" 'BEGIN { exit !(a < b * 0.99) }'
}
# More runs than there are cores.
is_busy() {
  awk -v cores="$(nproc)" '{ exit !($1 > cores) }' /proc/loadavg
}
# measured WHAT N PATH WORDS P…: a run of N requests and the percentiles P of it, each the server's. What a busy machine adds
# between the two no client can tell from a wait: a run that says more is tried again, and if all of them do while the machine
# is busy, that is no verdict.
measured() {
  what=$1 count=$2 path=$3 load=$4
  shift 4
  for try in 1 2 3 4 5 6 7 8 9 10; do
    n=$((n + 1))
    server "$n"
    # shellcheck disable=SC2086
    run kt bench http -n "$count" -k $load "http://$at/$path" -J
    forgive_busy
    right=1
    for p; do
      share=$(awk -v p="$p" 'BEGIN { print p / 100 }')
      near "$share" "p$p" || { right= && break; }
    done
    [ -z "$right" ] || break
    echo "# try $try: p$p $ours ms, the server's $theirs ms"
    ! less "$share" "p$p" || break
  done
  if [ -z "$right" ] && ! less "$share" "p$p" && is_busy; then
    skip "$what" "this machine is too busy to measure on"
    return
  fi
  is "$status $(field '[.done, .failed] | join(" ")') ${right:+within a per cent}" "0 $count 0 within a per cent" "$what: p$(echo "$*" | sed 's/ /, p/g')"
}

n=0
measured "a fixed delay" 100 fixed/100 "-c 4" 50 99
is "$(field '[.loop, .keep_alive] | join(" ")')" "closed true" "a closed loop, its connections kept"
measured "one in a hundred is slow" 400 slow/10/100/400 "-c 40 --rate 200" 50 90 99.9

# A second in which nothing is answered. For wait_for: a machine that stands still itself meanwhile is no such server.
is_seen() {
  server stall
  run kt bench http -t 3 -c 4 -k --rate 300 "http://$at/stall/1000/1000" -J
  forgive_busy
  jq -e '.latency_ms.p99 >= 900 and .late >= 200' out
}
wait_for is_seen
is "$status" 0 "an open loop over a stall"
ok "p99 is the stall" awk -v a="$(field '.latency_ms.p99')" 'BEGIN { exit !(a >= 900) }'
ok "those that waited for a connection are late" test "$(field .late)" -ge 200
is_hidden() {
  server closed
  run kt bench http -t 3 -n 1000000 -c 4 -k "http://$at/stall/1000/1000" -J
  jq -e '.latency_ms.p99 < 900' out
}
ok "a closed loop leaves it out" wait_for is_hidden
is "$status" 0 "the end of -t is an end like any other"

# ab beside it: the same lines, and the same numbers where time is not in them.
server 0
plain=$at
shape() {
  sed -n '/^Server Software/,/longest request\|^Total:/p' | grep -v '^WARNING\|^ERROR\|^  *These\|^  *deviation' |
    sed -E '/^(Time|Requests per|Transfer|  *[0-9N])|kb\/s|^(Connect|Processing|Waiting|Total):|^Total body|^ *[0-9]+%/s/[0-9]+(\.[0-9]+)?/N/g
      s/ +/ /g'
}
if command -v ab >/dev/null; then
  echo body >file
  for words in "-n 1" "-n 2" "-n 3 -c 2" "-n 99 -c 5" "-n 100 -c 5 -k" "-n 101 -c 10 -k -p file -T text/x" "-n 7 -m DELETE"; do
    path=fixed/3
    [ "$words" != "-n 99 -c 5" ] || path=status/404
    # shellcheck disable=SC2086
    ab -q $words "http://$at/$path" 2>/dev/null | shape >ab.shape
    # shellcheck disable=SC2086
    kt bench http $words "http://$at/$path" 2>/dev/null | sed '/^LATENCY/,$d' | shape >kt.shape
    same kt.shape ab.shape "ab $words: the same report"
  done
else
  skip "ab beside it" "ab is not installed"
fi

# What is sent.
: >log0
run kt bench http -n 2 -p file -T text/x -H 'X: yes' "http://$at/echo" -q
echo body >file
: >log0
run kt bench http -n 3 -p file -T text/x -H 'X: yes' "http://$at/echo"
is "$status $(cut -d ' ' -f 2- log0 | sort -u)" "0 POST HTTP/1.0 5 yes" "a body, without -k as HTTP/1.0"
like "$out" '^HTML transferred: +15 bytes' "its answers"
: >log0
run kt bench http -k -n 3 -m HEAD "http://$at/fixed/0" -q
is "$status $(cut -d ' ' -f 2- log0 | sort -u)" "0 HEAD HTTP/1.1 0 " "HEAD, with -k as HTTP/1.1"
printf 'one\ntwo\n' >lines
: >log0
run kt bench http -k -n 4 --payload lines --records-per-request 10 "http://$at/fixed/0" -J
is "$status $(cut -d ' ' -f 2- log0 | sort -u) $(field '.records_per_s > 0')" "0 POST HTTP/1.1 39  true" "ten records in a body"
: >log0
run kt bench http -k -n 4 --size 1000 "http://$at/fixed/0" -q
is "$status $(cut -d ' ' -f 2- log0 | sort -u)" "0 POST HTTP/1.1 1000 " "random bytes"

# What fails, each by its own name.
run kt bench http -n 6 "http://$at/lengths" -J
is "$status $(field '[.failed, .length_differs, .not_2xx] | join(" ")')" "3 0 4 0" "lengths that differ"
run kt bench http -n 6 "http://$at/status/500" -J
is "$status $(field '[.failed, .length_differs, .not_2xx] | join(" ")')" "3 0 0 6" "statuses"
# Who watches is not told that all is well: answers that are whole, but not what they should be, count there too.
for path in status/500 lengths; do
  if kt --version | grep -q '+http' && command -v curl >curl.path; then
    start watched kt bench http -n 100000 -c 2 --rate 50 --interval 0.1s --listen 127.0.0.1:0 "http://$at/$path"
    bench=$pid
    wait_for grep -q '^% page at' watched.err
    start events curl -sN "$(sed -n 's/^% page at //p' watched.err)events"
    ok "$path: counts on the page" wait_for grep -q '"failed":[1-9]' events.out
    stop "$bench" INT
  else
    skip "$path: counts on the page" "no libmicrohttpd, or no curl"
  fi
done
run kt bench http -n 6 "http://$at/end" -J
is "$status $(field '[.done, .failed, .failed_receive] | join(" ")')" "3 0 6 6" "answers that end early"
run kt bench http -n 6 --warmup 0.3s "http://$at/end" -J
is "$status $(field '[.done, .failed, .failed_receive] | join(" ")')" "3 0 6 6" "those of the warm-up are not counted"
run kt bench http -n 2 -c 2 --timeout 0.3s "http://$at/silent" -J
is "$status $(field '[.done, .failed, .timed_out] | join(" ")')" "3 0 2 2" "answers that do not come"
run kt bench http -n 50 -c 5 http://127.0.0.1:1/
is "$status" 5 "nobody listens"
like "$err" '127\.0\.0\.1:1: Connection refused' "… is said"
run kt bench http -n 500000 -t 0.2 "http://$at/fixed/10" -q
like "$err" '^% -t after -n ends after 50,000 requests, not 500,000' "ab's order of options"
run kt bench http -t 0.2 -n 500000 "http://$at/fixed/10" -J
is "$status $err" "0 " "the other way round it is what was asked"
run kt bench http --noop -n 1000 "http://$at/fixed/1000" -J
is "$status $(field .done)" "0 1000" "--noop sends nothing"

# TLS.
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -days 2 2>openssl.err
server tls cert.pem key.pem
port=${at##*:}
run kt bench http -n 20 -c 4 --ca-file cert.pem "https://localhost:$port/fixed/0"
is "$status" 0 "TLS"
like "$out" '^SSL/TLS Protocol: +TLSv1\.[23],.*,2048,' "with ab's line"
run kt bench http -n 20 -c 4 -k --insecure "https://127.0.0.1:$port/fixed/0" -J
is "$status $(field .done)" "0 20" "any certificate, and one connection for many"
run kt bench http -n 20 "https://localhost:$port/"
is "$status" 5 "a certificate that nobody signed"
like "$err" 'the certificate is not trusted' "… is said"
run kt bench http -n 20 --ca-file cert.pem "https://127.0.0.1:$port/"
is "$status" 5 "one for another name"
run kt bench http -n 20 --ca-file key.pem "https://localhost:$port/"
is "$status" 2 "a file that has none"

# Who watches.
cat >watch.py <<'END2'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.dup2(os.open("watched", os.O_CREAT | os.O_WRONLY, 0o644), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
seen = b""
try:
    while data := os.read(terminal, 4096):
        seen += data
except OSError:
    pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
END2
# lives: a line was drawn in the second that it takes. For wait_for, as what follows: a machine may stand still for as long.
lives() {
  python3 watch.py kt bench http -k -t 1 --interval 0.1s -n 1000000 "http://$plain/fixed/1" >seen
  tr '\r' '\n' <seen | grep -Eq '[0-9] s: [0-9,]+/s, p50 [0-9.]+ ms, p99 [0-9.]+ ms, 0 failed .'
}
ok "a line of what goes on" wait_for lives
like "$(cat watched)" '^Complete requests: +[0-9]+$' "and the report where it belongs"

# A page to be passed on.
cat >page.py <<'END2'
import html.parser
class Page(html.parser.HTMLParser):
    tags, open = [], []
    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        assert not {"src", "href"} & {name for name, _ in attrs}, attrs
        if tag != "meta":
            self.open.append(tag)
    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
    def handle_endtag(self, tag):
        assert self.open.pop() == tag
page = Page()
page.feed(open("page.html").read())
assert not page.open
print(page.tags.count("svg"), page.tags.count("path"), page.tags.count("i"), page.tags.count("script"))
END2
drawn() {
  run kt bench http -k -t 0.6 --interval 0.1s -n 1000000 "http://$plain/fixed/1/<i>&" --report page.html
  python3 page.py | grep '^2 3 '
}
wait_for drawn
is "$status" 0 "a report"
is "$(python3 page.py)" "2 3 0 0" "two charts, nothing from elsewhere, and a URL that stays text"
like "$(cat page.html)" 'fixed/1/&#60;i&#62;&#38;' "which is shown"
run kt bench http -n 1 "http://$plain/fixed/1" --report none/of/them/ -q
is "$status" 1 "a report that cannot be written"

# A server that knows its answer before it has the request: the next one is not sent behind a part of this one.
head -c 20000000 /dev/zero >large
run kt bench http -k -n 3 -p large --timeout 20s "http://$plain/early"
is "$status" 0 "answers that come early"
like "$out" '^Waiting: +0 +0 +0\.0 +0 +0$' "which nobody waited for"

# Two results.
# result FILE: of more than one interval.
result() {
  kt bench http -t 0.5 --interval 0.1s -k -n 1000000 "http://$plain/fixed/1" -J >"$1" && jq -e '.intervals | length >= 3' "$1"
}
for i in a b; do
  wait_for result "$i.json" || fail "a result"
done
run kt bench compare a.json b.json
is "$status $err" "0 " "two results"
like "$out" "^per second	[0-9.]+	[0-9.]+	[-+][0-9.]+ %	[0-9.]+	[0-9.]+	(better|worse|within the spread)\$" "side by side, with their spread"
run kt bench compare - b.json -J <a.json
is "$status $(field '.["per second"].a == .["per second"].a and (.["p50 ms"].b_is | length) > 0')" "0 true" "as JSON"
echo '{"bench":"produce","intervals":[]}' >other.json
run kt bench compare a.json other.json
is "$status" 2 "results of different kinds"
run kt bench compare a.json cert.pem
is "$status" 2 "what is no result"

refuses() {
  run kt bench http "$@"
  is "$status" 2 "refused: $*"
}
refuses -c 2 "http://$at/"
refuses -c 10001 -n 20000 "http://$at/"
refuses -n 0 "http://$at/"
refuses ftp://x/
refuses -H nothing "http://$at/"
refuses -p /dev/null --size 3 "http://$at/"
refuses -C a=b "http://$at/"
like "$err" "Cookie: NAME=VALUE" "ab's other letters are refused with what does it"
taken=
for letter in s b B u w i x y z C A P X d S l g e r I Z f E; do
  run kt bench http "-$letter" 1 "http://$at/"
  { [ "$status" = 2 ] && echo "$err" | grep -q "^kt bench http: -$letter is not an option here"; } || taken="$taken -$letter"
done
is "$taken" "" "… each of them by its name"
done_testing
