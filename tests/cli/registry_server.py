"""registry_server.py LOG [--user NAME:PASSWORD] [--tls CERT KEY] [--clients CA]: a schema registry on 127.0.0.1.

Prints its port, writes "METHOD PATH" of each request into LOG, and serves until it is ended. What it does depends on the
number that it is asked for: see SCHEMAS and misbehave().
"""
import base64
import http.server
import json
import ssl
import sys
import time
import urllib.parse

TWO = {"type": "record", "name": "Two", "fields": [{"name": "a", "type": ["null", "string"]},
                                                   {"name": "b", "type": "int"}]}
OUTER = {"type": "record", "name": "Outer", "namespace": "x.y", "fields": [
    {"name": "inner", "type": "z.Inner"}, {"name": "again", "type": {"type": "array", "items": "z.Inner"}},
    {"name": "kind", "type": "Kind"}, {"name": "plain", "type": ["null", "Plain"]}]}
INNER = {"type": "record", "name": "Inner", "namespace": "z", "fields": [
    {"name": "n", "type": "int"}, {"name": "kind", "type": "x.y.Kind"}]}
KIND = {"type": "enum", "name": "x.y.Kind", "symbols": ["GOOD", "BAD"]}
PLAIN = {"type": "record", "name": "Plain", "fields": [{"name": "p", "type": "string"}]}


def schema(of, *references, **more):
    answer = {"schema": of if isinstance(of, str) else json.dumps(of), **more}
    if references:
        answer["references"] = [{"name": s, "subject": s, "version": v} for s, v in references]
    return answer


SCHEMAS = {
    17: schema(TWO),
    18: schema(OUTER, ("in/ner ü", 3), ("kind", 1), ("plain", 1), schemaType="AVRO"),
    20: schema("syntax = \"proto3\";", schemaType="PROTOBUF"),
    21: schema("{\"type\":\"array\"}"),
    22: schema("\"x.A\"", ("circle-a", 1)),
    23: schema("\"x.A\"", ("deep-1", 1)),
    24: schema("\"x.A\"", *(("wide-%d" % i, 1) for i in range(101))),
    25: schema("\"x.A\"", ("missing", 1)),
    26: {"schema": 17},
    27: schema("\"x.A\"", ("plain", 1), ("own", 1)),
}
GUIDS = {"89e3a8f1-1111-4222-8333-444455556666": 17, "0f9d2c77-aaaa-4bbb-8ccc-ddddeeeeffff": 20}
SUBJECTS = {
    ("in/ner ü", 3): schema(INNER, ("kind", 1)),
    ("kind", 1): schema(KIND),
    ("plain", 1): schema(PLAIN),
    ("own", 1): schema({"type": "record", "name": "x.A", "fields": []}, ("plain", 1), ("own", 1)),
    ("circle-a", 1): schema({"type": "record", "name": "x.A", "fields": [{"name": "b", "type": ["null", "B"]}]},
                            ("circle-b", 1)),
    ("circle-b", 1): schema({"type": "record", "name": "x.B", "fields": [{"name": "a", "type": ["null", "A"]}]},
                            ("circle-a", 1)),
}
# For `kt schema`: the versions of subjects, deleted ones negative; what a subject refuses; and answers that are wrong.
VERSIONS = {"old\x1b[31m": {1: schema(TWO)}, "orders-value": {1: schema(TWO), 2: schema(PLAIN, ("plain", 1)), -3: schema(TWO)}}
WRONG = {"wrong-list": {"a": 1}, "wrong-words": ["a"], "wrong-page": b"<html>", "wrong-deep": b"[" * 100000, "wrong-big": b"1" * (9 << 20)}
registered = {("t-value", json.dumps(TWO, sort_keys=True)): 17}


