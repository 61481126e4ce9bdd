"""Clients that write by WebSocket as nobody should: python3 senders.py URL/ws/produce/TOPIC COUNT [leave]. Prints TAP-like lines.

leave: of a topic that takes small batches, only those who leave.
"""
import json
import socket
import struct
import sys
import threading
import time

from sockets import Socket


def check(good, words):
    print("ok -" if good else "not ok -", words, flush=True)


def answers(one, n):
    """So many of them, or as many as come before it ends."""
    got = []
    while len(got) < n and one.code is None:
        got += [json.loads(text) for text in one.messages()]
    return got


def flood(url, n):
    """Sends more than the server reads ahead, while a thread of its own takes what is answered."""
    one = Socket(url)
    frames = bytearray()
    for i in range(n):
        data = (b"%d" % i).ljust(1024, b".")
        frames += bytes([0x81, 0xFE]) + len(data).to_bytes(2, "big") + bytes(4) + data
    writer = threading.Thread(target=one.socket.sendall, args=(frames,))
    writer.start()
    got = answers(one, n)
    writer.join()
    check([a["id"] for a in got] == list(range(1, n + 1)), "each message has its answer, in their order")
    offsets = [a.get("offset") for a in got]
    check(offsets == list(range(offsets[0], offsets[0] + n)), "and is in the topic as it was sent")


def binary(url):
    one = Socket(url)
    data = bytes(range(256))
    one.send(data, 0x82)
    one.send(b"", 0x82)
    got = answers(one, 2)
    check([a.get("id") for a in got] == [1, 2], "bytes, and none at all")


def large(url):
    one = Socket(url)
    one.send("x" * (1 << 20) + "y")
    answers(one, 1)
    check(one.code == 1009, "a message that is too large ends it")


def leave(url, n):
    """Goes while what it sent last waits for others' records, and then is refused."""
    busy = Socket(url)
    for _ in range(600):
        busy.send("." * 700)
    large = bytes([0x82, 0xFF]) + (1 << 20).to_bytes(8, "big") + bytes(4 + (1 << 20))
    for i in range(n):
        one = Socket(url)
        one.socket.sendall(large)
        time.sleep(i % 20 / 1000)
        one.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.socket.close()
    answers(busy, 600)
    one = Socket(url)
    one.send("stays")
    check("offset" in answers(one, 1)[0], "clients that leave what is refused later leave the others alone")


def vanish(url, n):
    """Goes with everything unanswered, again and again."""
    for _ in range(n):
        one = Socket(url)
        for i in range(50):
            one.send("gone %d" % i)
        one.socket.close()
    one = Socket(url)
    one.send("stays")
    check("offset" in answers(one, 1)[0], "clients that vanish leave the others alone")


if __name__ == "__main__":
    url, n = sys.argv[1], int(sys.argv[2])
    if "leave" in sys.argv:
        leave(url, n)
        sys.exit()
    flood(url, n)
    binary(url)
    large(url)
    vanish(url, 20)
