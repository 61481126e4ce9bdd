"""A broker of MQTT that does what real ones do not: mqtt_broker.py MODE [ARGUMENT]. It prints its port, then a line for
each packet that comes. It takes one connection after the other.

  refuse HEX       answers CONNECT with these bytes, and closes
  send HEX         sends these bytes once subscribed
  grant HEX        answers SUBSCRIBE with this code
  old close|code   knows 3.1.1 only, and closes the connection of others, or answers them with a code
  deaf             does not answer CONNECT
  mute             answers no pings
  over             ends each connection of MQTT 5: the session is taken over
  forget           closes the first connection once subscribed, and has no session at the second
  busy             closes the first connection once subscribed, says at the second that it is busy, and takes the third
  publish N:FILE   sends N messages of QoS 1 once subscribed and once FILE is there, of topics t/0 to t/9 in turn
  endless          as publish, of 10,000 bytes each, until nobody has taken any for two seconds
"""
import os, socket, struct, sys, time

mode, argument = sys.argv[1], (sys.argv[2:] + [""])[0]
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)


def say(*words):
    print(*words, flush=True)


def receive(c, n):
    data = b""
    while len(data) < n:
        more = c.recv(n - len(data))
        if not more:
            raise ConnectionError
        data += more
    return data


def packet(c):
    first, shift, length = receive(c, 1)[0], 0, 0
    while True:
        byte = receive(c, 1)[0]
        length |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return first >> 4, receive(c, length)


def publish(i, version, size=0):
    body = struct.pack(">H", 3) + b"t/%d" % (i % 10) + struct.pack(">H", i % 65535 + 1)
    body += (b"\0" if version == 5 else b"") + b"%d" % i + b"." * size
    length = bytes([len(body)]) if len(body) < 128 else bytes([len(body) % 128 | 128, len(body) // 128])
    return b"\x32" + length + body


def acknowledge(version, session=0, code=0):
    body = bytes([session, code]) + (b"\0" if version == 5 else b"")
    return bytes([0x20, len(body)]) + body


def greet(c, turn, body):
    """Answers CONNECT; the version, or 0 where the connection is to be closed."""
    version, at = body[6], 11 if body[6] == 5 else 10
    at += body[10] if version == 5 else 0
    say("connect", version, body[at + 2:at + 2 + struct.unpack(">H", body[at:at + 2])[0]].decode())
    if mode == "refuse":
        c.sendall(bytes.fromhex(argument))
        return 0
    if mode == "old" and version != 4:
        if argument == "code":
            c.sendall(b"\x20\x02\x00\x01")
        return 0
    if mode == "busy" and turn == 1:
        c.sendall(acknowledge(version, 0, 0x89 if version == 5 else 3))
        return 0
    if mode != "deaf":
        c.sendall(acknowledge(version, int(turn > 0 and mode != "forget")))
    return version


def endless(c, version):
    c.settimeout(2)
    try:
        for i in range(10**9):
            c.sendall(publish(i, version, 10000))
    except TimeoutError:
        say("full", i)
    c.settimeout(None)


def subscribed(c, turn, version):
    """What follows; False where the connection is to be closed."""
    if mode == "send":
        c.sendall(bytes.fromhex(argument))
    if mode == "publish":
        count, _, file = argument.partition(":")
        while file and not os.path.exists(file):
            time.sleep(0.02)
        for i in range(int(count)):
            c.sendall(publish(i, version))
    if mode == "over" and version == 5:
        c.sendall(b"\xe0\x02\x8e\x00")
        return False
    if mode == "endless":
        endless(c, version)
    return not (mode in ("forget", "busy") and turn == 0)


def serve(c, turn):
    version = 4
    while True:
        kind, body = packet(c)
        if kind == 1:
            version = greet(c, turn, body)
            if not version:
                return
            # The session that it has is subscribed already.
            if turn and mode in ("busy", "over") and not subscribed(c, turn, version):
                return
        elif kind == 8:
            say("subscribe")
            code = bytes.fromhex(argument) if mode == "grant" else b"\x01"
            c.sendall((b"\x90\x04" + body[:2] + b"\0" if version == 5 else b"\x90\x03" + body[:2]) + code)
            if not subscribed(c, turn, version):
                return
        elif kind == 4:
            say("puback", struct.unpack(">H", body)[0])
        elif kind == 12:
            say("ping")
            if mode != "mute":
                c.sendall(b"\xd0\x00")
        elif kind == 14:
            say("disconnect")
            return


for turn in range(1000):
    connection, address = listener.accept()
    try:
        serve(connection, turn)
        connection.shutdown(socket.SHUT_WR)
    except OSError:
        pass
    say("closed")
    connection.close()
