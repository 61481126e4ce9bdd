. "${0%/*}/lib.sh"
# --python: what the tutorial's consumer prints.

item() {
  printf 'TopicPartition{topic=%s,partition=%s,offset=-1001,leader_epoch=None,error=None}' "$topic" "$1"
}

fresh values
printf 'hello\n|it'"'"'s|say "x"|it'"'"'s "x"|tab\tback\\slash\r|\001\177\303\251||' |
  kt produce -q "$topic" -D '|'
kt produce -q "$topic" -Z <<'END'

END
start tutorial kt consume "$topic" --python -g "python-$$" --reset earliest
ok "prints until the end" wait_for grep -qx None tutorial.out
cat >expected <<END
[$(item 0)]
b'hello\\n'
b"it's"
b'say "x"'
b'it\\'s "x"'
b'tab\\tback\\\\slash\\r'
b'\\x01\\x7f\\xc3\\xa9'
b''
None
END
same tutorial.out expected "the assignment and the values as Python writes them"
stop "$pid" TERM
is "$status" 0 "SIGTERM: status 0"
is "$(tail -n 1 tutorial.out)" "EXITING SAFELY!" "and its last word"

fresh count
seq 2500 | kt produce -q "$topic"
run kt consume "$topic" --python -e
is "$(head -n 1 out)" "[$(item 0)]" "the assignment without a group"
is "$(sed -n '1001,1003p;2002,2004p' out | tr '\n' ' ')" "1000 b'1000' b'1001' 2000 b'2000' b'2001' " \
  "the count before every 1000th value"
is "$(wc -l <out | tr -d ' ')" 2503 "and nothing else"
unlike "$out" "EXITING" "not at the end of -e"

fresh sixteen 16
start first kt consume "$topic" --python -g "sixteen-$$" -X session.timeout.ms=6000 -X heartbeat.interval.ms=500
first=$pid
ok "a member prints its assignment" wait_for test -s first.out
is "$(head -n 1 first.out)" \
  "[$(for n in 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do item $n; done | sed 's/}T/}, T/g')]" "as a list of 16"
start second kt consume "$topic" --python -g "sixteen-$$" -X session.timeout.ms=6000 -X heartbeat.interval.ms=500
second=$pid
ok "a second member does too" wait_for test -s second.out
ok "and the first one again" wait_for sh -c 'test "$(grep -c "^\[" first.out)" -ge 2'
last_of() {
  grep '^\[' "$1" | tail -n 1 | grep -o 'partition=[0-9]*' | cut -d = -f 2
}
ok "8 and 8" wait_for sh -c 'test "$(tail -n 1 first.out | grep -o topic= | wc -l)$(tail -n 1 second.out | grep -o topic= | wc -l)" = 88'
{
  last_of first.out
  last_of second.out
} | sort -n | tr '\n' ' ' >both
is "$(cat both)" "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 " "together all 16"
stop "$second" INT
is "$status" 0 "SIGINT: status 0"
unlike "$(cat second.out)" "EXITING" "without the last word, which is for SIGTERM"
ok "the first one is told of all 16 again" wait_for sh -c 'test "$(tail -n 1 first.out | grep -o topic= | wc -l)" = 16'
stop "$first"
is "$status $(tail -n 1 first.out)" "0 EXITING SAFELY!" "and ends safely"
done_testing
