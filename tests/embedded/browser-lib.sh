# shellcheck shell=sh
# What scripts that look at pages begin with: a browser; without one the script is left out.
. "${0%/*}/../lib.sh"

for chromium in chromium chromium-browser ''; do
  "$chromium" --version >version 2>/dev/null && grep -q Chromium version && break
done
[ -n "$chromium" ] || skip_all "no browser (chromium) is installed"
need python3
export TZ=UTC

# ask COMMAND…: of the browser; its answer is in $out. See browser.py.
mkfifo asked
exec 5<>asked
start browser python3 "$tests/embedded/browser.py" "$chromium" asked
asks=0
answered() {
  test "$(wc -l <browser.out)" -ge "$asks"
}
ask() {
  asks=$((asks + 1))
  printf '%s\n' "$(echo "$*" | tr '\n' ' ')" >&5
  # In a shell of its own: what asks may be waited for, too.
  (wait_for answered) || fail "the browser answers: $*" "$(cat browser.err)"
  out=$(sed -n "${asks}p" browser.out)
}
# shows NAME EXPRESSION REGEX: for wait_for; $out is what it is.
shows() {
  ask eval "$1" "$2" && echo "$out" | grep -Eq -e "$3"
}
