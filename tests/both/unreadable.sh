. "${0%/*}/lib.sh"
# A batch that cannot be unpacked: here because it is larger unpacked than the limits allow.

small="-X message.max.bytes=1000 -X fetch.max.bytes=1000 -X receive.message.max.bytes=2000"
need python3
fresh packed 2
seq 5 | kt produce "$topic" -q -p 1
echo before | kt produce "$topic" -q -p 0
head -c 100000 /dev/zero >zeros
kt produce "$topic" -q -p 0 --whole zeros -z zstd
echo after | kt produce "$topic" -q -p 0
said_once="$topic \\[0\\]: the batch at offset 1 cannot be read: "

for way in "" "-q" "-g g-$$ --reset earliest" "--sort time"; do
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

fresh gzip
kt produce "$topic" -q --whole zeros -z gzip
# shellcheck disable=SC2086
run timeout 60 kt consume "$topic" -e $small
like "$err" "$topic \\[0\\]: the batch at offset 0 cannot be read: " "gzip, which the library does not bound"

# An answer with far more than fits: all of it is read, a part at a time. The embedded broker's hold one batch, and a
# sanitizer keeps the heap's numbers to itself.
if ! on_kafka || grep -q __asan_init "$KT"; then
  skip "answers that unpack to gigabytes" "for Apache Kafka, without a sanitizer"
  done_testing
fi
fresh bombs
head -c 40000000 /dev/zero >zeros
for one in $(seq 40); do
  kt produce "$topic" -q --whole zeros -z zstd -X message.max.bytes=100000000
done
for way in -e "-c 40 -g h-$$ --reset earliest"; do
  # shellcheck disable=SC2086
  peak timeout 100 kt consume "$topic" $way -q -D '' 2>err | wc -c >size
  is "$(tr -d ' ' <size) $(cat err)" "1600000000 " "$way: 40 batches of 40 MB, no matter how small they were packed"
  ok "in bounded memory ($(cat peak) MB)" test "$(cat peak)" -lt 1000
done
done_testing
