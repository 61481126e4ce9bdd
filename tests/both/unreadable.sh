. "${0%/*}/lib.sh"
# A batch that cannot be unpacked: here because it is larger unpacked than the limits allow.

small="-X message.max.bytes=1000 -X fetch.max.bytes=1000 -X receive.message.max.bytes=2000"
fresh packed 2
seq 5 | kt produce "$topic" -q -p 1
echo before | kt produce "$topic" -q -p 0
head -c 100000 /dev/zero >zeros
kt produce "$topic" -q -p 0 --whole zeros -z zstd
echo after | kt produce "$topic" -q -p 0
said_once="$topic \\[0\\]: the batch at offset 1 cannot be read: "

for way in "" "-q" "-g g-$$ --reset earliest"; do
  # shellcheck disable=SC2086
  run timeout 60 kt consume "$topic" -e $small $way
  is "$status $(sort out | tr '\n' ' ')" "3 1 2 3 4 5 before " "-e ${way:-alone} ends, and what can be read was"
  is "$(grep -cE "$said_once" err)" 1 "the place is said once"
  like "$err" "receive\.message\.max\.bytes" "with the property that helps"
  like "$err" "^kt consume: $topic \[0\] was not read from offset 1 to its end at 3$" "and what is missing ends the run"
done
# shellcheck disable=SC2086
start follow kt consume "$topic" -q $small
ok "without -e it is said as well" wait_for said follow.err "cannot be read"
stop "$pid" INT
done_testing
