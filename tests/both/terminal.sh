. "${0%/*}/lib.sh"
# kt produce and consume with a person at the terminal.
need python3
mkfifo keys

# on_terminal COMMAND…: in the background; type_in TEXT types, the file screen shows. ended NAME: its status.
on_terminal() {
  : >screen
  start tty python3 "$tests/both/terminal.py" keys screen "$@"
  exec 3>keys
}
type_in() {
  printf '%b' "$1" >&3
}
ended() {
  wait "$pid"
  status=$?
  exec 3>&-
}

fresh typed
on_terminal kt produce "$topic"
ok "a prompt names the topic" wait_for said screen "^$topic> "
like "$(cat screen)" "^Enter lines of text to be written to \"$topic\"" "and a line says what to do"
type_in 'one\n'
ok "a line is sent at once" wait_for holds "$topic" 1
type_in 'two\n'
ok "the next one too" wait_for holds "$topic" 2
ok "each gets a new prompt" wait_for sh -c "test \$(grep -c '$topic> ' screen) -ge 3"
type_in '\004'
ended
is "$status" 0 "Ctrl-D: status 0"
like "$(cat screen)" "^% 2 records delivered to $topic" "the count is said"
is "$(values "$topic" | tr '\n' ' ')" "one two " "what was typed is there"

on_terminal kt produce "$topic"
wait_for said screen "$topic> "
type_in 'three\n'
wait_for holds "$topic" 3
type_in '\003'
ended
is "$status" 0 "Ctrl-C: status 0 when all is acknowledged"
like "$(cat screen)" "^% 1 record delivered to $topic" "with the count"

on_terminal kt produce "$topic"
wait_for said screen "$topic> "
type_in '\003'
ended
is "$status" 0 "Ctrl-C with nothing typed"
is "$(values "$topic" | tr '\n' ' ')" "one two three " "sends nothing"

fresh unfinished
on_terminal kt produce "$topic"
wait_for said screen "$topic> "
type_in 'no newline\004\004'
ended
is "$status $(values "$topic")" "0 no newline" "Ctrl-D twice ends an unfinished line, which is sent"

fresh blank
on_terminal kt produce "$topic" --until-blank
wait_for said screen "$topic> "
type_in 'one\n\n'
ended
is "$status $(values "$topic")" "0 one" "--until-blank: an empty line ends"
fresh empty
on_terminal kt produce "$topic"
wait_for said screen "$topic> "
type_in '\n\004'
ended
is "$status $(count "$topic")" "0 1" "without it an empty line is an empty record"

fresh quiet
on_terminal kt produce -q "$topic"
type_in 'one\n'
ok "-q: a line is sent" wait_for holds "$topic" 1
type_in '\004'
ended
is "$status $(tr -d '\r' <screen)" "0 one" "and nothing but what was typed is on the screen"

# stdout is not a terminal here: the prompt is on stderr, and only the data is in the file.
fresh tee
on_terminal sh -c "exec kt produce -T $topic >copy"
wait_for said screen "$topic> "
type_in 'one\n\004'
ended
is "$status $(cat copy)" "0 one" "-T into a file holds only what was sent"

# Input from a pipe on a terminal: no prompt.
fresh piped
on_terminal sh -c "echo one | kt produce $topic"
ended
is "$status" 0 "a pipe on a terminal"
unlike "$(cat screen)" "> |Enter lines" "has no prompt"

fresh shown
echo one | kt produce -q "$topic"
on_terminal kt consume "$topic"
ok "consume shows records" wait_for said screen '^one'
echo two | kt produce -q "$topic"
ok "as they come" wait_for said screen '^two'
type_in '\003'
ended
is "$status" 0 "Ctrl-C: status 0"

# A key that stops the output (Ctrl-S) stops nothing else.
seq 20000 | kt produce -q "$topic"
on_terminal kt consume "$topic"
wait_for said screen '^500'
type_in '\023'
type_in '\003'
ended
is "$status" 0 "Ctrl-C ends a run whose terminal is stopped"

