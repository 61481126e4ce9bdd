"""Clients of GET /events for streams.sh: python3 streams.py WHAT URL TOPIC … (kills HOST:PORT TOPIC)

Each line that goes well is TAP without a number ("ok - words"), which the script counts.
"""
import json
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request

PATIENCE_S = 120


class Listener:
    """One stream; events are (id, name, data), in order."""

    def __init__(self, url, path, headers=(), receive=None):
        where = urllib.parse.urlsplit(url)
        self.socket = socket.socket()
        if receive:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive)
        self.socket.connect((where.hostname, where.port))
        # Of HTTP/1.0, so that the body comes as it is.
        lines = ["GET %s HTTP/1.0" % path, "Host: localhost"] + list(headers)
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        self.socket.setblocking(False)
        self.bytes = b""
        self.head = None
        self.events = []
        self.last = ""
        self.ended = False

    def read(self):
        try:
            got = self.socket.recv(1 << 18)
            self.ended |= not got
        except BlockingIOError:
            return
        except OSError:
            got, self.ended = b"", True
        self.bytes += got
        if self.head is None:
            head, found, rest = self.bytes.partition(b"\r\n\r\n")
            if not found:
                return
            self.head, self.bytes = head.decode(), rest
        *whole, self.bytes = self.bytes.split(b"\n\n")
        for text in whole:
            self.take(text.decode())

    def take(self, text):
        fields = dict(line.split(": ", 1) for line in text.split("\n") if not line.startswith(":"))
        self.last = fields.get("id", self.last)
        if "data" in fields:
            self.events.append((fields.get("id"), fields.get("event"), json.loads(fields["data"])))

    def payloads(self):
        return [event["payload"] for _, name, event in self.events if not name]


def until(listeners, holds):
    """Reads until it holds."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > end:
            return False
        open_ = [one for one in listeners if not one.ended]
        for one in select.select([one.socket for one in open_], [], [], 0.1)[0]:
            next(each for each in open_ if each.socket is one).read()
    return True


def begun(listeners):
    return until(listeners, lambda: all(one.head for one in listeners))


def say(good, words):
    print("%s - %s" % ("ok" if good else "not ok", words), flush=True)


def produce(topic, values):
    subprocess.run(["kt", "produce", topic, "-q", "-p", "0"], input="".join(v + "\n" for v in values).encode(), check=True)


def resident_kb(pid):
    with open("/proc/%s/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def slow(url, topic, pid, sanitized):
    """Twenty that do not read beside fifty that do: 19 MB, more than the ring has."""
    path = "/events/%s" % topic
    quick = [Listener(url, path) for _ in range(50)]
    lazy = [Listener(url, path, receive=4096) for _ in range(20)]
    say(begun(quick + lazy), "seventy streams begin")
    before = resident_kb(pid)
    sent = []
    for step in range(12):
        values = ["%d-%d-" % (step, i) + "x" * 16000 for i in range(100)]
        produce(topic, values)
        sent += values
        if not until(quick, lambda: all(len(one.events) >= len(sent) for one in quick)):
            break
        for one in quick:
            for i in range(len(sent) - len(values), len(sent)):
                _, _, record = one.events[i]
                if record["payload"] != sent[i]:
                    say(False, "the right records")
                    return
                record["payload"] = ""
    say(all(len(one.events) == len(sent) for one in quick), "those who read get all of it, in order")
    grown = resident_kb(pid) - before
    say(sanitized != "0" or grown < 24 << 10, "and the server has grown by no more than the ring and 8 MB")
    say(until(lazy, lambda: all(one.ended for one in lazy)), "those who did not are let go when they come to it")
    good = True
    for one in lazy[:3]:
        have = one.payloads()
        again = Listener(url, path, ["Last-Event-ID: " + one.last])
        good &= until([again], lambda: again.payloads()[-1:] == sent[-1:])
        # The embedded broker keeps five megabytes.
        gap = [event["next"] for _, name, event in again.events if name == "gap"]
        good &= have == sent[: len(have)] and again.payloads() == sent[gap[0] if gap else len(have) :]
    say(good, "and when they come again with their last id, they get what there is, and hear of what is gone")


def serve(at):
    server = subprocess.Popen(["kt", "serve", "-q", "-l", at], preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, []))
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen("http://%s/ready" % at) as answer:
                if answer.status == 200:
                    break
        except OSError:
            time.sleep(0.05)
    return server


def kills(at, topic):
    """A server that is killed, again and again: who comes again by id misses nothing and sees nothing twice."""
    path = "/events/%s?partition=0" % topic
    server = serve(at)
    have, last, sent, good = [], "", 0, True
    for _ in range(5):
        one = Listener("http://" + at, path, ["Last-Event-ID: " + last] if last else [])
        good &= begun([one])
        good &= until([one], lambda: one.last or last)
        produce(topic, [str(sent + i) for i in range(300)])
        good &= until([one], lambda: len(have) + len(one.events) >= sent + 150)
        sent += 300
        server.kill()
        server.wait()
        have += one.payloads()
        last = one.last
        server = serve(at)
    one = Listener("http://" + at, path, ["Last-Event-ID: " + last])
    good &= until([one], lambda: len(have) + len(one.events) >= sent)
    have += one.payloads()
    server.terminate()
    say(server.wait() == 0, "the server ends")
    say(good and have == [str(i) for i in range(sent)], "each record once, in order, over five kills")


def crowd(url, topic):
    """Two hundred who come again at once, from the beginning of a topic that the ring does not have."""
    path = "/events/%s" % topic
    them = [Listener(url, path, ["Last-Event-ID: 0:%d" % (i % 7)]) for i in range(200)]
    total = 2000
    good = until(them, lambda: all(len(one.events) >= total - i % 7 for i, one in enumerate(them)))
    say(good, "two hundred who come again are all served")
    produce(topic, ["last"])
    good = until(them, lambda: all(one.payloads()[-1:] == ["last"] for one in them))
    wanted = [str(i + 1) for i in range(total)] + ["last"]
    say(good and all(one.payloads() == wanted[i % 7:] for i, one in enumerate(them)), "and miss nothing")


def idle(url, topic):
    """As many as are read for at a time come again and never take what was read; so does one that does."""
    path = "/events/%s" % topic
    them = [Listener(url, path, ["Last-Event-ID: 0:0"], 4096) for _ in range(20)]
    good = until(them, lambda: all(one.bytes or one.events for one in them[:16]))
    reader = Listener(url, path, ["Last-Event-ID: 0:0"])
    good = good and until([reader], lambda: len(reader.events) >= 60)
    say(good, "one that reads has its turn beside twenty that do not")


{"slow": slow, "kills": kills, "crowd": crowd, "idle": idle}[sys.argv[1]](*sys.argv[2:])
