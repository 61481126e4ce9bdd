/* What a row of `kt serve` can do: the one list of which the parser of rows, the manual, the parameters that queries
 * may have, and /openapi.json are made.
 *
 *   ROW(NAME, ID, WORDS, KEYS, BODY, QUERY, TAKES, GIVES, STATUSES, HELP)
 *
 * WORDS and KEYS have a blank in front of each, so that they are shown as they are. BODY: the largest of a request in
 * bytes; 0: as the server says. QUERY: parameters, those that are no text with :integer or :boolean. TAKES, GIVES:
 * media types of bodies. Those lists have blanks between. */
#ifndef KT_ROUTEACTIONS_H
#define KT_ROUTEACTIONS_H

/* KT_ROUTE_ECHO_BYTES: as Express' parsers take. KT_ROUTE_SMALL_BYTES: of a body that nothing is made of. */
enum {
	KT_ROUTE_ECHO_BYTES = 100 << 10,
	KT_ROUTE_SMALL_BYTES = 64 << 10,
	KT_ROUTE_SOCKETIO_BYTES = 1 << 20,
	KT_ROUTE_DECODE_BYTES = 1 << 20
};

#define KT_V2 "application/vnd.kafka.v2+json"
#define KT_V2_RECORDS                                                                                                  \
	"application/vnd.kafka.json.v2+json application/vnd.kafka.binary.v2+json application/vnd.kafka.text.v2+json"
#define KT_JSON "application/json"
#define KT_NDJSON "application/x-ndjson"
#define KT_READING "offset count:integer timeout:integer max_bytes:integer"

