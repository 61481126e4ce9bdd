# shellcheck shell=sh
# For scripts that talk to kt serve by WebSocket, after lib.sh.

# serve NAME ARGUMENT…: its address is $url, and $ws for WebSockets.
serve() {
  serve_name=$1
  shift
  start "$serve_name" kt serve --listen 127.0.0.1:0 "$@"
  wait_for said "$serve_name.err" '^% serving at'
  url=$(sed -n '1s,^% serving at \(.*\)/$,\1,p' "$serve_name.err")
  # shellcheck disable=SC2034 # for the scripts
  ws=ws${url#http}
  # shellcheck disable=SC2034
  served=$pid
}

# socket NAME URL HEADER…: into NAME.out; what is written to the file NAME.in is sent.
socket() {
  socket_name=$1
  shift
  : >"$socket_name.in"
  start "$socket_name" sh -c 'tail -n +1 -f "$0.in" | python3 "$@"' "$socket_name" "$tests/both/sockets.py" "$@"
  wait_for said "$socket_name.out" '^(open|status)'
}

# heard NAME: payloads, in a line.
heard() {
  sed -n '/^{/p' "$1.out" | jq -r '.payload // "-"' | tr '\n' ' '
}
hears() {
  [ "$(heard "$1")" = "$2 " ]
}
closes() {
  grep -qx "closed $2" "$1.out"
}
