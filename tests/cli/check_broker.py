"""check_broker.py KIND: a broker on 127.0.0.1 that is not as it should be; prints its port and serves until it is ended.

silent      accepts connections and says nothing, but on stdout that it is asked
garbage     answers with bytes of no protocol
http        answers as a web server does
endless     promises an answer of 2 GiB
huge        promises one of 16 MiB and sends zeros for it
short       answers with less than a header
drip        promises 1000 bytes and sends one now and then
cut         closes in the middle of an answer
other       answers to another request than the one that was sent
counts      has a list in its metadata that cannot be as long as it says
nobody      knows of no broker
good        is as it should be
advertise:HOST:PORT     is a broker of a cluster whose other one is advertised there
mute        has a topic, and does not answer when it is asked for its configs
evil        has control characters in its names
"""
import socketserver
import struct
import sys
import time

VERSIONS, METADATA, COORDINATOR, CONFIGS = 18, 3, 10, 32
UNSUPPORTED = 35


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def brokers(*addresses):
    listed = [struct.pack(">i", n + 1) + string(host) + struct.pack(">i", port) + string("")
              for n, (host, port) in enumerate(addresses)]
    return struct.pack(">i", len(listed)) + b"".join(listed)


def framed(answer):
    return struct.pack(">i", len(answer)) + answer


class Broker(socketserver.BaseRequestHandler):
    def metadata(self, kind):
        own = ("127.0.0.1", self.server.server_address[1])
        topics = struct.pack(">i", 0)
        if kind == "nobody":
            return brokers() + string("c") + struct.pack(">i", -1) + topics
        if kind == "counts":
            return struct.pack(">i", 0x7fffffff)
        if kind.startswith("advertise:"):
            _, host, port = kind.split(":")
            return brokers(own, (host, int(port))) + string("c") + struct.pack(">i", 1) + topics
        if kind == "mute":
            topics = struct.pack(">ih", 1, 0) + string("t") + struct.pack(">bi", 0, 1) + struct.pack(
                ">hiiiiii", 0, 0, 1, 1, 1, 1, 1)
        return brokers(own) + string("c\x1b[31m\nmore" if kind == "evil" else "c") + struct.pack(">i", 1) + topics

    def answer(self, kind, api, version):
        if api == VERSIONS and version > 0:
            return struct.pack(">hihhh", UNSUPPORTED, 1, VERSIONS, 0, 0)
        if api == VERSIONS:
            listed = ((METADATA, 1, 2), (COORDINATOR, 1, 1), (VERSIONS, 0, 0), (CONFIGS, 0, 1))
            return struct.pack(">hi", 0, len(listed)) + b"".join(struct.pack(">hhh", *row) for row in listed)
        if api == COORDINATOR:
            return struct.pack(">ihh", 0, 0, -1) + struct.pack(">i", 1) + string("127.0.0.1") + struct.pack(">i", 1)
        return self.metadata(kind)

    def handle(self):
        kind = self.server.kind
        wrong = {"garbage": b"\xff" * 4096, "http": b"HTTP/1.1 400 Bad Request\r\n\r\n", "endless": b"\x7f\xff\xff\xff",
                 "huge": struct.pack(">i", 16 << 20) + bytes(16 << 20), "short": b"\0\0\0\x02ab",
                 "cut": b"\0\0\1\0ab", "other": framed(struct.pack(">i", 77) + bytes(20))}
        while True:
            head = self.request.recv(4)
            if len(head) < 4:
                return
            request = self.request.recv(struct.unpack(">i", head)[0])
            if kind == "silent":
                print("asked", flush=True)
                continue
            if kind == "drip":
                self.request.sendall(struct.pack(">i", 1000))
                while True:
                    self.request.sendall(b"x")
                    time.sleep(0.05)
            if kind in wrong:
                self.request.sendall(wrong[kind])
                if kind == "cut":
                    return
                continue
            api, version, correlation = struct.unpack(">hhi", request[:8])
            if api == CONFIGS:
                continue
            self.request.sendall(framed(struct.pack(">i", correlation) + self.answer(kind, api, version)))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 100

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Broker)
server.kind = sys.argv[1]
print(server.server_address[1], flush=True)
server.serve_forever()
