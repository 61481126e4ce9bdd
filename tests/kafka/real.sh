. "${0%/*}/lib.sh"
# What only a real broker does: transactions, compaction, retention, quotas, topics that change under a run.
need java jq
need_python

refresh="-X topic.metadata.refresh.interval.ms=1000"
said() {
  grep -Eq -e "$2" "$1"
}
has() {
  [ "$(wc -l <"$1")" -ge "$2" ]
}
on_one_line() {
  tr '\n' ' ' <"$1"
}
# One JVM for many topics: they take a second each to start.
tool() {
  "$tests/kafka/cluster" java "$@" >tool.out 2>&1 || fail "the console tool does: $*" "$(cat tool.out)"
}
topics() {
  tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$KT_BROKERS" "$@"
}

# Transactions: committed, aborted, committed, and one that stays open until the file `go` is there.
fresh transactions
cat >transact.py <<'END'
import os, sys, time
from confluent_kafka import Producer
topic, name = sys.argv[1:]
p = Producer({"bootstrap.servers": os.environ["KT_BROKERS"], "transactional.id": name})
p.init_transactions()
for prefix, end in ("a", p.commit_transaction), ("b", p.abort_transaction), ("c", p.commit_transaction):
    p.begin_transaction()
    for n in range(3):
        p.produce(topic, prefix + str(n))
    p.flush()
    end()
p.begin_transaction()
for n in range(3):
    p.produce(topic, "d" + str(n))
p.flush()
print("open", flush=True)
while not os.path.exists("go"):
    time.sleep(0.05)
p.commit_transaction()
print("committed", flush=True)
END
start transact "$python" transact.py "$topic" "kt-$$"
wait_for said transact.out open || note "$(cat transact.err)"
start follow kt consume "$topic"
follow=$pid
run kt consume "$topic" -e
is "$status $(on_one_line out)" "0 a0 a1 a2 c0 c1 c2 " "read_committed, the default: neither aborted nor open transactions"
like "$err" "^% Reached end of topic .* at offset 12: exiting" "the end is where the open transaction begins"
run kt consume "$topic" -e --isolation read_uncommitted
is "$status $(on_one_line out)" "0 a0 a1 a2 b0 b1 b2 c0 c1 c2 d0 d1 d2 " "read_uncommitted: everything"
run kt consume "$topic" -g "open-$$" --reset earliest -e
is "$status $(wc -l <out | tr -d ' ')" "0 6" "a group reads as far"
: >go
wait_for said transact.out committed
ok "a run that follows gets the open transaction when it is committed" wait_for said follow.out d2
is "$(on_one_line follow.out)" "a0 a1 a2 c0 c1 c2 d0 d1 d2 " "and that in its place"
run kt consume "$topic" -g "open-$$" --reset earliest -e
is "$status $(on_one_line out)" "0 d0 d1 d2 " "the group goes on there"
run kt consume "$topic" -g "open-$$" --reset earliest -e
is "$status $(on_one_line out)" "0 " "and nothing is left after the last control record"
stop "$follow" INT
is "$status" 0 "the run that follows ends well"

# Made now, so that it has been compacted when it is looked at.
topics --create --topic "compacted-$$" --partitions 1 \
  --config cleanup.policy=compact --config segment.ms=100 --config min.cleanable.dirty.ratio=0.01 \
  --config delete.retention.ms=100
seq 300 | awk '{ printf "%d\t%d\n", $1 % 3, $1 }' | kt produce "compacted-$$" -q -K '\t'

# Quotas: the client waits, nothing is lost. A broker lets ten seconds' worth pass at first.
tool kafka.admin.ConfigCommand --bootstrap-server "$KT_BROKERS" --alter --entity-type clients \
  --entity-name "slow-$$" --add-config producer_byte_rate=115000,consumer_byte_rate=115000
fresh quota
"$python" -c '
for n in range(1500):
    print("%04d" % n + "x" * 995)' >large
before=$(date +%s)
run kt produce "$topic" -X "client.id=slow-$$" -X batch.size=100000 <large
took=$(($(date +%s) - before))
is "$status" 0 "a producer over its quota delivers everything"
like "$err" "^% 1,500 records delivered to $topic" "and says so"
run kt consume "$topic" -q -e -X "client.id=slow-$$" -X fetch.message.max.bytes=100000
is "$status" 0 "a consumer over its quota ends at the end"
same out large "with every byte"
ok "slowed down ($took s)" test "$took" -ge 2

