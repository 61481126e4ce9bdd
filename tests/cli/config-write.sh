. "${0%/*}/../lib.sh"
# kt config list, use, get, set and edit: what they write, and what they leave alone.

need python3
conf="$HOME/.config/kt/config"
# text: what is in the file; written TEXT: starts again with this one.
written() {
  mkdir -p "${conf%/*}" && cat >"$conf" && chmod 600 "$conf"
}

# ---- list, use, get ----
run kt config list
is "$status $out$err" "0 % there is no configuration file: \`kt config init\` writes one" "without a file there are no profiles"
run kt config use lab
is "$status" 2 "and none can be used"
like "$err" "^hint: .kt config init --profile lab. writes it$" "what to do"
written <<'EOT'
# mine
bootstrap.servers = a:9093
security.protocol=sasl_ssl
sasl.password=geheim
  kt.topic : t
[profile   lab]
bootstrap.servers=l:1
# about lab
[profile empty]
[profile none]
client.id=z
EOT
cp "$conf" before
run kt config list
is "$status $out" "0 default	yes	a:9093	sasl_ssl	t
lab	-	l:1	plaintext	-
empty	-	a:9093	sasl_ssl	t" "the profiles and where they lead"
unlike "$out$err" geheim "without secrets"
run env KT_PROFILE=lab kt config list -J
like "$out" '^\{"profile":"lab","used":true,"from":"KT_PROFILE","brokers":"l:1","protocol":"plaintext","topic":null,' "as JSON"
run env KT_BROKERS=e:1 KT_PROFILE=none kt config list
like "$out" "^default	-	a:9093" "the environment does not count"
like "$err" "^% KT_PROFILE says that no configuration is used$" "but what it says of profiles does"

run kt config use lab
is "$status" 0 "kt config use"
sed 's/^  kt.topic : t$/&\nkt.profile=lab/' before >expected
same "$conf" expected "adds a line in front of the sections, and changes nothing else"
is "$(kt config get bootstrap.servers)" "l:1" "later commands use it"
like "$(kt config list)" "^lab	~/.config/kt/config:6	l:1" "the list says who says so"
is "$(kt config get bootstrap.servers --profile default)" "a:9093" "--profile default is what stands in front"
is "$(KT_PROFILE=empty kt config get bootstrap.servers)" "a:9093" "KT_PROFILE outweighs it"
run env KT_PROFILE=lab kt config use empty
like "$err" "^% but not in this shell, where KT_PROFILE=lab: unset KT_PROFILE$" "which is said"
kt config use default -q
same "$conf" before "kt config use default takes the line out"
run kt config use lap
is "$status" 2 "a profile that is not there"
like "$err" "^hint: did you mean lab\?$" "and the nearest"
run kt config use none
is "$status" 2 "none is not a profile"
same "$conf" before "none of which changes the file"

run kt config get sasl.password
is "$status $out" "1 " "a secret is not printed"
like "$err" "^hint: it comes from ~/.config/kt/config:4$" "but where it stands"
run kt config get linger.ms
is "$status $out" "4 " "what is not set"
run kt config get linger.sm
like "$status $err" "^hint: did you mean linger.ms\?$" "what there is not"
is "$(kt config get -X sasl.password=env:PW sasl.password) $(kt config get group.id -X group.id=g)" "env:PW g" \
  "what stands elsewhere, and other names"
written <<'EOT'
kt.profile=gone
[profile bad]
linger.sm=5
EOT
run kt config list
is "$status $out" "3 default	-	-	plaintext	-
bad	-	?	?	?" "profiles that cannot be used are listed"
like "$err" '^% profile bad: ~/.config/kt/config:3 \[bad\]: there is no property "linger.sm"$' "and why they cannot"
like "$err" '^% ~/.config/kt/config:1: no profile "gone" in' "also the one in use"
run kt config use default
is "$status $(head -n 1 "$conf")" "0 [profile bad]" "which another choice mends"

mkfifo once
cat >once <<'EOT' &
[profile p]
bootstrap.servers=p:1
EOT
run env KT_CONFIG=once timeout 20 kt config list --profile p
is "$status $out" "0 default	-	-	plaintext	-
p	--profile	p:1	plaintext	-" "a pipe is read once"
wait "$!"
rm once

