"""kt bench beside what people measure with: the perf tools of Kafka 3.9.1, kt produce, wrk and ab."""
import json
import pathlib
import re
import statistics
import subprocess

import serves

HEAD = """\
| | M/s | CPU s per M | beside it | targets |
|---|--:|--:|---|---|"""

PRODUCE = "kafka bench produce"
CONSUME = "kafka bench consume"
HTTP = "kafka bench http GET /ping, 64 connections"
DELAY = "kafka bench delay median µs of a send at 1,000/s"
SECONDS = 3
CONNECTIONS = 64
PING = "/ping"


def names():
    return [PRODUCE, CONSUME, HTTP, DELAY]


class Benches:
    def __init__(self, bench, measure):
        self.bench, self.measure = bench, measure
        self.address = bench.use("kafka")
        self.records = bench.records(100)
        self.out = f"{bench.dir}/bench-out"
        bench.create("benched", 16)

    def run(self, argv, figure):
        """Rate of what it says itself, in millions, and its CPU seconds per million, its start counted."""
        cost = self.measure(argv, self.bench.log, out=self.out)
        rate, done = figure(pathlib.Path(self.out).read_text(encoding="utf-8"))
        return {"rate": rate / 1e6, "cpu": cost["cpu"] / done * 1e6}

    def ours(self, *words):
        def figure(text):
            result = json.loads(text)
            return result["rate"], result["done"]
        return self.run(["kt", "bench", *words, "-J"], figure)

    def perf(self, tool, *words):
        """Its jars are those of the release whose lines kt bench has."""
        jars = pathlib.Path.home() / ".cache/kt/kafka-3.9.1"
        if not jars.exists():
            raise FileNotFoundError(f"{jars}: KT_KAFKA_VERSION=3.9.1 tests/kafka/cluster fetch")
        def figure(text):
            line = text.strip().splitlines()[-1]
            if tool == "ProducerPerformance":
                return float(re.search(r"([0-9.]+) records/sec", line).group(1)), self.records
            return float(line.split(", ")[-1]), self.records
        argv = ["java", "-cp", f"{jars}/*", f"org.apache.kafka.tools.{tool}", "--topic", "benched", *words]
        return self.run(argv, figure)

    def produce(self):
        return self.ours("produce", "benched", "-n", str(self.records), "--size", "100")

    def perf_produce(self):
        return self.perf("ProducerPerformance", "--num-records", str(self.records), "--throughput", "-1", "--record-size", "100",
                         "--producer-props", f"bootstrap.servers={self.address}")

    def kt_produce(self):
        source = self.bench.source(100)
        cost = self.measure(["kt", "produce", "-q", "benched", source], self.bench.log)
        return {"rate": self.records / cost["wall"] / 1e6, "cpu": cost["cpu"] / self.records * 1e6}

    def consume(self):
        return self.ours("consume", "benched", "-n", str(self.records))

    def perf_consume(self):
        return self.perf("ConsumerPerformance", "--messages", str(self.records), "--bootstrap-server", self.address)

    def http(self, url):
        return self.ours("http", "-k", "-c", str(CONNECTIONS), "-t", str(SECONDS), "-n", "1000000000", url)

    def wrk(self, url):
        def figure(text):
            return float(re.search(r"Requests/sec:\s+([0-9.]+)", text).group(1)), int(re.search(r"(\d+) requests in", text).group(1))
        return self.run(["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url], figure)

    def ab(self, url):
        def figure(text):
            return (float(re.search(r"Requests per second: +([0-9.]+)", text).group(1)),
                    int(re.search(r"Complete requests: +(\d+)", text).group(1)))
        return self.run(["ab", "-q", "-k", "-c", str(CONNECTIONS), "-t", str(SECONDS), "-n", "5000000", url], figure)


def rows(benches, target, name, ours, others, rounds):
    """others: name, what runs it, and how many times its rate, and its CPU, ours is to reach."""
    turns = [(ours(), *(run() for _, run, _, _ in others)) for _ in range(rounds)]

    def median(which, figure):
        return statistics.median(turn[which][figure] for turn in turns)

    beside, reached = [], []
    for at, (other, _, rate, cpu) in enumerate(others, 1):
        faster = statistics.median(turn[0]["rate"] / turn[at]["rate"] for turn in turns)
        cheaper = statistics.median(turn[at]["cpu"] / turn[0]["cpu"] for turn in turns)
        beside.append(f"{other} {median(at, 'rate'):.3f} M/s, {median(at, 'cpu'):.2f} s")
        reached.append(target(f"rate / {other}", "≥", rate).judge(round(faster, 2)))
        if cpu:
            reached.append(target(f"CPU {other} / kt", "≥", cpu).judge(round(cheaper, 2)))
    return (f"| {name} | {median(0, 'rate'):.3f} | {median(0, 'cpu'):.2f} | {'; '.join(beside)} | {', '.join(reached)} |")


def report(bench, measure, target, wanted):
    if not wanted & set(names()):
        return
    benches, rounds = Benches(bench, measure), bench.options.rounds
    yield from ("", HEAD)
    if wanted & {PRODUCE, CONSUME}:
        yield rows(benches, target, PRODUCE, benches.produce,
                   [("kt produce", benches.kt_produce, 0.95, 0), ("perf-test", benches.perf_produce, 4, 0)], rounds)
    if CONSUME in wanted:
        yield rows(benches, target, CONSUME, benches.consume, [("perf-test", benches.perf_consume, 1.2, 3)], rounds)
    if HTTP in wanted:
        with serves.served(bench, "kt") as (url, _):
            yield rows(benches, target, HTTP, lambda: benches.http(url + PING),
                       [("wrk -t1", lambda: benches.wrk(url + PING), 0.95, 0), ("ab", lambda: benches.ab(url + PING), 1.3, 0)],
                       rounds)
    if DELAY in wanted:
        argv = ["kt", "bench", "produce", "benched", "--rate", "1000", "--run-for", "4s", "-J"]
        out = json.loads(subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout)
        delay = out["send_delay_ms"]["p50"] * 1000
        yield f"| {DELAY} | | | {delay:.0f} | {target('µs', '≤', 100, '').judge(round(delay))} |"
