. "${0%/*}/../lib.sh"
# C as clang-format writes it (./dev fmt), and what a formatter does not see.
need clang-format

cd "${tests%/tests}" || exit 1
if clang-format --version | grep -q 'version 14\.'; then
  # Many files at a time: most of a run is the start of the formatter.
  ok "sources are formatted (./dev fmt)" sh -c "find cmd lib tests -name '*.[ch]' | xargs -P 2 -n 60 clang-format --dry-run -Werror"
else
  skip "sources are formatted" "other releases of clang-format format differently from 14, Debian 12's"
fi
is "$(grep -nE '\b(TODO|FIXME|XXX):?\b *[a-z(]' -r cmd lib tests --include='*.[ch]')" "" "nothing is left for later"
is "$(grep -nE '[[:blank:]]$' -r cmd lib completions loads tests docs packaging dev ./*.md --exclude-dir=corpus)" "" "no blanks at line ends"
done_testing
