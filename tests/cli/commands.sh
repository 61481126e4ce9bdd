. "${0%/*}/../lib.sh"
# Every subcommand, whatever it does: help, manual, completion, mistakes.
need man

# fact WHAT COMMAND…: one of many small things that make one case; facts_done shows those that failed.
facts=''
fact() {
  fact_name=$1
  shift
  "$@" || facts="$facts$fact_name
"
}
facts_done() {
  if [ -z "$facts" ]; then pass "$1"; else fail "$1" "$facts"; fi
  facts=''
}

has_line() {
  printf '%s\n' "$2" | grep -Fqx -e "$1"
}

# The rows as --help shows them: "  -k, --key KEY" and "      --key-seq".
long_options() {
  sed -nE 's/^  (-., |    )(--[a-z0-9-]+)( .*)?$/\2/p' "$1" | sort -u
}

for file in "$tests"/../cmd/*.c; do
  name=${file##*/} name=${name%.c}
  [ "$name" = main ] && continue

  run kt "$name" --help
  cp out help
  typed=$(sed -n '1s/^Usage: kt \(.*\) \[OPTIONS\].*/\1/p' help)
  fact "--help has status 0" test "$status" = 0
  fact "--help is silent on stderr" test -z "$err"
  fact "--help starts with the usage" test "$(head -c 10 help)" = "Usage: kt "
  fact "--help fits into 80 columns: $(LC_ALL=C.UTF-8 grep -E '^.{81}' help | grep -v '^      ' | head -n 1)" \
    test -z "$(LC_ALL=C.UTF-8 grep -E '^.{81}' help)"
  run kt "$name" -h
  fact "-h has status 0" test "$status" = 0
  fact "-h starts with the usage" test "$(head -c 10 out)" = "Usage: kt "
  fact "-h is no longer than a page" test "$(wc -l <out)" -le 70
  fact "-h names what says more" grep -q "^.kt $typed --help. explains all" out
  fact "-h fits into 80 columns" test -z "$(grep -E '^.{81}' out | grep -v '^      ')"
  run kt help "$name"
  fact "kt help is the same" cmp -s out help
  kt "$name" --help >/dev/full 2>err
  fact "a full disk is noticed" test $? = 1
  facts_done "$name: help"

  run kt "$name" --hlep
  fact "status 2" test "$status" = 2
  fact "nothing on stdout" test -z "$out"
  fact "named" has_line "kt $typed: unknown option --hlep" "$err"
  fact "suggestion" has_line "hint: did you mean --help?" "$err"
  facts_done "$name: unknown option"

  kt __man "$name" >page.1
  fact "no warnings" test -z "$(man --warnings -E UTF-8 -l page.1 2>&1 >page)"
  for section in NAME SYNOPSIS DESCRIPTION OPTIONS EXAMPLES "EXIT STATUS" ENVIRONMENT FILES "SEE ALSO"; do
    fact "has $section" grep -q "^$section\$" page
  done
  long_options help >options
  sed -nE 's/^ *(-., )?(--[a-z0-9-]+)( .*)?$/\2/p' page | sort -u >in_manual
  run kt __complete "$name" --
  cut -f 1 out | sort -u >candidates
  for missing in "in the manual:$(comm -23 options in_manual)" "completed:$(comm -23 options candidates)" \
    "in the help:$(comm -13 options candidates)"; do
    fact "these are not $missing" test -z "${missing#*:}"
  done
  fact "there are options" test -s options
  facts_done "$name: manual and completion"

  ln -s "$(command -v kt)" "bin/kt-$name"
  run "kt-$name" --help
  ok "$name: as kt-$name" cmp -s out help
done

kt __man >page.1
is "$(man --warnings -E UTF-8 -l page.1 2>&1 >page)" "" "kt: manual"
done_testing