# Large records fill the library's queue in a moment; the fetcher has to go on as soon as there is room again, and not when
# it wakes up by itself, once a second.
fresh large 4
# With more than the five seconds that its events are of use for.
kt loadgen -q -t "$topic" --size 100000 -c 400 -X message.timeout.ms=300000 >/dev/null
read_large() {
  kt consume "$topic" -q -e -D '' -X queued.max.messages.kbytes=1000 | tee large | md5sum >sum
}
ok "large records do not wait for the fetcher" within 4000 read_large
is "$(wc -c <large | tr -d ' ')" 40000000 "and are all there"

# Compaction: another segment has to begin before the first ones are cleaned.
compacted() {
  printf '9\t%s\n' "$(date +%N)" | kt produce "compacted-$$" -q -K '\t'
  kt consume "compacted-$$" -q -e >compacted.out && [ "$(head -n 1 compacted.out)" -ge 290 ] && ! has compacted.out 250
}
WAIT=120
ok "the log is compacted" wait_for compacted
run kt consume "compacted-$$" -e -f '%o %k\n'
is "$status" 0 "a compacted log is read to its end"
is "$(grep -c ' [012]$' out)" 3 "one record of each key"
first=$(head -n 1 out | cut -d ' ' -f 1)
ok "whose offsets leave gaps" test "$first" -ge 290
# The log may be compacted further between the two.
tails() {
  kt consume "compacted-$$" -q -e -f '%o %k\n' | tail -n 4 >last
  kt consume "compacted-$$" -q -e -f '%o %k\n' --tail 4 | cmp -s - last
}
ok "--tail counts records, not offsets" wait_for tails
run kt consume "compacted-$$" -o 10:20 -e
is "$status $out" "0 " "a span that was compacted away ends"
run kt consume "compacted-$$" -g "compacted-$$" --reset earliest -e -q
is "$status" 0 "a group ends as well"
run kt consume "compacted-$$" -g "compacted-$$" --reset earliest -e -q
is "$status $out" "0 " "and has committed all"
unset WAIT

# Retention overtakes a reader that is slow: it goes on with what is left, and says what is gone.
fresh retention
retention=$topic
"$python" -c '
for n in range(20000):
    print("%05d" % n + "x" * 495)' | kt produce "$retention" -q
mkfifo slow
start overtaken sh -c 'exec kt consume "$1" -g "$1" -o 0 -X queued.min.messages=1 -X fetch.message.max.bytes=1000 >slow' - \
  "$retention"
overtaken=$pid
start reader sh -c 'exec <slow; head -c 5010 >begun; until [ -e on ]; do sleep 0.05; done; cat >rest'
wait_for test -s begun
printf '{"version":1,"partitions":[{"topic":"%s","partition":0,"offset":15000}]}' "$retention" >delete.json
tool org.apache.kafka.tools.DeleteRecordsCommand --bootstrap-server "$KT_BROKERS" --offset-json-file delete.json
: >on
ok "a reader that retention overtook reads what is left" wait_for said rest '^19999x'
stop "$overtaken" INT
is "$status" 0 "and ends well"
is "$(grep -c '^15000x' rest) $(sed -n 's/^\(1[5-9]...\)x.*/\1/p' rest | sort -u | wc -l | tr -d ' ')" \
  "1 5000" "all that is left, once"
like "$(cat overtaken.err)" "^% $retention \[0\]: offsets [0-9]+ to 14999 were deleted before they could be read" "and that is said"
run kt consume "$retention" -q -o 0 -c 1
is "$status $(cut -c 1-5 out)" "0 15000" "-o 0 starts at the first record that is there"

# Topics that change under runs: given partitions, deleted, made again. All at once, for the console tool's sake.
for name in more gone anew grown; do
  fresh "$name"
  seq 10 | kt produce -q "$topic"
