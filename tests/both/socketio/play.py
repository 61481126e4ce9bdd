"""What a client of Socket.IO says and hears, byte for byte: python3 play.py URL CASE…

Prints a line of TAP without a number for each thing that is looked at; and "sid SID" for each session that was in the
namespace, whose end the server says once.
"""
import http.client
import json
import os
import signal
import sys
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import sockets

PATIENCE_S = 120
TEXT = "é€😀"
ESCAPED = "\\u00e9\\u20ac\\ud83d\\ude00"
where = urllib.parse.urlsplit(sys.argv[1])


def say(good, words, got=None):
    print("%s - %s" % ("ok" if good else "not ok", words), flush=True)
    if not good:
        print("# got %.300r" % (got,), file=sys.stderr)


def same(got, wanted, words):
    say(got == wanted, words, got)


def response(data, count):
    return '42/test,["my_response",{"data":"%s","count":%d}]' % (data, count)


def ask(query, body=None, headers=None, to=where):
    """A request that is on its way; its answer comes by answer_of()."""
    asked = http.client.HTTPConnection(to.hostname, to.port, timeout=PATIENCE_S)
    asked.request("GET" if body is None else "POST", "/socket.io/?" + query, body, headers or {})
    return asked


def answer_of(asked):
    with asked.getresponse() as answer:
        text = answer.read()
    asked.close()
    return answer.status, text, answer.headers


def units(text):
    return len(text.encode("utf-16-le")) // 2


def framed(*packets):
    """Text as a browser posts it."""
    return "".join("%d:%s" % (units(packet), packet) for packet in packets).encode()


def unframed(text):
    packets = []
    while text:
        size, _, text = text.partition(b":")
        packets.append(text[: int(size)].decode())
        text = text[int(size) :]
    return packets


class Polling:
    def __init__(self, joins="40/test,", at=where):
        self.at = at
        status, text, self.head = answer_of(ask("EIO=3&transport=polling&b64=1", to=at))
        self.first = unframed(text)
        self.sid = json.loads(self.first[0][1:])["sid"]
        self.query = "EIO=3&transport=polling&b64=1&sid=" + self.sid
        if joins:
            print("sid", self.sid)
            self.post(framed(joins))
            self.joined = self.poll()

    def post(self, body, kind="text/plain;charset=UTF-8"):
        return answer_of(ask(self.query, body, {"Content-Type": kind}, self.at))[:2]

    def poll(self):
        status, text, _ = answer_of(ask(self.query, to=self.at))
        return unframed(text) if status == 200 else status

    def wait(self):
        return ask(self.query, to=self.at)


class Wire(sockets.Socket):
    def __init__(self, query="", headers=(), at=where):
        address = "ws://%s:%s/socket.io/?EIO=3&transport=websocket%s" % (at.hostname, at.port, query)
        super().__init__(address, headers)
        self.socket.settimeout(PATIENCE_S)
        self.heard = self.whole() if self.status == 101 else []

    def next(self):
        while not self.heard and self.code is None:
            self.heard += self.messages()
        return self.heard.pop(0) if self.heard else "closed %s" % self.code

    def join(self):
        opened = self.next()
        print("sid", json.loads(opened[1:])["sid"])
        self.send("40/test")
        return [opened, self.next(), self.next(), self.next()]


