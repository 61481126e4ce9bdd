"""kt loadgen on the embedded broker: what an event costs, how many there can be, and whether they come on time."""
import json
import pathlib
import re
import statistics
import subprocess
import time
import urllib.request

SECONDS = 4
EXPERIMENTS = 10000

# Experiments that do not end by themselves: copies, milliseconds between their starts, sensors, between samples.
SENSORS = (1, 0, 1000, 50)
LARGE = (1000, 1, 20, 1000)
SMALL = (1000, 1, 5, 1000)

# Name, experiments, options, what is to be reached. The first is what the original was measured with: 14.7 µs.
EVENTS = [
    ("embedded loadgen events 1,000 sensors", SENSORS, [], {"CPU": 3}),
    ("embedded loadgen events 1,000 experiments", LARGE, [], {"CPU": 3}),
    ("embedded loadgen events 1,000 experiments open", LARGE, ["--pacing", "open"], {"CPU": 3, "late": 2}),
    ("embedded loadgen events 1,000 small experiments open", SMALL, ["--pacing", "open"], {"CPU": 3, "late": 2}),
    ("embedded loadgen events max", SMALL, ["--speed", "max"], {"CPU": 3, "rate": 300000}),
]
UNITS = {"CPU": " µs", "late": " ms", "rate": "/s"}

PLAIN = "embedded loadgen plain M records/s of 100 bytes"
SCRAPE = "embedded loadgen scrape ms for /metrics of 10,000 experiments"
MEMORY = "embedded loadgen memory KiB per experiment of 10,000"

EVENTS_HEAD = """\
| | events/s | CPU µs per event | behind the plan, p99 ms | acknowledged after, p50 ms | targets |
|---|--:|--:|--:|--:|---|"""

OTHERS_HEAD = """\
| | kt loadgen | beside it | target |
|---|--:|---|---|"""


def names():
    return [row[0] for row in EVENTS] + [PLAIN, SCRAPE, MEMORY]


def load_file(bench, experiments):
    """Writes it; returns its path."""
    copies, stagger, sensors, sample = experiments
    path = f"{bench.dir}/load.json"
    load = {"start_time": 0, "researcher": "d.landau@uu.nl", "num_sensors": sensors, "sample_rate": sample,
            "stabilization_samples": 2, "carry_out_samples": 60000, "copies": copies, "stagger": stagger}
    pathlib.Path(path).write_text(json.dumps([load]), encoding="utf-8")
    return path


def summary(bench, measure, argv):
    """A whole run: what it says of itself, and what it cost."""
    path = f"{bench.dir}/summary"
    cost = measure(argv, bench.log, out=path)
    return json.loads(pathlib.Path(path).read_text(encoding="utf-8")) | cost


def events_line(bench, measure, target, row):
    name, experiments, options, bounds = row
    argv = ["kt", "loadgen", load_file(bench, experiments), "-t", "written", "-J", "-q", "--no-metrics", "--duration",
            f"{SECONDS}s", *options]
    runs = [summary(bench, measure, argv) for _ in range(bench.options.rounds)]

    def median(figure):
        return statistics.median(map(figure, runs))

    values = {"CPU": median(lambda run: run["cpu"] / run["sent"] * 1e6), "rate": median(lambda run: run["rate"]),
              "late": median(lambda run: run["late"]["p99_ms"])}
    found = [target(figure, "≥" if figure == "rate" else "≤", bound, UNITS[figure]) for figure, bound in bounds.items()]
    cells = [name, f"{values['rate']:,.0f}", f"{values['CPU']:.2f}", "" if "max" in options else f"{values['late']:.2f}",
             f"{median(lambda run: run['latency']['p50_ms']):.1f}"]
    return "| " + " | ".join(cells + ["; ".join(each.judge(values[each.figure]) for each in found)]) + " |"


def plain_line(bench, measure, target):
    """The same number of records by kt produce, by turns."""
    sources = [bench.source(100)] * 5
    count = bench.records(100) * len(sources)
    turns = {"loadgen": ["kt", "loadgen", "-t", "written", "-q", "--size", "100", "--count", str(count)],
             "produce": ["kt", "produce", "written", "-q", *sources]}
    rates = {who: [] for who in turns}
    for _ in range(bench.options.rounds + 1):
        for who, argv in turns.items():
            rates[who].append(count / 1e6 / measure(argv, bench.log)["wall"])
    ours, theirs = [statistics.median(rate[1:]) for rate in rates.values()]
    verdict = target("rate", "≥", 1).judge(round(ours / theirs, 2))
    return f"| {PLAIN} | {ours:.2f} | kt produce from a file {theirs:.2f} | {verdict} |"


class Running:
    """So many experiments that have all begun, until the end of the block; then `told` is their summary."""

    def __init__(self, bench, count):
        # One more begins every tenth of a millisecond, and each has two sensors that measure every two seconds.
        self.argv = ["kt", "loadgen", load_file(bench, (count, 1, 2, 20000)), "-t", "written", "-J", "--repeat", "0",
                     "--pacing", "open", "--speed", "10", "--metrics-listen", "127.0.0.1:0"]
        self.log, self.count = pathlib.Path(bench.log), count

    def __enter__(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.argv, stdout=subprocess.PIPE, stderr=log)
        while not (found := re.search(r"(http://\S+/metrics)", self.log.read_text(encoding="utf-8"))):
            time.sleep(0.01)
        self.address = found.group(1)
        while f"num_experiments {self.count}\n" not in self.scrape()[0]:
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.told = json.loads(self.process.communicate()[0])

    def scrape(self):
        """The text, and how many milliseconds it took."""
        begin = time.monotonic()
        with urllib.request.urlopen(self.address) as answer:
            return answer.read().decode(), (time.monotonic() - begin) * 1000

    def resident(self):
        """KiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s*(\d+)", status).group(1))


def scrape_line(bench, target):
    times, late = [], {}
    for scraped in (False, True):
        with Running(bench, EXPERIMENTS) as running:
            for _ in range(SECONDS * 5):
                time.sleep(0.2)
                if scraped:
                    times.append(running.scrape()[1])
        late[scraped] = running.told["late"]["p99_ms"]
    verdict = target("", "≤", 20, " ms").judge(max(times)).strip()
    return (f"| {SCRAPE} | {statistics.median(times):.1f}, at most {max(times):.1f} | behind the plan p99 "
            f"{late[True]:.2f} ms, {late[False]:.2f} without scrapes | {verdict} |")


def memory_line(bench, target):
    resident = {}
    for count in (1, EXPERIMENTS):
        with Running(bench, count) as running:
            time.sleep(SECONDS)
            resident[count] = running.resident()
    each = (resident[EXPERIMENTS] - resident[1]) / EXPERIMENTS
    verdict = target("", "≤", 4, " KiB").judge(each).strip()
    return (f"| {MEMORY} | {each:.2f} | {resident[EXPERIMENTS] / 1024:.0f} MB in all, {resident[1] / 1024:.0f} of one | "
            f"{verdict} |")


def report(bench, measure, target, wanted):
    rows = [row for row in EVENTS if row[0] in wanted]
    if wanted & set(names()):
        bench.use("embedded")
    if rows:
        yield from ("", EVENTS_HEAD)
    for row in rows:
        yield events_line(bench, measure, target, row)
    if wanted & {PLAIN, SCRAPE, MEMORY}:
        yield from ("", OTHERS_HEAD)
    if PLAIN in wanted:
        yield plain_line(bench, measure, target)
    if SCRAPE in wanted:
        yield scrape_line(bench, target)
    if MEMORY in wanted:
        yield memory_line(bench, target)
