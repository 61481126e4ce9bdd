. "${0%/*}/../lib.sh"
# A command's file shows one name to the outside: its struct.
need nm

objects=${KT%/*}/libkt-cmds.a.p
for file in "$tests"/../cmd/*.c; do
  name=${file##*/} name=${name%.c}
  [ "$name" = main ] && continue
  nm -g --defined-only "$objects/$name.c.o" | awk '$3 !~ /^__/ { print $3 }' >names
  is "$(cat names)" "kt_cmd_$(echo "$name" | tr - _)" "$name.c exports one symbol"
done
done_testing