def polling():
    one = Polling(joins=None)
    opened = json.loads(one.first[0][1:])
    del opened["sid"]
    same(opened, {"upgrades": ["websocket"], "pingTimeout": 60000, "pingInterval": 25000}, "a session is opened")
    same(one.first[1:], ["40"], "and the namespace / is there with it")
    say(len(one.sid) == 32 and one.sid != Polling(joins=None).sid, "its id is long, and no other one's", one.sid)
    same(one.head["Set-Cookie"], "io=%s; Path=/; HttpOnly; SameSite=Strict" % one.sid, "a balancer can tell it by a cookie")
    print("sid", one.sid)
    same(one.post(framed("40/test,")), (200, b"OK"), "a post is taken")
    same(one.poll(), [response("Connected", 0), "40/test"], "Connected comes before the namespace")
    one.post(framed('42/test,["my_event",{"data":"I\'m connected!"}]', "2"))
    same(one.poll(), ["3"], "my_event is taken in silence, a ping is answered")
    waits = one.wait()
    one.post(framed('42/test,["echo_event",{"data":"%s"}]' % TEXT))
    same(unframed(answer_of(waits)[1]), [response(ESCAPED, 1)], "who waits gets its echo, and lengths are units of UTF-16")
    one.post(framed('42/test,["echo_event",{"data":[1.50]}]', '42/test,["echo_event"]', '42/test,["broadcast_event",{}]'))
    same(one.poll(), [response("[1.50]", 2).replace('"[', "[").replace(']"', "]")], "other values come as they are; without data nothing")
    one.post(framed('42/test,7["echo_event",{"data":"x"}]', '42/test,8["my_event"]', '42/test,9["echo_event",{}]'))
    same(one.poll(), [response("x", 5), "43/test,7[]", "43/test,8[]"], "all of them counted; ids are acknowledged")
    one.post(framed('42/test,["broadcast_event",{"data":"%s"}]' % TEXT))
    same(one.poll(), [response(ESCAPED, 7)], "a broadcast has its sender's count")
    one.post(framed("40/other,"))
    same(one.poll(), ['44/other,"Invalid namespace"'], "there is one namespace")
    one.post(framed("41/test"))
    one.post(framed("2", '42/test,["echo_event",{"data":"x"}]', "40/test,", '42/test,["echo_event",{"data":"y"}]'))
    same(one.poll(), ["3", response("Connected", 0), "40/test", response("y", 1)], "who comes again is counted from 1")
    print("sid", one.sid)
    one.post(framed('42/test,1["disconnect_request"]', '42/test,["echo_event",{"data":"x"}]'))
    same(one.poll(), [response("Disconnected!", 2), "43/test,1[]", "41/test"], "disconnect_request: the event, then the end of the namespace")
    same(one.post(framed("1")), (200, b"OK"), "its own goodbye is taken")
    same(one.poll(), 400, "and then it is over")


def generations():
    twice = TEXT.encode().decode("latin-1")
    first = Polling("40/test")
    same(first.post(framed('42/test,["echo_event",{"data":"%s"}]' % twice)), (200, b"OK"), "1.x encodes twice")
    same(first.poll(), [response(ESCAPED, 1)], "and is understood")
    packet = ('42/test,["echo_event",{"data":"%s"}]' % TEXT).encode()
    body = b"\0" + bytes(int(c) for c in str(len(packet))) + b"\xff" + packet
    first.post(body, "application/octet-stream")
    same(first.poll(), [response(ESCAPED, 2)], "but once in binary payloads")
    second = Polling("40/test,")
    second.post(body, "application/octet-stream")
    same(second.poll(), [response(ESCAPED, 1)], "as 2.x does")
    second.post(framed('42/test,["echo_event",{"data":"%s"}]' % twice))
    same(json.loads(second.poll()[0][8:])[1]["data"], twice, "which means what it says")
    status, text, head = answer_of(ask("EIO=3&transport=polling"))
    say(text.startswith(b"\0" + bytes([1, 0, 9]) + b"\xff0{") and text.endswith(b"}\0\x02\xff40"), "answers are binary unless b64=1", text)
    same(head["Content-Type"], "application/octet-stream", "and say so")


def websocket():
    one = Wire()
    heard = one.join()
    same(json.loads(heard[0][1:])["upgrades"], [], "there is nothing to upgrade to")
    same(heard[1:], ["40", response("Connected", 0), "40/test"], "the same order by WebSocket")
    one.send("2")
    same(one.next(), "3", "a ping")
    one.send('42/test,3["echo_event",{"data":"%s"}]' % TEXT)
    same([one.next(), one.next()], [response(ESCAPED, 1), "43/test,3[]"], "an echo, and its acknowledgement")
    one.send('42/test,["broadcast_event",{"data":"all"}]')
    same(one.next(), response("all", 2), "a broadcast")
    one.send("1")
    same(one.next(), "closed 1000", "its goodbye")


def upgrade():
    one = Polling()
    waits = one.wait()
    wire = Wire("&sid=" + one.sid)
    wire.send("2probe")
    same(wire.next(), "3probe", "a probe is answered")
    same(unframed(answer_of(waits)[1]), ["6"], "and who waits is released")
    same(one.poll(), ["6"], "as who comes before it has heard of that")
    one.post(framed('42/test,["echo_event",{"data":"between"}]'))
    wire.send("5")
    wire.send('42/test,["echo_event",{"data":"%s"}]' % TEXT)
    same([wire.next(), wire.next()], [response("between", 1), response(ESCAPED, 2)], "nothing is lost by an upgrade, and the count goes on")
    same(one.poll(), 400, "there is no polling any more")
    wire.send('42/test,["disconnect_request"]')
    same([wire.next(), wire.next()], [response("Disconnected!", 3), "41/test"], "disconnect_request")
    wire.socket.close()
    two = Polling()
    wire = Wire("&sid=" + two.sid)
    wire.send("2probe")
    wire.next()
    wire.socket.close()
    two.post(framed('42/test,["echo_event",{"data":"still here"}]'))
    heard = two.poll()
    same(heard if heard != ["6"] else two.poll(), [response("still here", 1)], "a WebSocket that goes before it took over leaves all as it was")


