. "${0%/*}/browser-lib.sh"
# The page of kt serve to watch topics, in a browser: what is drawn is what is in the topics, whatever that is.
#
#   sh tests/embedded/watch.sh --pictures "$PWD/docs"     makes the README's pictures of it

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need jq
start_broker -q

text() {
  echo "document.querySelector('#$1').textContent"
}
said() {
  grep -Eq -e "$2" "$1"
}
# serve NAME OPTION…: its address is $url, its process $served.
serve() {
  serve_name=$1
  shift
  start "$serve_name" kt serve "$@"
  served=$pid
  wait_for said "$serve_name.err" '^% serving at'
  url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' "$serve_name.err")
}
# press NAME KEY…
press() {
  press_name=$1
  shift
  for press_key; do
    ask key "$press_name" "$press_key"
  done
}
# type NAME ID TEXT: into a field, as if it was typed; TEXT is of JavaScript.
type_into() {
  ask eval "$1" "(() => { const e = document.querySelector('#$2'); e.value = $3;
    e.dispatchEvent(new Event('input')); e.dispatchEvent(new Event('change')); })()"
}
# Of the rows that are seen: their columns, a bar between.
rows() {
  echo "[...document.querySelectorAll('#$1 .space .r')].filter((r) => !r.hidden).map((r) => [...r.children]
    .map((c) => c.textContent).slice($2).join('|')).join(' / ')"
}

if [ "${1:-}" = --pictures ]; then
  kt topic create orders -p 3 -q
  serve served --listen 127.0.0.1:0
  python3 -c 'if 1:
    import json, random, time
    r = random.Random(3)
    towns = ["Lyon", "Porto", "Gent", "Graz", "Turku", "Brno", "Cork", "Malmö"]
    for n in range(10001, 10401):
        order = {"order": n, "town": r.choice(towns), "items": [{"sku": "A-%d" % r.randrange(10, 99), "n": r.randrange(1, 5)}],
                 "total": round(r.random() * 300, 2), "state": r.choice(["new", "paid", "shipped"])}
        headers = [{"key": "trace", "value": "%016x" % r.getrandbits(64)}]
        print(json.dumps({"key": "order-%d" % n, "payload": json.dumps(order, ensure_ascii=False), "headers": headers}), flush=True)
        time.sleep(r.expovariate(9))' | kt produce -J orders -q &
  orders=$!
  for theme in light dark; do
    ask open "$theme" "$url/#/orders"
    ask size "$theme" 1040 600
    ask theme "$theme" "$theme"
    sleep 15
    press "$theme" ArrowDown ArrowDown ArrowDown
    sleep 1
    ask shot "$theme" "$2/watch-$theme.png"
  done
  wait "$orders"
  done_testing
fi

