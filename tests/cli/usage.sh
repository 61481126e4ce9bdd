. "${0%/*}/../lib.sh"
# kt itself: help, version, unknown commands, standard descriptors that fail.

run kt
is "$status" 0 "kt alone"
like "$out" "^Usage: kt COMMAND" "lists the commands"
cp out alone
for word in help --help -h; do
  run kt $word
  same out alone "kt $word says the same"
  is "$err" "" "and nothing on stderr"
done

for word in version --version -V; do
  run kt $word
  is "$status" 0 "kt $word"
  like "$out" "^kt [0-9]+\.[0-9]" "version of kt"
  like "$out" "^librdkafka [0-9]" "of librdkafka"
  like "$out" "^OpenSSL [0-9]" "of OpenSSL"
  like "$out" "^jansson [0-9]" "of jansson"
  like "$out" "^features: [+-]sqlite [+-]edit [+-]http [+-]websocket [+-]curl [+-]codecs [+-]avro$" "features"
done

run kt hlep
is "$status" 2 "unknown command"
is "$out" "" "nothing on stdout"
is "$err" 'kt: unknown command "hlep"
hint: did you mean `kt help`?' "suggestion"

run kt topic --help
is "$status" 0 "help of a family"
like "$out" "^  topic create " "lists its commands"
cp out family
for words in "help topic" "topics -h" "topic help"; do
  # shellcheck disable=SC2086
  run kt $words
  same out family "so does kt $words"
done
run kt topic
is "$status" 2 "a family alone does nothing"
like "$err" "^hint: one of: .*create" "and says what there is"

run kt help xyzzy
is "$status" 2 "help of an unknown command"
is "$err" 'kt: unknown command "xyzzy"
hint: `kt help` lists the commands' "said"

run kt "$(printf 'a\033[31mb')"
is "$err" 'kt: unknown command "a\x1b[31mb"
hint: `kt help` lists the commands' "control bytes are shown, not sent"

kt --help >/dev/full 2>err
is "$?" 1 "a full disk is noticed"
is "$(cat err)" "kt: writing to standard output: No space left on device" "and said"
kt --version >&- 2>err
is "$?" 1 "so is a closed stdout"
is "$(cat err)" "kt: writing to standard output: Bad file descriptor" "and said"
kt --help 2>&- <&- >out
is "$?" 0 "closed stdin and stderr do no harm"
same out alone "to the output"
for words in "--help" "help consume" "--version" "consume -X list"; do
  # shellcheck disable=SC2086,SC2216
  { sleep 0.3; kt $words 2>err; echo $? >status; } | true
  is "$(cat status)$(cat err)" 0 "a reader that has gone is no failure of kt $words"
done
done_testing