def refused():
    def status_of(*args, **more):
        return answer_of(ask(*args, **more))[0]

    polls = "EIO=3&transport=polling"
    status, text, _ = answer_of(ask("EIO=4&transport=polling"))
    same((status, json.loads(text)), (400, {"code": 5, "message": "Unsupported protocol version"}), "clients of 3.0 and later are told why")
    same(Wire("&EIO=4").status, 400, "by WebSocket, too")
    status, text, _ = answer_of(ask(polls + "&sid=" + "0" * 32))
    same((status, json.loads(text)["code"]), (400, 1), "a session that is not here")
    same([status_of(polls + "&sid=" + sid) for sid in ("", "x", "A" * 32, "0" * 33, "%00", "../..")], [400] * 6, "what cannot be one")
    same(Wire("&sid=" + "0" * 32).status, 400, "nor is it upgraded")
    same(status_of(polls + "&j=0"), 400, "no JSONP")
    same(status_of("EIO=3&transport=flashsocket"), 400, "no other transport")
    same(status_of("transport=polling"), 400, "no version")
    same(status_of(polls, body=b""), 400, "nothing is opened by POST")
    same(status_of(polls, headers={"Origin": "http://elsewhere.example"}), 403, "nothing for a page of another site")
    same(Wire("", ["Origin: http://elsewhere.example"]).status, 403, "nor its WebSocket")
    one = Polling()
    same(answer_of(ask(one.query, None, {"Origin": "http://elsewhere.example"}))[0], 403, "nor a session that there is")
    large = http.client.HTTPConnection(where.hostname, where.port, timeout=PATIENCE_S)
    large.putrequest("POST", "/socket.io/?" + one.query)
    large.putheader("Content-Length", str((1 << 20) + 1))
    large.endheaders()
    same(answer_of(large)[0], 413, "a post has its limit")
    for name, body in (
        ("no payload", b"hello"),
        ("a length that is too long", b"9:2"),
        ("nothing", b""),
        ("no type", b"1:9"),
        ("no UTF-8", b"2:4\xff"),
        ("too many packets", b"1:2" * 1001),
        ("no packet", framed("49")),
        ("no event", framed('42/test,{"a":1}')),
        ("half an event", framed('42/test,["echo_event",{"data":')),
        ("something binary", framed("b4AAAA")),
        ("a name that no line can have", framed("40/\x1b[31m")),
    ):
        one = Polling()
        waits = one.wait()
        status = one.post(body)[0]
        same((status, unframed(answer_of(waits)[1])[-1:], one.poll()), (400, ["1"], 400), "%s, and the session is over" % name)
    for name, text in (("no packet", "x"), ("no event", "42/test,[1]"), ("deep JSON", '42/test,["echo_event",' + "[" * 100000)):
        wire = Wire()
        wire.join()
        wire.send(text)
        same(wire.next(), "closed 1008", "%s by WebSocket" % name)
    wire = Wire()
    wire.join()
    wire.send(b"\4\0", 0x82)
    same(wire.next(), "closed 1008", "nothing binary by WebSocket")
    one = Polling()
    for first in ("5", "2", "40/test"):
        wire = Wire("&sid=" + one.sid)
        wire.send(first)
        same(wire.next(), "closed 1008", "%s is no probe" % first)
    one.post(framed("2"))
    same(one.poll(), ["3"], "which the session has nothing to do with")


def flood():
    """Echoes that nobody takes."""
    one = Polling()
    text = "42/test," + json.dumps(["echo_event", {"data": "x" * 100000}])
    statuses = []
    while len(statuses) < 100 and statuses[-1:] != [400]:
        statuses.append(one.post(framed(text))[0])
    say(statuses[-1] == 400 and len(statuses) < 50, "who never takes what it has echoed is let go", statuses)
    wire = Wire()
    wire.join()
    wire.socket.settimeout(1)
    sent = 0
    try:
        while sent < 200:
            wire.send(text)
            sent += 1
    except OSError:
        pass
    say(sent < 200, "by WebSocket it is not read on", sent)
    wire.socket.close()


