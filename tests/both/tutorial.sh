. "${0%/*}/lib.sh"
# Every line that `kt help tutorial` prints, typed as it stands, in its order, each ended as it says.
need jq setsid

cp "$tests"/../loads/*.json .
group=g$$
fresh tutorial 16
for name in mytopic testtopic game-events; do
  run kt topic create "$name" --partitions 1 --if-not-exists
done

run kt help tutorial "$topic" -g "$group" -J
is "$status" 0 "the steps are printed"
cp out steps
total=$(wc -l <steps)
ok "there are steps for every chapter" test "$total" -ge 20
run kt help tutorial "$topic" -g "$group"
is "$(grep -c '^    kt   ' out)" "$total" "as text too"
run kt help tutorial "$topic" -b "$KT_BROKERS" -g "it's" -J
like "$out" "-b $KT_BROKERS" "the lines carry the flags that were given"
like "$(printf '%s\n' "$out" | jq -r .kt)" "'it'\\\\''s'" "and quote what a shell would read as more than a word"

# Something for every topic that a step could be waiting for.
feed() {
  for name in "$topic" mytopic testtopic; do
    echo fed | kt produce -q "$name" || return 1
  done
}

fed() {
  feed && test -s step.out
}

# The status of a line that Ctrl-C ends: loads that were not complete, and lines that are no Avro, count.
ended_as() {
  case $1 in
  "kt loadgen "*) echo 130 ;;
  "kt avro-decode "*) echo 3 ;;
  *) echo 0 ;;
  esac
}

# A line that goes on until Ctrl-C has shown that it works when it has written something, or, for what writes into a
# topic itself, when that has grown.
watch_step() {
  before=$(count mytopic) events=$(count "$topic")
  case $1 in
  while*)
    start step setsid sh -c "$1"
    wait_for holds mytopic "$((before + 1))" || fail "shows something: $1" "$(cat step.err)"
    kill -s INT -- "-$pid"
    stop "$pid" 0
    ;;
  *)
    start step setsid sh -c "exec $1"
    case $1 in
    "kt loadgen "*) WAIT=30 wait_for holds "$topic" "$((events + 20))" ;;
    *) WAIT=30 wait_for fed ;;
    esac || fail "shows something: $1" "$(cat step.err)"
    kill -s INT "$pid"
    stop "$pid" 0
    is "$status" "$(ended_as "$1")" "$1"
    ;;
  esac
}

took_it() {
  if [ "$status" = 0 ]; then pass "$1"; else fail "$1" "status $status" "$out" "$err"; fi
}

n=0
while [ "$n" -lt "$total" ]; do
  n=$((n + 1))
  sed -n "${n}p" steps >step
  line=$(jq -r .kt step)
  case $(jq -r .ends step) in
  itself)
    run sh -c "$line"
    took_it "$line"
    ;;
  "end of input")
    printf 'typed\n\n' >typed
    run sh -c "$line" <typed
    took_it "$line"
    ;;
  *)
    watch_step "$line"
    ;;
  esac
done

done_testing
