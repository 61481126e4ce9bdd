. "${0%/*}/lib.sh"
# kt work: commands that stay, requests in place of commands, and what is shown meanwhile.
need python3 jq curl

# work GROUP OPTION…: until the end of the topic.
work() {
  work_group=$1
  shift
  run timeout 120 kt work -e -g "$work_group-$$" --backoff 20ms "$@"
}
cat >lines.py <<'END'
import json, sys
for line in sys.stdin:
    record = json.loads(line)
    value = record["payload"]
    print("saw", value, record["attempt"], file=sys.stderr, flush=True)
    if value == "bad":
        print("reject it is bad", flush=True)
    elif value == "twice" and record["attempt"] == 1:
        print("retry busy", flush=True)
    elif value == "die" and record["attempt"] == 1:
        sys.exit(3)
    else:
        print(json.dumps({"ok": True, "out": {"made": value}}), flush=True)
END
cat >frames.py <<'END'
import json, struct, sys
source, sink, kept = sys.stdin.buffer, sys.stdout.buffer, []
while head := source.read(4):
    data = source.read(struct.unpack(">I", head)[0])
    number, size = struct.unpack(">QI", data[:12])
    assert json.loads(data[12:12 + size])["attempt"] == 1
    kept.append(struct.pack(">QB", number, 0) + data[12 + size:].upper())
    if len(kept) == 3:
        for answer in reversed(kept):
            sink.write(struct.pack(">I", len(answer)) + answer)
        sink.flush()
        kept = []
END

fresh stream 1
stream=$topic
printf 'a\nb\nbad\ntwice\ndie\nc\n' | kt produce -q "$stream"
fresh made 1
made=$topic
fresh dead 1
dead=$topic
work a --stream lines --dlq "$dead" --out "$made" "$stream" -- python3 lines.py
is "$status" 3 "a command that stays"
like "$err" "^% 5 done, 2 retried, 1 dead" "answers done, retry and reject; its death is charged to the record"
is "$(grep ^saw err | tr '\n' ,)" "saw a 1,saw b 1,saw bad 1,saw twice 1,saw twice 2,saw die 1,saw die 2,saw c 1," \
  "and the order stays"
is "$(values "$made")" '{"made":"a"}
{"made":"b"}
{"made":"twice"}
{"made":"die"}
{"made":"c"}' "results are records"
is "$(kt consume -q -e "$dead" -J | jq -c '[.payload, (.headers | from_entries | ."kt.errors.reason", ."kt.errors.stderr")]')" \
  '["bad","reject","it is bad"]' "a reason stands in the dead letter"
work a2 --stream lines --window 4 --dlq "$dead" "$stream" -- python3 lines.py
like "$err" "^% 5 done, 2 retried, 1 dead" "with a window only the oldest record is charged with a death"
work b --stream frames --window 3 --out "$made" "$stream" -- python3 frames.py
is "$status $(values "$made" -o -6 | sort | tr '\n' ' ')" "0 A B BAD C DIE TWICE " "frames, answered in another order"

# Workers that do not do what they should.
for answer in what 'ok\nok' 'o'; do
  work c --stream lines -j 1 -c 1 --retries 0 "$stream" -- sh -c "read -r x; printf '$answer\n'; sleep 0.2; read -r y; sleep 60"
  [ "$answer" = 'ok\nok' ] || is "$status" 1 "an answer that is none ends the run: $answer"
  unlike "$err" "may not have been left" "and the group is left"
done
like "$err" 'sh: "o" is not an answer' "which is named"
work d --stream lines --retries unlimited "$stream" -- true
is "$status" 1 "a worker that ends at once, five times"
like "$err" "true ended 5 times without an answer" "is given up"
work d --stream lines "$stream" -- ./no-such-worker
is "$status" 1 "one that is not there"
work d --stream lines --out-max 1kB "$stream" -- sh -c 'read -r x; head -c 3000000 /dev/zero | tr "\0" x; sleep 60'
is "$status" 1 "one that answers with a line that does not end"
like "$err" "a line of more than" "which is named"
work d --stream frames "$stream" -- sh -c 'printf "\0\0\0\11\0\0\0\0\0\0\0\77\0"; sleep 60'
like "$err" "an answer to what was not asked" "and one that answers what was not asked"
is "$status" 1 "ends the run"
work d --stream lines --job-timeout 7s --retries 0 --on-failure skip -c 1 "$stream" -- sh -c 'cat >/dev/null'
like "$err" "^% 0 done, 0 retried, 0 dead, 1 skipped" "one that never answers is ended by --job-timeout"
like "$err" "has not answered yet: does it buffer its output" "and a word is said before that"
work d2 --stream lines --retries 1 -c 1 "$stream" -- sh -c 'read -r x; test -e half || { >half; printf o; exit 0; }; echo ok'
like "$err" "^% 1 done, 1 retried" "half a line is no answer"
work d3 --stream lines -j 1 -c 2 "$stream" -- sh -c 'read -r x; echo ok; exec <&-; sleep 555.'$$
like "$err" "^% 2 done, [01] retried" "one that closes its stdin gets no more, and another one goes on"
none_sleeps() {
  ! pgrep -fx "sleep 555.$$" >pgrep.out
}
ok "in place of it" wait_for none_sleeps

