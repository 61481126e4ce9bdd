. "${0%/*}/../lib.sh"
# kt built and tried with what the next Debian has: librdkafka 2.8, libmicrohttpd 1.0, a newer compiler. Code for newer
# libraries is compiled nowhere else, nor is a release as distributions make it (-O3), in which gcc sees more to warn of.
# In a chroot that is made once and kept in the user's cache.
need debootstrap unshare tar
[ "$(id -u)" = 0 ] || missing "a chroot needs root"

root=${XDG_CACHE_HOME:?}/kt/debian13 tree=${tests%/tests}
packages="build-essential meson ninja-build pkg-config librdkafka-dev libavro-dev libjansson-dev libssl-dev libsqlite3-dev libedit-dev
  libmicrohttpd-dev libwslay-dev libcurl4-openssl-dev zlib1g-dev libsnappy-dev libzstd-dev libbz2-dev liblzma-dev openssl python3
  python3-avro jq man-db zsh fish procps git"

in_root() {
  # A namespace of its own, so that no mount is left after it.
  unshare -m sh -c 'for place in proc sys dev; do mount --rbind "/$place" "$1/$place"; done
    root=$1 && shift && exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin CI="${CI:-}" \
      DEBIAN_FRONTEND=noninteractive chroot "$root" nice "$@"' sh "$root" "$@"
}

# From the mirror that this machine installs its own packages from, with the certificates that it trusts.
make_root() {
  rm -rf "$root" && mkdir -p "$root" || return 1
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1)
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" ${mirror:+"$mirror"} >made 2>&1 || return 1
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null
  in_root update-ca-certificates >>made 2>&1
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  # shellcheck disable=SC2086
  in_root sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"' sh $packages >>made 2>&1
}

if [ "$(cat "$root/packages" 2>/dev/null)" != "$packages" ]; then
  for try in 1 2 3; do
    ! make_root || break
    [ "$try" -lt 3 ] || missing "cannot make a Debian 13: $(tail -n 1 made)"
    sleep 5
  done
  printf '%s\n' "$packages" >"$root/packages"
fi

rm -rf "$root/src" && mkdir "$root/src" && cd "$tree" || exit 1
git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - 2>/dev/null | tar -xf - -C "$root/src"
cd "$work" || exit 1
# shellcheck disable=SC2016
ok "it builds without a warning" in_root sh -c 'cd /src && { meson setup build --buildtype=release -Dwerror=true && ninja -C build; } >log 2>&1 ||
  { grep -iE "error|FAILED" log | head -n 20; exit 1; }'
in_root sh -c 'cd /src && meson test -C build --no-rebuild --num-processes 3 --suite unit --suite cli --suite fuzz' >log 2>&1
"$tests/tally" "$root/src/build/meson-logs/testlog.json" >tally
ok "the suites that need no broker pass: $(tail -n 1 tally)" sh -c 'cat tally && tail -n 1 tally | grep -q " 0 failed"'
rm -rf "$root/src"
done_testing
