"""A client of kt serve that keeps its own list: serve_kills.py URL-FILE TOPIC SECONDS THREADS PREFIX
posts one value after the other, to whatever address the file holds at the moment, and prints those that were answered 200
("+VALUE") and those of which it cannot be known ("?VALUE": no answer, or one that says so); others were not written
("-VALUE"). No value is sent twice."""
import http.client
import sys
import threading
import time
import urllib.parse

place, topic, seconds, threads, prefix = sys.argv[1:]
end = time.monotonic() + float(seconds)
lock = threading.Lock()


def one(connection, value):
    connection.request("POST", f"/produce/{topic}", body=value)
    answer = connection.getresponse()
    body = answer.read()
    if answer.status == 200:
        return "+"
    return "?" if b"maybe_written" in body else "-"


def run(thread):
    connection, n = None, 0
    while time.monotonic() < end:
        value = f"{prefix}{thread}-{n}"
        n += 1
        try:
            if not connection:
                with open(place) as f:
                    address = urllib.parse.urlsplit(f.read().strip()).netloc
                connection = http.client.HTTPConnection(address, timeout=60)
                connection.connect()
        except OSError:
            connection = None
            time.sleep(0.02)
            continue
        try:
            mark = one(connection, value)
        except (OSError, http.client.HTTPException):
            mark, connection = "?", None
        with lock:
            print(mark + value, flush=True)


workers = [threading.Thread(target=run, args=(i,)) for i in range(int(threads))]
for w in workers:
    w.start()
for w in workers:
    w.join()
