. "${0%/*}/../lib.sh"
# kt serve and programs that nobody wrote for it: a validator of OpenAPI, Python's requests, a client of Strimzi's bridge.

kt --version | grep -q +http || skip_all "built without libmicrohttpd"
need curl python3 jq
export PYTHONDONTWRITEBYTECODE=1
start_broker -q --create clients:1

start served kt serve --listen 127.0.0.1:0
wait_for grep -q '^% serving at' served.err
url=$(sed -n 's,^% serving at \(.*\)/$,\1,p' served.err)
curl -sS "$url/openapi.json" >openapi.json
kt serve --print-routes | awk '{ print tolower($1), $2 }' | sort >rows
jq -r '.paths | to_entries[] | .key as $path | .value | keys[] | . + " " + $path' openapi.json | sort >described
same described rows "/openapi.json has each row"
is "$(jq -c '.paths["/produce/{topic}"].post | [(.parameters | map(.name + " in " + .in)), (.responses | keys)]' openapi.json)" \
  '[["topic in path","key in query","partition in query","timestamp in query","async in query","format in query","report in query"],["200","204","207","400","403","404","413","422","502","503"]]' \
  "with its parameters and statuses"

if python=$("$tests/modules" python-serve-1 'openapi-spec-validator==0.7.*' requests kafka-bridge-client 2>modules.err); then
  cat >rows.routes <<END
GET /a/{b} text {b} status=201 type=text/html
POST /a/{c} produce clients host=other.example
GET /a/{b} text other host=other.example
ANY /all/* proxy http://localhost:1
PURGE /a/{b} text gone
GET /openapi.json openapi
END
  kt serve token add all 'produce:*' --token-file tokens >issued 2>issued.err
  start rows kt serve --listen 127.0.0.1:0 --routes rows.routes --token-file tokens
  wait_for grep -q '^% serving at' rows.err
  curl -sS -H "Authorization: Bearer $(cat issued)" \
    "$(sed -n 's,^% serving at \(.*\)/$,\1,p' rows.err)/openapi.json" >own.json
  for document in openapi.json own.json; do
    run "$python" -c '
import json, openapi_spec_validator, sys
openapi_spec_validator.validate(json.load(open(sys.argv[1])))' "$document"
    is "$status" 0 "$document is what OpenAPI says"
    [ "$status" = 0 ] || note "$err"
  done
  is "$(jq -c '.paths | map_values(keys)' own.json)" \
    '{"/a/{b}":["get","post"],"/all/{rest}":["delete","get","patch","post","put"],"/openapi.json":["get"]}' "own rows"
  run "$python" - "$url" <<'END'
import requests, sys
url = sys.argv[1]
with requests.Session() as s:
    for i in range(100):
        a = s.post(url + "/produce/clients", data=b"r%d" % i, params={"key": "k"})
        assert (a.status_code, a.json()) == (200, {"topic": "clients", "partition": 0, "offset": i}), a.text
    a = s.post(url + "/produce/clients", data=(b"%d\n" % i for i in range(1000)),
               headers={"Content-Type": "application/x-ndjson"})
    assert a.json() == {"records": 1000, "failed": 0, "offsets": {"0": [100, 1099]}}, a.text
    a = s.get(url + "/consume/clients", params={"offset": 98, "count": 3})
    assert a.headers["Kt-Next"] == "0:101" and len(a.text.splitlines()) == 3, a.text
    assert s.head(url + "/healthy").status_code == 200
    assert s.put(url + "/produce/clients").headers["Allow"] == "POST"
    a = s.post(url + "/topics/clients", json={"records": [{"value": "eA=="}]})
    assert a.json()["offsets"][0]["offset"] == 1100, a.text
END
  is "$status" 0 "requests"
  [ "$status" = 0 ] || note "$err"
  run "$python" - "$url" <<'END'
import sys
from kafka_bridge_client.exceptions import KafkaBridgeTopicNotFoundError
from kafka_bridge_client.producer import KafkaBridgeProducer, Message
p = KafkaBridgeProducer(sys.argv[1], timeout=10)
assert p.send("clients", Message(key="k", value="v"))
assert p.sends("clients", [Message(key="k", value=b"\0\xff")] * 10, binary=True)
try:
    p.send("nowhere", Message(key="k", value="v"))
    raise SystemExit("it did not say that there is no such topic")
except KafkaBridgeTopicNotFoundError:
    pass
END
  is "$status" 0 "kafka-bridge-client"
  [ "$status" = 0 ] || note "$err"
  is "$(kt consume clients -q -e -o -11 -J | jq -c '[.key, .payload]' | sort | uniq -c | tr -s ' ')" \
    ' 1 ["\"k\"","\"v\""]
 10 ["k","AP8="]' "whose records are there"
else
  skip "clients of others" "$(cat modules.err)"
fi
stop "$pid" TERM
done_testing
