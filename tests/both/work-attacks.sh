. "${0%/*}/lib.sh"
# kt work under attack: ended at random, in a storm of rebalances, with dead letters that cannot be written, with holes in
# the offsets, and with few descriptors.
need python3 jq prlimit

# Kafka refuses sessions below 6 s, the embedded broker those below its wait for a first member.
session=3100
! on_kafka || session=6000
work() {
  work_group=$1
  shift
  run timeout 120 kt work -g "$work_group-$$" --backoff 20ms "$@"
}
committed() {
  kt group describe -q -J "$1-$$" | jq -r '[.. | objects | select(has("committed") and has("partition")) | .committed | tostring] | join(" ")'
}

fresh kills 4
ok "kills at random repeat no more than --max-ahead, lose nothing, and nothing is committed before it is done" \
  python3 "$tests/both/work_kills.py" "$topic" "kills-$$" kill 3 300 4 -X "session.timeout.ms=$session" -X heartbeat.interval.ms=1000
fresh terms 4
ok "SIGTERM repeats nothing" python3 "$tests/both/work_kills.py" "$topic" "terms-$$" term 3 300 4
fresh storm 4
ok "members that come, go and stand still lose nothing, and say what comes again" \
  python3 "$tests/both/work_storm.py" "$topic" "storm-$$" 15 150 -X "session.timeout.ms=$session" -X heartbeat.interval.ms=1000

# A group that hands over only what moves, some time after a member has joined.
if on_kafka; then
  fresh moves 6
  seq 600 | sed 's/.*/&:&/' | kt produce -q -K : "$topic"
  member() {
    start "moves$1" timeout 120 kt work -e -g "moves-$$" -j 4 --by key -X partition.assignment.strategy=cooperative-sticky \
      -X heartbeat.interval.ms=500 "$topic" -- sh -c 'echo "$KT_RECORD_PARTITION-$KT_RECORD_OFFSET" >>moves.seen; sleep 0.1'
  }
  member 1
  first=$pid
  wait_for test -s moves.seen
  member 2
  stop "$pid" 0
  is "$status" 0 "a second member of a cooperative group ends well"
  stop "$first" 0
  is "$status $(sort -u moves.seen | wc -l)" "0 600" "and so does the first, and all is done"
  like "$(cat moves2.err)" "^% [1-9][0-9]* done" "the second had its share"
fi

# A group that has forgotten the member, and takes its time to take it back.
if ! on_kafka; then
  fresh lost 1
  seq 60 | kt produce -q "$topic"
  start lost kt work -e -g "lost-$$" -X session.timeout.ms=3100 -X heartbeat.interval.ms=300 "$topic" -- \
    sh -c 'echo x >>lost.seen; sleep 0.1'
  wait_for test -s lost.seen
  tell "error JoinGroup COORDINATOR_NOT_AVAILABLE 5"
  tell "error Heartbeat UNKNOWN_MEMBER_ID 1"
  stop "$pid" 0
  like "$(cat lost.err)" "1 partition( is|s are) lost" "a partition is lost"
  is "$status $(committed lost)" "0 60" "which is not the end of it"
fi

# Dead letters that cannot be written.
if on_kafka; then
  run kt topic create "small-$$" --partitions 1 --config max.message.bytes=1200
  fresh letters 1
  python3 -c 'print("x" * 700); print("y" * 950); print("z" * 1190)' | kt produce -q "$topic"
  work letters -e -c 2 --dlq "small-$$" "$topic" -- sh -c 'head -c 600 /dev/zero | tr "\0" e >&2; exit 65'
  is "$status" 3 "letters that are too large with all their headers"
  is "$(kt consume -q -e "small-$$" -J | jq -c '[.headers[].key | ltrimstr("kt.errors.")]')" \
    '["topic","partition","offset","timestamp","group","attempts","reason","exit","time"]
["topic","partition","offset"]' "go without the words, and then with three of them"
  work letters -e --dlq "small-$$" "$topic" -- sh -c 'exit 65'
  is "$status $(committed letters)" "1 2" "one that is too large by itself ends the run, and is not committed"
  like "$err" "offset 2: larger than" "which is said"

  # Their topic is deleted meanwhile.
  run kt topic create "letterbox-$$" --partitions 1
  fresh away 1
  seq 20 | kt produce -q "$topic"
  start away timeout 120 kt work -e -g "away-$$" --dlq "letterbox-$$" --dlq-timeout 30s "$topic" -- sh -c \
    'test "$KT_RECORD_OFFSET" != 3 || { touch away.begun; until test -e away.now; do sleep 0.1; done; }; exit 65'
  wait_for test -e away.begun
  kt topic delete -q "letterbox-$$" --yes
  touch away.now
  stop "$pid" 0
  is "$status $(committed away)" "1 3" "letters whose topic is gone end the run, and are not committed"
  like "$(cat away.err)" "writing to letterbox-$$ what became of $topic \[0\] offset [0-9]+: " "which is said"
else
  fresh letters 1
  seq 10 | kt produce -q "$topic"
  tell "create dead 1"
  tell "error Produce NOT_LEADER_FOR_PARTITION 5"
  # One at a time: the embedded broker takes the second before the first, and then the first for a copy.
  work letters -e -X max.in.flight=1 --dlq dead "$topic" -- sh -c 'exit 65'
  is "$status $(values dead | wc -l) $(committed letters)" "3 10 10" "letters wait for a broker that takes none for a while"
fi

