"""kt serve and PyPI's websockets: streams-clients.py HOST:PORT CHAT:PORT TOPIC"""
import json
import sys
import urllib.request

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

api, chat, topic = sys.argv[1:]
PATIENCE_S = 120


def say(good, words, got=None):
    print("%s - websockets: %s%s" % ("ok" if good else "not ok", words, "" if good else ": %r" % (got,)), flush=True)


with connect("ws://%s/ws" % chat) as one, connect("ws://%s/ws" % chat, compression=None) as other:
    long = "y" * 60000
    one.send("é€😀")
    # An iterable is a message in fragments.
    texts = [other.recv(PATIENCE_S)]
    other.send(iter(["in ", "pieces"]))
    texts.append(other.recv(PATIENCE_S))
    one.send(long)
    texts.append(other.recv(PATIENCE_S))
    say(texts == ["é€😀", "in pieces", long], "a chat", texts)
    mine = [one.recv(PATIENCE_S) for _ in range(3)]
    say(mine == texts, "who writes sees the same", mine)
    say(one.ping().wait(PATIENCE_S), "a pong")
    other.send(b"\0")
    try:
        other.recv(PATIENCE_S)
        say(False, "bytes are no text")
    except ConnectionClosed as closed:
        say(closed.rcvd.code == 1008, "bytes are no text", closed)

with connect("ws://%s/ws/consume/%s" % (api, topic), subprotocols=["kt"]) as socket:
    say(socket.subprotocol == "kt", "a protocol", socket.subprotocol)
    urllib.request.urlopen("http://%s/produce/%s" % (api, topic), "é".encode()).close()
    got = json.loads(socket.recv(PATIENCE_S))
    say(got["payload"] == "é", "records", got)
