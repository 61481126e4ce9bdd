"""The Flask programs that labs of kt serve stand for, with a file in place of a broker: originals.py LAB PORT VALUES"""
import collections
import collections.abc
import json
import sys

# Flask 0.12 is older than these places of the names.
for name in collections.abc.__all__:
    setattr(collections, name, getattr(collections.abc, name))
from flask import Flask, Response, request  # noqa: E402

lab, port, values = sys.argv[1:]
app = Flask(lab)


def produce(value):
    with open(values, "ab") as out:
        out.write(value + b"\n")


def log_event(event):
    if lab == "game-headers":
        event.update(request.headers)
    produce(json.dumps(event).encode())


def answer(path, event, words):
    def view():
        log_event({"event_type": event})
        return "\n" + words + "\n"

    app.add_url_rule(path, event, view)


def message():
    data = json.loads(request.data.decode())
    known = data["topic"] in ("deliveries", "updates")
    if known:
        produce(data["message"].encode())
    body = json.dumps({"msg": "Success" if known else "Invalid Topic"})
    return Response(body, status=200 if known else 400, mimetype="application/json")


if lab == "rest":
    app.add_url_rule("/kafka", "kafka", message, methods=["POST"])
else:
    answer("/", "default", "This is the default response!")
    answer("/purchase_a_sword", "purchase_sword", "Sword Purchased!")
    answer("/purchase_a_knife", "purchase_knife", "Knife Purchased!")
    answer("/join_guild", "join_guild", "Guild Joined!")
app.run(host="127.0.0.1", port=int(port))
