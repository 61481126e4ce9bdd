. "${0%/*}/lib.sh"
# Keys, headers, null and empty: written by kt, looked at with kcat.
need kcat jq

# What kcat sees, one line of JSON per record. It shows headers as a flat list.
seen() {
  kcat -C -q -e -o beginning -b "$KT_BROKERS" -t "$topic" -J
}

fresh key-delim
run kt produce "$topic" -K : <<'END'
k1:v1
k2:v2:more
:empty key
empty value:
:
no delimiter

END
is "$status" 0 "-K cuts at the first delimiter"
is "$(seen | jq -c '[.key, .payload]' | tr '\n' ' ')" '["k1","v1"] ["k2","v2:more"] ["","empty key"] '\
'["empty value",""] ["",""] [null,"no delimiter"] [null,""] ' "no delimiter means no key; empty stays empty"
fresh wide
printf 'a=>b|-|=>|-|c=d|-|' | kt produce -q "$topic" -K '=>' -D '|-|'
is "$(seen | jq -c '[.key, .payload]' | tr '\n' ' ')" '["a","b"] ["",""] [null,"c=d"] ' "delimiters of several bytes"
fresh tab
printf 'a\tb\n' | kt produce -q "$topic" -K '\t'
is "$(seen | jq -c '[.key, .payload]')" '["a","b"]' "escapes in delimiters"

fresh null-empty
kt produce -q "$topic" -K : -Z <<'END'
k:
:v
:
END
is "$(seen | jq -c '[.key, .payload]' | tr '\n' ' ')" '["k",null] [null,"v"] [null,null] ' "-Z makes null of empty"

fresh one-key
kt produce -q "$topic" -k client58 <<'END'
a
b
END
is "$(seen | jq -c '[.key, .payload]' | tr '\n' ' ')" '["client58","a"] ["client58","b"] ' "-k gives all the same key"
fresh no-key
kt produce -q "$topic" -k '' <<'END'
a
END
is "$(seen | jq -c .key)" '""' "an empty key is a key"
run kt produce "$topic" -k a --key-seq
is "$status" 2 "two ways to a key are a mistake"

fresh sequence 16
seq 100 110 | kt produce -q "$topic" --key-seq
is "$(kt consume -q -e -f '%k %s %p\n' "$topic" | sort -n | head -n 10 | tr '\n' ' ')" \
  "0 100 1 1 101 7 2 102 13 3 103 11 4 104 8 5 105 14 6 106 4 7 107 2 8 108 3 9 109 5 " \
  "--key-seq: the keys of the group exercise, on the tutorial's partitions"

# 300 keys of every length; none with a newline or a tab.
python3 - keys <<'END'
import random, sys
random.seed(1)
alphabet = [byte for byte in range(1, 256) if byte not in b"\t\n"]
with open(sys.argv[1], "wb") as out:
    for n in range(300):
        out.write(bytes(random.choice(alphabet) for _ in range(n % 50 + 1)) + b"\t%d\n" % n)
END
fresh ours 16
ours=$topic
kt produce -q "$ours" -K '\t' <keys
kt consume -q -e -f '%s %p\n' "$ours" | sort >by-kt
fresh theirs 16
kcat -P -b "$KT_BROKERS" -t "$topic" -K "$(printf '\t')" <keys
kt consume -q -e -f '%s %p\n' "$topic" | sort >by-kcat
same by-kt by-kcat "keys are on the partitions that kcat chooses"
kt consume -q -e -K '\t' "$ours" | sort >got
sort keys >expected
same got expected "and come back with -K as they were typed"
ok "on all of them" test "$(cut -d ' ' -f 2 by-kt | sort -u | wc -l)" = 16
fresh java 16
java=$topic
kt produce -q "$java" -K '\t' --partitioner java <keys
fresh murmur 16
kcat -P -b "$KT_BROKERS" -t "$topic" -K "$(printf '\t')" -X partitioner=murmur2_random <keys
is "$(kt consume -q -e -f '%s %p\n' "$java" | sort | cksum)" "$(kt consume -q -e -f '%s %p\n' "$topic" | sort | cksum)" \
  "--partitioner java is what librdkafka calls murmur2_random"
run kt produce "$topic" --partitioner nosuch
is "$status" 2 "an unknown partitioner is a mistake"

