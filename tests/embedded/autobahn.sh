. "${0%/*}/../lib.sh"
# Autobahn's fuzzing client, which has seen most servers of WebSocket, against one that says everything again: autobahn.sh
# ECHOSOCKET. Its last version that tests servers runs on Python 2.7, of which pyenv has one.
echosocket=$1

home=${XDG_CACHE_HOME%/.cache}
for python in python2.7 "${PYENV_ROOT:-$home/.pyenv}"/versions/2.7.*/bin/python ''; do
  [ -z "$python" ] || ! "$python" -m pip --version >version 2>&1 || break
done
[ -n "$python" ] || skip_all "there is no Python 2.7 with pip"
folder=$(PYTHON=$python "$tests/modules" autobahn-0.8.2 autobahntestsuite==0.8.2 2>modules.err) || skip_all "$(cat modules.err)"

start echo "$echosocket"
wait_for test -s echo.out
# cases WORD…: runs them. What went wrong is in the file wrong; all, whatever came of them, in ran.
cases() {
  cat >spec.json <<END
{"outdir": "reports", "servers": [{"agent": "kt", "url": "ws://$(cat echo.out)/"}], "cases": [$1],
  "exclude-cases": ["9.1.4", "9.1.5", "9.1.6", "9.2.4", "9.2.5", "9.2.6", "9.3.*", "9.4.*", "9.5.*", "9.6.*", "9.7.*", "9.8.*", "12.*", "13.*"],
  "exclude-agent-cases": {}}
END
  rm -rf reports
  # Its parts share a name space, which only a folder of packages can have.
  "$python" -c 'import site, sys
site.addsitedir(sys.argv.pop(1))
from autobahntestsuite.wstest import run
run()' "${folder%/python}/modules" -m fuzzingclient -s spec.json >log 2>&1 || return 1
  python3 -c 'import json
cases = json.load(open("reports/index.json"))["kt"]
fine = "OK", "NON-STRICT", "INFORMATIONAL"
print(*cases, sep="\n", file=open("ran", "w"))
print(*[name for name, each in cases.items() if each["behavior"] not in fine or each["behaviorClose"] not in fine], sep="\n", file=open("wrong", "w"))'
}
ok "it runs" cases '"*"'
is "$(sed 's/\..*//' ran | sort -n | uniq | tr '\n' ' ')" "1 2 3 4 5 6 7 9 10 " "framing, pings, reserved bits, opcodes, fragments, UTF-8, closing, sizes"
count=$(wc -l <ran)
ok "all of it: $count cases" test "$count" -ge 250
# It waits for a second and no longer, which is little on a machine that has much to do.
tries=0
while grep -q . wrong && [ "$((tries += 1))" -le 10 ]; do
  note "once more: $(tr '\n' ' ' <wrong)"
  cases "$(sed '/^$/d; s/.*/"&"/' wrong | paste -sd, -)" || break
done
is "$(tr -d '\n' <wrong)" "" "no failed case"
done_testing
