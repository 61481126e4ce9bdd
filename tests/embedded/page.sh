. "${0%/*}/browser-lib.sh"
# The live page of kt rate, of kt loadgen and of kt bench, in a browser: what is drawn is what was sent, before, during and after.
#
#   sh tests/embedded/page.sh --pictures "$PWD/docs"     makes the README's pictures of it, which takes six minutes

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl
start_broker -q
loads=$tests/../loads

text() {
  echo "document.querySelector('#$1').textContent"
}
# watch NAME OPTION…: kt rate with a page, whose address is in $page.
watch() {
  watch_name=$1
  shift
  start "$watch_name" kt rate "$@"
  wait_for grep -q '^% page at' "$watch_name.err"
  page=$(sed -n 's/^% page at //p' "$watch_name.err")
}

if [ "${1:-}" = --pictures ]; then
  for i in 1 2 3; do
    start "lab$i" kt loadgen -t "client$i" "$loads/3.json" --repeat 0 --seed "$i" --pacing open \
      --metrics-listen "127.0.0.1:$((3300 + i))"
    sleep 20
  done
  watch rate localhost:3301 localhost:3302 localhost:3303 --listen 127.0.0.1:0
  sleep 310
  for theme in light dark; do
    ask open "$theme" "$page#topic"
    ask size "$theme" 960 580
    ask theme "$theme" "$theme"
    ask move "$theme" 560 300
    sleep 1
    ask shot "$theme" "$2/page-$theme.png"
  done
  done_testing
fi

# Before there is a producer.
own_host
at=$host:3001
watch rate "$at" --listen "$host:8501" --interval 250ms
rate_pid=$pid rate_page=$page
ask open early "$page"
ask size early 1000 600
wait_for shows early "$(text state)" "^\"$at: Connection refused\"$"
is "$out" "\"$at: Connection refused\"" "a page that is open before the producer"
ask eval early "$(text title)"
is "$out" '"Producer Metrics"' "has its title"
ask eval early "$(text from)"
is "$out" "\"of $at, every 0.25 seconds\"" "and says whose rate it is"

# The tutorial's third load at twice its speed.
start load kt loadgen -t t "$loads/3.json" --speed 2 --pacing open --metrics-listen "$at" --log-file run.log
load_pid=$pid
wait_for shows early "$(text state)" '^"live"$'
is "$out" '"live"' "comes alive with it"
ask open own "http://$at/#key"
# Of the 75 s that fit, a few have passed: they begin at the left.
begins="(() => {
  const path = document.querySelector('#chart .line')?.getAttribute('d');
  return path ? Math.round(parseFloat(path.slice(1))) : null;
})()"
wait_for shows early "$begins" '^[0-9]'
is "$out" 52 "a run that is young is shown from its beginning"
ask eval early "$(text summary)"
like "$out" '^"Since [0-9]{2}:[0-9]{2}:[0-9]{2}: lowest' "in words, too"
sleep 16
ask open late "$rate_page#key"
ask size late 390 800
wait_for shows late "document.querySelectorAll('#legend li').length" '^[23]$'
like "$out" '^[23]$' "a second viewer, by experiment: two of them, or the third one, too"
ask eval late "[...document.querySelectorAll('#by option')].map((o) => o.textContent).join()"
is "$out" '"in sum,by key,by topic"' "the labels that can be chosen"
wait_for shows own "document.querySelectorAll('#chart .line').length" '^[2-9]'
ask eval own "$(text metric)"
is "$out" '"experiment_producer_event_count_total"' "the producer's own page"
ask eval late "document.documentElement.scrollWidth"
is "$out" 390 "fits a phone"
ask eval early "getComputedStyle(document.body).backgroundColor"
light=$out
ask theme early dark
ask eval early "getComputedStyle(document.body).backgroundColor"
unlike "$out" "^$light$" "is dark for who prefers that ($out)"
ask eval early "document.querySelector('#theme').click() ?? getComputedStyle(document.body).backgroundColor"
is "$out" "$light" "and light at the press of a button"
ask move early 900 300
ask eval early "new Promise((r) => setTimeout(() => r(document.querySelector('#chart .value').textContent), 300))"
like "$out" '^"[0-9]{2}:[0-9]{2}:[0-9]{2}  (–|[0-9.]+) events/s"$' "the mouse shows the value of a time ($out)"
ask eval early "document.querySelector('#chart').focus()"
ask key early Home
ask eval early "new Promise((r) => setTimeout(() => r(document.querySelector('#chart').ariaValueText), 300))"
like "$out" '^"[0-9]{2}:[0-9]{2}:[0-9]{2}: (–|[0-9.]+) events/s"$' "and so do keys, for screen readers too ($out)"
ask key early Escape
wait_for grep -q '^% latency' load.err
wait "$load_pid"
wait_for shows early "$(text state)" "^\"$at: Connection refused\"$"
wait_for shows own "$(text state)" "^\"no connection"
is "$out" '"no connection to kt; trying again"' "when the producer has ended its own page says so"

