"""hostile_broker.py KIND [HOST…]: a broker on a port of its own that wants to harm whoever asks it; prints the port.

names     has escapes for terminals, and line feeds, in all it says: topics, hosts, groups, members, configs, errors
holes     leaves out of each answer what was asked for
other     answers about another group than the one that was asked about
nonce     SCRAM: a nonce of 8 MiB
slow      SCRAM: a million iterations
deaf      answers neither Produce nor Fetch
cut       says that records were written, and is cut off in the middle of it
"""
import base64
import socketserver
import struct
import sys

EVIL = "\x1b]0;PWN\x07\u009b31mPWN\nforged\trow\u202e"
# Versions that end before the compact encodings begin.
APIS = {0: 3, 1: 4, 2: 1, 3: 2, 8: 2, 9: 1, 10: 0, 15: 0, 16: 0, 17: 1, 18: 0, 19: 0, 20: 0, 22: 0, 32: 0, 33: 0, 36: 0,
        37: 0, 42: 0}


def string(text):
    data = text.encode()
    return struct.pack(">h", len(data)) + data


def i16(n):
    return struct.pack(">h", n)


def i32(n):
    return struct.pack(">i", n)


def array(items):
    return i32(len(items)) + b"".join(items)


class Broker(socketserver.BaseRequestHandler):
    rounds = 0

    def metadata(self, version, evil):
        port = self.server.server_address[1]

        def topic(name, partitions, error=0):
            parts = [i16(0) + i32(i) + i32(1) + array([i32(1)]) + array([i32(1)]) for i in range(partitions)]
            return i16(error) + string(name) + (b"\0" if version else b"") + array(parts)
        listed = [i32(1) + string("127.0.0.1") + i32(port) + (string("rack" + evil) if version else b"")]
        if evil:
            listed.append(i32(2) + string("host" + evil) + i32(9092) + (string("rack" + evil) if version else b""))
        topics = [topic("good", 2), topic("late", 1)]
        if evil:
            topics += [topic("topic" + evil, 2), topic("bad" + evil, 0, 17)]
        return array(listed) + (string("cluster" + evil) if version > 1 else b"") + (i32(1) if version else b"") + \
            array(topics)

    def scram(self, request):
        length = struct.unpack(">h", request[8:10])[0]
        nonce = request[10 + max(length, 0) + 4:].split(b",r=")[-1]
        salt, rounds = base64.b64encode(b"salt"), b"1000000" if self.server.kind == "slow" else b"4096"
        if self.server.kind == "nonce":
            nonce += b"x" * (8 << 20)
        token = b"r=" + nonce + b"x,s=" + salt + b",i=" + rounds
        return i16(0) + i16(-1) + i32(len(token)) + token

    def answer(self, api, version, request):
        kind = self.server.kind
        evil = EVIL if kind == "names" else ""
        holes = kind == "holes"
        group = "another" if kind == "other" else "group" + evil
        if api == 18:
            return i16(35 if version else 0) + array([struct.pack(">hhh", n, 0, last) for n, last in APIS.items()])
        if api == 3:
            return self.metadata(version, evil)
        if api == 16:
            return i16(0) + array([string("group" + evil) + string("consumer"), string("ok") + string("consumer")])
        if api == 10:
            return i16(0) + i32(1) + string("127.0.0.1") + i32(self.server.server_address[1])
        if api == 15:
            member = string("m" + evil) + string("c" + evil) + string("/h" + evil) + i32(0) + i32(0)
            return array([] if holes else [i16(0) + string(group) + string("State" + evil) + string("consumer") + string(
                "range" + evil) + array([member])])
        if api == 9:
            return array([] if holes else [string("topic" + evil) + array(
                [i32(0) + struct.pack(">q", 5) + string("meta" + evil) + i16(0)])])
        if api == 2:
            end = 0 if kind == "deaf" and struct.pack(">q", -2) in request else 7
            return array([] if holes else [string("good") + array(
                [i32(i) + i16(0) + struct.pack(">qq", -1, end) for i in range(2)])])
        if api == 32:
            configs = [string("conf" + evil) + string("value" + evil) + b"\0\0\0",
                       string("retention.ms") + string("v" + evil) + b"\0\0\0"]
            return i32(0) + array([i16(0) + string("text" + evil) + b"\2" + string(
                "late" if holes else "good") + array(configs)])
        if api in (19, 20, 42):
            return (i32(0) if api == 42 else b"") + array(
                [] if holes else [string("good" if api == 20 else "newt") + i16(37)])
        if api in (33, 37):
            return i32(0) + array([] if holes else [i16(40) + string("no" + evil) + b"\2" + string("good")] if api == 33
                                  else [string("good") + i16(37) + string("no" + evil)])
        if api == 17:
            return i16(0) + array([string("SCRAM-SHA-512")])
        if api == 36:
            return self.scram(request)
        if api == 22:
            return i32(0) + i16(0) + struct.pack(">qh", 1, 0)
        if api == 0 and kind == "cut":
            return array([string("good") + array([i32(0) + i16(0) + struct.pack(">q", 5)])])
        return None

    def receive(self, n):
        data = b""
        while len(data) < n:
            part = self.request.recv(n - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def handle(self):
        try:
            while True:
                request = self.receive(struct.unpack(">i", self.receive(4))[0])
                api, version, correlation = struct.unpack(">hhi", request[:8])
                kind, body = self.server.kind, self.answer(api, version, request)
                if kind == "deaf" and api < 2:
                    continue
                if body is None:
                    return
                self.request.sendall(i32(len(body) + 4) + i32(correlation) + body)
        except (EOFError, OSError):
            pass


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True


Server.kind = sys.argv[1]
with Server(("127.0.0.1", 0), Broker) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
