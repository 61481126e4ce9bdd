"""kt serve under wrk, on one connection and on many, beside servers of Flask and of Express that wait for each record,
too. The load, the broker and the server share the machine's processors; CPU time is the server's alone."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys

import avros

SECONDS = 5

HEAD = """\
| | requests/s | records/s | p50, p99 ms | own CPU µs per request | per record | peak MB | targets |
|---|--:|--:|--:|--:|--:|--:|---|"""

ONE = '{"topic":"deliveries","message":"0123456789012345678901234567890123456789"}'
V2 = json.dumps({"records": [{"value": {"id": n, "text": "x" * 66}} for n in range(500)]})
LINES = "".join(f"{n:089}\n" for n in range(5000))
JSON, V2_TYPE, ND = "application/json", "application/vnd.kafka.json.v2+json", "application/x-ndjson"

# Name, whose server, path, body, its type, records in it, connections, targets: figure, relation, bound, unit.
ROWS = [
    ("kafka serve POST, 64 connections", "kt", "/kafka", ONE, JSON, 1, 64,
     [("rate", "≥", 20000, "/s"), ("p99", "≤", 10, " ms"), ("CPU", "≤", 30, " µs")]),
    ("kafka serve POST, 1024 connections", "kt", "/kafka", ONE, JSON, 1, 1024,
     [("rate", "≥", 35000, "/s"), ("p99", "≤", 60, " ms"), ("memory", "≤", 40, " MB")]),
    ("kafka serve POST, 1 connection", "kt", "/kafka", ONE, JSON, 1, 1, [("p50", "≤", 2, " ms")]),
    ("kafka serve 500 JSON records, 16 connections", "kt", "/topics/serve", V2, V2_TYPE, 500, 16,
     [("records", "≥", 400000, "/s"), ("CPU per record", "≤", 1.2, " µs")]),
    ("kafka serve 5000 lines, 4 connections", "kt", "/produce/serve", LINES, ND, 5000, 4,
     [("records", "≥", 1000000, "/s")]),
    ("kafka serve GET, 64 connections", "kt", "/ping", None, None, 0, 64, [("rate", "≥", 75000, "/s")]),
    ("kafka serve Flask POST, 64 connections", "flask", "/kafka", ONE, JSON, 1, 64, []),
    ("kafka serve Express POST, 64 connections", "express", "/kafka", ONE, JSON, 1, 64, []),
    ("kafka serve Strimzi POST, 64 connections", "strimzi", "/kafka", ONE, JSON, 1, 64, []),
    ("kafka serve Flask POST, 1024 connections", "flask", "/kafka", ONE, JSON, 1, 1024, []),
    ("kafka serve Express POST, 1024 connections", "express", "/kafka", ONE, JSON, 1, 1024, []),
]

ROUTES = """\
POST /kafka message topics=deliveries
POST /produce/{topic} produce {topic}
POST /topics/{topic} records {topic}
GET /ping text pong like=express
"""

FLASK = """\
import concurrent.futures, os, threading
import confluent_kafka, flask
app = flask.Flask("rest")
producer = confluent_kafka.Producer({"bootstrap.servers": os.environ["KT_BROKERS"], "acks": "all", "linger.ms": 1})
def poll():
    while True:
        producer.poll(1)
threading.Thread(target=poll, daemon=True).start()
@app.route("/kafka", methods=["POST"])
def produce():
    said = flask.request.get_json(force=True)
    done = concurrent.futures.Future()
    producer.produce(said["topic"], said["message"].encode(), on_delivery=lambda err, _: done.set_result(err))
    err = done.result(30)
    return ({"msg": "Success"}, 200) if err is None else ({"msg": str(err)}, 503)
