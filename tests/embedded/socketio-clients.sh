. "${0%/*}/../lib.sh"
# kt serve --lab socketio and clients that nobody wrote for it: each generation of socket.io-client that speaks its protocol,
# by each transport, and one that does not.

kt --version | grep -q +websocket || skip_all "built without libwslay"
find_node || skip_all "$(cat npm.err)"
start_broker -q
start served kt serve --lab socketio@127.0.0.1:0
served=$pid
wait_for grep -q '^% serving at' served.err
url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)

# client VERSION TRANSPORT: what it says is in the file out.
client() {
  run timeout 120 node "$tests/both/socketio/client.js" "$modules" "$url" "$2"
}
fetched=0
for version in 1.3.5 1.4.8 1.7.4 2.5.0; do
  # The first asks for two archives that are not in the registry, and for a WebSocket that has to be compiled.
  older=''
  [ "$version" != 1.3.5 ] || older='xmlhttprequest=npm:xmlhttprequest-ssl@1.5.3 global=2.0.1 ws=0.8.1'
  # shellcheck disable=SC2086
  if ! modules=$("$tests/npm" "node-socketio-$version" "socket.io-client@$version" $older 2>npm.err); then
    skip "socket.io-client $version" "$(cat npm.err)"
    continue
  fi
  fetched=$((fetched + 1))
  for transport in polling websocket upgrade; do
    client "$version" "$transport"
    case $transport in polling) by=polling upgraded=false ;; *) by=websocket upgraded=true ;; esac
    is "$out" '{"responses":[{"data":"Connected","count":0},{"data":"é€😀","count":1},{"data":"é€😀","count":2},{"data":"é€😀","count":4},{"data":"acknowledge","count":5},{"data":"Disconnected!","count":6}],"acknowledged":1,"upgraded":'$upgraded',"by":"'$by'","end":"io server disconnect"}' \
      "socket.io-client $version by $transport"
    [ "$status" = 0 ] || note "$err"
  done
done
if modules=$("$tests/npm" node-socketio-4.8.1 socket.io-client@4.8.1 2>npm.err); then
  for transport in polling websocket; do
    client 4.8.1 "$transport"
    like "$out" '"responses":\[\],.*"end":"error: (xhr poll|websocket) error"' "one of a later protocol is refused by $transport"
  done
else
  skip "socket.io-client 4.8.1" "$(cat npm.err)"
fi
all_gone() {
  [ "$(grep -c '^Client disconnected [0-9a-f]*$' served.err)" = $((3 * fetched)) ]
}
ok "each of them was said to be gone" wait_for all_gone
stop "$served"
is "$(sed 1d served.err | grep -vc '^Client disconnected' || true)" 0 "and nothing else"
done_testing