# Holes: the marks of transactions, and one that was aborted (the embedded broker shows what that wrote).
fresh holes 1
seq 5 | kt produce -q --transaction "$topic"
! on_kafka || printf '{"payload":"a"}\n{"bad\n' | kt produce -q --transaction -J "$topic" 2>/dev/null
seq 6 10 | kt produce -q --transaction "$topic"
rm -f seen
work holes -e "$topic" -- sh -c 'cat >>seen; echo >>seen'
is "$status $(tr '\n' ' ' <seen)" "0 1 2 3 4 5 6 7 8 9 10 " "the records between the marks of transactions"
is "$(committed holes)" "$(kt topic offsets -q -J "$topic" | jq -r '.end // .partitions[0].end')" "and the end after them is committed"

# Compaction, while a record before the holes is worked on.
if on_kafka; then
  compacted=compacted-$$
  run kt topic create "$compacted" --partitions 1 --config cleanup.policy=compact --config segment.bytes=1048576 --config segment.ms=100 \
    --config min.cleanable.dirty.ratio=0.001 --config min.compaction.lag.ms=0 --config max.compaction.lag.ms=500
  seq 40000 | awk '{printf "k%d:%0200d\n", $1 % 50, $1}' | kt produce -q -K : "$compacted" -X batch.num.messages=500
  start compact timeout 120 kt work -e -g "compact-$$" -j 4 --by none --max-ahead 50 -X queued.min.messages=1 \
    -X fetch.message.max.bytes=1000 "$compacted" -- \
    sh -c '! mkdir compact.begun 2>mkdir.err || until test -e compact.now; do sleep 0.1; done; echo $KT_RECORD_OFFSET'
  wait_for test -e compact.begun
  is_compacted() {
    kt produce -q -K : "$compacted" <<END
last:$(date)
END
    [ "$(count "$compacted")" -lt 20000 ]
  }
  ok "most of the topic is gone" wait_for is_compacted
  touch compact.now
  stop "$pid" 0
  end=$(kt topic offsets -q -J "$compacted" | jq -r 'first(.. | objects | select(has("end"))) | .end')
  is "$status $(committed compact)" "0 $end" "a run goes on over the holes, and to the end"
  ok "which were not handed out ($(wc -l <compact.out) of $end)" test "$(wc -l <compact.out)" -lt 30000
fi

# Records that are deleted while their partition is worked on: by retention, which the embedded broker has at 5 MB.
fresh deleted 1
seq -f %010000.0f 200 | kt produce -q "$topic" -X batch.num.messages=5
start deleted kt work -e -g "deleted-$$" --max-ahead 50 -X queued.min.messages=1 -X fetch.message.max.bytes=1000 "$topic" -- \
  sh -c 'test $KT_RECORD_OFFSET != 0 || { touch begun; until test -e deleted.now; do sleep 0.1; done; }; echo $KT_RECORD_OFFSET'
wait_for test -e begun
if on_kafka; then
  kt topic trim -q "$topic" -p 0:150 --yes >trimmed
else
  seq -f %010000.0f 600 | kt produce -q "$topic" -X batch.num.messages=5
fi
touch deleted.now
stop "$pid" 0
# shellcheck disable=SC2046
set -- $(kt topic offsets -q -J "$topic" | jq -r 'first(.. | objects | select(has("end"))) | .begin, .end')
first=$1 end=$2
is "$status $(committed deleted) $(tail -n 1 deleted.out)" "0 $end $((end - 1))" "a run that retention overtakes goes on to the end"
like "$(cat deleted.err)" "offsets [0-9]+ to $((first - 1)) were deleted before they could be read" "and says what it did not get"

# A worker of many records, with few descriptors; its memory does not grow with them. The sanitizer keeps what was freed,
# unless told otherwise.
export ASAN_OPTIONS="$ASAN_OPTIONS:quarantine_size_mb=8"
fresh many 4
seq 100000 | kt produce -q "$topic"
cat >ok.py <<'END'
import os, sys
for line in sys.stdin:
    sys.stdout.write("ok\n")
    sys.stdout.flush()
END
peak prlimit --nofile=64 timeout 120 kt work -q -e -c 1000 -g "few-$$" --stream lines --window 64 -j 2 "$topic" -- python3 ok.py
few=$(cat peak)
peak prlimit --nofile=64 timeout 120 kt work -e -g "few-$$" --stream lines --window 64 -j 2 "$topic" -- python3 ok.py 2>err
like "$(cat err)" "^% 99,000 done, 0 retried" "100,000 records with 64 descriptors"
ok "in the memory of 1000 ($few and $(cat peak) MiB)" test "$(cat peak)" -lt $((few + 40))
fresh wide 16
seq -f %0100.0f 400000 | kt produce -q "$topic"
peak timeout 120 kt work -q -c 1 -g "wide-$$" "$topic" -- sleep 2
ok "and 16 partitions with 400,000 more, while a command runs ($(cat peak) MiB)" test "$(cat peak)" -lt $((few + 90))
fresh many2 4
seq 500 | kt produce -q "$topic"
work few -e -j 4 --by none "$topic" -- sh -c 'ls /proc/self/fd | tr "\n" " "; echo'
is "$(sort -u out)" "0 1 2 3 4 " "500 commands find descriptors 0 to 3 (and that of ls)"
if ! on_kafka; then
  fresh late 1
  seq 10 | kt produce -q "$topic"
  tell "error Produce NOT_LEADER_FOR_PARTITION 100000"
  work late -e -j 2 --by none --dlq dead --dlq-timeout 2s "$topic" -- sh -c 'test "$KT_RECORD_OFFSET" = 0 || exit 65; sleep 5; echo finished'
  is "$status $(committed late) $out" "1 1 finished" "for good: the run ends, and commits none of them, but what could finish"
  like "$err" "writing to dead what became of $topic \[0\] offset 1: not acknowledged" "it says why"
  unlike "$err" "may not have been left" "and leaves the group"
fi
done_testing