done
more=more-$$ gone=gone-$$ anew=anew-$$ grown=grown-$$
# shellcheck disable=SC2086
start more_group kt consume "$more" -g "$more" --reset earliest $refresh
# shellcheck disable=SC2086
start gone_group kt consume "$gone" -g "$gone" --reset earliest $refresh
gone_group=$pid
start anew_group kt consume "$anew" -g "$anew" -o 0
anew_group=$pid
# shellcheck disable=SC2086
start more_alone kt consume "$more" $refresh
more_alone=$pid
# shellcheck disable=SC2086
start gone_alone kt consume "$gone" $refresh
gone_alone=$pid
start anew_alone kt consume "$anew"
anew_alone=$pid
start grown_group kt consume "$grown" -g "$grown" -o 0
grown_group=$pid
start grown_alone kt consume "$grown"
grown_alone=$pid
for name in more_group gone_group anew_group grown_group more_alone gone_alone anew_alone grown_alone; do
  wait_for has "$name.out" 10
done
# What is watched is known from a second after the start on.
sleep 3
topics --alter --topic "$more" --partitions 4
topics --delete --topic "$gone,$anew,$grown"
wait_for kt topic create -q "$anew" --partitions 1
wait_for kt topic create -q "$grown" --partitions 1
seq 1001 1100 | kt produce -q "$grown"
seq 101 105 | kt produce -q "$anew"
seq 11 50 | kt produce -q --key-seq "$more"
ok "a group reads partitions that the topic is given" wait_for has more_group.out 50
ok "and so does a run without one" wait_for has more_alone.out 50
like "$(cat more_alone.err)" "^% $more \[3\] is new and read too" "which says so"
stop "$more_alone" INT
is "$status $(sort -n more_alone.out | uniq | wc -l | tr -d ' ')" "0 50" "each record once"
wait "$gone_alone"
is "$?" 4 "a topic that is deleted ends a run: status 4"
like "$(cat gone_alone.err)" "^kt consume: topic $gone does not exist" "and says so"
wait "$gone_group"
is "$?" 4 "a topic that is deleted ends the run of a group: status 4"
like "$(cat gone_group.err)" "no such topic" "and says so"
ok "a topic made again is read from its beginning" wait_for has anew_alone.out 15
like "$(cat anew_alone.err)" "$anew \[0\] goes on at offset 0, after 10: it was recreated or cut" "and that is said"
ok "by a group too, whatever its --reset" wait_for has anew_group.out 15
stop "$anew_alone" INT
is "$status" 0 "ends well"
stop "$anew_group" INT
is "$status" 0 "and so does the group"
run kt consume "$anew" -g "$anew" -q -e
is "$status $out" "0 " "which has committed its new positions"

# Another one was larger than before when the library came to it: it goes on at its old position.
sees_all() {
  [ "$(sort -u "$1" | grep -c '^1[01]..$')" = 100 ]
}
ok "one that has grown past the position is read from its beginning" wait_for sees_all grown_alone.out
ok "by a group too" wait_for sees_all grown_group.out
like "$(cat grown_alone.err)" "^% topic $grown was deleted and recreated: it is read from its beginning|$grown \[0\] goes on at offset 0" \
  "which is said"
stop "$grown_alone" INT
stop "$grown_group" INT
is "$status" 0 "and ends well"
run kt consume "$grown" -g "$grown" -q -e
is "$status $out" "0 " "with its new positions committed"

# A rebalance in the middle of a batch, while nobody takes what was written of it.
fresh middle 2
middle=$topic
seq 200000 | kt produce -q "$middle" -X batch.num.messages=1000
mkfifo pipe
start middle_one sh -c 'exec kt consume "$1" -g "$1" --reset earliest >pipe' - "$middle"
middle_one=$pid
start taker sh -c 'exec <pipe; head -c 1000; until [ -e take ]; do sleep 0.05; done; cat'
wait_for test -s taker.out
start middle_two kt consume "$middle" -g "$middle" --reset earliest
middle_two=$pid
ok "a member whose reader has stopped gives partitions away" wait_for said middle_two.err "^% assigned: $middle \\[[01]"
: >take
everything() {
  [ "$(sort -u taker.out middle_two.out | wc -l)" = 200000 ]
}
ok "nothing that was not committed is skipped" wait_for everything
stop "$middle_one" INT
is "$status" 0 "the first member ends well"
stop "$middle_two" INT
is "$status" 0 "and the second"
run kt consume "$middle" -q -g "$middle" -e
is "$status $out" "0 " "everything that was written is committed"
again=$(($(cat taker.out middle_two.out | wc -l) - 200000))
ok "what the reader had not taken came twice, $again records, less than the buffer of 1 MiB" test "$again" -le 180000
done_testing
