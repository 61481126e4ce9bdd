. "${0%/*}/lib.sh"
# docs/deploy/Dockerfile, step by step in chroots, for where there is no docker: each stage on a Debian as small as that of
# the image it begins with. What comes out is run as that user, with the arguments of compose.yaml, but for its addresses.
need curl python3
deploy=$tree/docs/deploy packages=ca-certificates
root=${XDG_CACHE_HOME:?}/kt/debian12
is "$(sed -n 's/^FROM \([^ ]*\).*/\1/p' "$deploy/Dockerfile" | sort -u)" debian:12-slim "both stages begin with a Debian 12"
keep_root bookworm
base=$root

# step WORD ARGUMENT…: of the Dockerfile.
step() {
  case "$1 $2" in
  'FROM '*)
    before=$root root=$work/stage$((stages += 1)) place=/
    cp -a "$base" "$root"
    ;;
  'WORKDIR '*) mkdir -p "$root$2" && place=$2 ;;
  'COPY .') copy_tree "$root$place" ;;
  'COPY --from=build') cp "$before$3" "$root$4" ;;
  'USER '*) user=$2 ;;
  'ENTRYPOINT '*) entry=$2 ;;
  'CMD '*) ;;
  *) false ;;
  esac
}
stages=0
sed -e '/^#/d' -e ':more' -e '/\\$/{N;s/\\\n *//;b more' -e '}' "$deploy/Dockerfile" | sed '/^$/d' >steps
while read -r word rest <&3; do
  if [ "$word" = RUN ]; then
    in_root sh -c "cd $place && $rest" >ran 2>&1
  else
    # shellcheck disable=SC2086
    step "$word" $rest
  fi
  status=$?
  is "$status" 0 "$word $(printf '%.50s' "$rest")"
  [ "$status" = 0 ] || note "$(tail -n 20 ran 2>&1)"
done 3<steps
is "$entry" '["kt"]' "it runs kt"
note "$(du -sm "$root" | cut -f 1) MB"
like "$(in_root kt --version)" '[+]websocket' "with what kt serve needs"

start_broker -q --create chat:1
# As docker does it: another user, nothing more to be gained, nothing to write to.
start served unshare -m sh -c 'root=$1 && shift && mount --bind "$root" "$root" && mount --rbind /proc "$root/proc" &&
  mount --rbind /dev "$root/dev" && mount -o remount,bind,ro "$root" && exec env -i PATH=/usr/sbin:/usr/bin "$@"' sh "$root" \
  "KT_BROKERS=$KT_BROKERS" TOPIC=chat podname=one chroot "$root" setpriv --reuid "${user%:*}" --regid "${user#*:}" --clear-groups \
  --no-new-privs --bounding-set -all kt serve --no-create --lab chat@127.0.0.1:0 --insecure --ops-listen 127.0.0.1:0 --drain 0
wait_for grep -q '^% serving at' served.err
url=$(sed -n '1s,^% serving at \(.*\)/$,\1,p' served.err) ops=$(sed -n '2s,^% serving at \(.*\)/$,\1,p' served.err)
ready() {
  [ "$(curl -sS -o out -w '%{http_code}' "$ops/ready")" = 200 ]
}
ok "it gets ready" wait_for ready
like "$(sed -n '/^Uid/p; /^NoNewPrivs/p; /^CapEff/p' "/proc/$pid/status" | tr '\t\n' '  ')" \
  '^Uid: 10001 10001 10001 10001 CapEff: 0000000000000000 NoNewPrivs: 1 $' "as a user who may do nothing else"
like "$(curl -sS "$url/")" '<h1>Chatting on one</h1>' "its page has the name of the pod"
stop "$pid" TERM
is "$status" 0 "and it ends"
done_testing
