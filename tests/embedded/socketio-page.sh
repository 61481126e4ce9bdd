. "${0%/*}/browser-lib.sh"
# The page of kt serve --lab socketio in a browser, behind a balancer that knows no client again; and the original page's
# client, socket.io 1.3.5.
kt --version | grep -q +websocket || skip_all "built without libwslay"
start_broker -q

# serve NAME COMMAND…: where it serves is $page.
serve() {
  serve_name=$1
  shift
  start "$serve_name" kt serve "$@"
  wait_for grep -q '^% serving at' "$serve_name.err"
  page=$(sed -n 's,^% serving at http://\(.*\)/$,\1,p' "$serve_name.err")
}
log="[...document.querySelectorAll('#log div')].map((line) => line.textContent).join('|')"
# press NAME FORM TEXT: what a user does.
press() {
  ask eval "$1" "(() => { const form = document.getElementById('$2'), text = form.querySelector('input[type=text]');
    if (text) text.value = '${3:-}'; form.querySelector('input[type=submit]').click(); })()"
}

serve one --lab socketio@127.0.0.1:0
one=$page first=$pid
serve two --lab socketio@127.0.0.1:0
start balancer python3 "$tests/both/socketio/balancer.py" "$one" "$page"
wait_for grep -q '^127' balancer.out
for name in a b; do
  ask open $name "http://$(cat balancer.out)/"
  ok "the page of $name is connected" wait_for shows $name "$log" '^"Received #0: Connected"$'
done
ask eval a "[document.title, document.querySelector('h1').textContent, document.querySelector('h2').textContent]"
is "$out" '["Chatty", "Chatty", "Received Messages:"]' "title and headings"
ask eval a "[...document.querySelectorAll('form')].map((f) => [...f.querySelectorAll('input')].map((i) => i.type + i.value))"
is "$out" '[["text", "submitEcho"], ["text", "submitBroadcast"], ["submitDisconnect"]]' "three forms"
press a echo 'h\u00e9 <b>you</b> \ud83d\ude00'
ok "an echo" wait_for shows a "$log" '^"Received #0: Connected\|Received #1: hé <b>you</b> 😀"$'
ask eval a "document.querySelectorAll('#log b').length"
is "$out" 0 "as text"
press a broadcast everybody
ok "a broadcast, with its sender's count" wait_for shows a "$log" '\|Received #2: everybody"$'
ok "all get it" wait_for shows b "$log" '^"Received #0: Connected\|Received #2: everybody"$'
echo hi | kt produce broadcast -q
ok "a record" wait_for shows b "$log" '\|Received #0: hi"$'
press b broadcast back
ok "of another sender another count" wait_for shows a "$log" '\|Received #0: hi\|Received #1: back"$'
press b disconnect
ok "who asks for it is disconnected" wait_for shows b "$log" '\|Received #2: Disconnected!"$'
ok "and stays so" wait_for shows b "document.getElementById('state').textContent" '^"Disconnected."$'
stop "$first"
# Its own server, or the other's. What it sends to one that goes may be lost: it is sent until it comes back.
ok "when a server goes, its pages are at the other one" wait_for shows a "(() => {
  if (!link) return 'away';
  emit('echo_event', 'still there');
  return $log; })()" 'Received #[0-9]+: still there'
ask eval b "$log"
unlike "$out" 'still' "except the one that was disconnected"
ask eval a "document.documentElement.scrollWidth <= innerWidth"
is "$out" true "it is as wide as its window"
ask size a 360 600
ask eval a "document.documentElement.scrollWidth"
is "$out" 360 "also on a phone"
ask complaints
is "$out" "[]" "the consoles are empty"

# By polling, where something in between lets no WebSocket through.
ask open polls "http://$page/"
wait_for shows polls "$log" '^"Received #0: Connected"$'
ask eval polls "(() => { window.WebSocket = function () { setTimeout(() => this.onclose()); }; link.close(); })()"
ok "without WebSockets it polls" wait_for shows polls "$log" '^"Received #0: Connected\|Received #0: Connected"$'
press polls echo 'h\u00e9 \ud83d\ude00'
ok "and has texts echoed" wait_for shows polls "$log" '\|Received #1: hé 😀"$'
press polls disconnect
ok "and is disconnected" wait_for shows polls "document.getElementById('state').textContent" '^"Disconnected."$'

# The original page: its elements and its script in words of our own, its client as it was.
mkdir -p www/original
if find_node && modules=$("$tests/npm" node-socketio-1.3.5 socket.io-client@1.3.5 \
  xmlhttprequest=npm:xmlhttprequest-ssl@1.5.3 global=2.0.1 ws=0.8.1 2>npm.err); then
  cp "$modules/socket.io-client/socket.io.js" www/original/
  cat >www/original/index.html <<'END'
<!DOCTYPE html><html><head><title>Original</title><script src="socket.io.js"></script></head><body><div id="log"></div><script>
var socket = io.connect(location.protocol + '//' + document.domain + ':' + location.port + '/test',
  {transports: location.hash ? [location.hash.slice(1)] : ['polling', 'websocket']});
socket.on('connect', function () { socket.emit('my_event', {data: 'I am connected!'}); });
socket.on('my_response', function (message) {
  var line = document.createElement('div');
  line.textContent = 'Received #' + message.count + ': ' + message.data;
  document.getElementById('log').appendChild(line);
});
</script></body></html>
END
  start files python3 -u -m http.server -b 127.0.0.1 -d www 0
  wait_for grep -q '^Serving HTTP' files.out
  files=$(sed -n 's,^Serving HTTP.*(\(http://.*\)/).*,\1,p' files.out)
  cat >rows.routes <<END
GET /original/* proxy $files
GET /socket.io/ socketio broadcast
POST /socket.io/ socketio broadcast
END
  serve rows --routes rows.routes --listen 127.0.0.1:0
  for transport in polling websocket upgrade; do
    [ "$transport" = upgrade ] && hash='' || hash="#$transport"
    ask open "$transport" "http://$page/original/index.html$hash"
    ok "the original client, $transport" wait_for shows "$transport" "$log" '^"Received #0: Connected"$'
    ask eval "$transport" "socket.emit('echo_event', {data: 'h\u00e9 \ud83d\ude00'})"
    ok "has texts echoed" wait_for shows "$transport" "$log" '\|Received #1: hé 😀"$'
  done
  ok "which is upgraded" wait_for shows upgrade "socket.io.engine.transport.name" '^"websocket"$'
  ask eval upgrade "socket.emit('broadcast_event', {data: 'to all'})"
  for transport in polling websocket upgrade; do
    ok "a broadcast comes by $transport" wait_for shows "$transport" "$log" '\|Received #2: to all"$'
  done
  ask eval upgrade "socket.emit('disconnect_request')"
  ok "and stays disconnected" wait_for shows upgrade "$log + socket.connected" 'Received #3: Disconnected!false"$'
  stop "$pid" INT
  serve again --routes rows.routes --listen "$page"
  ok "when its server comes back, it is there again" wait_for shows polling "$log" 'Received #2: to all\|Received #0: Connected"$'
else
  skip "the original client" "$(cat npm.err)"
fi
done_testing