# ---- set ----
written <before
run kt config set bootstrap.servers=b:1 linger.ms=5
is "$status" 0 "kt config set"
sed 's/^bootstrap.servers = a:9093$/bootstrap.servers=b:1/; s/^  kt.topic : t$/&\nlinger.ms=5/' before >expected
same "$conf" expected "replaces a line where it stands, and adds another at the end of its section"
kt config set -q metadata.broker.list c:1
is "$(sed -n 2p "$conf") $(grep -c b:1 "$conf")" "metadata.broker.list=c:1 0" "NAME VALUE, under another name"
run kt config set --unset metadata.broker.list linger.ms
sed '/^bootstrap.servers = /d' before >expected
same "$conf" expected "--unset takes lines out"
written <before
kt config set -q kt.group=g --profile lab
sed 's/^# about lab$/&\nkt.group=g/' before >expected
same "$conf" expected "--profile names the section"
kt config use -q lab && kt config set -q kt.group=g2
is "$(grep -c '^kt.group=g2$' "$conf")$(kt config get kt.group)" "1g2" "else the one in use"
kt config set -q kt.group=n --profile new
is "$(tail -n 3 "$conf")" "
[profile new]
kt.group=n" "a new one is made"
mkdir dir && kt config set -q kt.auth=dir ssl.ca.location='~/ca.crt' sasl.password=file:./pw --profile paths
is "$(tail -n 3 "$conf")" "kt.auth=$PWD/dir
ssl.ca.location=~/ca.crt
sasl.password=file:$(realpath .)/pw" "paths mean the same everywhere"
cp "$conf" before
run kt config set 'client.id=${HOME} \x'
is "$(kt config get client.id)" '${HOME} \x' "what was set is what is got"
cp before "$conf"
for word in linger.ms=soon linger.sm=5 =x bootstrap.servers= kt.profile=lab kt.resolve=x 'client.id=a
b' 'client.id=x ' sasl.password; do
  run kt config set "$word"
  is "$status" 2 "refused: $(echo "$word" | head -n 1)"