"""

EXPRESS = """\
const express = require("express"), kafka = require("node-rdkafka");
const producer = new kafka.Producer({"bootstrap.servers": process.env.KT_BROKERS, acks: "all", "linger.ms": 1, dr_cb: true});
const app = express().disable("x-powered-by").disable("etag").use(express.json());
app.post("/kafka", (request, response) => {
  const done = (err) => err ? response.status(503).json({msg: String(err)}) : response.json({msg: "Success"});
  producer.produce(request.body.topic, null, Buffer.from(request.body.message), null, null, done);
});
producer.on("delivery-report", (err, report) => report.opaque(err));
producer.on("ready", () => {
  producer.setPollInterval(1);
  const server = app.listen(0, "127.0.0.1", () => console.error(`serving at http://127.0.0.1:${server.address().port}`));
});
producer.connect();
"""

SCRIPT = """\
wrk.method = "POST"
wrk.headers["Content-Type"] = "%s"
local file = io.open("%s", "rb")
wrk.body = file:read("*a")
file:close()
"""


def names():
    return [row[0] for row in ROWS]


def flask_server(bench):
    """gunicorn with two processes of 32 threads: the best of what was tried."""
    home = avros.CACHE / "bench-flask"
    avros.prepare(home / "done", ["/usr/bin/python3", "-m", "venv", home],
                  [home / "bin/pip", "-q", "install", "flask", "gunicorn", "confluent-kafka"], ["touch", home / "done"])
    pathlib.Path(bench.dir, "rest.py").write_text(FLASK, encoding="utf-8")
    argv = [home / "bin/gunicorn", "-b", "127.0.0.1:0", "-w", "2", "--threads", "32", "--chdir", bench.dir, "rest:app"]
    return argv, r"Listening at: (http://[0-9.:]+)"


def express_server(bench):
    """One process: two of them, or a longer interval of polling, were slower. Built against the librdkafka that kt uses."""
    home = avros.CACHE / "bench-express"
    avros.prepare(home / "done", ["mkdir", "-p", home],
                  ["env", "BUILD_LIBRDKAFKA=0", "npm", "install", "--silent", "--prefix", home, "express@4.22.3", "node-rdkafka@3.6.1"],
                  ["env", "-C", home, "node", "-e", "require('node-rdkafka')"], ["touch", home / "done"])
    script = pathlib.Path(bench.dir, "rest.js")
    script.write_text(EXPRESS, encoding="utf-8")
    return ["env", f"NODE_PATH={home}/node_modules", "NODE_ENV=production", "node", script], r"serving at (http://[0-9.:]+)"


def strimzi_server(_):
    raise avros.Missing("Strimzi's bridge is in none of Debian, Maven Central, npm and PyPI")


def kt_server(bench):
    routes = pathlib.Path(bench.dir, "routes")
    routes.write_text(ROUTES, encoding="utf-8")
    return ["kt", "serve", "--listen", "127.0.0.1:0", "--routes", routes], r"serving at (http://[0-9.:]+)"


SERVERS = {"kt": kt_server, "flask": flask_server, "express": express_server, "strimzi": strimzi_server}


@contextlib.contextmanager
def served(bench, who):
    """Its address and its process."""
    argv, said = SERVERS[who](bench)
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        for line in process.stderr:
            found = re.search(said, line)
            if found:
                break
        else:
            raise subprocess.CalledProcessError(process.wait(), argv)
        yield found.group(1), process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def family(pid):
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *map(int, children)]


def cpu_seconds(pids):
    ticks = 0
    for pid in pids:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        ticks += int(stat[11]) + int(stat[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def peak_mb(pids):
    found = (re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")) for pid in pids)
    return sum(int(each.group(1)) for each in found) / 1024


def ms_of(text):
    number, unit = re.fullmatch(r"([0-9.]+)(us|ms|s|m)", text).groups()
    return float(number) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}[unit]


def load(bench, url, row, pids):
    """Requests per second, p50 and p99 in ms, and CPU microseconds of a request."""
    _, _, path, body, kind, _, connections, _ = row
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency", "--timeout", "30s"]
    if body:
        pathlib.Path(bench.dir, "body").write_text(body, encoding="utf-8")
        script = pathlib.Path(bench.dir, "post.lua")
        script.write_text(SCRIPT % (kind, f"{bench.dir}/body"), encoding="utf-8")
        argv += ["-s", script]
    before = cpu_seconds(pids)
    out = subprocess.run([*argv, url + path], check=True, stdout=subprocess.PIPE, text=True).stdout
    cpu = cpu_seconds(pids) - before
    # Who fails is fast: such a figure would be one of something else.
    if "Non-2xx" in out or "Socket errors" in out:
        raise subprocess.CalledProcessError(1, argv, stderr=out)
    done = int(re.search(r"(\d+) requests in", out).group(1))
    rate = float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1))
    p50, p99 = (ms_of(re.search(rf"^ +{share}%\s+(\S+)", out, re.M).group(1)) for share in (50, 99))
    return rate, p50, p99, cpu / done * 1e6


def line(bench, row, target, rates):
    """rates, by name, is added to."""
    name, who, _, _, _, records, _, bounds = row
    with served(bench, who) as (url, pid):
        # Not counted; and by its end whoever works for the server is there.
        load(bench, url, row, [pid])
        pids = family(pid)
        found = [load(bench, url, row, pids) for _ in range(bench.options.rounds)]
        memory = peak_mb(pids)
    rate, p50, p99, cpu = (statistics.median(each) for each in zip(*found))
    figures = {"rate": rate, "records": rate * records, "p50": p50, "p99": p99, "CPU": cpu, "memory": memory,
               "CPU per record": cpu / (records or 1)}
    verdicts = "; ".join(target(*bound).judge(round(figures[bound[0]], 2)) for bound in bounds)
    rates[name] = rate, cpu
    return (f"| {name} | {rate:,.0f} | {rate * records:,.0f} | {p50:.2f}, {p99:.1f} | {cpu:.1f} | "
            f"{cpu / (records or 1):.2f} | {memory:.0f} | {verdicts} |")


def compared(rates, target):
    """kt beside the fastest of the others, with as many connections."""
    for ours, who, _, body, _, _, connections, _ in ROWS:
        peers = [row[0] for row in ROWS if row[1] != "kt" and row[6] == connections and row[0] in rates]
        if who != "kt" or body != ONE or ours not in rates or not peers:
            continue
        best = max(peers, key=lambda name: rates[name][0])
        rate, cpu = rates[ours][0] / rates[best][0], rates[best][1] / rates[ours][1]
        yield ""
        yield (f"With {connections} connections kt has {rate:.1f} times the rate of {best.split()[2]}, the fastest of the others, "
               f"which needs {cpu:.1f} times its CPU time for a request: {target('rate', '≥', 10).judge(rate)}.")


def report(bench, _, target, wanted):
    rows = [row for row in ROWS if row[0] in wanted]
    if not rows:
        return
    if not shutil.which("wrk"):
        print("bench: wrk is not there: no rows of serve", file=sys.stderr)
        return
    bench.use("kafka")
    for topic in ("deliveries", "serve"):
        if topic not in bench.filled:
            bench.create(topic, 4)
            bench.filled.add(topic)
    yield from ("", HEAD)
    rates = {}
    for row in rows:
        try:
            yield line(bench, row, target, rates)
        except avros.Missing as missing:
            print(f"bench: no row {row[0]}: {missing}", file=sys.stderr)
    yield from compared(rates, target)
