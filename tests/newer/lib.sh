# shellcheck shell=sh disable=SC2034
# Systems in chroots, which are made once and kept in the user's cache.
. "${0%/*}/../lib.sh"
need debootstrap unshare tar
[ "$(id -u)" = 0 ] || missing "a chroot needs root"
tree=${tests%/tests}

# in_root COMMAND…: in the folder $root.
in_root() {
  # A namespace of its own, so that no mount is left after it.
  unshare -m sh -c 'for place in proc sys dev; do mount --rbind "/$place" "$1/$place"; done
    root=$1 && shift && exec env -i HOME=/root LANG=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin CI="${CI:-}" \
      DEBIAN_FRONTEND=noninteractive chroot "$root" nice "$@"' sh "$root" "$@"
}

# make_root SUITE: with $packages, from the mirror that this machine installs its own packages from, with the certificates
# that it trusts. What it says is in the file made.
make_root() {
  rm -rf "$root" && mkdir -p "$root" || return 1
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null | grep -v security | head -n 1)
  debootstrap --variant=minbase --include=ca-certificates "$1" "$root" ${mirror:+"$mirror"} >made 2>&1 || return 1
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/" 2>/dev/null
  in_root update-ca-certificates >>made 2>&1
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  # shellcheck disable=SC2086
  in_root sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"' sh $packages >>made 2>&1
}

# keep_root SUITE: makes it unless it is there already with $packages.
keep_root() {
  [ "$(cat "$root/packages" 2>/dev/null)" != "$packages" ] || return 0
  for try in 1 2 3; do
    ! make_root "$1" || break
    [ "$try" -lt 3 ] || missing "cannot make a Debian, $1: $(tail -n 1 made)"
    sleep 5
  done
  printf '%s\n' "$packages" >"$root/packages"
}

# copy_tree FOLDER: the sources as they are now.
copy_tree() {
  (cd "$tree" && git ls-files -z --cached --others --exclude-standard | tar --null --ignore-failed-read -cf - -T - 2>/dev/null) |
    tar -xf - -C "$1"
}
