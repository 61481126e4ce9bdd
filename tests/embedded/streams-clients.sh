. "${0%/*}/../lib.sh"
# kt serve's streams and its chat, and clients that nobody wrote for them: ws and eventsource from npm, websockets from PyPI.

kt --version | grep -q +websocket || skip_all "built without libwslay"
need python3
export PYTHONDONTWRITEBYTECODE=1
start_broker -q --create streamed:1 --create others:1
own_host

# serve NAME: both at an address of this script's own, where the next one can be, too.
serve() {
  start "$1" kt serve --listen "$host:8082" --lab "chat@$host:8000"
  wait_for grep -q '^% serving at .*:8000' "$1.err"
  served=$pid
}
# said FILE: its lines count.
said() {
  while read -r result words; do
    case $result in
    ok) pass "${words#- }" ;;
    not) fail "${words#ok - }" ;;
    esac
  done <"$1"
}

serve one
if python=$("$tests/modules" python-websockets 'websockets==15.*' 2>modules.err); then
  run timeout 300 "$python" "$tests/embedded/streams-clients.py" "$host:8082" "$host:8000" others
  is "$status" 0 "websockets runs to its end"
  note "$err"
  said out
else
  skip "websockets" "$(cat modules.err)"
fi

if find_node && modules=$("$tests/npm" node-streams ws@8.18.3 eventsource@3.0.7 2>npm.err); then
  mkfifo go
  start clients sh -c 'exec timeout 300 node "$@" <go' sh "$tests/embedded/streams-clients.js" "$modules" "$host:8082" "$host:8000" streamed
  clients=$pid
  exec 3>go
  wait_for grep -Eq '^(first|not)' clients.out
  stop "$served" TERM
  is "$status" 0 "a server ends"
  printf 'é4\n' | kt produce streamed -q
  serve two
  echo >&3
  wait "$clients"
  is "$?" 0 "ws and eventsource run to their end"
  note "$(cat clients.err)"
  said clients.out
else
  skip "ws and eventsource" "$(cat npm.err)"
fi
stop "$served" TERM
is "$status" 0 "the last one, too"
done_testing