kt topic create letters -p 2 -q
kt topic create devices -p 1 -q
kt topic create empty -p 1 -q
printf '{"key":"a","payload":"%s"}\n' one two | kt produce -J letters -p 0 -q
serve served --listen 127.0.0.1:0
address=${url#http://}

# All topics.
ask open all "$url/"
ask size all 1000 700
table="[...document.querySelectorAll('#topics tbody tr')].map((r) => [...r.cells].slice(0, 3).map((c) => c.textContent).join('|')).join(' / ')"
wait_for shows all "$table" letters
is "$out" '"devices|1|0 / empty|1|0 / letters|2|2"' "all topics, with how many records they hold"
ask eval all "$(text groupsNone)"
is "$out" '"The brokers do not tell which groups there are."' "what is not known is said"
ask eval all "$(text sumBytes) + document.querySelector('#topics tbody tr').cells[3].textContent"
is "$out" '"––"' "and so is how many bytes topics have"
ask eval all "$(text state)"
is "$out" '"live"' "it is live"
echo three | kt produce letters -p 1 -q
wait_for shows all "$table" 'letters\|2\|3'
is "$out" '"devices|1|0 / empty|1|0 / letters|2|3"' "a record that came"
type_into all find "'LET'"
wait_for shows all "$table" '^"letters'
is "$out" '"letters|2|3"' "found by a part of its name"
press all Escape
type_into all find "''"
wait_for shows all "$table" '^"devices'
press all ArrowDown ArrowDown
ask eval all "document.activeElement.textContent"
is "$out" '"empty"' "arrows go from topic to topic"

# Records as they come.
ask open one "$url/#/letters"
ask size one 1000 700
wait_for shows one "$(text counts)" '^"3 came'
ask eval one "$(rows list 1)"
like "$out" '1:0\|null\|three' "those that were there"
like "$out" '0:1\|a\|two.*0:0\|a\|one' "of a partition the latest first"
printf '{"key":"b","payload":"{\\"n\\":%s,\\"big\\":12345678901234567890,\\"in\\":{\\"x\\":[1,2]}}","headers":[{"key":"h","value":"v"}]}\n' 7 8 |
  kt produce -J letters -p 0 -q
wait_for shows one "$(text counts)" '^"5 came'
ask eval one "$(rows list 1)"
like "$out" '^"0:3\|b\|.* / 0:2\|b\|' "and what comes, on top"
type_into one kind "'json'"
type_into one filter "'in.x[1] = 2'"
wait_for shows one "document.querySelectorAll('#list .r:not([hidden])').length" '^2$'
is "$out" 2 "a filter by a JSON path"
type_into one filter "'n > 7'"
wait_for shows one "document.querySelectorAll('#list .r:not([hidden])').length" '^1$'
is "$out" 1 "by what is there"
type_into one filter "'n >'"
type_into one filter "'..'"
wait_for shows one "document.querySelector('#filterBad').hidden" false
is "$out" false "what is no path is said"
type_into one kind "'text'"
type_into one filter "'TWO'"
wait_for shows one "$(rows list 1)" '^"0:1\|a\|two"$'
is "$out" '"0:1|a|two"' "a filter by text"
type_into one filter "''"
wait_for shows one "document.querySelectorAll('#list .r:not([hidden])').length" '^5$'
is "$out" 5 "and all of them again"
press one Space
ask eval one "$(text pause)"
is "$out" '"Go on"' "a blank pauses"
echo later | kt produce letters -p 0 -q
wait_for shows one "$(text counts)" '1 since it was paused'
ask eval one "$(rows list 3)"
unlike "$out" later "and what comes is counted, not drawn"
press one ArrowDown
ask eval one "$(text where)"
is "$out" '"Partition 0, offset 3"' "an arrow opens a record"
ask eval one "document.querySelector('#parts pre').textContent"
is "$out" '"{\n  \"n\": 8,\n  \"big\": 12345678901234567890,\n  \"in\": {\n    \"x\": [\n      1,\n      2\n    ]\n  }\n}"' \
  "its JSON in lines, each digit as it was"
ask eval one "[...document.querySelectorAll('#parts dl:last-child *')].map((e) => e.textContent).join()"
is "$out" '"h,v"' "and its headers"
ask eval one "[...document.querySelectorAll('#parts button')].find((b) => b.textContent === 'Hex').click()"
ask eval one "document.querySelector('#parts pre').textContent.slice(0, 73)"
is "$out" '"000000  7b 22 6e 22 3a 38 2c 22 62 69 67 22 3a 31 32 33  {\"n\":8,\"big\":123"' "or its bytes"
press one Escape Escape
wait_for shows one "$(rows list 3)" later
ask eval one "[document.querySelector('#detail').hidden, document.querySelector('#pause').textContent].join()"
is "$out" '"true,Pause"' "Esc closes, and goes on"

# What records hold is text.
printf '%s\n' '{"key":"<img src=x onerror=console.log(1)>","payload":"<script>console.log(2)</script>\u0001\u202ereversed"}' \
  '{"key":"AP//","key_encoding":"base64","payload":"AP8BAg==","payload_encoding":"base64"}' '{"key":"none","payload":null}' |
  kt produce -J letters -p 1 -q
wait_for shows one "$(text counts)" '^"9 came'
ask eval one "$(rows list 2)"
like "$out" '^"none\|null / ⟨3 B⟩ 00 ff ff\|⟨4 B⟩ 00 ff 01 02 / ' "null and bytes that are no text"
like "$out" '/ <img src=x onerror=console.log\(1\)>\|<script>console.log\(2\)</script>␁⟨U\+202E⟩reversed / ' "markup and control bytes"
press one ArrowDown ArrowDown ArrowDown
ask eval one "document.querySelectorAll('#one img, #one script').length"
is "$out" 0 "none of it is markup"
press one Escape Escape
ask eval one "(() => { const e = document.querySelector('#from'); e.value = 'offset'; e.dispatchEvent(new Event('change')); })()"
type_into one place "'0:4,1:99'"
wait_for shows one "$(text state)" 'has no offset 99'
like "$out" 'letters \[1\] has no offset 99: it has 0 to 4' "an offset that is not there, in the server's words"
type_into one place "'0:4,1:3'"
wait_for shows one "$(text counts)" '^"2 came'
is "$out" '"2 came"' "and one that is"

# The latest of each key.
for i in 1 2 3; do
  printf '{"key":"d%s","ts":%s,"payload":"{\\"temp\\":%s,\\"at\\":{\\"room\\":\\"lab\\"}}"}\n' 1 "$(date +%s)000" "2$i" 2 1700000000000 "1$i"
done | kt produce -J devices -q
ask open latest "$url/#/devices/latest"
ask size latest 360 640
latest="[...document.querySelectorAll('#latest .space .r')].map((r) => [r.children[0], r.children[2], r.children[3]].map((c) => c.textContent).join('|')).join(' / ')"
wait_for shows latest "$latest" 'd1\|23.*d2\|13'
is "$out" '"d1|23|lab / d2|13|lab"' "a row for each key"
ask eval latest "[...document.querySelectorAll('#latest .head span')].map((e) => e.textContent).join()"
is "$out" '"Key,Age,temp,at.room"' "fields are columns"
ask eval latest "document.querySelectorAll('#latest .old').length"
like "$out" '^[12]$' "those that were silent for a minute are grey"
ask eval latest "document.documentElement.scrollWidth"
is "$out" 360 "on a phone"
echo 'device-0000001:{"temp":6}' | kt produce devices -q -K :
wait_for shows latest "$latest" 'device-0000001'
cut="[...document.querySelectorAll('#latest .space .r')].filter((r) => !r.hidden).map((r) => r.children[0]).filter((c) => c.scrollWidth > c.clientWidth).length"
wait_for shows latest "$cut" '^0$'
is "$out" 0 "keys are shown to their ends"
echo 'd3:{"temp":5,"more":true}' | kt produce devices -q -K :
wait_for shows latest "[...document.querySelectorAll('#latest .head span')].map((e) => e.textContent).join()" more
is "$out" '"Key,Age,temp,at.room,more"' "a field that is new"

# A record of one's own.
ask open write "$url/#/empty"
ask size write 1000 700
wait_for shows write "document.querySelector('#write').hidden" false
ask eval write "document.querySelector('#write').click()"
type_into write newKey "'k'"
type_into write newValue "'a' + String.fromCharCode(10) + 'b'"
type_into write newHeaders "'h: ü'"
ask eval write "document.querySelector('#send').click()"
wait_for shows write "$(text sent)" Stored
is "$out" '"Stored in partition 0 at offset 0."' "a record is produced"
is "$(kt consume empty -e -q -J | jq -c '[.key, .payload, .headers]')" '["k","a\nb",[{"key":"h","value":"ü"}]]' "as it was typed"
ask eval write "document.querySelector('#produce').close()"
wait_for shows write "$(rows list 2)" 'k\|a␊b'
is "$out" '"k|a␊b"' "and comes back"

# More partitions than the server reads at once from where one likes.
kt topic create wide -p 300 -q
seq 2 | kt produce wide -p 270 -q
ask open wide "$url/#/wide"
ask size wide 1000 700
wait_for shows wide "document.querySelector('#from').value" end
ask eval wide "document.querySelector('#wide').hidden || $(text wide)"
like "$out" '^"Of more than 256 partitions' "of very many partitions it says what can be seen"
wait_for shows wide "$(text state)" '^"live"$'
echo now | kt produce wide -p 271 -q
wait_for shows wide "$(rows list 3)" now
is "$out" '"now"' "what comes"
ask eval wide "(() => { const e = document.querySelector('#from'); e.value = 'offset'; e.dispatchEvent(new Event('change')); })()"
type_into wide place "'270:1,271:0'"
wait_for shows wide "$(text counts)" '^"2 came'
ask eval wide "$(rows list 1)"
like "$out" '270:1.*2' "and what was before, of partitions that are named"
like "$out" '271:0.*now' "of each of them"

# The server goes and comes back.
stop "$served" TERM
is "$status" 0 "a signal ends it, with its pages"
wait_for shows write "$(text state)" 'no connection'
is "$out" '"no connection to kt serve; trying again"' "they say so"
wait_for shows all "$(text state)" 'no connection'
echo meanwhile | kt produce empty -q
avro=''
if kt --version | grep -q '+curl'; then
  avro=1
  start registry python3 "$tests/cli/registry_server.py" registry.log
  wait_for test -s registry.out
  KT_REGISTRY=http://127.0.0.1:$(cat registry.out)
  export no_proxy='*' KT_REGISTRY
fi
serve again --listen "$address"
wait_for shows write "$(rows list 3)" meanwhile
is "$out" '"meanwhile / a␊b"' "and miss nothing"
wait_for shows all "$(text state)" '^"live"$'
is "$out" '"live"' "when it is back"
seq 3 4 | kt produce wide -p 270 -q
wait_for shows wide "$(text counts)" '^"4 came'
ask eval wide "$(rows list 3)"
is "$out" '"4 / 3 / now / 2"' "of very many partitions, too, those that are named go on"
if [ -n "$avro" ]; then
  printf '{"payload":"%s","payload_encoding":"base64"}\n' "$(printf '\000\000\000\000\021\002\006abc\004\000\000\000\000\000' | base64)" \
    "$(printf '\000\000\000\000\021\002\006abc\004' | base64)" | kt produce -J empty -q
  wait_for shows write "$(rows list 3)" 'abc␄ / .*abc␄␀'
  press write ArrowDown
  wait_for shows write "[...document.querySelectorAll('#parts h3 + pre')].map((e) => e.textContent.replace(/[ \\x0a]/g, '')).join(' ')" 'abc.+,.+b'
  like "$out" '\{.*a.*:.*abc.*,.*b.*:2\}' "a value of Avro, whose schema a registry has"
  ask eval write "[...document.querySelectorAll('#parts h3 span')].map((e) => e.textContent).join()"
  is "$out" '"Value, as Avro,Value, 11 B,Key"' "beside its bytes"
  press write ArrowDown
  wait_for shows write "[...document.querySelectorAll('#parts h3 span')].map((e) => e.textContent).join()" 'no Avro'
  is "$out" '"Value, no Avro that can be read,Value, 16 B,Key"' "and one that is none"
else
  skip "a value of Avro" "built without libcurl"
fi
ask complaints
is "$out" "[]" "consoles are empty: no error, nothing that the security policy forbids"
stop "$served" TERM

# With a token, which is asked for once.
token=$(kt serve token add someone 'consume:letters' 'produce:empty' --token-file tokens 2>tokens.err)
serve closed --listen 127.0.0.1:0 --token-file tokens
ask open closed "$url/#/letters"
wait_for shows closed "document.querySelector('#ask').open" true
ask eval closed "$(text askTitle)"
is "$out" '"A token is needed"' "a token is asked for"
enter() {
  ask eval closed "(() => { document.querySelector('#token').value = '$1'; document.querySelector('#ask button').click(); })()"
}
enter wrong
wait_for shows closed "document.querySelector('#ask').open && document.querySelector('#askWhy').textContent" not
is "$out" '"That token is not one of this server'"'"'s."' "another one is not taken"
enter "$token"
wait_for shows closed "$(text counts)" '^"[0-9]+ came'
like "$out" came "then what it may read is shown"
wait_for shows closed "$(text about)" records
ask eval closed "[document.querySelector('#write').hidden, location.href.includes('$token'), localStorage.length].join()"
is "$out" '"true,false,0"' "no form for what it may not write; the token is in no address, and goes with the tab"
ask eval closed "location.hash = '#/'"
wait_for shows closed "$table" letters
like "$out" '^"empty\|1\|[0-9]+ / letters\|2\|[0-9]+"$' "the topics that it has rights for"
done_testing
