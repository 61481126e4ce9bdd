. "${0%/*}/../lib.sh"
# kt config init: what it writes, where, and what it leaves alone.

start_broker --create client58:1
brokers=$KT_BROKERS
unset KT_BROKERS
conf="$HOME/.config/kt/config"

run kt config init
is "$status" 2 "without brokers nothing is tried"
like "$err" "^hint: name at least one: -b HOST:PORT; the .kt broker. at $brokers is found without a profile$" \
  "and it is said what is missing"
run kt config init -b 127.0.0.1:1 -m 2
is "$status" 5 "a cluster that cannot be reached"
ok "is not written down" test ! -e "$conf"

run kt config init -b "$brokers" -t client58
is "$status $out" "0 " "a cluster that answers"
is "$(cat "$conf")" "bootstrap.servers=$brokers
kt.topic=client58" "is written down"
is "$(stat -c %a "$conf")" 600 "for the user's eyes only"
like "$err" "^% from now on: kt produce$" "what to type now"
echo hello | kt produce -q
is "$(kt consume --reset earliest -g g -e -q)" hello "and later commands need no flags"

cat >"$conf" <<EOT
# mine
linger.ms=1
ssl.ca.location=/no/more
metadata.broker.list=old:9092
  # about lab
[profile lab]
kt.group=g
# end
EOT
chmod 644 "$conf"
run kt config init -b "$brokers"
is "$(cat "$conf")" "# mine
linger.ms=1
ssl.ca.location=/no/more
  # about lab
bootstrap.servers=$brokers
[profile lab]
kt.group=g
# end" "what is in the file stays, but not the brokers under their other name"
is "$(stat -c %a "$conf")" 600 "and others lose access"

run kt config init -b "$brokers" --profile lab -X client.id=me -t t -g g2 --resolve h=127.0.0.1
is "$(sed -n '/profile lab/,$p' "$conf")" "[profile lab]
# end
bootstrap.servers=$brokers
client.id=me
kt.group=g2
kt.resolve=h=127.0.0.1
kt.topic=t" "a section that was there"
like "$err" "^% from now on: kt produce --profile lab$" "how to use it"
run env KT_PROFILE=new kt config init -b "$brokers"
is "$(tail -n 3 "$conf")" "
[profile new]
bootstrap.servers=$brokers" "a new section, named by KT_PROFILE"
is "$(kt config show --profile new | awk '$1 == "linger.ms" { print $2 }')" 1 "it inherits what stands in front"

for name in 'a b' 'a
plugin.library.paths=x' "a]
client.id=x
[profile b" "$(printf 'a\tb')" "$(printf '%0101d' 0)" none; do
  before=$(cksum "$conf")
  run kt config init -b "$brokers" --profile "$name"
  is "$status $(cksum "$conf")" "2 $before" "what no section can be called: $(echo "$name" | head -n 1)"
done
run kt config init -b "$brokers" --profile ../../etc/x]
is "$status $(tail -n 2 "$conf")" "0 [profile ../../etc/x]]
bootstrap.servers=$brokers" "a name is no path"

run kt config init -b "$brokers" -X sasl.username=al -X sasl.password=geheim
is "$status" 2 "a secret on the command line is not written unasked"
unlike "$err" geheim "nor shown"
like "$err" "^hint: --yes accepts; or say where it stands: -X sasl.password=file:PATH" "what to do is said"
run kt config init -b "$brokers" -X sasl.username=al -X sasl.password=geheim --yes
is "$status $(grep -c '^sasl.password=geheim$' "$conf")" "0 1" "--yes writes it"
unlike "$err" geheim "and does not show it"
echo pw >secret
run kt config init -b "$brokers" -X sasl.password=file:secret
is "$(grep '^sasl.password' "$conf")" "sasl.password=file:$PWD/secret" "a file's path is written in full"

