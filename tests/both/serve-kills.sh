. "${0%/*}/lib.sh"
# kt serve under load that is killed, and whose broker goes away: what was answered 200 is in the topic, once.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need python3
kills=${KILLS:-4}
fresh kills 3
serve() {
  start served kt serve --listen 127.0.0.1:0 --deadline 5s
  served=$pid
  wait_for said served.err '^% serving at'
  sed -n 's,^% serving at \(.*\)/$,\1,p' served.err >place.new
  mv place.new place
}
# Every value that was acknowledged is there once, those that were not are not, and the others at most once.
account() {
  values "$topic" | sort >there
  uniq -d there >twice
  is "$(wc -l <twice)" 0 "$1: nothing twice"
  sed -n 's/^+//p' load.out | sort >acknowledged
  is "$(comm -23 acknowledged there | wc -l)" 0 "$1: what was acknowledged is there"
  sed -n 's/^-//p' load.out | sort >refused
  is "$(comm -12 refused there | wc -l)" 0 "$1: what was refused is not"
  ok "$1: $(wc -l <acknowledged) acknowledged, $(wc -l <refused) refused, $(grep -c '^?' load.out) not known" \
    test -s acknowledged
}

serve
start load python3 "$tests/both/serve_kills.py" place "$topic" "$((kills + 2))" 16 a
load=$pid
i=0
while [ "$i" -lt "$kills" ]; do
  sleep "0.$((i * 37 % 90 + 10))"
  stop "$served" KILL 2>killed.err
  serve
  i=$((i + 1))
done
wait "$load"
account "killed $kills times"

# Its broker goes, and comes back.
if ! on_kafka; then
  fresh gone 3
  start load python3 "$tests/both/serve_kills.py" place "$topic" 3 16 b
  load=$pid
  sleep 1
  tell 'down all'
  sleep 1
  tell 'up all'
  wait "$load"
  account "the broker was away"
fi
stop "$served" TERM
is "$status" 0 "it ends in order"
done_testing