done
for name in none 'a b' 'a
kt.topic=x' "a]
client.id=z
[profile b" "$(printf '%0101d' 0)" "$(printf 'a\033[1m')"; do
  run kt config set linger.ms=1 --profile "$name"
  is "$status" 2 "no name of a profile: $(printf %s "$name" | head -n 1 | tr -d '\033')"
  unlike "$err" "$(printf '\033')" "is shown as it is"
done
same "$conf" before "nothing of which changes the file"
kt config set -q linger.ms=1 --profile ../../../x
ok "a name is no path" grep -q '^\[profile ../../../x\]$' "$conf"
run kt config set sasl.password=geheim
like "$err" "^% the shell's history .*: .kt config set sasl.password. asks for it$" "a password on the command line"
unlike "$out$err" geheim "is not shown"
printf 'client.id=a\r\nkt.topic=t\r\n' | written
kt config set -q kt.topic=u
is "$(od -c "$conf" | head -n 2 | tr -s ' ')" "0000000 c l i e n t . i d = a \\r \\n k t .
0000020 t o p i c = u \\n" "other lines keep their ends"
printf 'client.id=a\\\n  b\nkt.topic=t\nclient.id=c' >"$conf"
kt config set -q client.id=d
is "$(cat "$conf")" "client.id=d
kt.topic=t" "a line that goes on, and one that says it again, give way"

# Nobody's line is lost, however many write at the same time.
written </dev/null
jobs=''
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
  kt config set -q kt.topic="t$n" --profile "p$n" &
  jobs="$jobs $!"
done
for pid in $jobs; do wait "$pid" || fail "one of several writers: status $?"; done
is "$(grep -c '^kt.topic=t' "$conf") $(kt config list -J | grep -c topic)" "12 13" "twelve that write at once"
is "$(find "${conf%/*}" -type f)" "$conf" "and nothing is left lying about"

# ---- where it is written ----
written <before
chmod 444 "$conf"
run kt config set linger.ms=1
is "$status" 2 "a read-only file"
like "$err" "^hint: chmod u\+w ~/.config/kt/config$" "is left as it is"
run kt config use default
is "$status" 2 "by use, too"
chmod 600 "$conf"
mkdir dotfiles && mv "$conf" dotfiles/kt && ln -s "$PWD/dotfiles/kt" "$conf" && chmod 644 dotfiles/kt
kt config set -q linger.ms=77
ok "a symbolic link stays one" test -L "$conf"
is "$(grep -c '^linger.ms=77$' dotfiles/kt) $(stat -c %a dotfiles/kt)" "1 600" "its target is written, for the owner alone"
kt config use default -q && EDITOR='sed -i s/linger.ms=77/linger.ms=78/' kt config edit -q
is "$(test -L "$conf" && grep -c '^linger.ms=78$' dotfiles/kt)" 1 "by use and edit, too"
mkfifo pipe && ln -s pipe to-pipe && ln -s nothing to-nothing
[ "$(id -u)" -ne 0 ] || mknod null c 1 3
for there in pipe to-pipe to-nothing null .; do
  [ -e $there ] || [ -L $there ] || continue
  before=$(stat -c '%F %i' $there)
  for words in "set linger.ms=1" "use default" edit; do
    # shellcheck disable=SC2086
    run env KT_CONFIG=$there EDITOR=true timeout 20 kt config $words
    is "$status $(stat -c '%F %i' $there)" "2 $before" "$there is not replaced by $words"
  done
done
kt config set -q linger.ms=3 -F new/folder/file
is "$(cat new/folder/file)" "linger.ms=3" "a file that is not there is made"

# ---- edit ----
written <before
run env EDITOR='sed -i s/^kt.topic=.*/kt.topic=edited/' VISUAL= kt config edit
is "$status $(grep -c kt.topic=edited "$conf")" "0 0" "what does not change the file"
like "$err" "^% nothing was changed$" "is said"
run env VISUAL='sed -i "s/l:1/new:1/"' EDITOR=false kt config edit
is "$status $(grep -c new:1 "$conf") $(stat -Lc %a "$conf")" "0 1 600" "an editor is a piece of shell"
is "$(find "${conf%/*}" -name 'kt-edit-*')" "" "nothing is left beside"
cp "$conf" before
run env EDITOR='echo broken >' kt config edit
is "$status" 2 "a broken file"
like "$err" '^kt config edit: .*/kt-edit-[0-9]*-config:1: expected "property=value"' "is not taken"
same "$conf" before "and what was there stays"
copy=$(find "${conf%/*}" -name 'kt-edit-*')
is "$(cat "$copy")" broken "what was edited stays beside it"
like "$err" "^% what was edited is in $copy$" "which is said"
rm "$copy"
run env EDITOR='echo "kt.profile=gone" >' kt config edit
is "$status" 2 "a profile that is not there"
rm "${conf%/*}"/kt-edit-*
run env EDITOR=false kt config edit
is "$status $(find "${conf%/*}" -name 'kt-edit-*')" "1 " "an editor that fails"
same "$conf" before "changes nothing"
run env EDITOR=no-such-editor kt config edit
is "$status" 1 "an editor that is not there"
run env EDITOR="kt config set -q linger.ms=9 && echo linger.ms=8 >" kt config edit
is "$status $(grep -c '^linger.ms=9$' "$conf")" "1 1" "what somebody else changed meanwhile stays"
rm -f "${conf%/*}"/kt-edit-*
rm -rf "${conf%/*}"
run env EDITOR='echo kt.topic=t >>' kt config edit
like "$(cat "$conf")" "^kt.topic=t$" "a new file"

# ---- on a terminal ----
mkfifo keys
cat >fix.sh <<'EOT'
if [ -e once ]; then echo linger.ms=4 >"$1"; else echo broken >"$1" && touch once; fi
EOT
EDITOR="sh $PWD/fix.sh" python3 "$tests/both/terminal.py" keys screen "$KT" config edit 2>/dev/null &
pid=$!
exec 3>keys
wait_for grep -q 'edit it again' screen
echo y >&3
wait "$pid"
is "$? $(cat "$conf")" "0 linger.ms=4" "a mistake is mended in a second round"
python3 "$tests/both/terminal.py" keys screen "$KT" config set sasl.password 2>/dev/null &
pid=$!
exec 3>keys
wait_for grep -q 'sasl.password: ' screen
echo geheim >&3
wait "$pid"
is "$? $(tail -n 1 "$conf") $(grep -c geheim screen)" "0 sasl.password=geheim 0" "a secret is typed unseen"

done_testing
