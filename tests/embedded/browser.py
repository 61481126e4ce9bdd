"""A browser for tests: Chromium without a window, in the DevTools protocol over two pipes.

browser.py PROGRAM FIFO reads commands, one per line, and answers each with a line of JSON:

    open NAME URL            a page, in a window of its own
    eval NAME EXPRESSION     its value
    trust NAME URL           the same for one whose certificate nobody vouches for
    size NAME WIDTH HEIGHT   of the window
    theme NAME dark|light    what the page is told that its user prefers
    move NAME X Y            the mouse
    key NAME KEY             of the keyboard; Space is the one between words
    shot NAME FILE           a PNG of what is seen
    complaints               what consoles and the security policy said, of all pages
"""
import base64
import fcntl
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync --disable-default-apps --disable-dev-shm-usage --hide-scrollbars --lang=en-US
--remote-debugging-pipe""".split()
TIMEOUT = 50


class Browser:
    def __init__(self, program, home):
        ours, theirs = zip(*(reversed(os.pipe()), os.pipe()))
        self.to, self.answers = ours
        # Out of the way of 3 and 4, where the browser has its ends.
        theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in theirs]

        def place():
            for fd, place in zip(theirs, (3, 4)):
                os.dup2(fd, place)

        self.process = subprocess.Popen([program, *FLAGS, f"--user-data-dir={home}"], preexec_fn=place,
                                        pass_fds=(3, 4), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in theirs:
            os.close(fd)
        self.rest, self.last, self.replies = b"", 0, {}
        self.sessions, self.said = {}, []

    def end(self):
        try:
            self.call("Browser.close")
            self.process.wait(10)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def take(self, message):
        if "id" in message:
            self.replies[message["id"]] = message
        elif message["method"] == "Runtime.consoleAPICalled":
            self.said.append(" ".join(str(arg.get("value", arg)) for arg in message["params"]["args"]))
        elif message["method"] == "Runtime.exceptionThrown":
            self.said.append(json.dumps(message["params"]["exceptionDetails"]))
        elif message["method"] == "Log.entryAdded" and message["params"]["entry"]["source"] != "network":
            self.said.append(message["params"]["entry"]["text"])

    def receive(self, seconds):
        if not select.select([self.answers], [], [], seconds)[0]:
            raise RuntimeError("the browser does not answer")
        piece = os.read(self.answers, 1 << 20)
        if not piece:
            raise RuntimeError("the browser has ended")
        *messages, self.rest = (self.rest + piece).split(b"\0")
        for message in messages:
            self.take(json.loads(message))

    def call(self, method, session=None, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + TIMEOUT
        while self.last not in self.replies:
            self.receive(max(end - time.monotonic(), 0))
        reply = self.replies.pop(self.last)
        if "error" in reply:
            raise RuntimeError(reply["error"]["message"])
        return reply["result"]

    def open(self, name, url, trusted=False):
        target = self.call("Target.createTarget", url="about:blank", newWindow=True)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.sessions[name] = session
        for domain in "Runtime", "Log", "Page":
            self.call(domain + ".enable", session)
        if trusted:
            self.call("Security.setIgnoreCertificateErrors", session, ignore=True)
        self.call("Page.navigate", session, url=url)

    def trust(self, name, url):
        self.open(name, url, True)

    def eval(self, name, *expression):
        result = self.call("Runtime.evaluate", self.sessions[name], expression=" ".join(expression),
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def size(self, name, width, height):
        self.call("Emulation.setDeviceMetricsOverride", self.sessions[name], width=int(width), height=int(height),
                  deviceScaleFactor=1, mobile=False)

    def theme(self, name, theme):
        self.call("Emulation.setEmulatedMedia", self.sessions[name],
                  features=[{"name": "prefers-color-scheme", "value": theme}])

    def move(self, name, x, y):
        self.call("Input.dispatchMouseEvent", self.sessions[name], type="mouseMoved", x=float(x), y=float(y))

    def key(self, name, key):
        for kind in "rawKeyDown", "keyUp":
            self.call("Input.dispatchKeyEvent", self.sessions[name], type=kind,
                      key=" " if key == "Space" else key, code=key)

    def shot(self, name, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot", self.sessions[name])["data"]))

    def complaints(self):
        return self.said


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
    browser = Browser(sys.argv[1], home)
    try:
        for line in open(sys.argv[2]):
            command, *words = line.split()
            try:
                print(json.dumps(getattr(browser, command)(*words), ensure_ascii=False), flush=True)
            except (RuntimeError, OSError) as error:
                print(json.dumps({"failed": str(error)}), flush=True)
    finally:
        browser.end()
