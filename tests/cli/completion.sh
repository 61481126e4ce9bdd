. "${0%/*}/../lib.sh"
# The scripts of the three shells, with a kt that answers what it is told to and notes what it was asked.

scripts=$tests/../completions
for file in "$scripts/kt.bash" "$scripts/_kt" "$scripts/kt.fish"; do
  ok "${file##*/} has at most 30 lines" test "$(wc -l <"$file")" -le 30
done

for row in bash:kt.bash zsh:_kt fish:kt.fish; do
  run kt completion "${row%:*}"
  is "$status $err" "0 " "kt completion ${row%:*}"
  kt completion "${row%:*}" >printed
  same printed "$scripts/${row#*:}" "prints what is installed"
done
run kt completion csh
is "$status $out" "2 " "kt completion csh: status 2"
like "$err" "bash, zsh, fish" "and the shells that there are"
run kt completion
is "$status $out" "2 " "without a shell: status 2"
is "$(kt __complete completion '' | cut -f 1 | tr '\n' ' ')" "bash zsh fish " "they are completed"

rm bin/kt
cat >bin/kt <<'EOF'
#!/bin/sh
printf '<%s>' "$@" >"$HOME/asked"
case $* in
"__complete prod" | "__complete ") printf 'produce\twrite records: lines\nproduct\n' ;;
"__complete produce --color="*) printf -- '--color=always\n' ;;
"__complete produce -X "*) printf 'ssl.ca.location=\tCA file\n' ;;
"__complete produce --auth"*) echo :dir ;;
"__complete produce t "*) echo :file ;;
"__complete produce a:"*) printf 'a:b\ttopic\n' ;;
"__complete_line kt prod "* | "__complete_line kt  "*) printf 'produce\twrite records: lines\nproduct\n' ;;
"__complete_line kt produce --color="*) printf 'always\n' ;;
"__complete_line kt produce -X "*) printf 'ssl.ca.location=\tCA file\n' ;;
"__complete_line kt produce --auth"*) echo :dir ;;
"__complete_line kt produce t "*) echo :file ;;
"__complete_line kt produce a:"*) printf 'b\ttopic\n' ;;
esac
EOF
chmod +x bin/kt
mkdir afolder && touch afile

# What each of the scripts is tried with: the line, what is asked, and the candidates, blank between.
table() {
  cat <<'EOF'
kt prod|<__complete><prod>|produce product
kt |<__complete><>|produce product
kt produce --color=al|<__complete><produce><--color=al>|--color=always
kt produce -X ssl|<__complete><produce><-X><ssl>|ssl.ca.location=
kt produce --auth a|<__complete><produce><--auth><a>|afolder
kt produce --auth=a|<__complete><produce><--auth=a>|--auth=afolder
kt produce t af|<__complete><produce><t><af>|afile afolder
kt produce a:|<__complete><produce><a:>|a:b
EOF
}

# try SHELL COMMAND…: runs COMMAND with the line as its last argument, which prints candidates, one per line.
try() {
  shell=$1
  shift
  table >rows
  while IFS='|' read -r line asked expected; do
    : >home/asked
    got=$("$@" "$line" 2>err </dev/null | tr -d '/' | sort | tr '\n' ' ')
    is "$(cat home/asked) ${got% } $(cat err)" "$asked $expected " "$shell: $line"
  done <rows
}

# bash gets the whole line, and candidates for the piece that it completes. What it offers for files is its own.
cat >try.bash <<'EOF'
compopt() { COMPREPLY+=("$*"); }
source "$1/kt.bash"
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDBREAKS='=:'
_kt kt
printf '%s\n' "${COMPREPLY[@]}"
EOF
cat >rows.bash <<'EOF'
kt prod|produce product
kt |produce product
kt produce --color=al|always
kt produce -X ssl|-o nospace ssl.ca.location=
kt produce --auth a|-o dirnames
kt produce --auth=a|-o dirnames
kt produce t af|-o default
kt produce a:|b
EOF
while IFS='|' read -r line expected; do
  got=$(bash try.bash "$scripts" "$line" 2>err </dev/null | sort | tr '\n' ' ')
  is "$(cat home/asked) ${got% } $(cat err)" "<__complete_line><$line><=:> $expected " "bash: $line"
done <rows.bash

cat >try.fish <<'EOF'
source $argv[1]/kt.fish
complete -C $argv[2] | string replace -r '\t.*' ''
EOF
if command -v fish >/dev/null; then try fish fish -N try.fish "$scripts"; else skip fish "not installed"; fi

# zsh completes only at a prompt: its own compadd is replaced by one that prints.
cat >try.zsh <<'EOF'
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PS1=; autoload -Uz compinit; $1"
zpty -w shell 'compadd() { [[ "$*" == *"-O "* || "$*" == *"-A "* || "$*" == *"-D "* ]] && { builtin compadd "$@"; return }
  local -a got; builtin compadd -O got "$@"; print -rl -- "${IPREFIX}${^got}" >>$HOME/got; builtin compadd "$@" }'
zpty -w shell 'bindkey "^I" complete-word; print >$HOME/ready'
until [[ -e $HOME/ready ]]; do sleep 0.05; done
rm -f $HOME/got
zpty -n -w shell "$2"$'\t\x01#\x05\nprint done >$HOME/done\n'
for i in {1..1200}; do [[ -e $HOME/done ]] && break; sleep 0.05; done
rm -f $HOME/done $HOME/ready
sort -u $HOME/got
EOF
if command -v zsh >/dev/null; then
  try zsh zsh -f try.zsh "fpath=($scripts \$fpath); compinit -u -D"
  try "zsh, read by source" zsh -f try.zsh "compinit -u -D; source $scripts/_kt"
else
  skip zsh "not installed"
fi
done_testing
