. "${0%/*}/../lib.sh"
# What clang warns of in a release. Its warnings come from its parser, whatever is optimized; the objects are not made, which
# is most of the time. What gcc only sees when it optimizes for a release is looked for where one is built anyway: newer/.
need clang meson ninja

cat >cc <<'END'
#!/bin/sh
exec clang ${KT_ONLY_READ:+-fsyntax-only} "$@"
END
chmod +x cc
run env CC="$work/cc" meson setup "$work/build" "${tests%/tests}" --buildtype=release -Dtests=false -Dwerror=true
is "$status" 0 "it is configured"
ninja -C build -t targets all | sed -n 's/^\(.*\.c\.o\): .*/\1/p' >objects
ok "there are sources" test "$(wc -l <objects)" -gt 100
# shellcheck disable=SC2016
ok "clang has nothing to say of them" sh -c 'KT_ONLY_READ=yes xargs ninja -C build -j 2 -k 0 <objects >log 2>&1 || { grep -B1 -A4 -E "(error|warning):" log | head -n 40; exit 1; }'
done_testing
