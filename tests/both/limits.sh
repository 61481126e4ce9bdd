. "${0%/*}/lib.sh"
# What is too large is named and counted; memory is bounded whatever comes in.
need python3

# kt -K: a key of $1 bytes, a value of $2.
record() {
  head -c "$1" /dev/zero | tr '\0' k
  printf :
  head -c "$2" /dev/zero | tr '\0' v
  printf '\n'
}
lengths() {
  kt consume -q -e -f '%K %S\n' "$topic" | tr '\n' ' '
}

# The library counts what surrounds a record, some 40 bytes, as a part of it.
fresh most
{
  record 0 999936
  record 400000 599936
} >exact
run kt produce "$topic" -K : exact
is "$status" 0 "records of message.max.bytes less what surrounds them"
kt consume -q -e -K : "$topic" >got
same got exact "arrive"

fresh nearly
record 0 999999 >nearly
run kt produce "$topic" nearly
if [ "$status" = 0 ]; then
  pass "with it, they go"
else
  like "$err" "^% nearly:1: .*[Mm]essage.*(large|max)" "with it, they do not, and this is said"
fi

{
  printf 'before:1\nbefore:2\n'
  record 0 1000001
  printf 'between:3\n'
  record 400000 600001
  printf 'after:4\n'
} >mixed
fresh stop
run kt produce "$topic" -K : mixed
is "$status" 3 "one byte more: status 3"
like "$err" "^% mixed:3: .*message\.max\.bytes" "the record is named by file and line"
like "$err" "^% 2 records delivered" "what was delivered is counted"
like "$err" "^kt produce: 1 of 3 records not delivered" "and what was not"
like "$err" "^hint: .*--on-error continue" "the hint says how to go on"
is "$(values -K : "$topic" | tr '\n' ' ')" "before:1 before:2 " "what was sent are the records before it"
fresh continue
run kt produce "$topic" -K : --on-error continue <mixed
is "$status" 3 "--on-error continue: status 3 all the same"
like "$err" "^% line 3: " "both are named, here as lines of stdin"
like "$err" "^% line 5: " "both are named"
like "$err" "^kt produce: 2 of 6 records not delivered" "and counted"
is "$(values -K : "$topic" | tr '\n' ' ')" "before:1 before:2 between:3 after:4 " "all others are delivered"
fresh continue-headers
run kt produce "$topic" -K : --on-error continue -H a=b mixed
is "$status $(values -K : "$topic" | tr '\n' ' ')" "3 before:1 before:2 between:3 after:4 " "the same with headers"
like "$err" "mixed:3: " "named"
fresh continue-files
printf 'a\n' >one
{
  head -c 1000001 /dev/zero
  printf '\nb\n'
} >two
run kt produce "$topic" --on-error continue one two
like "$err" "^% two:1: " "lines are counted per file"
is "$(values "$topic" | tr '\n' ' ')" "a b " "and files go on"
fresh report
run kt produce "$topic" --report --on-error continue one two
is "$(jq -c '[.record, .place, .offset, .error == null, .maybe_written]' out | sort | tr '\n' ' ')" \
  '[1,"one:1",0,true,null] [2,"two:1",null,false,false] [3,"two:2",1,true,null] ' "--report has a line for each"

fresh raised
run kt produce "$topic" -X message.max.bytes=2000 <<END
$(head -c 1936 /dev/zero | tr '\0' x)
END
is "$status" 0 "-X message.max.bytes moves the limit"
run kt produce "$topic" -X message.max.bytes=2000 <<END
$(head -c 2001 /dev/zero | tr '\0' x)
END
is "$status" 3 "for both sides"

fresh whole
head -c 999936 /dev/zero >most
head -c 1000001 /dev/zero >larger
run kt produce "$topic" --whole --on-error continue most larger one
is "$status" 3 "--whole: a file that is too large"
like "$err" "^% larger: .*message\.max\.bytes" "is named"
is "$(kt consume -q -e -f '%S ' "$topic")" "999936 2 " "the others arrive"

fresh many-bad
run kt produce "$topic" -J --on-error continue <<END
$(seq 300 | sed 's/.*[02468]$/{"payload":"even"}/')
END
is "$status $(grep -c '^% line' err)" "3 100" "the first 100 bad records are named"
like "$err" "^% further failures are only counted" "then they are counted"
like "$err" "^kt produce: 150 of 300 records not delivered" "all of them"

# A line of 1 GB, with one after it. The sanitizer keeps what was freed, unless told otherwise.
export ASAN_OPTIONS="$ASAN_OPTIONS:quarantine_size_mb=8"
fresh endless
{
  head -c 1G /dev/zero | tr '\0' x
  printf '\nbehind\n'
} | peak kt produce "$topic" --on-error continue 2>err
status=$?
is "$status" 3 "a line of 1 GB: status 3"
like "$(cat err)" "^% line 1: larger than message\.max\.bytes" "it is named"
is "$(values "$topic")" "behind" "the line after it is delivered"
ok "in bounded memory ($(cat peak) MiB)" test "$(cat peak)" -lt 250

head -c 300M /dev/zero | peak kt produce "$topic" --whole 2>err
is "$?" 3 "--whole of an endless stdin: status 3"
ok "in bounded memory ($(cat peak) MiB)" test "$(cat peak)" -lt 250

# A file that may not grow any more ends with a whole record, and the next run goes on after it.
fresh full
seq 2000 | kt produce -q "$topic"
run sh -c "ulimit -f 8; exec kt consume '$topic' -g 'full-$$' --reset earliest -e -J >>full"
is "$status" 1 "a file that is full: status 1"
like "$err" "File too large" "and the reason"
kt consume "$topic" -g "full-$$" -e -J -q >>full
kt consume "$topic" -e -J -q >expected
same full expected "each record once, and none is torn"

# Much more than there is memory to hold: the embedded broker keeps 5 MB of it.
if ! on_kafka; then
  fresh long 4
  yes "$(head -c 999 /dev/zero | tr '\0' y)" | head -n 500000 | peak kt produce "$topic" 2>err
  is "$?" 0 "500 MB through a pipe"
  like "$(cat err)" "^% 500,000 records delivered" "all delivered"
  ok "in bounded memory ($(cat peak) MiB)" test "$(cat peak)" -lt 400
fi
done_testing
