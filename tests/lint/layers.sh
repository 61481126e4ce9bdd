. "${0%/*}/../lib.sh"
# What the table of rooms in lib/meson.build cannot say by itself: who uses which third party, headers that need others, and
# pages that show the rooms.

cd "${tests%/tests}" || exit 1

# only_in WHAT HEADER PLACES: what includes HEADER is in PLACES (all three but the first are patterns).
only_in() {
  found=$(grep -rlE --include='*.[ch]' "#include *[<\"]$2" cmd lib | grep -vE "^($3)")
  is "$found" "" "$1"
}
only_in "librdkafka is used in lib/kafka only" 'librdkafka/' lib/kafka/
only_in "avro-c is used in one file, and by tests" 'avro(/|\.h)' lib/app/sink/sinkblocks.c
only_in "libwslay is used in lib/http only" 'wslay/' lib/http/
only_in "libmicrohttpd is used in lib/http only" 'microhttpd' lib/http/
only_in "libcurl is used in lib/http only" 'curl/' lib/http/
only_in "SQLite is included in lib/sqlite only" 'sqlite3' lib/sqlite/
only_in "libedit is used in one file" 'histedit' lib/cli/editline
only_in "OpenSSL is used for stores, hashes and connections of our own only" 'openssl/' \
  'lib/data/config/keystore|lib/data/measurementhash|lib/data/digest|lib/wire/|lib/app/guide/about'
is "$(grep -rlE '\bregcomp\(' lib cmd --include='*.c')" lib/base/pattern.c "patterns are compiled in one place, which bounds them"
is "$(grep -rlE '#include *"(cmds|main)' lib)" "" "no library includes a command"
is "$(grep -rlE '\b(exit|_exit|abort)\(' lib --include='*.c' | grep -v -e base/mem.c -e base/sig.c -e base/child.c -e kafka/crashguard.c)" "" \
  "no library function ends the process"

# stands_in HEADER FILE…: the functions that HEADER declares, and that none of the files has.
stands_in() {
  header=lib/http/$1
  shift
  sed -e '/^ \*/d' -e 's,/\*.*,,' "$header" | grep -oE '\bkt_[a-z_]+\(' | sort -u | while read -r name; do
    (cd lib/http && grep -qF "$name" "$@") || echo "$name)"
  done
}
is "$(stands_in httpd.h nohttp.c httploop.c answer.c)" "" "a build without libmicrohttpd has all that it needs"
is "$(stands_in websocket.h nowebsocket.c)" "" "nor does one without libwslay miss anything"
is "$(stands_in fetch.h nofetch.c && stands_in forward.h noforward.c)" "" "so does one without libcurl"

rooms=${KT%/cmd/kt}/lib/rooms
{
  docs/rooms.py "$rooms" paths
  find lib -type d | awk 'BEGIN { printf "cmd -Icmd" } { printf " -I%s", $0 } END { print "" }'
} >"$work/paths"
find lib cmd -name '*.h' | awk -v paths="$work/paths" '
  BEGIN { while ((getline <paths) > 0) { room = $1; $1 = ""; options[room] = $0 } }
  { room = $0; sub("/[^/]*$", "", room); print options[room], "-include", $0 }' >"$work/headers"
ok "headers compile alone" sh -c \
  "xargs -P 2 -L 1 ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -fsyntax-only -x c /dev/null <'$work/headers'"

is "$(docs/rooms.py "$rooms" svg)" "$(cat docs/rooms.svg)" "the picture of the rooms is theirs (docs/rooms.py)"
is "$(docs/rooms.py "$rooms" list)" "$(grep '^    lib/' docs/architecture.md)" "the list of the rooms is theirs (docs/rooms.py)"
for folder in $(find lib -name '*.c' -exec dirname {} + | sort -u); do
  ok "$folder is a room" grep -q "^${folder#lib/}|" "$rooms"
done
done_testing
