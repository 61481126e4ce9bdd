"""Twenty who never read beside fifty who do, in the chat: python3 chatters.py URL TOPIC PID

Nineteen megabytes are written, which is more than the ring has, in pieces that those who read have taken before the next.
"""
import re
import select
import socket
import subprocess
import sys
import time

import sockets

PATIENCE_S = 120
PING = b"\x89\0"
url, topic, pid = sys.argv[1:]


def say(good, words):
    print("%s - %s" % ("ok" if good else "not ok", words), flush=True)


def resident_kb():
    with open("/proc/%s/status" % pid, encoding="ascii") as status:
        return int(re.search(r"VmRSS:\s+(\d+)", status.read())[1])


def read_until(them, done):
    """Bytes as they come, which are too many for more."""
    end = time.monotonic() + PATIENCE_S
    while not done() and time.monotonic() < end:
        for ready in select.select([one.socket for one in them], [], [], 0.1)[0]:
            one = next(each for each in them if each.socket is ready)
            piece = ready.recv(1 << 20)
            # Who is asked whether it is there, after 20 s, says so; a question may come in two pieces.
            got = one.rest + piece
            if PING in got:
                one.send(b"", 0x8A)
                got = got.replace(PING, b"")
            one.rest = PING[:1] if got.endswith(PING[:1]) else b""
            got = got[: len(got) - len(one.rest)]
            if not piece or not sent.startswith(got, one.taken):
                print(piece[:20], one.taken, len(sent), file=sys.stderr)
                return False
            one.taken += len(got)
    return done()


sent = b""
quick, lazy = [sockets.Socket(url) for _ in range(50)], []
for _ in range(20):
    lazy.append(sockets.Socket(url))
    lazy[-1].socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
for one in quick:
    one.taken, one.rest = 0, b""
say(all(one.status == 101 for one in quick + lazy), "seventy are there")
before = resident_kb()
good = True
for step in range(12):
    values = [b"%d-%d-" % (step, i) + b"x" * 16000 for i in range(100)]
    sent += b"".join(b"\x81\x7e" + len(value).to_bytes(2, "big") + value for value in values)
    subprocess.run(["kt", "produce", topic, "-q", "-p", "0"], input=b"".join(value + b"\n" for value in values), check=True)
    for one in lazy:
        # Whoever says nothing for a minute is taken to have gone.
        try:
            one.send(b"", 0x8A)
        except OSError:
            pass
    good = good and read_until(quick, lambda: all(one.taken == len(sent) for one in quick))
say(good, "those who read get all of it, in order")
grown = resident_kb() - before
# The ring has 16 MB, twenty queues would have 300; a sanitizer keeps what is free for a while.
say(grown < 200 << 10, "and the server keeps the messages once, not for each of them")
end = time.monotonic() + PATIENCE_S
for one in lazy:
    one.socket.settimeout(PATIENCE_S)
    while one.code is None and time.monotonic() < end:
        try:
            one.messages()
        except socket.timeout:
            break
        except OSError:
            one.code = 1006
# 1006: this machine is so slow that they were let go for standing still before they were behind.
codes = {one.code for one in lazy}
say(codes <= {1006, 1013}, "those who did not are let go: %s" % [one.code for one in lazy])
