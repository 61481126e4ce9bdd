. "${0%/*}/browser-lib.sh"
# The page of kt serve --lab chat, in a browser.
kt --version | grep -q +websocket || skip_all "built without libwslay"
need openssl
start_broker -q

# serve NAME POD OPTION…: its page is $page.
serve() {
  serve_name=$1 pod=$2
  shift 2
  start "$serve_name" env podname="$pod" kt serve --lab chat@127.0.0.1:0 "$@"
  wait_for grep -q '^% serving at' "$serve_name.err"
  page=$(sed -n 's/^% serving at //p' "$serve_name.err")
}
# opened NAME: its connection stands.
opened() {
  shows "$1" 'typeof socket === "undefined" ? 0 : socket.readyState' '^1$'
}
# write NAME TEXT: into the field, and the button is pressed; $out is what is in the field then.
write() {
  ask eval "$1" "(() => { const text = document.querySelector('input[type=text]'); text.value = '$2';
    document.querySelector('input[type=submit]').click(); return text.value; })()"
}
log="[...document.querySelectorAll('#log div')].map((line) => line.textContent).join('|')"

serve one 'web & <i>1</i>'
one=$pid
ask open a "$page"
wait_for opened a
ask eval a document.title
is "$out" '"Connected to Pod web & <i>1</i>"' "the title has the name of the pod"
ask eval a "(() => { const h = document.querySelector('h1'); return [h.textContent, h.children.length, getComputedStyle(h).textAlign]; })()"
is "$out" '["Chatting on web & <i>1</i>", 0, "center"]' "and so has the heading, as text, in the middle"
ask eval a "[...document.querySelectorAll('input')].map((i) => [i.type, i.value, i.size])"
is "$out" '[["submit", "Send", 20], ["text", "", 64]]' "a button, and a field of 64 characters"
serve two two
two=$pid
ask open b "$page"
wait_for opened b
write a 'h\u00e9 <b>you</b> \ud83d\ude00'
is "$out" '""' "the field is cleared when it was sent"
ok "which comes by way of a topic" wait_for shows b "$log" '^"hé <b>you</b> 😀"$'
write a ''
write a '   '
write b 'and you'
write b 'again'
ok "an empty text is not sent" wait_for shows a "$log" '^"hé <b>you</b> 😀\|and you\|again"$'
ok "all see the same" wait_for shows b "$log" '^"hé <b>you</b> 😀\|and you\|again"$'
ask eval b "document.querySelectorAll('#log b').length"
is "$out" 0 "a text is no HTML"
ask eval b "(() => { socket.onmessage({data: ['x', 'y'].join(String.fromCharCode(10))}); return $log; })()"
like "$out" '\|x\|y"$' "a line for each"

# place WHERE: what is seen of the log.
end='(({scrollTop, scrollHeight, clientHeight}) => scrollTop > scrollHeight - clientHeight - 2)(document.querySelector("#log"))'
ask eval a "document.querySelector('#log').scrollHeight > document.querySelector('#log').clientHeight"
is "$out" false "a few lines fit"
seq 200 | kt produce chat -q
wait_for shows a "$log" '\|200"$'
ask eval a "document.querySelector('#log').scrollHeight > document.querySelector('#log').clientHeight && $end"
is "$out" true "who is at the end of many lines stays there"
ask eval a "document.querySelector('#log').scrollTop = 0"
write b 'unseen'
wait_for shows a "$log" '\|unseen"$'
ask eval a "document.querySelector('#log').scrollTop"
is "$out" 0 "who reads further up does, too"
ask eval a "document.querySelector('#log').scrollTop = 1e9"
write b 'seen'
wait_for shows a "$log" '\|seen"$'
ask eval a "$end"
is "$out" true "until the end is looked at again"
ask size a 360 600
ask eval a "document.documentElement.scrollWidth"
is "$out" 360 "it fits a phone"

stop "$two"
ok "a server that goes is told of" wait_for shows b "$log" '\|Connection closed\."$'
ask eval b "document.querySelector('#log').lastChild.innerHTML"
is "$out" '"<b>Connection closed.</b>"' "in bold"
write b 'unsent'
is "$out" '"unsent"' "what cannot be sent stays"
ask eval a "$log.includes('Connection')"
is "$out" false "others do not mind"
stop "$one"

run openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1
serve tls three --tls-cert cert.pem --tls-key key.pem
ask trust c "$page"
wait_for opened c
ask eval c "socket.url.replace(/[0-9]+.ws/, 'N/ws')"
is "$out" '"wss://127.0.0.1:N/ws"' "by HTTPS it is wss"
write c hidden
ok "which works" wait_for shows c "$log" '^"hidden"$'
ask complaints
is "$out" "[]" "consoles are empty: no error, nothing that the security policy forbids"
done_testing
