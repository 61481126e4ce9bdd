. "${0%/*}/../lib.sh"
# Records for a person: on a terminal, in colour, indented. In a pipe they are what they are.
need python3
use_broker
mkfifo keys

# on_terminal COMMAND…: what its terminal shows, with control characters as cat -v has them.
on_terminal() {
  start tty python3 "$tests/both/terminal.py" keys screen "$@"
  exec 3>keys
  wait "$pid"
  exec 3>&-
  shown=$(tr -d '\r' <screen | cat -v)
}

fresh looks
printf 'k:{"a":[1,"\302\233x"],"b":null}\nk\033[2J:plain \033[31mred\tx\r\302\233\n' >lines
kt produce -q "$topic" -K: lines
kt consume "$topic" -e -q -K: >out
same out lines "a pipe gets the bytes"
kt consume "$topic" -e -q -K: --color never --pretty -c 1 >out
printf 'k:{\n  "a": [\n    1,\n    "\302\233x"\n  ],\n  "b": null\n}\n' >expected
same out expected "--pretty indents JSON"
run kt consume "$topic" -e -q --pretty -J
is "$(printf '%s\n' "$out" | sed -n '1,2p')" "{
  \"topic\": \"$topic\"," "also with -J"
run kt consume "$topic" -e -q --pretty -f '%s'
is "$status" 2 "and not with -f"
is "$(kt consume "$topic" -e -q --color always -K: -c 1 | cat -v)" \
  '^[[34;1mk^[[0m:{^[[34;1m"a"^[[0m:[^[[36m1^[[0m,^[[32m"M-BM-^[x"^[[0m],^[[34;1m"b"^[[0m:^[[36mnull^[[0m}' "--color always"
is "$(kt consume "$topic" -e -q -f '%k{hex} %T{iso}\n' | sed -n '2s/[0-9-]*T[0-9:.]*Z$/TIME/p')" "6b1b5b324a TIME" "-f: hex and ISO"

on_terminal kt consume "$topic" -e -q -K: --color never
is "$shown" 'k:{"a":[1,"\u009bx"],"b":null}
k\x1b[2J:plain \x1b[31mred	x\r\xc2\x9b' "control characters of a record are escapes on a terminal"
on_terminal kt consume "$topic" -e -q --raw --color never -o 1
is "$shown" 'plain ^[[31mred	xM-BM-^[' "--raw passes them"
on_terminal kt consume "$topic" -e -q -o 1 -f '\e[1m%k %S\n'
is "$shown" '^[[1mk\x1b[2J 19' "those of the user's format stay"
on_terminal kt consume "$topic" -e -q -o 1 --property print.key=true
is "$shown" 'k\x1b[2J	plain \x1b[31mred	x\r\xc2\x9b' "with the console's words too"
on_terminal kt consume "$topic" -e -q -c 1
like "$shown" '^\{\^\[\[34;1m"a"' "JSON is in colour there"
on_terminal env NO_COLOR=1 kt consume "$topic" -e -q -c 1
is "$shown" '{"a":[1,"\u009bx"],"b":null}' "not with NO_COLOR"
on_terminal kt consume "$topic" -e -q -J -o 1 --color never
unlike "$shown" '\^\[|M-' "-J has nothing that a terminal acts on"
done_testing