def responses_of(one, n):
    """The first n that come."""
    got = []
    while len(got) < n:
        heard = [one.next()] if isinstance(one, Wire) else one.poll()
        if isinstance(heard, int) or heard[0].startswith("closed"):
            return got + [heard]
        got += [json.loads(packet[8:])[1] for packet in heard if packet.startswith("42/test,")]
    return got


def replicas():
    """Two servers over one topic, and a balancer in front of them."""
    first, balancer, second = where, *(urllib.parse.urlsplit(url) for url in sys.argv[3:5])
    wires, polls = [Wire(at=at) for at in (first, second) * 3], [Polling(at=at) for at in (first, second) * 2]
    for wire in wires:
        wire.join()
    for i in range(5):
        for k, one in enumerate(wires + polls):
            event = '42/test,["broadcast_event",{"data":"%d-%d"}]' % (k, i)
            one.send(event) if k < len(wires) else one.post(framed(event))
    heard = [responses_of(one, 50) for one in wires + polls]
    say(all(each == heard[0] for each in heard), "two servers over a topic: all get all in one order", heard)
    wanted = [{"data": "%d-%d" % (k, i), "count": i + 1} for k in range(10) for i in range(5)]
    key = lambda response: str(response)
    same(sorted(heard[0], key=key), sorted(wanted, key=key), "each broadcast with its sender's count")
    same(answer_of(ask(polls[0].query, to=second))[0], 400, "who polls is not known to the other server")
    opened = [json.loads(unframed(answer_of(ask("EIO=3&transport=polling&b64=1", to=balancer))[1])[0][1:])["sid"] for _ in range(2)]
    statuses = [answer_of(ask("EIO=3&transport=polling&sid=" + opened[0], b"1:2", to=balancer))[0] for _ in range(2)]
    same(sorted(statuses), [200, 400], "so that a balancer without stickiness brings it to the wrong one")
    for _ in range(2):
        wires.append(Wire(at=balancer))
        wires[-1].join()
        wires[-1].send('42/test,["echo_event",{"data":"x"}]')
        same(wires[-1].next(), response("x", 1), "a WebSocket does not mind")
    os.system("echo hi | kt produce %s -q" % sys.argv[5])
    same({str(responses_of(one, 1)) for one in wires + polls}, {"[{'data': 'hi', 'count': 0}]"}, "a line from a shell comes to all, as number 0")


def behind():
    """One who does not poll while a topic is written at full speed."""
    late, wire = Polling(), Wire()
    wire.join()
    os.system("seq 70000 | kt produce %s -q" % sys.argv[3])
    got = responses_of(wire, 70000)
    same([got[0], got[-1]], [{"data": "1", "count": 0}, {"data": "70000", "count": 0}], "who takes what there is gets all of it")
    same(late.poll(), 400, "who is too far behind is let go")


def many():
    """More clients than --max-connections allows."""
    them = [Polling(joins=None) for _ in range(3)]
    status, text, _ = answer_of(ask("EIO=3&transport=polling"))
    same((status, json.loads(text)["message"]), (503, "there are too many sessions"), "there is a limit to them")
    them[0].post(framed("1"))
    same(answer_of(ask("EIO=3&transport=polling"))[0], 200, "and room when one goes")


def idle():
    """Sessions that nobody polls for."""
    one = Polling(joins=None)
    while one.post(framed("40/test,"))[0] != 200:
        one = Polling(joins=None)
    print("sid", one.sid)


def ends():
    """The server is told to end while clients are there."""
    one, other, wire = Polling(), Polling(), Wire()
    wire.join()
    waits = one.wait()
    # Its answer is there only once the request before it has been taken.
    other.post(framed("2"))
    other.poll()
    os.kill(int(sys.argv.pop()), signal.SIGTERM)
    same(unframed(answer_of(waits)[1]), ["1"], "at the end of the server who polls is told to come again, at another one")
    same(wire.next(), "closed 1001", "and who has a WebSocket; nobody is told that the namespace is over")


cases = {case.__name__: case for case in (polling, generations, websocket, upgrade, refused, flood, behind, many, idle, ends, replicas)}
if __name__ == "__main__":
    for case in [cases[name] for name in sys.argv[2:] if name in cases]:
        case()