fresh headers
run kt produce "$topic" -H a=1 -H b= -H none -H a=2=3 -H é=ü <<'END'
x
END
is "$status" 0 "-H, several"
is "$(seen | jq -c .headers)" '["a","1","b","","none",null,"a","2=3","é","ü"]' \
  "order, repetition, empty and null values are kept, the value starts after the first ="
is "$(kt consume -q -e -J "$topic" | jq -c '[.headers[] | [.key, .value]]')" \
  '[["a","1"],["b",""],["none",null],["a","2=3"],["é","ü"]]' "and read"
is "$(kt consume -q -e -f '%h' "$topic")" "a=1,b=,none=NULL,a=2=3,é=ü" "%h as kcat prints them"

fresh thousand
set --
n=0
while [ "$n" -lt 1000 ]; do
  set -- "$@" -H "h$n=$n"
  n=$((n + 1))
done
echo x | kt produce -q "$topic" "$@"
is "$? $(kt consume -q -e -J "$topic" | jq -c '.headers | [length, .[0].key, .[999].value]')" '0 [1000,"h0","999"]' \
  "1000 headers"

# kafka-console-producer's words.
words="--property parse.key=true --property key.separator=, --property parse.headers=true --property headers.delimiter=|"
words="$words --property headers.separator=; --property headers.key.separator=~ --property null.marker=NIL"
fresh console
# shellcheck disable=SC2086
printf 'a~1;b~2|k,v\nNIL|k2,NIL\n' | kt produce -q "$topic" $words
is "$(kt consume -q -e -J "$topic" | jq -c '[.key, .payload, [(.headers // [])[] | [.key, .value]]]' | tr '\n' ' ')" \
  '["k","v",[["a","1"],["b","2"]]] ["k2",null,[]] ' "parse.key, parse.headers and null.marker"
printf 'k\tv\nnone\n' >lines
run kt produce "$topic" --reader-property parse.key=true lines
is "$status" 3 "a line without its key"
like "$err" '^% lines:2: no key separator: .* its key and "\\t"$' "is refused, with the separator"
run kt produce "$topic" --property parse.key=true --property ignore.error=true lines
is "$status" 0 "ignore.error takes it"
is "$(kt consume -q -e -Z -K = "$topic" -o -1)" "NULL=none" "as a value"
run kt produce "$topic" --property parse.key=true -K : lines
is "$status" 2 "not beside -K"

# Packed keys and values, both ways.
fresh packed
printf '5=-1 x y\n-70000=255 \n' | kt produce -q "$topic" -K = -s key=i -s 'value=h s'
is "$(kt consume -q -e "$topic" -K = -s key=i -s 'value=h s')" "5=-1 x y
-70000=255 " "packed integers go in as they come out"
is "$(kt consume -q -e -J --encoding hex "$topic" -o 0 -c 1 | jq -r '.key + " " + .payload')" "00000005 ffff782079" \
  "with the bytes that they should have"
printf 'x=1 x\n' >lines
run kt produce "$topic" -K = -s key=i lines
is "$status" 3 "what is not a number"
like "$err" '^% lines:1: key: i: "x" is not a whole number of 32 bits' "is refused"

# Read the other way round: what kcat wrote.
fresh kcat
printf 'k1:v1\n:\nv3\n' | kcat -P -b "$KT_BROKERS" -t "$topic" -K : -H a=1 -H b
is "$(kt consume -q -e -J "$topic" | jq -c '[.key, .payload, [.headers[] | [.key, .value]]]' | tr '\n' ' ')" \
  '["k1","v1",[["a","1"],["b",null]]] ["","",[["a","1"],["b",null]]] [null,"v3",[["a","1"],["b",null]]] ' \
  "kcat's keys and headers"
fresh kcat-null
printf 'k1:\n:v2\n' | kcat -P -b "$KT_BROKERS" -t "$topic" -K : -Z
kcat_null=$(kt consume -q -e -J "$topic" | jq -c '[.key, .payload]' | tr '\n' ' ')
is "$kcat_null" '["k1",null] [null,"v2"] ' "kcat's nulls"
is "$(kt consume -q -e -Z -K : "$topic" | tr '\n' ' ')" "k1:NULL NULL:v2 " "-Z shows null"
is "$(kt consume -q -e -K : "$topic" | tr '\n' ' ')" "k1: :v2 " "without it null is nothing"
done_testing
