. "${0%/*}/../lib.sh"
# Pages of the manual that are not about one command, and what they say against what is true.
need man jq

pages=$(sed -n "s/^  \['\([a-z]*\)', '\([57]\)'.*/\1.\2/p" "$tests/../lib/app/guide/meson.build")
ok "there are pages" test "$(echo "$pages" | wc -l)" -ge 4
run kt help
cp out program
for page in $pages; do
  name=${page%.*}
  run kt help "$name"
  is "$status$err" 0 "kt help $name"
  like "$out" "^kt-$name\(${page#*.}\): [a-z]" "says where it stands in the manual"
  is "$(LC_ALL=C.UTF-8 grep -E '^.{81}' out)" "" "in 80 columns"
  like "$(cat program)" "^  help $name +[a-z]" "kt help names it"
  kt __man "$name" >page.roff
  is "$(man --warnings -E UTF-8 -l page.roff 2>&1 >page)" "" "kt-$name(${page#*.}) is a page"
  like "$(cat page)" "^ +kt\(1\), " "that refers to others"
  like "$(kt __man consume)" "kt.*$name.*\(${page#*.}\)" "and the others to it"
  run kt __complete help "$(echo "$name" | cut -c 1-3)"
  like "$out" "^$name" "the Tab key knows it"
done
run kt help profiles
like "$out" "^kt-config" "other words lead there too"
run kt help config init
like "$out" "^Usage: kt config init" "but not where a command is meant"

kt consume -X list | sed -n "s/^\(kt\.[a-z.]*\) (.*/\1/p" >own
ok "kt has settings of its own" test -s own
while read -r row; do
  like "$(kt help config)" "^  $row +[a-zA-Z]" "kt help config has $row"
done <own
kt help format | sed -n 's/^  %\([a-zA-Z]\) .*/\1/p' >letters
while read -r letter; do
  kt consume t -b 127.0.0.1:1 -m 1ms -f "%$letter" 2>err
  is "$?" 5 "-f knows %$letter"
done <letters
kt consume t -f '%!' 2>err
is "$(sed -n 's/^hint: understood: \(.*\), %{.*/\1/p' err)" "$(sed 's/^/%/' letters | paste -sd ' ')" "these and no others"
done_testing
