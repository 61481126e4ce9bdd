. "${0%/*}/lib.sh"
. "$tests/both/socketlib.sh"
# kt serve: consumer instances, as the REST proxy's version 2 has them.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl jq python3
export PYTHONDONTWRITEBYTECODE=1

# ask METHOD PATH [BODY [CURL-ARGUMENT…]]: the code is in $code, the body in $out and the file out.
ask() {
  ask_method=$1 ask_path=$2 ask_body=${3:-}
  shift $(($# < 3 ? $# : 3))
  code=$(curl -sS -D head -o out -w '%{http_code}' -X "$ask_method" -H 'Content-Type: application/vnd.kafka.v2+json' \
    ${ask_body:+-d "$ask_body"} "$@" "$url$ask_path")
  out=$(cat out)
}
# make NAME [MEMBER…]: an instance of $group whose path is $i.
make() {
  make_name=$1
  ask POST "/consumers/$group" "{\"name\":\"$1\",\"format\":\"json\",\"auto.offset.reset\":\"earliest\"${2:+,$2}}"
  is "$code $(jq -r .instance_id out)" "200 $1" "an instance $1"
  i=/consumers/$group/instances/$1
  ask POST "$i/subscription" "{\"topics\":[\"$topic\"]}"
  is "$code:$out" "204:" "and its topic"
}
# gathers PATH FILE N: reads into the file until it has N values at least.
gathers() {
  ask GET "$1/records?timeout=500"
  [ "$code" != 200 ] || jq -c '.[] | [.partition, .offset, .value]' out >>"$2"
  [ "$(wc -l <"$2")" -ge "$3" ]
}
# committed N…: of the topic's partitions in $group.
committed() {
  [ "$(kt group describe -q -J "$group" | jq -r '[.. | objects | select(has("committed") and has("partition")) |
    .committed | tostring] | join(" ")')" = "$*" ]
}
error() {
  echo "$code $(sed -n 's/.*"error_code":\([0-9]*\).*/\1/p' out)"
}

# A program that nobody wrote for it, meanwhile.
if python=$("$tests/modules" python-serve-1 'openapi-spec-validator==0.7.*' requests kafka-bridge-client 2>modules.err); then
  fresh instances-client
  foreign_topic=$topic
  seq 100 | kt produce "$topic" -q
  serve foreign
  foreign_served=$served
  "$python" - "$url" "$topic" >foreign.out 2>foreign.err <<'END' &
import asyncio
import base64
import sys
from kafka_bridge_client.consumer import KafkaBridgeConsumer

async def main(url, topic, proxy):
    c = KafkaBridgeConsumer(topic, bootstrap_server=url, group_id=topic, auto_offset_reset="earliest",
                            enable_auto_commit=proxy == "strimzi", consumer_name="c", proxy=proxy,
                            client_timeout_seconds=120)
    n = 0
    async with c:
        async for record in c.get_records(max_bytes=1000, timeout=2000):
            print(base64.b64decode(record["value"]).decode())
            n += 1
            if n == 50:
                break
        if proxy == "confluent":
            await c.commit()

for proxy in "confluent", "strimzi":
    asyncio.run(main(sys.argv[1] + "/", sys.argv[2], proxy))
END
  foreign=$!
fi

fresh instances
group=$topic
serve first -X heartbeat.interval.ms=300 --max-consumers 2 --topics 'instances*'
first=$url first_pid=$served
make a '"auto.commit.enable":"false"'
ask POST "/consumers/$group" '{"name":"a"}'
is "$(error)" "409 40902" "there is one of the name"
ask GET "$i/subscription"
is "$code $out" "200 {\"topics\":[\"$topic\"]}" "it has its topic"
# Whoever comes first waits: this one goes on until it does.
sh -c 'until [ "$(curl -sS -o waited -w "%{http_code}" "$0/records?timeout=60000")" = 200 ]; do :; done' "$url$i" &
waits=$!
busy() {
  ask GET "$i/records?timeout=0"
  [ "$(error)" = "409 40903" ]
}
ok "one request waits at a time" wait_for busy
seq 3 | kt produce "$topic" -q
wait "$waits"
jq -c '.[] | [.partition, .offset, .value]' waited >got
ok "it has records as soon as there are some" [ -s got ]
wait_for gathers "$i" got 3
is "$(tr '\n' ' ' <got)" "[0,0,1] [0,1,2] [0,2,3] " "all come, each once"
ask GET "$i/records?timeout=0"
is "$code $out $(tr -d '\r' <"head" | sed -n 's/^[Cc]ontent-[Tt]ype: //p')" "200 [] application/vnd.kafka.json.v2+json" "and no more"
ask GET "$i/assignments"
is "$code $out" "200 {\"partitions\":[{\"topic\":\"$topic\",\"partition\":0}]}" "its partitions"
ask GET "$i/offsets"
is "$code $out" '200 {"offsets":[]}' "nothing is committed that nobody asked for"
ask POST "$i/offsets" "{\"offsets\":[{\"topic\":\"$topic\",\"partition\":0,\"offset\":0}]}"
is "$code $out" "200 []" "the first is done"
ok "the commit is there with the answer" committed 1
ask GET "$i/offsets" "{\"partitions\":[{\"topic\":\"$topic\",\"partition\":0}]}"
is "$code $(jq -c '.offsets[] | [.partition, .offset]' out)" "200 [0,1]" "where the group goes on"
ask GET "$i/offsets" "{\"partitions\":[{\"topic\":\"$topic\",\"partition\":7}]}"
is "$code $out" '200 {"offsets":[]}' "of those that are asked for"
ask POST "$i/offsets" "{\"offsets\":[{\"topic\":\"$topic\",\"partition\":0,\"offset\":2},{\"topic\":\"$topic\",\"partition\":0,\"offset\":3}]}"
is "$(error)" "422 422" "what has not been read is not committed"
ask POST "$i/offsets" "{\"offsets\":[{\"topic\":\"$topic\",\"partition\":7,\"offset\":3}]}"
is "$(error)" "409 40903" "nor what is not its own"
ok "nor is the rest of such a request" committed 1
ask POST "$i/offsets"
is "$code" 200 "all that was read"
ok "is committed" committed 3

# A record that cannot be shown is told once, and costs the others nothing.
printf '4\n{x\n6\n' | kt produce "$topic" -q
: >got
poisoned() {
  gathers "$i" got 99
  [ "$code" = 422 ]
}
ok "a record that is not JSON" wait_for poisoned
is "$(jq -c '[.error_code, .message]' out)" "[42203,\"the value of $topic [0] at offset 4 is not JSON\"]" "is named"
wait_for gathers "$i" got 2
is "$(tr '\n' ' ' <got)" "[0,3,4] [0,5,6] " "what was before and after it is given"
ask DELETE "$i"
is "$code:$out" "204:" "it is deleted"
ok "without a commit" committed 3
ask GET "$i/records"
is "$(error)" "404 40403" "and gone"

# Where nobody says what is done, coming again does. (Of a group that is new the embedded broker makes members sooner.)
group=$topic-b
make b
: >got
wait_for gathers "$i" got 1
told() {
  ask GET "$i/records?timeout=500"
  [ "$code" = 422 ]
}
wait_for told
: >got
wait_for gathers "$i" got 1
ok "who comes for more is done with what came before" wait_for committed 5
ask DELETE "$i"
is "$code" 204 "and so is who deletes it"
ok "its last records are committed" wait_for committed 6

# Two servers, one group; the second ends. (The embedded broker waits as long as a session for who has left.) On Kafka
# the first keeps what does not move.
assignor=range
! on_kafka || assignor=cooperative-sticky
fresh instances-two 2
group=$topic
set -- -X session.timeout.ms=6000 -X heartbeat.interval.ms=300 -X partition.assignment.strategy="$assignor"
serve another "$@"
other=$url another_pid=$served
serve second "$@"
second=$url
make d '"auto.commit.enable":false'
d=$i
url=$other
make c '"auto.commit.enable":false'
c=$i
shares() {
  url=$1
  ask GET "$2/assignments"
  [ "$(jq '.partitions | length' out)" = "$3" ]
}
ok "one half" wait_for shares "$other" "$c" 1
ok "and the other" wait_for shares "$second" "$d" 1
url=$other
ask GET "$c/assignments"
part=$((1 - $(jq '.partitions[0].partition' out)))
for p in 0 1; do seq 1 4 | kt produce "$topic" -p "$p" -q; done
: >got-c
: >got-d
ok "each reads its own" wait_for gathers "$c" got-c 4
url=$second
ok "and all of it" wait_for gathers "$d" got-d 4
is "$(cut -c 2 got-d | sort -u) $(cut -c 2 got-c | sort -u)" "$part $((1 - part))" "and nothing else"
ask POST "$d/offsets" "{\"offsets\":[{\"topic\":\"$topic\",\"partition\":$part,\"offset\":1}]}"
is "$code" 200 "the second has done half"
url=$other
# What is not committed would come again when the group shares its partitions anew.
ask POST "$c/offsets"
is "$code" 200 "the first has done all"
stop "$served" TERM
is "$status" 0 "and ends"
ok "what it had not committed goes to the other" wait_for gathers "$c" got-c 6
is "$(grep "^.$part" got-c | tr '\n' ' ')" "[$part,2,3] [$part,3,4] " "and nothing else"
ask DELETE "$c/subscription"
is "$code" 204 "without topics"
ask GET "$c/records"
is "$(error)" "409 40903" "there is nothing to read"
ask DELETE "$c"
stop "$another_pid" TERM
url=$first

# What is refused.
group=$topic
ask POST "/consumers/$group" '{"name":"e","format":"json"}'
is "$code" 200 "an instance without topics"
e=/consumers/$group/instances/e
while read -r expected number method path body; do
  ask "$method" "$path" "$body"
  is "$(error)" "$expected $number" "$number: $method ${path##*/} $body"
done <<END
400 400 POST /consumers/$group {
422 42204 POST /consumers/$group {"format":"avro"}
422 42204 POST /consumers/$group {"name":"a/b"}
422 42204 POST /consumers/$group {"no.such.thing":1}
404 40401 POST $e/subscription {"topics":["elsewhere"]}
404 40401 POST $e/subscription {"topics":["instances-none"]}
501 501 POST $e/subscription {"topic_pattern":"inst.*"}
422 422 POST $e/subscription {"topics":[]}
409 40903 GET $e/records
409 40903 POST $e/offsets
501 501 POST $e/assignments {"partitions":[]}
501 501 POST $e/positions {"offsets":[]}
501 501 POST $e/positions/beginning {"partitions":[]}
404 40403 GET /consumers/other/instances/e/records
404 40403 DELETE /consumers/$group/instances/none
END
ask GET "$e/records" "" -H 'Accept: application/vnd.kafka.binary.v2+json'
is "$(error)" "406 40601" "a format that it does not have"
ask GET "$e/records?offset=3"
is "$(error)" "400 400" "a parameter that it does not have"
code=$(curl -sS -o out -w '%{http_code}' -d '{}' "$url/consumers/$group")
is "$(error)" "415 415" "a form"
ask POST "/consumers/$group" '{}' -H 'Origin: http://elsewhere.example'
is "$(error)" "403 40301" "a page of another site"
ask POST "/consumers/$group" '{}' -H 'X-Forwarded-Proto: https' -H 'X-Forwarded-Host: kafka.example' -H 'X-Forwarded-Prefix: /api/'
is "$(jq -r .base_uri out | sed 's/[^/]*$//')" "https://kafka.example/api/consumers/$group/instances/" "its address, behind a proxy"
unnamed=$(jq -r .instance_id out)
ask POST "/consumers/$group" '{}'
is "$(error)" "503 50301" "one too many"
is "$(python3 "$tests/both/sockets.py" "ws${url#http}/ws/consume/$topic?group=$group")" "status 503" "and no WebSocket of a group either"
is "$(curl -sS "$url/metrics" | grep '^kt_clients{kind="instance"}')" 'kt_clients{kind="instance"} 2' "they are counted"
ask DELETE "/consumers/$group/instances/$unnamed"
ask DELETE "$e"
is "$code" 204 "their places are free again"

# Whose they are.
served=$first_pid
stop "$served" TERM
is "$status" 0 "a signal ends the server"
kt serve token add some "consume:$topic" "group:mine*" --token-file tokens >some.token
kt serve token add another "consume:$topic" "group:*" --token-file tokens >another.token
serve token --token-file tokens
with() {
  with_token=$(cat "$1.token")
  shift
  ask "$1" "$2" "${3:-}" -H "Authorization: Bearer $with_token"
}
with some POST /consumers/theirs '{"name":"g"}'
is "$(error)" "403 40301" "a token is for some groups"
with some POST "/consumers/mine-$$" '{"name":"g"}'
g=/consumers/mine-$$/instances/g
is "$code" 200 "and not for others"
with some POST "$g/subscription" '{"topics":["another"]}'
is "$(error)" "404 40401" "nor for other topics"
with another GET "$g/subscription"
is "$(error)" "404 40403" "nobody has another's instance"
with some POST "$g/subscription" "{\"topics\":[\"$topic\"]}"
is "$code" 204 "its owner has"
stop "$served" TERM
is "$status" 0 "an instance does not hold up the end"

# Nobody asks it for anything. It may have ended before it has topics, where the machine stands still.
serve idle --consumer-idle 1s
group=$topic-idle
ask POST "/consumers/$group" '{"name":"h"}'
ask POST "/consumers/$group/instances/h/subscription" "{\"topics\":[\"$topic\"]}"
idle() {
  curl -sS "$url/metrics" | grep -qx 'kt_clients{kind="instance"} 0'
}
ok "it ends and leaves" wait_for idle
ask DELETE "/consumers/$group/instances/h"
is "$(error)" "404 40403" "nobody finds it any more"
stop "$served" TERM

if [ -n "$python" ]; then
  ok "kafka-bridge-client, for either proxy" wait "$foreign"
  is "$(cat foreign.out)" "$(seq 100)" "has every record once"
  group=$foreign_topic
  ok "whose records are done" committed 100
  stop "$foreign_served" TERM
else
  skip "clients of others" "$(cat modules.err)"
fi
done_testing
