. "${0%/*}/../lib.sh"
# What the include paths of lib/meson.build cannot see: who uses which third party, and headers that need others.

cd "${tests%/tests}" || exit 1

# only_in WHAT HEADER PLACES: what includes HEADER is in PLACES (all three but the first are patterns).
only_in() {
  found=$(grep -rlE --include='*.[ch]' "#include *[<\"]$2" cmd lib | grep -vE "^($3)")
  is "$found" "" "$1"
}
only_in "librdkafka is used in lib/kafka only" 'librdkafka/' lib/kafka/
only_in "libavro is used by tests alone" 'avro(/|\.h)' nowhere
only_in "libmicrohttpd is used in lib/http only" 'microhttpd' lib/http/
only_in "libcurl is used in lib/http only" 'curl/' lib/http/
only_in "OpenSSL is used for stores, hashes and connections of our own only" 'openssl/' \
  'lib/data/keystore|lib/data/hash|lib/data/digest|lib/wire/|lib/app/about'
is "$(grep -rlE '#include *"(cmds|main)' lib)" "" "no library includes a command"
is "$(grep -rlE '\b(exit|_exit|abort)\(' lib --include='*.c' | grep -v -e base/mem.c -e base/sig.c -e base/child.c)" "" \
  "no library function ends the process"

for header in $(find lib cmd -name '*.h' | sort); do
  if ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -fsyntax-only -Ilib/base -Ilib/cli -Ilib/data -Ilib/kafka -Ilib/wire -Ilib/http -Ilib/app -Icmd \
    -include "$header" -x c /dev/null 2>"$work/said"; then
    pass "$header compiles alone"
  else
    fail "$header compiles alone" "$(cat "$work/said")"
  fi
done
done_testing