# With a window each partition has its worker. One that stands still does not hold up those of another one.
fresh held 4
for n in 0 1 2 3; do
  seq 6 | sed "s/^/$n-/" | kt produce -q "$topic" -p $n
done
cat >held.py <<'END'
import json, os, sys, time
for line in sys.stdin:
    value = json.loads(line)["payload"]
    while value == "0-1" and not os.path.exists("held.go"):
        time.sleep(0.05)
    with open("held.seen", "a") as log:
        print(value, file=log)
    print("ok", flush=True)
END
start held kt work -e -g "held-$$" --stream lines --window 2 -j 2 "$topic" -- python3 held.py
others() {
  test "$(grep -c '^[13]' held.seen)" = 12
}
ok "a worker that stands still does not hold up the other one" wait_for others
is "$(grep -c '^[02]' held.seen)" 0 "while its own records wait"
touch held.go
stop "$pid" 0
is "$status $(grep ^0 held.seen | tr '\n' ' ')" "0 0-1 0-2 0-3 0-4 0-5 0-6 " "and go on in their order"

# Requests.
cat >server.py <<'END'
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen = {}
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        n = Handler.seen[body] = Handler.seen.get(body, 0) + 1
        with open("requests", "a") as log:
            print(self.client_address[1], body, self.headers["Content-Type"], self.headers["Idempotency-Key"],
                  self.headers.get("Kt-Record-Key"), self.headers["Kt-Record-Attempt"], self.headers["X-Token"], file=log)
        code = {"bad": 400, "busy": 429 if n == 1 else 200, "down": 503 if n == 1 else 204}.get(body, 200)
        answer = b"" if code == 204 else b"answer to " + body.encode()
        self.send_response(code)
        if code == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *words):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
END
start server python3 server.py
wait_for test -s server.out
url=http://127.0.0.1:$(cat server.out)/notify
fresh post 1
printf 'k:{"n":1}\nk:bad\nk:busy\nk:down\n' | kt produce -q -K : "$topic"
work e --post "$url" --header 'X-Token: secret' --dlq "$dead" --out "$made" "$topic"
is "$status" 3 "requests in place of commands"
like "$err" "^% 3 done, 2 retried, 1 dead" "2xx is done, 4xx rejects, 429 and 5xx are tried again"
is "$(cut -d ' ' -f 1 requests | sort -u | wc -l)" 1 "over one connection"
is "$(cut -d ' ' -f 2- requests)" "{\"n\":1} application/json $topic-0-0 k 1 secret
bad application/octet-stream $topic-0-1 k 1 secret
busy application/octet-stream $topic-0-2 k 1 secret
busy application/octet-stream $topic-0-2 k 2 secret
down application/octet-stream $topic-0-3 k 1 secret
down application/octet-stream $topic-0-3 k 2 secret" "with type, place, key and attempt"
is "$(values "$made" -o -2)" 'answer to {"n":1}
answer to busy' "answers are results"
stop "$pid"
work e2 --post "$url" --retries 1 --on-failure skip -c 1 "$topic"
like "$err" "^% 0 done, 1 retried, 0 dead, 1 skipped" "a server that is not there is tried again"
run kt work -g g --post ftp://x "$topic"
is "$status" 2 "only HTTP"
run kt work -g g --post "$url" "$topic" -- true
is "$status" 2 "and no command beside it"

# Metrics.
start metrics kt work -g "m-$$" --metrics-listen 127.0.0.1:0 -j 1 --retries unlimited "$stream" -- sh -c \
  'test "$(cat)" != bad || exit 1'
wait_for said metrics.err "metrics at http"
metrics=$(sed -n 's/.*metrics at //p' metrics.err)
counted() {
  curl -s "$metrics" | grep -qx "$1"
}
ok "metrics count what is done" wait_for counted 'kt_work_records_total{state="done"} 2'
ok "and retries" wait_for counted 'kt_work_retries_total [1-9][0-9]*'
ok "and the lag" wait_for counted "kt_work_lag_records{topic=\"$stream\",partition=\"0\"} 4"
like "$(curl -s "$metrics")" "^kt_work_job_seconds_count [1-9]" "and how long jobs take"
is "$(curl -s "$metrics" | tail -n 1)" "# EOF" "to their end"
stop "$pid" TERM
is "$status" 0 "SIGTERM gives up a record that waits for its retry"
like "$(cat metrics.err)" "^% 2 done, .* 1 handed out that come again" "which comes again"
done_testing
