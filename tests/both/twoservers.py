"""Whether what is written at one server is heard at another: python3 twoservers.py chat|socketio URL URL

Prints yes or no. At each of them what is written there comes back, which is waited for: what comes by way of a topic is
there in one order, and what does not comes before.
"""
import sys

import sockets

PATIENCE_S = 120
kind, *urls = sys.argv[1:]
path = {"chat": "ws", "socketio": "socket.io/?EIO=3&transport=websocket"}[kind]
pattern = {"chat": "%s", "socketio": '42/test,["broadcast_event",{"data":"%s"}]'}[kind]


class Client(sockets.Socket):
    def __init__(self, url):
        super().__init__(url + path)
        self.socket.settimeout(PATIENCE_S)
        self.heard = self.whole()

    def until(self, text):
        while not any(text in heard for heard in self.heard):
            self.heard += self.messages()


first, second = [Client(url) for url in urls]
if kind == "socketio":
    for one in (first, second):
        one.send("40/test")
        one.until("40/test")
first.send(pattern % "from the first")
first.until("from the first")
second.send(pattern % "from the second")
second.until("from the second")
print("yes" if any("from the first" in heard for heard in second.heard) else "no")
