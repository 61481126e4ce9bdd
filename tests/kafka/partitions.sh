. "${0%/*}/lib.sh"
# A key's partition is the one that other clients choose: librdkafka's by default, Java's with --partitioner java.
need kcat java
need_python

# Value N, key N: 200 keys of all lengths, text and bytes; none with a newline or a tab, those would be cut.
"$python" - keys text <<'EOF'
import random, sys
random.seed(1)
text = ["0", "1", "2", "client58", "é", "日本", "a" * 1000, " ", "-1"] + [str(n) * (n % 17 + 1) for n in range(91)]
binary = [bytes(random.choice([b for b in range(1, 256) if b not in b"\t\n"]) for _ in range(n)) for n in range(1, 101)]
text = [t.encode() for t in text]
with open(sys.argv[1], "wb") as keys, open(sys.argv[2], "wb") as plain:
    for n, key in enumerate(text + binary):
        keys.write(b"%s\t%d\n" % (key, n))
        if n < len(text):
            plain.write(b"%s\t%d\n" % (key, n))
EOF
printf '\tempty\n' >>text
printf '\tempty\n' >>keys

# Prints "VALUE PARTITION" for all records, sorted.
places() {
  client consume "$topic" | jq -r '"\(.value) \(.partition)"' | sort
}

fresh places-kt 16
kt produce "$topic" -q -K '\t' <keys
places >by-kt
is "$(wc -l <by-kt | tr -d ' ')" 201 "every key arrived"
fresh places-kcat 16
kcat -P -b "$KT_BROKERS" -t "$topic" -K "$(printf '\t')" <keys
places >by-kcat
# An empty key has no place of its own in consistent_random.
grep -v empty by-kt >one && grep -v empty by-kcat >two
same one two "kt and kcat agree on 200 keys"

fresh places-python 16
"$python" -c '
import json, sys
for line in sys.stdin.buffer:
    key, value = line.rstrip(b"\n").split(b"\t")
    print(json.dumps({"key": key.decode("latin-1"), "value": value.decode()}))' <keys | client produce "$topic"
places | grep -v empty >by-python
same one by-python "kt and Python agree on 200 keys"

fresh places-lines 16
seq 0 9 | kt produce "$topic" -q --key-seq
is "$(places | cut -d ' ' -f 2 | tr '\n' ' ')" "1 7 13 11 8 14 4 2 3 5 " "the tutorial's keys 0 to 9 with 16 partitions"

fresh places-kt-java 16
kt produce "$topic" -q -K '\t' --partitioner java <keys
places >by-kt
fresh places-java 16
java_tool ConsoleProducer --topic "$topic" --property parse.key=true <text >said 2>&1 || note "$(cat said)"
places >by-java
ok "the console producer wrote 101 keys" test "$(wc -l <by-java)" = 101
cut -d ' ' -f 1 by-java | sort >texts
join by-kt texts >one
same one by-java "kt --partitioner java and Java agree on text keys, the empty one too"
fresh places-murmur 16
kcat -P -b "$KT_BROKERS" -t "$topic" -K "$(printf '\t')" -X partitioner=murmur2_random <keys
places >by-kcat
grep -v empty by-kt >one && grep -v empty by-kcat >two
same one two "and on keys that are not text"

done_testing
