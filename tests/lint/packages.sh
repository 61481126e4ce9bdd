. "${0%/*}/../lib.sh"
# What ./dev deb and ./dev bundle make of this build, and the pages of ./dev docs.
need dpkg-deb dpkg-shlibdeps lintian mandoc openssl python3

tree=${tests%/tests} build=${KT%/cmd/kt}
mkdir out.deb
ok "there is a package" sh -c "'$tree/packaging/deb' '$build' out.deb >name"
deb=$(cat name)
dpkg-deb -f "$deb" >control
dpkg-deb -c "$deb" | sed 's/.* \.\//\//' >files
run lintian --allow-root --no-user-dirs --fail-on error,warning "$deb"
is "$status$out" 0 "lintian has nothing to say"
version=$(kt --version | sed -n '1s/^kt //p')
is "$(sed -n 's/^Version: //p' control)" "$version" "the package has the version of kt"
like "$(head -n 3 "$tree/CHANGELOG.md")" "^## ${version%.*}" "so has the list of changes"
for library in librdkafka1 libjansson4 libssl3; do
  like "$(grep ^Depends control)" "[ ,]$library" "it depends on $library"
done
"$tree/packaging/sonames" "$KT" | while read -r soname; do
  printf '%s\n' "$soname" | sed 's/\.so\..*//'
done >loaded
ok "some libraries are loaded at run time" test -s loaded
while read -r library; do
  like "$(grep ^Recommends control)" "[ ,]$library" "it recommends what has $library"
done <loaded
for file in /usr/bin/kt /usr/share/man/man1/kt-produce.1.gz /usr/share/man/man5/kt-config.5.gz \
  /usr/share/bash-completion/completions/kt /usr/share/zsh/vendor-completions/_kt \
  /usr/share/fish/vendor_completions.d/kt.fish /usr/share/kt/loads/3.json; do
  ok "it has $file" grep -qx "$file" files
done

dpkg-deb -x "$deb" root
for unit in root/usr/lib/systemd/system/*.service; do
  name=${unit##*/} command=${unit##*/kt-} command=${command%@.service}
  like "$(cat "$unit")" "^ExecStart=/usr/bin/kt $command \\\$OPTIONS$" "$name starts it"
  kt "$command" --help >/dev/null
  is "$?" 0 "there is kt $command"
  if command -v systemd-analyze >/dev/null; then
    sed "s|/usr/bin/kt|$KT|" "$unit" >"$name"
    run systemd-analyze --man=no verify "./$name"
    is "$status $err" "0 " "systemd understands $name"
  fi
done
is "$(cd root/usr/lib/systemd/system && echo kt-*)" \
  "kt-loadgen@.service kt-mqtt@.service kt-rate@.service kt-serve@.service kt-work@.service" \
  "a unit for each server"

# ---- the folder ----
ok "there is a folder" sh -c "'$tree/packaging/bundle' '$build' bundle >/dev/null"
is "$(bundle/bin/kt --version)" "$(kt --version)" "its kt is this one"
ln -s "$work/bundle/bin/kt" bin/kt-consume
is "$(kt-consume --help)" "$(kt consume --help)" "a link to it is found, and is a command"
loader=$(echo "$work"/bundle/lib/ld-linux*)
"$loader" --library-path "$work/bundle/lib" --list bundle/lib/kt >libraries
like "$(cat libraries)" "=> $work/bundle/lib/libc\.so" "the libraries are its own"
unlike "$(cat libraries)" "=> /(usr/)?lib" "none is the system's"
if [ "$(id -u)" = 0 ]; then
  mkdir empty && mv bundle empty/kt
  is "$(chroot empty /kt/bin/kt --version)" "$(kt --version)" "it runs where there is nothing else"
  like "$(chroot empty /kt/bin/kt loadgen 3.json --plan)" "EVENTS" "and finds its files"
else
  skip "it runs where there is nothing else" "a chroot needs root"
  skip "and finds its files" "a chroot needs root"
fi

# ---- the manual as HTML ----
ok "there are pages" sh -c "'$tree/docs/manual.py' '$build' html >made"
for page in html/*.html; do
  grep -o 'href="[^"#]*' "$page" | cut -d '"' -f 2
done | sort -u >links
ok "they refer to each other" test "$(wc -l <links)" -gt 20
is "$(while read -r link; do [ -e "html/$link" ] || echo "$link"; done <links)" "" "to pages that are there"
is "$(grep -lE '(src|href)="?(https?:)?//' html/*)" "" "and to nothing outside"
for page in "$build"/cmd/kt*.[157]; do
  name=${page##*/}
  ok "${name} is a page" test -s "html/$name.html"
  mandoc -T lint -W warning "$page" 2>&1 | grep -v 'missing date' >said
  is "$(cat said)" "" "$name is clean"
done

# ---- pages that are written by hand ----
for page in README.md CONTRIBUTING.md docs/examples.md; do
  grep -ohE '(^ *|[`|(] ?)kt [a-z][a-z-]+( [a-z]+\b)?' "$tree/$page" | sed 's/.*kt //'
done | sort -u >named
ok "they name commands" test "$(wc -l <named)" -gt 20
is "$(while read -r first second; do
  kt help "$first" "$second" >/dev/null 2>&1 || kt help "$first" >/dev/null 2>&1 || echo "$first $second"
done <named)" "" "that are there"
is "$(cd "$tree" && grep -ohE '(\]\(|src="|srcset=")[a-zA-Z0-9./-]+' README.md | sed 's/^.*[("]//' | while read -r file; do
  [ -e "$file" ] || echo "$file"
done)" "" "and files that are there"
is "$(grep -cE 'href|src=|url\(' "$tree"/docs/terminal-*.svg | grep -v ':0$')" "" "pictures of a terminal take nothing from elsewhere"
done_testing