run kt config init -b "$brokers" -F other.properties -X 'client.id=a\b'
is "$(cat other.properties)" "bootstrap.servers=$brokers
client.id=a\\\\b" "-F names a new file, in the style of its name"
is "$(kt config show -F other.properties | awk '$1 == "client.id" { print $2 }')" 'a\b' "which reads back"
mkdir dotfiles && mv "$conf" dotfiles/kt && ln -s "$PWD/dotfiles/kt" "$conf"
run kt config init -b "$brokers" -X client.id=linked
ok "a symbolic link stays one" test -L "$conf"
like "$(cat dotfiles/kt)" "^client.id=linked" "and its target is written"
rm "$conf" && echo "client.id=kcat" >"$HOME/.config/kcat.conf"
run kt config init -b "$brokers"
like "$err" "^% ~/.config/kcat.conf is no longer read: ~/.config/kt/config comes first" "a file that is hidden now is named"
chmod 500 "$HOME/.config/kt"
if [ "$(id -u)" -ne 0 ]; then
  run kt config init -b "$brokers" -X client.id=new
  is "$status" 1 "a directory that cannot be written"
fi
chmod 700 "$HOME/.config/kt"
printf 'linger.ms=1\nnonsense\n' >"$conf"
run kt config init -b "$brokers"
is "$status $(tail -n 1 "$conf")" "2 nonsense" "a broken file is left alone"

# ---- what the profile has for other brokers ----
cat >"$conf" <<EOT
bootstrap.servers=127.0.0.1:1
security.protocol=sasl_plaintext
sasl.username=al
sasl.password=geheim
kt.topic=mine
EOT
cp "$conf" before
run setsid kt config init -b "$brokers"
is "$status" 2 "credentials for other brokers are neither tried nor lost unasked"
like "$err" "^kt config init: ~/.config/kt/config is for 127.0.0.1:1, and stays so: nothing was written$" "which is said"
like "$err" "^hint: --profile NAME puts another cluster beside it; --yes puts it in its place$" "and what to do"
same "$conf" before "nothing is written"
run kt config init -b "$brokers" --profile lab
is "$status" 0 "a plain cluster beside one with credentials"
like "$err" "^% kt config use lab makes it the one that is used without --profile$" "what to do next"
is "$(sed '/^$/,$d' "$conf" | cmp - before && sed '1,/^$/d' "$conf")" "[profile lab]
bootstrap.servers=$brokers" "neither knows of the other"
echo hello | kt produce -q t --profile lab
is "$(kt consume -e -q t --profile lab -b "$brokers")" hello "and it works"
run kt consume -e -q --profile lab
is "$status" 2 "not even of its topic"

# ---- what is missing is asked for at a terminal ----
need python3
mkfifo keys
# on_terminal COMMAND…: typed at it is what goes to descriptor 3.
on_terminal() {
  : >screen
  python3 "$tests/both/terminal.py" keys screen "$@" 2>/dev/null &
  pid=$!
  exec 3>keys
}
rm -r "$HOME/.config/kt"
on_terminal "$KT" config init
wait_for grep -q '^% Enter takes what is in brackets; Ctrl-C leaves everything as it is' screen
wait_for grep -q 'Folder with credentials, or none \[none\]: ' screen
echo /nowhere >&3
wait_for grep -q '/nowhere: No such file' screen
wait_for sh -c 'test "$(grep -c "Folder with credentials" screen)" = 2'
echo >&3
wait_for grep -q 'Brokers, HOST:PORT,… \[localhost:9092\]: ' screen
echo "$brokers" >&3
wait "$pid"
is "$? $(cat "$conf")" "0 bootstrap.servers=$brokers" "what is missing is asked for"
rm -r "$HOME/.config/kt"
mkdir auth && echo x >auth/ca.crt && echo x >auth/kafka.keystore.pkcs12 &&
  echo "bootstrap.servers=127.0.0.1:7" >auth/client-ssl.properties
on_terminal "$KT" config init
wait_for grep -q 'none \[./auth\]: ' screen
echo >&3
wait_for grep -q 'Brokers, HOST:PORT,… \[127.0.0.1:7\]: ' screen
printf '\003' >&3
wait "$pid"
is "$? $(find "$HOME/.config" -name 'kt')" "130 " "a folder is offered, with its brokers; Ctrl-C leaves nothing"
exec 3>&-

done_testing