# Restarted: from 0 again, which does not count as a fall.
start again kt loadgen -t t --sample-rate 100 --carry-out-samples 60000 --num-sensors 10 --metrics-listen "$at" \
  --log-file again.log
again_pid=$pid
wait_for shows early "$(text state)" '^"live"$'
is "$out" '"live"' "a restarted producer is taken for the same"
wait_for shows early "$(text rate)" '^"([3-9][0-9]\.|[0-9]{3})'
stop "$again_pid" INT
wait_for shows early "$(text state)" "^\"$at: Connection refused\"$"
ask eval early "(() => {
  const read = (what) => [...document.querySelectorAll('#chart text.' + what)].map((e) => [e.textContent, e]);
  const at = (axis) => read(axis).map(([text, e]) => [text, Number(e.getAttribute(axis))]);
  const lines = [...document.querySelectorAll('#chart .line')].map((e) => e.getAttribute('d'));
  return { x: at('x'), y: at('y'), lines };
})()"
echo "$out" >drawn
python3 "$tests/embedded/drawn.py" drawn run.log 2 again.log >found
while IFS='	' read -r good name; do
  ok "$name" test "$good" = True
done <found
is "$(grep -c . found)" 9 "all of it was compared"

# The server goes and comes back, with a history of its own; nobody complained meanwhile.
stop "$rate_pid" INT
is "$status" 0 "a signal ends the server with its viewers"
wait_for shows early "$(text state)" '^"no connection'
rate_page=${rate_page#http://}
start back kt rate "$at" --listen "${rate_page%/}"
wait_for shows early "$(text from)" "every second"
is "$out" "\"of $at, every second\"" "a server that comes back is found again"

# kt bench has latency beside the rate: its lines are where its words are, and its end is said.
start bench kt bench produce t --rate 200 --interval 100ms --listen 127.0.0.1:0
bench_pid=$pid
wait_for grep -q '^% page at' bench.err
ask open bench "$(sed -n 's/^% page at //p' bench.err)"
ask size bench 360 800
wait_for shows bench "(() => {
  const ticks = [...document.querySelectorAll('#times text.y')].map((e) =>
    [Number(e.textContent.replace(/,/g, '')), Number(e.getAttribute('y')) - 4]);
  if (ticks.length < 2 || !document.querySelector('#times .line'))
    return null;
  const [a, b] = [ticks[0], ticks.at(-1)];
  const drawn = [...document.querySelectorAll('#times .dot')].map((e) =>
    a[0] + (e.getAttribute('cy') - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
  const said = [...document.querySelectorAll('#percentiles b')].map((e) => parseFloat(e.textContent));
  return drawn.length === 2 && drawn.reverse().every((ms, i) => Math.abs(ms - said[i]) <= b[0] / 500 + 0.5 * (said[i] >= 100) + 0.006);
})()" '^true$'
is "$out" true "latency is drawn where it is said to be"
ask eval bench "$(text from)"
is "$out" '"of t, every 0.1 seconds"' "of what is loaded"
ask eval bench "document.documentElement.scrollWidth"
is "$out" 360 "both charts fit a phone"
stop "$bench_pid" INT
wait_for shows bench "$(text state)" '^"the run'
is "$out" '"the run has ended"' "and the end of the run is said"
ask complaints
is "$out" "[]" "consoles are empty: no error, nothing that the security policy forbids"
done_testing
