"""A WebSocket client of a few lines, for scripts: python3 sockets.py URL [NAME: VALUE …]

Each line of stdin is sent as a message; messages that come are printed, a line each, and then how it ended: "closed
CODE", or "status CODE" when there was no WebSocket to begin with.
"""
import base64
import os
import select
import socket
import sys
import urllib.parse


class Socket:
    def __init__(self, url, headers=()):
        where = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((where.hostname, where.port))
        key = base64.b64encode(os.urandom(16)).decode()
        path = where.path + ("?" + where.query if where.query else "")
        lines = ["GET %s HTTP/1.1" % path, "Host: localhost", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + key] + list(headers)
        self.socket.sendall("\r\n".join(lines + ["", ""]).encode())
        self.bytes = b""
        while b"\r\n\r\n" not in self.bytes:
            got = self.socket.recv(65536)
            if not got:
                break
            self.bytes += got
        self.head, _, self.bytes = self.bytes.partition(b"\r\n\r\n")
        self.status = int(self.head.split(b" ")[1]) if self.head else 0
        self.code = None

    def send(self, text, first=0x81):
        data, mask = text.encode() if isinstance(text, str) else text, os.urandom(4)
        if len(data) < 126:
            size = bytes([0x80 | len(data)])
        elif len(data) < 1 << 16:
            size = b"\xfe" + len(data).to_bytes(2, "big")
        else:
            size = b"\xff" + len(data).to_bytes(8, "big")
        self.socket.sendall(bytes([first]) + size + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(data)))

    def frame(self):
        """The next whole frame that has come: first byte and payload; None: there is none."""
        if len(self.bytes) < 2:
            return None
        size, at = self.bytes[1], 2
        if size > 125:
            at = 4 if size == 126 else 10
            size = int.from_bytes(self.bytes[2:at], "big")
        if len(self.bytes) < at + size:
            return None
        first, data = self.bytes[0], self.bytes[at : at + size]
        self.bytes = self.bytes[at + size :]
        return first, data

    def messages(self):
        """What has come, after one read."""
        got = self.socket.recv(1 << 20)
        self.bytes += got
        texts = self.whole()
        if not got and self.code is None:
            self.code = 1006
        return texts

    def whole(self):
        """What has come and was not taken, some of it with the head."""
        texts = []
        for first, data in iter(self.frame, None):
            if first == 0x81:
                texts.append(data.decode())
            elif first == 0x89:
                self.send(data, 0x8A)
            elif first == 0x88:
                self.code = int.from_bytes(data[:2], "big")
                self.send(data[:2], 0x88)
        return texts


def main():
    one = Socket(sys.argv[1], sys.argv[2:])
    if one.status != 101:
        print("status", one.status)
        return
    print("open", flush=True)
    reads, typed = [one.socket, sys.stdin], b""
    while one.code is None:
        ready = select.select(reads, [], [])[0]
        if sys.stdin in ready:
            got = os.read(0, 65536)
            *lines, typed = (typed + got).split(b"\n")
            for line in lines:
                one.send(line.decode("unicode_escape").encode("latin-1"))
            if not got:
                reads.remove(sys.stdin)
        if one.socket in ready or one.bytes:
            for text in one.messages():
                print(text, flush=True)
    print("closed", one.code)


if __name__ == "__main__":
    main()
