. "${0%/*}/lib.sh"
# Several producers at once and a group that decodes what they write: each record once, and those of a key in order.

group=decode-$$
fresh events 6
cat >schema.avsc <<'END'
{"type": "record", "name": "reading", "fields": [{"name": "sensor", "type": "string"}, {"name": "n", "type": "int"}]}
END

# What a member prints: partition, offset, key, and what grows from record to record of a key.
member() {
  start "$1" kt avro-decode "$topic" -g "$group" --reset earliest -u -f '%p %o %k %{timestamp}%{n}\n'
  eval "$1=\$pid"
}
owned() {
  assigned "$1.err" | wc -l
}
shared() {
  test "$(owned one) $(owned two)" = "3 3"
}
: >three.out
member one
member two
ok "two members share the partitions" wait_for shared

producers=''
for n in 1 2 3; do
  start "simulated$n" kt loadgen -t "$topic" -q --no-metrics --speed max --num-sensors 3 --carry-out-samples 200
  producers="$producers $pid"
  seq -f "{\"sensor\": \"s$n\", \"n\": %.0f}" 600 >"lines$n"
  start "encoded$n" kt produce "$topic" -q -s avro --schema schema.avsc --key "s$n" --rate 100 "lines$n"
  producers="$producers $pid"
done

# arrived N: so many records were printed, those that were printed twice count once.
arrived() {
  test "$(cat one.out two.out three.out | cut -d ' ' -f 1,2 | sort -u | wc -l)" -ge "$1"
}
if on_kafka; then
  ok "they decode" wait_for arrived 1900
  member three
  ok "a third member takes a share in the middle of it" wait_for said three.err '^% assigned: [^ ]+ \['
  stop "$three"
  is "$status" 0 "and leaves again"
else
  skip "a member that comes and goes" "the embedded broker refuses commits while members join"
fi
for pid in $producers; do
  wait "$pid"
  is "$?" 0 "a producer ends well"
done
ok "all records arrive" wait_for arrived 3630
for pid in $one $two; do
  stop "$pid"
  # The embedded broker refuses the last commit of one from whom another member has just gone.
  ! on_kafka || is "$status" 0 "a member ends well"
done

cat one.out two.out three.out >all
is "$(wc -l <all | tr -d ' ')" 3630 "none of them twice"
is "$(cut -d ' ' -f 3 all | sort | uniq -c | awk '{ print $1 }' | sort -n | tr '\n' ' ')" "600 600 600 610 610 610 " \
  "six keys, all of each"
for member in one two; do
  is "$(awk '($1 in at && $2 <= at[$1]) || $4 < last[$3] { bad++ }
    { at[$1] = $2; last[$3] = $4; n++ } END { print (n > 0) + 0, bad + 0 }' "$member.out")" "1 0" "in order at member $member"
done
done_testing
