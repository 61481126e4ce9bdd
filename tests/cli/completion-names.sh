. "${0%/*}/../lib.sh"
# Tab and Enter in real terminals, with names that a shell would run: they are other people's, and must stay one word.

need python3
scripts=$tests/../completions
rm bin/kt
cat >bin/kt <<'EOF'
#!/bin/sh
case ${1:-} in __complete*) exec "$KT" "$@" ;; esac
printf '%s\n' "$@" >"$HOME/args.new"
mv "$HOME/args.new" "$HOME/args"
EOF
chmod +x bin/kt

# Profiles stand for groups and topics, which a cluster would have to be asked for.
cat >names <<'EOF'
a1$(touch${IFS}pwned)
b1`touch${IFS}pwned`
c1;touch${IFS}pwned
d1'x
e1"x
f1\x
g1*?[x]
h1!ls
i1~x
j1#x
k1&x|y>z<
l1{a,b}
m1:x=y@z
n1%s%n
o1é
p1a\:b
q1(x)
r1$HOME
s1^x
EOF
sed 's/.*/[profile &]/' names >conf
export KT_CONFIG="$PWD/conf"
mkdir afolder
touch 'a spaced $file' "$(printf 'line\n;touch pwned')"

# type_names BEFORE AFTER: lines with the first two letters of each name, then a tab and what has to come of them.
type_names() {
  sed "s/^\(..\).*/kt topic list --profile$1\1	$2&/" names
}
{
  type_names ' ' ''
  printf '%s\t%s\n' "kt topic list --profile 'm1:" 'm1:x=y@z' 'kt topic list --profile "a1' "$(head -n 1 names)"
} >typed.fish
type_names ' ' '' >typed.zsh
{
  type_names ' ' ''
  type_names " '" ''
  type_names ' "' ''
  type_names '=' --profile=
  cat <<'EOF'
kt topic list --profile m1:x=y@	m1:x=y@z
kt topic list --profile 'm1:	m1:x=y@z
kt topic list --profile a1\$	a1$(touch${IFS}pwned)
kt topic list --profile d1\'	d1'x
kt topic list --auth afol	afolder/
kt topic list --auth=afol	--auth=afolder/
kt produce t 'a sp	a spaced $file
kt produce t a\ sp	a spaced $file
kt produce t line	;touch pwned
EOF
} >typed.bash

for shell in bash zsh fish; do
  command -v $shell >/dev/null || {
    skip "$shell" "not installed"
    continue
  }
  python3 "$tests/cli/tab.py" $shell "$scripts" typed.$shell >tap
  while read -r line; do
    case $line in
    "ok "*) pass "${line#ok }" ;;
    "not ok "*) fail "${line#not ok }" ;;
    *) note "$line" ;;
    esac
  done <tap
  is "$(grep -c '^ok' tap)" "$(wc -l <typed.$shell)" "$shell: every line"
  ok "$shell: no name is run" test ! -e pwned
done
done_testing
