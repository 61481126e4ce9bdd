. "${0%/*}/../lib.sh"
# The labs of kt serve answer as the programs that they stand for, byte for byte but for what names the moment, the server
# and the connection; and their records are the same. What those answered was recorded; RECORD=1 fetches and asks them
# again: Flask 0.12.2 from PyPI, Express 4.15.5 from npm.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need python3
export PYTHONDONTWRITEBYTECODE=1
golden=$tests/embedded/serve-golden
if [ -n "${RECORD:-}" ]; then
  need node npm
  python=$("$tests/modules" python-flask-0.12 flask==0.12.2 werkzeug==0.14.1 jinja2==2.11.3 markupsafe==2.0.1 \
    itsdangerous==1.1.0 click==7.1.2) || skip_all "Flask cannot be fetched"
  npm install --silent --prefix "$work/node" express@4.15.5 body-parser@1.18.2 >npm.out 2>&1 ||
    skip_all "Express cannot be fetched: $(tail -n 1 npm.out)"
  run "$python" "$golden/golden.py" record "$golden/golden.json" "$work/node/node_modules"
  is "$status" 0 "recorded"
  note "$err"
fi

start_broker -q
start served kt serve --lab game@127.0.0.1:0 --lab game-headers@127.0.0.1:0 --lab rest@127.0.0.1:0 --lab ping@127.0.0.1:0
wait_for grep -q '^% serving at' served.err
sed -n 's,^% serving at http://\(.*\)/$,\1,p;s,^ \* Running on http://\(.*\)/ (Press.*,\1,p' served.err >places
set --
for lab in game game-headers rest ping; do
  set -- "$@" "$lab=$(sed -n "$(($# + 1))p" places)"
done
run python3 "$golden/golden.py" check "$golden/golden.json" "$@"
is "$status $err" "0 " "all answers are there"
while read -r line; do
  like "$line" ': the same$' "$line"
done <out
for lab in game game-headers rest ping; do
  python3 "$golden/golden.py" values "$golden/golden.json" "$lab"
done >wanted
for name in game_events deliveries updates ping; do
  kt consume "$name" -q -e
done >got
same got wanted "and their records"
done_testing
