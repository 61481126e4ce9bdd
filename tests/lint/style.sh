. "${0%/*}/../lib.sh"
# C as clang-format writes it (./dev fmt), and what a formatter does not see.
need clang-format git

root=${tests%/tests}
cd "$root" || exit 1
for file in $(find cmd lib tests -name '*.[ch]' | sort); do
  if clang-format --dry-run -Werror "$file" >"$work/said" 2>&1; then
    pass "$file"
  else
    fail "$file (./dev fmt)" "$(cat "$work/said")"
  fi
done
is "$(grep -nE '\b(TODO|FIXME|XXX):?\b *[a-z(]' -r cmd lib tests --include='*.[ch]')" "" "nothing is left for later"
is "$(grep -nE '[[:blank:]]$' -r cmd lib completions dev README.md --include='*')" "" "no blanks at line ends"
done_testing
