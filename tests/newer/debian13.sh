. "${0%/*}/lib.sh"
# kt built and tried with what the next Debian has: librdkafka 2.8, libmicrohttpd 1.0, a newer compiler. Code for newer
# libraries is compiled nowhere else, nor is a release as distributions make it (-O3), in which gcc sees more to warn of.
packages="build-essential meson ninja-build pkg-config librdkafka-dev libavro-dev libjansson-dev libssl-dev libsqlite3-dev libedit-dev
  libmicrohttpd-dev libwslay-dev libcurl4-openssl-dev zlib1g-dev libsnappy-dev libzstd-dev libbz2-dev liblzma-dev openssl python3
  python3-avro jq man-db zsh fish procps git"
root=${XDG_CACHE_HOME:?}/kt/debian13
keep_root trixie

rm -rf "$root/src" && mkdir "$root/src" && copy_tree "$root/src" || exit 1
# shellcheck disable=SC2016
ok "it builds without a warning" in_root sh -c 'cd /src && { meson setup build --buildtype=release -Dwerror=true && ninja -C build; } >log 2>&1 ||
  { grep -iE "error|FAILED" log | head -n 20; exit 1; }'
in_root sh -c 'cd /src && meson test -C build --no-rebuild --num-processes 3 --suite unit --suite cli --suite fuzz' >log 2>&1
"$tests/tally" "$root/src/build/meson-logs/testlog.json" >tally
ok "the suites that need no broker pass: $(tail -n 1 tally)" sh -c 'cat tally && tail -n 1 tally | grep -q " 0 failed"'
rm -rf "$root/src"
done_testing