/* clang-format off */
#define KT_ROUTE_ACTIONS(ROW) \
	ROW("produce", PRODUCE, " TOPIC", "", 0, "key partition:integer timestamp:integer async:boolean format report", \
		"application/octet-stream " KT_NDJSON, KT_JSON " " KT_NDJSON, "200 204 207 400 403 404 413 422 502 503", \
		"the body is a record, or with " KT_NDJSON " each line is one") \
	ROW("event", EVENT, " TOPIC VALUE", " reply= type= merge= wait=", KT_ROUTE_SMALL_BYTES, "", "", "*/*", \
		"200 403 404 502 503", \
		"a record with this value; answers with the text of reply. merge=headers: the value is an object that gets " \
		"the request's headers too. wait=0: answers when the record is in the queue") \
	ROW("message", MESSAGE, "", " topics=", 0, "", KT_JSON, KT_JSON, "200 400 403 502 503", \
		"the body is {\"topic\":…,\"message\":…}; answers {\"msg\": \"Success\"}") \
	ROW("echo", ECHO, " TOPIC", " like= on-error=", KT_ROUTE_ECHO_BYTES, "", \
		KT_JSON " application/x-www-form-urlencoded", KT_JSON, "200 400 403 404 413 502 503", \
		"the body, JSON or a form, is a record and the answer, as JSON; of other types {}. on-error=200: answers so " \
		"whatever becomes of the record") \
	ROW("records", RECORDS, " TOPIC", " partition=", 0, "async:boolean", KT_V2_RECORDS, KT_V2, \
		"200 204 400 403 404 413 415 422 502 503", \
		"the body is {\"records\":[{\"key\":…,\"value\":…}]} of the REST proxy's version 2") \
	ROW("topics", TOPICS, "", "", KT_ROUTE_SMALL_BYTES, "", "", KT_V2, "200 503", "the names of all topics") \
	ROW("topic", TOPIC, " TOPIC", "", KT_ROUTE_SMALL_BYTES, "", "", KT_V2, "200 404 503", \
		"a topic's partitions, leaders and replicas") \
	ROW("partitions", PARTITIONS, " TOPIC", " partition=", KT_ROUTE_SMALL_BYTES, "", "", KT_V2, "200 404 503", \
		"the partitions alone, or one of them") \
	ROW("offsets", OFFSETS, " TOPIC PARTITION", "", KT_ROUTE_SMALL_BYTES, "", "", KT_V2, "200 404 503", \
		"where a partition's log begins and ends") \
	ROW("read", READ, " TOPIC PARTITION", "", KT_ROUTE_SMALL_BYTES, KT_READING, "", KT_V2_RECORDS, \
		"200 400 403 404 406 416 422 502 503", \
		"a partition's records from an offset on, as the REST proxy's version 2 shows records") \
	ROW("consumers", CONSUMERS, " GROUP", "", KT_ROUTE_SMALL_BYTES, "", KT_V2, KT_V2, "200 400 403 409 415 422 503", \
		"makes a consumer instance, as the REST proxy's version 2 has them: a member of the group that is asked by " \
		"requests") \
	ROW("instance", INSTANCE, " GROUP INSTANCE", "", KT_ROUTE_SMALL_BYTES, "", "", KT_V2, "204 403 404 503", \
		"ends one, which leaves its group") \
	ROW("subscription", SUBSCRIPTION, " GROUP INSTANCE", "", KT_ROUTE_SMALL_BYTES, "", KT_V2, KT_V2, \
		"200 204 400 403 404 409 415 422 501 503", "its topics: tells them, for POST takes them, for DELETE none") \
	ROW("assignments", ASSIGNMENTS, " GROUP INSTANCE", "", KT_ROUTE_SMALL_BYTES, "", KT_V2, KT_V2, \
		"200 403 404 415 501 503", "its partitions; for POST 501") \
	ROW("positions", POSITIONS, " GROUP INSTANCE", "", KT_ROUTE_SMALL_BYTES, "", KT_V2, KT_V2, \
		"403 404 415 501 503", "501: it cannot be told to read elsewhere") \
	ROW("instance-records", INSTANCE_RECORDS, " GROUP INSTANCE", "", KT_ROUTE_SMALL_BYTES, \
		"timeout:integer max_bytes:integer", "", KT_V2_RECORDS, "200 400 403 404 406 409 422 503", \
		"its next records") \
	ROW("instance-offsets", INSTANCE_OFFSETS, " GROUP INSTANCE", "", KT_ROUTE_SMALL_BYTES, "", KT_V2, KT_V2, \
		"200 400 403 404 409 415 422 503", "what it has committed; for POST commits") \
	ROW("consume", CONSUME, " TOPIC", "", KT_ROUTE_SMALL_BYTES, KT_READING " partition:integer", "", KT_NDJSON, \
		"200 400 403 404 416 502 503", "a topic's records, each a line of JSON; Kt-Next says where to go on") \
	ROW("events", EVENTS, " TOPIC", "", KT_ROUTE_SMALL_BYTES, "offset last_event_id partition:integer key", "", \
		"text/event-stream", "200 400 403 404 416 502 503", \
		"a topic's records as they come, each an event of Server-Sent Events whose id says where to go on") \
	ROW("ws-consume", WS_CONSUME, " TOPIC", "", KT_ROUTE_SMALL_BYTES, \
		"offset last_event_id partition:integer key group window:integer reset", "", KT_JSON, \
		"101 400 403 404 416 426 501 502 503", \
		"the same as a WebSocket, each a message of text; with group= as a member of it, whose client acknowledges " \
		"records") \
	ROW("ws-produce", WS_PRODUCE, " TOPIC", "", KT_ROUTE_SMALL_BYTES, "key partition:integer header format", "", \
		KT_JSON, "101 400 403 404 426 501 503", \
		"a WebSocket whose messages are records, each answered with what became of it") \
	ROW("chat", CHAT, " TOPIC", "", KT_ROUTE_SMALL_BYTES, "", "", KT_JSON, "101 400 403 404 426 501 503", \
		"a WebSocket whose messages all others get, by way of partition 0 of a topic; none: within this process") \
	ROW("socketio", SOCKETIO, " TOPIC", "", KT_ROUTE_SOCKETIO_BYTES, "EIO:integer transport sid b64 t", \
		"text/plain application/octet-stream", "application/octet-stream text/plain", \
		"101 200 400 403 404 413 426 501 503", \
		"Socket.IO by polling and WebSocket (clients 1.x and 2.x), namespace /test: echo_event {data} comes back, " \
		"broadcast_event {data} to all by way of a topic, as for chat. At /socket.io/, for GET and POST") \
	ROW("page", PAGE, "", " of=", KT_ROUTE_SMALL_BYTES, "", "", "text/html", "200", \
		"the page of a chat, whose WebSocket is /ws; of=socketio: that of socketio") \
	ROW("proxy", PROXY, " URL", "", 0, "", "*/*", "*/*", "200 502", \
		"passes the request on to this server, and its answer back; 502 when there is none") \
	ROW("gateway", GATEWAY, "", "", 0, "", "*/*", "*/*", "200 404 502", \
		"the same to the server that an api-add has put behind its Host") \
	ROW("apis", APIS, "", "", KT_ROUTE_SMALL_BYTES, "", "", KT_JSON, "200", "the servers behind the gateway") \
	ROW("api-add", API_ADD, "", "", KT_ROUTE_SMALL_BYTES, "", "application/x-www-form-urlencoded", KT_JSON, \
		"201 400 403 409", "adds one, by a form: name, hosts, upstream_url") \
	ROW("overview", OVERVIEW, "", "", KT_ROUTE_SMALL_BYTES, "", "", KT_JSON, "200 503", \
		"topics with how many records they hold and got, how many bytes one copy takes, and groups with their lag; " \
		"brokers are asked once for all who ask, every two seconds at most") \
	ROW("decode", DECODE, "", "", KT_ROUTE_DECODE_BYTES, "", "application/octet-stream", KT_NDJSON, \
		"200 403 413 422 503", \
		"the body is a value of Avro, the answer its data as JSON, by the configuration's registry or the schema in it") \
	ROW("ui", UI, " FILE", "", KT_ROUTE_SMALL_BYTES, "", "", "text/html text/css text/javascript image/svg+xml", \
		"200 404", "a file of the page to watch topics; index.html is for browsers, others get 404") \
	ROW("text", TEXT, " TEXT", " type= status= like=", KT_ROUTE_SMALL_BYTES, "", "", "*/*", "200", \
		"answers with this text") \
	ROW("healthy", HEALTHY, "", "", KT_ROUTE_SMALL_BYTES, "", "", "text/plain", "200", \
		"200 as long as the server runs") \
	ROW("ready", READY, "", "", KT_ROUTE_SMALL_BYTES, "", "", KT_JSON, "200 503", \
		"200 when a broker answers, or 503 with the reason") \
	ROW("metrics", METRICS, "", "", KT_ROUTE_SMALL_BYTES, "", "", "application/openmetrics-text", "200", \
		"requests, records and times, as OpenMetrics") \
	ROW("openapi", OPENAPI, "", "", KT_ROUTE_SMALL_BYTES, "", "", KT_JSON, "200", \
		"the rows beside it, as OpenAPI 3.0 describes them")
/* clang-format on */

#endif
