"""Ten who chat at each of two servers, one of which is killed and comes back: python3 chats.py HOST:PORT HOST:PORT"""
import select
import signal
import subprocess
import sys
import time
import urllib.request

import sockets

PATIENCE_S = 120


def serve(at):
    server = subprocess.Popen(
        ["kt", "serve", "-q", "--lab", "chat@" + at], preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, [])
    )
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            urllib.request.urlopen("http://%s/" % at).close()
            return server
        except OSError:
            time.sleep(0.05)
    return server


def come(at):
    one = sockets.Socket("ws://%s/ws" % at)
    one.texts = []
    return one


def until(them, holds):
    end = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < end:
        for ready in select.select([one.socket for one in them if one.code is None], [], [], 0.1)[0]:
            one = next(each for each in them if each.socket is ready)
            try:
                one.texts += one.messages()
            except OSError:
                one.code = 1006
    return holds()


def talk(them, name, n):
    for i in range(n):
        for k, one in enumerate(them):
            one.send("%s-%d-%d" % (name, k, i))


def say(good, words):
    print("%s - %s" % ("ok" if good else "not ok", words), flush=True)


first, second = sys.argv[1:3]
servers = [serve(first), serve(second)]
stay, leave = [come(first) for _ in range(10)], [come(second) for _ in range(10)]
say(all(one.status == 101 for one in stay + leave), "ten at each of two servers")
talk(stay, "a", 20)
talk(leave, "b", 20)
say(until(stay + leave, lambda: all(len(one.texts) >= 400 for one in stay + leave)), "all get what anybody writes")
say(all(one.texts == stay[0].texts for one in stay + leave), "in one order")
servers[1].kill()
servers[1].wait()
say(until(leave, lambda: all(one.code for one in leave)), "one server is killed")
talk(stay, "c", 5)
until(stay, lambda: all(len(one.texts) >= 450 for one in stay))
servers[1] = serve(second)
back = [come(second) for _ in range(10)]
talk(back, "d", 20)
talk(stay, "e", 20)
say(until(stay + back, lambda: all(len(one.texts) >= 850 for one in stay) and all(len(one.texts) >= 400 for one in back)), "and comes back")
say(all(one.texts == stay[0].texts for one in stay) and len(set(stay[0].texts)) == 850, "who stayed missed nothing, and saw nothing twice")
say(all(one.texts == stay[0].texts[450:] for one in back), "who came back are with the others")
for server in servers:
    server.terminate()
say([server.wait() for server in servers] == [0, 0], "both end")
say(until(stay, lambda: all(one.code == 1001 for one in stay)), "and say goodbye")