# The live line: beside a file, not where a reader of the pipe writes to the same terminal.
on_terminal sh -c "kt consume '$topic' >file"
ok "how far it has come is shown" wait_for said screen 'records, .*/s'
type_in '\003'
ended
on_terminal sh -c "kt consume '$topic' | grep --line-buffered -x 20000"
ok "a pipe gets all" wait_for said screen "^20000"
# As long as it takes for a line to be shown, and as long again.
sleep 2
type_in '\003'
ended
unlike "$(cat screen)" "records, .*/s" "and the terminal no live line"

# Whoever waits sees it, and Ctrl-C ends it.
on_terminal kt consume "$topic" -b 127.0.0.1:1 -m 600s
ok "brokers that refuse are waited for in so many words" \
  wait_for said screen 'waiting for 127.0.0.1:1: connection refused \([0-9]+ s\)'
type_in '\003'
ended
is "$status" 130 "Ctrl-C ends such a wait"
on_terminal sh -c "kt consume '$topic' -b 127.0.0.1:1 -m 600s | cat"
ok "beside a pipe that is a line" wait_for said screen '^% waiting for 127.0.0.1:1'
type_in '\003'
ended

fresh joined
start dead kt consume "$topic" -g "$topic" -X session.timeout.ms=20000 -X heartbeat.interval.ms=500
wait_for said dead.err assigned
stop "$pid" KILL
on_terminal kt consume "$topic" -g "$topic" -X session.timeout.ms=20000
ok "a member that was killed is waited for, and for how long" \
  wait_for said screen "waiting for group $topic: [0-9]+ s at most, if a member was killed \([0-9]+ s\)"
type_in '\003'
ended
is "$status" 0 "Ctrl-C ends that too"

# How far it is to a known end.
fresh far
head -c 4000000 /dev/zero | tr '\0' x | fold -w 20000 >lines
on_terminal kt produce "$topic" --rate 10 lines
ok "a file: percent and the time that is left" wait_for said screen 'records, .*, [0-9]+%, [0-9.]+ s left'
type_in '\003'
ended
start feed setsid sh -c "while sleep 0.1; do echo x; done | kt produce -q '$topic'"
feed=$pid
on_terminal sh -c "kt consume '$topic' -o end -c 400 >file"
ok "a count too" wait_for said screen 'records?, .*, [0-9]+%, [0-9.]+ s left'
type_in '\003'
ended
kill -- "-$feed"

if ! on_kafka; then
  fresh lost
  on_terminal kt produce "$topic" -X message.timeout.ms=60000
  wait_for said screen "$topic> "
  type_in 'one\n'
  wait_for holds "$topic" 1
  tell "down all"
  type_in 'two\n'
  ok "a broker that goes away is said while one types" wait_for said screen "cannot reach|lost|wait"
  tell "up all"
  type_in 'three\n'
  ok "it comes back" wait_for holds "$topic" 3
  type_in '\004'
  ended
  is "$status $(values "$topic" | tr '\n' ' ')" "0 one two three " "and nothing was lost"
fi
# What is shown again and again.
on_terminal kt topic list -w "$topic"
ok "--watch: a line says what is shown" wait_for said screen "[0-9:]{8}, every 2 s: kt topic list -w $topic"
ok "and it is drawn again" wait_for sh -c 'test "$(grep -c PARTITIONS screen)" -ge 2'
type_in '\003'
ended
is "$status" 0 "Ctrl-C ends it well"
is "$(grep -c "$(printf '\033\\[H\033\\[J')" screen)" "$(grep -c PARTITIONS screen)" "in the place of the one before"

# Where a load is in its plan, beside what it does.
fresh load
# For wait_for: on a machine that stands still for as long it is over before it is shown.
shows_plan() {
  on_terminal kt loadgen -t "$topic" --speed 10 --metrics-listen 127.0.0.1:0
  ended
  tr '\r' '\n' <screen | grep -E "[0-2] of 2\.2 s, 1 running, 0 ended, [0-9]+ events, [0-9.]+/s"
}
ok "kt loadgen shows the plan's time" wait_for shows_plan
is "$status" 0 "and ends well"
done_testing
