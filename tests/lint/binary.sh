. "${0%/*}/../lib.sh"
# How the binary is built, from its own headers: a bug that is left must not become a way in.

need readelf objdump
head=$(readelf -Wh "$KT") segments=$(readelf -Wl "$KT") dynamic=$(readelf -Wd "$KT") symbols=$(readelf -W --dyn-syms "$KT")
like "$head" "Type: +DYN" "it is loaded at a place that nobody knows"
like "$dynamic" "FLAGS_1.*PIE" "as a program, not as a library"
like "$dynamic" "FLAGS.*NOW" "all functions are looked up at the start"
like "$segments" "GNU_RELRO" "after which their addresses cannot be written"
like "$segments" "GNU_STACK.* RW " "the stack is not run"
unlike "$segments" "LOAD .* RWE " "nothing is written and run"
unlike "$dynamic" "TEXTREL|RPATH|RUNPATH" "it looks for libraries where the system does"
like "$symbols" " __stack_chk_fail" "stacks have canaries"
if [ "${KT_FORTIFIED:-}" = true ]; then
  like "$symbols" " __[a-z]+_chk@" "copies know the sizes of their buffers"
else
  skip "copies know the sizes of their buffers" "not in this kind of build"
fi
case $(uname -m) in
# Whether the whole is marked for it is decided by the C library's own files, which Debian 12 has without.
x86_64) like "$(objdump -d --disassemble=main "$KT")" "endbr64" "functions are marked as what may be jumped to" ;;
*) skip "functions are marked as what may be jumped to" "x86 only" ;;
esac

# ---- what is loaded at run time ----
need objcopy jq
objcopy -O binary --only-section=.note.dlopen --set-section-flags .note.dlopen=alloc "$KT" note
ok "there is a note" test -s note
tr -d '\0' <note | LC_ALL=C sed -n 's/^.*FDO//p' >note.json
is "$(jq -r '.[].priority' note.json | sort -u)" recommended "of libraries that are recommended"
features=$(kt --version | sed -n 's/^features: //p')
for feature in sqlite edit http curl codecs; do
  found=$(jq -r --arg f "$feature" '.[] | select(.feature == $f) | .soname[]' note.json)
  case $features in
  *"+$feature"*)
    like "$found" "^lib[a-z0-9]+\.so\.[0-9]+$" "the library of $feature"
    ok "is what is loaded" grep -q "$found" "$KT"
    unlike "$dynamic" "NEEDED.*$found" "and not by every start"
    ;;
  *) is "$found" "" "no library for what is left out: $feature" ;;
  esac
done
done_testing