class Registry(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body are written one after the other: else the body waits 40 ms for the client to acknowledge the head.
    disable_nagle_algorithm = True

    def answer(self, status, body, kind="application/vnd.schemaregistry.v1+json", **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def misbehave(self, number):
        if number == 50:
            time.sleep(60)
        elif number == 51:
            self.answer(500, {"error_code": 50001, "message": "Error in the backend data store"})
        elif number == 52:
            self.answer(200, b"<html>a page</html>", "text/html")
        elif number == 53:
            self.answer(302, b"", Location="http://127.0.0.1:%d/schemas/ids/17" % self.server.server_address[1])
        elif number == 54:
            self.answer(200, b'{"schema":"' + b"x" * (9 << 20) + b'"}')
        elif number == 55:
            self.close_connection = True
        elif number == 56:
            self.answer(404, b"no such page", "text/plain")
        elif number == 57:
            self.answer(200, b"[" * 100000)
        elif number == 58:
            self.send_response(200)
            self.end_headers()
            for _ in range(60):
                self.wfile.write(b" ")
                time.sleep(1)
        elif number == 59:
            self.wfile.write(b"\0\1\2 nonsense\r\n\r\n")
            self.close_connection = True
        elif number == 60:
            self.answer(403, {"error_code": 40301, "message": "\x1b[31mnot you"})
        else:
            self.answer(404, {"error_code": 40403, "message": "Schema %d not found" % number})

    def subject(self, name, version):
        if name.startswith("deep-"):
            return schema("\"int\"", ("deep-%d" % (int(name[5:]) + 1), 1))
        return SUBJECTS.get((name, version))

    def refused(self):
        with open(sys.argv[1], "a", encoding="utf-8") as log:
            log.write("%s %s\n" % (self.command, self.path))
        wanted = option("--user")
        given = self.headers.get("Authorization", "")
        if not wanted or given == "Basic " + base64.b64encode(wanted.encode()).decode():
            return False
        self.answer(401, {"error_code": 401, "message": "Unauthorized"}, WWW_Authenticate="Basic realm=\"x\"")
        return True

    def do_GET(self):
        if self.refused():
            return
        words = self.words()
        if words[:2] == ["schemas", "ids"]:
            number = int(words[2])
            if number in SCHEMAS:
                self.answer(200, SCHEMAS[number])
            else:
                self.misbehave(number)
            return
        if words[:2] == ["schemas", "guids"]:
            if words[2] in GUIDS:
                self.answer(200, {"guid": words[2], **SCHEMAS[GUIDS[words[2]]]})
            else:
                self.answer(404, {"error_code": 40403, "message": "Schema %s not found" % words[2]})
            return
        if words[0] == "subjects" and (len(words) < 4 or words[1] in VERSIONS):
            self.get_subject(words)
            return
        found = words[0] == "subjects" and self.subject(words[1], int(words[3]))
        if found:
            self.answer(200, {"subject": words[1], "version": int(words[3]), "id": 1, **found})
        else:
            self.answer(404, {"error_code": 40401, "message": "Subject '%s' not found." % words[1]})

    def words(self):
        return [urllib.parse.unquote(w) for w in self.path.split("?")[0].split("/")[1:]]

    def get_subject(self, words):
        deleted = "deleted=true" in self.path
        if len(words) == 1:
            self.answer(200, [s for s, v in VERSIONS.items() if deleted or any(n > 0 for n in v)])
        elif words[1] in WRONG:
            self.answer(200, WRONG[words[1]])
        elif words[1] not in VERSIONS or not (deleted or any(n > 0 for n in VERSIONS[words[1]])):
            self.answer(404, {"error_code": 40401, "message": "Subject '%s' not found." % words[1]})
        elif len(words) == 3:
            self.answer(200, sorted(abs(n) for n in VERSIONS[words[1]] if deleted or n > 0))
        else:
            number = max(VERSIONS[words[1]]) if words[3] == "latest" else int(words[3])
            if number in VERSIONS[words[1]]:
                self.answer(200, {"subject": words[1], "version": number, "id": 30 + number, **VERSIONS[words[1]][number]})
            else:
                self.answer(404, {"error_code": 40402, "message": "Version %d not found." % number})

    def do_DELETE(self):
        if self.refused():
            return
        words, forever = self.words(), "permanent=true" in self.path
        versions = VERSIONS.get(words[1], {})
        hit = [n for n in list(versions) if (n < 0) == forever and (len(words) < 4 or abs(n) == int(words[3]))]
        if not hit:
            self.answer(404, {"error_code": 40404, "message": "Subject '%s' was soft deleted." % words[1]})
            return
        for number in hit:
            taken = versions.pop(number)
            if not forever:
                versions[-number] = taken
        if not versions:
            del VERSIONS[words[1]]
        self.answer(200, abs(hit[0]) if len(words) == 4 else [abs(n) for n in hit])

    def check(self, words, body):
        if words[2] not in VERSIONS:
            self.answer(404, {"error_code": 40401, "message": "Subject '%s' not found." % words[2]})
        elif "wrong" in body["schema"]:
            self.answer(200, {"is_compatible": "perhaps"})
        else:
            fits = "Two" in body["schema"]
            self.answer(200, {"is_compatible": fits, "messages": [] if fits else ["NAME_MISMATCH: \x1b[2Jexpected Two"]})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.refused():
            return
        words = self.words()
        if words[0] == "compatibility":
            self.check(words, json.loads(body))
            return
        if words[1] == "strict-value":
            self.answer(409, {"error_code": 409, "message": "Schema being registered is incompatible"})
            return
        if words[1] == "typed-value":
            self.answer(200, {"id": len(json.loads(body)["references"]) + 70})
            return
        key = (words[1], json.dumps(json.loads(json.loads(body)["schema"]), sort_keys=True))
        if words[2:] == ["versions"]:
            registered.setdefault(key, 100 + len(registered))
        if key in registered:
            self.answer(200, {"id": registered[key]})
        elif words[1] in {subject for subject, _ in registered}:
            self.answer(404, {"error_code": 40403, "message": "Schema not found"})
        else:
            self.answer(404, {"error_code": 40401, "message": "Subject '%s' not found." % words[1]})

    def log_message(self, *_):
        pass


def option(name, n=1):
    at = sys.argv.index(name) if name in sys.argv else 0
    return (sys.argv[at + 1] if n == 1 else sys.argv[at + 1:at + 1 + n]) if at else None


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
if option("--tls"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*option("--tls", 2))
    if option("--clients"):
        context.load_verify_locations(option("--clients"))
        context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
server.serve_forever()
