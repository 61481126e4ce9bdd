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

done_testing
