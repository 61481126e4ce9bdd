#!/usr/bin/python3
"""kt beside kcat: the same work on the same broker, by turns, and the median of the pairs. Nothing is asserted.

  ./dev bench [OPTION…] [WORD…]     only the rows in whose names every WORD occurs: ./dev bench kafka consume 1024

  --list       the rows
  --full       600,000 records and five rounds instead of 300,000 and three, eight minutes; writes tests/bench/RESULTS.md
  --records N, --rounds N
  --profile    with perf(1): the functions that take kt's time in each of the rows

The third in the round is tests/bench/floor.c, which speaks the protocol itself: what is possible without a library.
The rows with avro in their names are in avros.py, beside what else decodes it, and those of kt work in works.py, of kt serve in
serves.py and listens.py, of kt sql in datas.py, of kt copy in copies.py, of kt bench in benches.py, of kt mqtt in mqtts.py; in
millions.py is what runs beside virtual machines, once.
"""
import argparse
import collections
import contextlib
import os
import pathlib
import platform
import re
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import avros
import benches
import copies
import datas
import listens
import loads
import millions
import mqtts
import serves
import works

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
KT = ROOT / "build/cmd/kt"
FLOOR = ROOT / "build/tests/bench/floor"
CLUSTER = ROOT / "tests/kafka/cluster"
PAGE = HERE / "RESULTS.md"
WARM_UP = 15
# The embedded broker keeps about 5 MB of a partition: what is read from it needs more of them.
WRITE_PARTITIONS = 16
READ_PARTITIONS = {"embedded": 64, "kafka": 16}
# As Kafka's own start script has them; the tests' brokers do without the second compiler.
JVM = "-XX:TieredStopAtLevel=4 -XX:-UseSerialGC -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -Xms1g -Xmx1g"
# What was produced is deleted on the way, or many GB would lie around at the end.
PROPERTIES = """\
log.segment.bytes=33554432
log.retention.bytes=67108864
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=0"""


class Failed(Exception):
    """A command that did not do what is measured."""


# Running one command.


def drain(fd, seen):
    """Reads a pipe to its end at no cost of its own; notes when the first bytes came and how many there were."""
    with open(os.devnull, "wb") as nothing:
        select.select([fd], [], [])
        seen["first"] = time.monotonic()
        seen["bytes"] = 0
        while n := os.splice(fd, nothing.fileno(), 1 << 20):
            seen["bytes"] += n
    os.close(fd)


def measure(argv, log, source=os.devnull, piped_in=False, piped_out=False, out=os.devnull):
    """Runs argv: wall and CPU seconds, peak memory in MB, bytes written, seconds until the first of them on a pipe."""
    seen, feeder, ends = {}, None, None
    with contextlib.ExitStack() as stack:
        stdin, stdout = stack.enter_context(open(source, "rb")), stack.enter_context(open(out, "wb"))
        stderr = stack.enter_context(open(log, "wb"))
        if piped_in:
            feeder = stack.enter_context(subprocess.Popen(["cat", source], stdout=subprocess.PIPE))
            stdin = feeder.stdout
        if piped_out:
            ends = os.pipe()
            stdout = stack.enter_context(open(ends[1], "wb"))
        start = time.monotonic()
        process = subprocess.Popen(argv, stdin=stdin, stdout=stdout, stderr=stderr)
        stdin.close()
        stdout.close()
        if piped_out:
            reader = threading.Thread(target=drain, args=(ends[0], seen))
            reader.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if piped_out:
            reader.join()
    if process.returncode != 0:
        raise Failed(f"status {process.returncode}: {' '.join(argv)}\n{pathlib.Path(log).read_text()}")
    return {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak": usage.ru_maxrss / 1024,
        "bytes": seen["bytes"] if piped_out else os.path.getsize(out),
        "first": seen["first"] - start if piped_out else None,
    }


def loop(command, times):
    """Seconds of one run in a shell loop."""
    script = f"i=0; while [ $i -lt {times} ]; do {command} || exit; i=$((i + 1)); done"
    start = time.monotonic()
    if subprocess.run(["sh", "-c", script], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode:
        raise Failed(f"fails: {command}")
    return (time.monotonic() - start) / times


# What is measured.


class Target:
    """What a figure, kt's over kcat's or an absolute one, is to reach."""

    def __init__(self, figure, relation, bound, unit="×"):
        self.figure, self.relation, self.bound, self.unit = figure, relation, bound, unit

    def judge(self, value):
        met = value >= self.bound if self.relation == "≥" else value <= self.bound
        return f"{self.figure} {self.relation} {self.bound:g}{self.unit} {'met' if met else '**not met**'}"


class Stream:
    """Many records from or to a file or a pipe, by each variant of kt, by kcat and by the floor."""

    def __init__(self, broker, work, size, end, variants):
        self.broker, self.work, self.size, self.piped = broker, work, size, end == "pipe"
        self.variants = {variant: f"{broker} {work} {size} {end} {variant}".strip() for variant in variants}

    def targets(self, variant):
        embedded = self.broker == "embedded"
        if variant == "idempotent":
            found = [Target("rate", "≥", 1.4)] if embedded else []
        elif self.work == "produce":
            found = [Target("rate", "≥", 1.8 if embedded else 1.3), Target("CPU", "≤", 0.45 if embedded else 0.55)]
        elif variant == "-J":
            found = [Target("rate", "≥", 4)]
        else:
            found = [Target("CPU", "≤", 0.6)] + ([] if self.piped else [Target("rate", "≥", 2)])
        return found + [Target("memory", "≤", 1)]


def streams():
    for broker in ("embedded", "kafka"):
        for work, variants in (("produce", ["", "idempotent"]), ("consume", ["", "-J"])):
            for size in (100, 1024):
                for end in ("file", "pipe"):
                    yield Stream(broker, work, size, end, variants)


# Whole processes: name, kt's command and kcat's, what is timed, the target in ms. kcat: what kcat takes; id: and the
# time that a producer id takes.
SHORT = [
    ("kafka short consume -e, 1 partition", "kt consume small1 -e -q", "kcat -C -e -q -t small1", "loop", 30),
    ("kafka short consume -e, 16 partitions", "kt consume small16 -e -q", "kcat -C -e -q -t small16", "loop", 30),
    ("kafka short consume -c 1", "kt consume small1 -c 1 -q", "kcat -C -c 1 -q -t small1", "loop", "kcat"),
    ("kafka short echo x to produce", "echo x | kt produce small1 -q", "echo x | kcat -P -t small1", "loop", "id"),
    ("kafka short first record of a group", "kt consume small1 -g {group} --reset earliest -c 1 -q",
     "kcat -q -c 1 -X auto.offset.reset=earliest -G {group} small1", "first", 40),
]


class Bench:
    """The brokers, the files and the runs."""

    def __init__(self, options, stack):
        self.options, self.stack = options, stack
        # In memory, so that what is measured is not a disk.
        self.in_memory = os.path.isdir("/dev/shm") and shutil.disk_usage("/dev/shm").free > 12 << 30
        place = tempfile.TemporaryDirectory(prefix="kt-bench.", dir="/dev/shm" if self.in_memory else None)
        self.dir = stack.enter_context(place)
        self.log = f"{self.dir}/log"
        self.address, self.sources, self.filled = {}, {}, set()
        # Both by their bare names, without the configuration of whoever runs this.
        os.environ["PATH"] = f"{KT.parent}:{os.environ['PATH']}"
        os.environ.update(KT_CONFIG=os.devnull, KCAT_CONFIG=os.devnull, LC_ALL="C.UTF-8", XDG_RUNTIME_DIR=self.dir)

    def records(self, size):
        return self.options.records if size == 100 else self.options.records // 5

    def source(self, size):
        if size not in self.sources:
            path = self.sources[size] = f"{self.dir}/lines-{size}"
            with open(path, "wb") as out:
                subprocess.run(["seq", "-f", f"%0{size}.0f", str(self.records(size))], stdout=out, check=True)
        return self.sources[size]

    def use(self, broker):
        """Starts it when it is needed first."""
        if broker not in self.address:
            self.address[broker] = self.start_embedded() if broker == "embedded" else self.start_kafka()
        os.environ["KT_BROKERS"] = self.address[broker]
        return self.address[broker]

    def start_embedded(self):
        process = subprocess.Popen(["kt", "broker", "-q", "--port", "0"], stdout=subprocess.PIPE, text=True)
        self.stack.callback(lambda: (process.terminate(), process.wait()))
        os.environ["KT_BROKERS"] = process.stdout.readline().strip()
        self.create("written", WRITE_PARTITIONS)
        return os.environ["KT_BROKERS"]

    def start_kafka(self):
        env = dict(os.environ, KT_CLUSTER_DIR=f"{self.dir}/kafka", KT_CLUSTER_JVM=JVM, KT_CLUSTER_PROPERTIES=PROPERTIES)
        self.stack.callback(lambda: subprocess.run([CLUSTER, "down"], env=env, check=False))
        up = subprocess.run([CLUSTER, "up"], env=env, check=True, stdout=subprocess.PIPE, text=True)
        address = os.environ["KT_BROKERS"] = up.stdout.strip()
        for topic, partitions in (("written", WRITE_PARTITIONS), ("small1", 1), ("small16", 16)):
            self.create(topic, partitions)
        for topic in ("small1", "small16"):
            subprocess.run(["kt", "produce", topic, "-q"], input="one\ntwo\nthree\n", text=True, check=True)
        # The virtual machine compiles what it has seen often enough; until then the broker is what is measured.
        for _ in range(WARM_UP):
            measure(self.floor_write(address), self.log, source=self.source(100))
            measure(["kt", "produce", "written", "-q"], self.log, source=self.source(100))
        return address

    @staticmethod
    def kafka_version():
        return os.environ.get("KT_KAFKA_VERSION") or re.search(r"KT_KAFKA_VERSION:-([0-9.]+)", CLUSTER.read_text()).group(1)

    def create(self, topic, partitions):
        subprocess.run(["kt", "topic", "create", topic, "-p", str(partitions), "-q"], check=True)

    def filled_topic(self, broker, size):
        """A topic that holds the records to read."""
        topic = f"read-{size}"
        if (broker, size) not in self.filled:
            self.create(topic, READ_PARTITIONS[broker])
            measure(["kt", "produce", topic, "-q", self.source(size)], self.log)
            self.filled.add((broker, size))
        return topic

    def floor_write(self, address):
        return [str(FLOOR), "write", address, "written", str(WRITE_PARTITIONS)]

    def commands(self, row):
        """Who is measured, and how it is called. The floor reads lines from stdin, a file as well as a pipe."""
        address = self.use(row.broker)
        kcat = ["kcat", "-b", address, "-q"]
        if row.work == "produce":
            source = self.source(row.size)
            kt = ["kt", "produce", "written", "-q"] + ([] if row.piped else [source])
            return {
                "": kt + ["--no-idempotent"],
                "idempotent": kt,
                "kcat": kcat + ["-P", "-t", "written"] + ([] if row.piped else ["-l", source]),
                "floor": self.floor_write(address),
            }
        topic = self.filled_topic(row.broker, row.size)
        kt, kcat = ["kt", "consume", topic, "-e", "-q"], kcat + ["-C", "-e", "-t", topic]
        return {
            "": kt,
            "-J": kt + ["-J"],
            "kcat": kcat,
            "kcat -J": kcat + ["-J"],
            "floor": [str(FLOOR), "read", address, topic, str(READ_PARTITIONS[row.broker])],
        }

    def run(self, row, argv):
        source = self.source(row.size)
        if row.work == "produce":
            return measure(argv, self.log, source=source, piped_in=row.piped)
        if row.piped:
            result = measure(argv, self.log, piped_out=True)
        else:
            result = measure(argv, self.log, out=f"{self.dir}/out")
        if "-J" not in argv and result["bytes"] != os.path.getsize(source):
            raise Failed(f"wrote {result['bytes']} bytes: {' '.join(argv)}")
        return result

    def stream(self, row, variants):
        """The runs of everybody whom the variants need, by turns."""
        commands = self.commands(row)
        turns = list(dict.fromkeys([*variants, *map(peer, variants), "floor"]))
        runs = {who: [] for who in turns}
        # The first round is not counted.
        for counted in [False] + [True] * self.options.rounds:
            for who in turns:
                result = self.run(row, commands[who])
                if counted:
                    runs[who].append(result)
        return runs

    def short(self, kt, kcat, what):
        """Milliseconds: kt's and kcat's."""
        kcat = kcat.replace("kcat ", f"kcat -b {self.use('kafka')} ")
        found = {kt: [], kcat: []}
        for _ in range(self.options.rounds):
            for command, values in found.items():
                if what == "loop":
                    values.append(loop(command, 2 if command == kcat and " -e" in kcat else 20))
                for _ in range(5 if what == "first" else 0):
                    argv = command.format(group=f"group-{time.monotonic_ns()}").split()
                    values.append(measure(argv, self.log, piped_out=True)["first"])
        return [statistics.median(values) * 1000 for values in found.values()]

    def id_ms(self):
        """What one round trip for a producer id takes."""
        floor = subprocess.run([FLOOR, "id", self.use("kafka")], check=True, stdout=subprocess.PIPE)
        return int(floor.stdout) / 1000

    def profile(self, row, argv):
        """The functions in which kt spends its CPU time, as perf sees them."""
        data = f"{self.dir}/perf.data"
        self.run(row, ["perf", "record", "-q", "-F", "4999", "-e", "cpu-clock", "-o", data, "--"] + argv)
        seen = output_of("perf", "report", "-i", data, "--stdio", "-q", "--no-children", "--sort", "dso,symbol")
        places, functions = collections.Counter(), []
        for line in seen.splitlines():
            found = re.match(r"\s*([0-9.]+)%\s+(\S+)\s+\[(.)\]\s+(\S+)", line)
            if found:
                share, place, level, name = found.groups()
                place = "kernel" if level == "k" else re.sub(r"(\.so|-[0-9]).*", "", place)
                places[place] += float(share)
                functions.append(f"{name.split('@')[0]} ({place}) {float(share):.0f} %")
        shares = ", ".join(f"{place} {share:.0f} %" for place, share in places.most_common(4))
        return f"**{shares}**; {', '.join(functions[:6])}"


# The tables.


def peer(variant):
    return "kcat -J" if variant == "-J" else "kcat"


def median(runs, figure):
    return statistics.median(run[figure] for run in runs)


def ratio(runs, others, figure):
    """The median of the ratios of those that ran one after the other."""
    return statistics.median(a[figure] / b[figure] for a, b in zip(runs, others))


STREAM_HEAD = """\
| | M records/s: kt | kcat | kt ÷ kcat | floor | CPU s per M: kt | kcat | kt ÷ kcat | floor | peak MB: kt | kcat \
| first record ms: kt | kcat | targets |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|"""

SHORT_HEAD = """\
| | ms: kt | kcat | kt ÷ kcat | target |
|---|--:|--:|--:|---|"""


def stream_line(row, variant, records, runs):
    kt, kcat, floor = runs[variant], runs[peer(variant)], runs["floor"]
    values = {"rate": ratio(kcat, kt, "wall"), "CPU": ratio(kt, kcat, "cpu"), "memory": ratio(kt, kcat, "peak")}
    million = records / 1e6
    cells = [row.variants[variant]]
    cells += [f"{million / median(who, 'wall'):.2f}" for who in (kt, kcat)] + [f"**{values['rate']:.2f}**"]
    cells += [f"{million / median(floor, 'wall'):.2f}" if variant != "-J" else ""]
    cells += [f"{median(who, 'cpu') / million:.2f}" for who in (kt, kcat)] + [f"**{values['CPU']:.2f}**"]
    cells += [f"{median(floor, 'cpu') / million:.2f}" if variant != "-J" else ""]
    cells += [f"{median(who, 'peak'):.0f}" for who in (kt, kcat)]
    cells += [f"{median(who, 'first') * 1000:.0f}" if who[0]["first"] else "" for who in (kt, kcat)]
    cells += ["; ".join(target.judge(values[target.figure]) for target in row.targets(variant))]
    return "| " + " | ".join(cells) + " |"


def short_line(name, kt, kcat, bound):
    verdict = Target("", "≤", round(bound, 1), " ms").judge(round(kt, 1)).strip()
    return f"| {name} | {kt:.1f} | {kcat:.1f} | **{kt / kcat:.2f}** | {verdict} |"


def output_of(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.stdout.strip()


def machine(bench):
    """Where, when, with which versions and how much was measured."""
    options, kt, kcat = bench.options, output_of(str(KT), "--version").splitlines(), output_of("kcat", "-V")
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    revision = output_of("git", "-C", str(ROOT), "describe", "--always", "--dirty")
    place = "memory (tmpfs)" if bench.in_memory else "the file system"
    yield (f"- {time.strftime('%Y-%m-%d')}: {os.cpu_count()} cores {model.group(1) if model else platform.machine()}, "
           f"{memory:.0f} GB, Linux {platform.release()}; the brokers share the cores with the clients, files and logs "
           f"lie in {place}")
    yield (f"- {kt[0]} ({revision}) with {kt[1]}; kcat {re.search(r'Version ([0-9.]+)', kcat).group(1)} with librdkafka "
           f"{re.search(r'librdkafka ([0-9.]+)', kcat).group(1)}; Apache Kafka "
           f"{bench.kafka_version()} on {output_of('java', '-version').splitlines()[0]}")
    yield (f"- {options.records:,} records of 100 bytes, {options.records // 5:,} of 1024; medians of {options.rounds} "
           "rounds, ratios of those that ran side by side")


def report(bench, wanted):
    """The page, line by line, as it is measured."""
    profiles = []
    yield from machine(bench)
    rows = [row for row in streams() if wanted & set(row.variants.values())]
    if rows:
        yield from ("", STREAM_HEAD)
    for row in rows:
        variants = [variant for variant, name in row.variants.items() if name in wanted]
        runs = bench.stream(row, variants)
        for variant in variants:
            yield stream_line(row, variant, bench.records(row.size), runs)
            if bench.options.profile and shutil.which("perf") and not row.piped:
                profiles.append(f"- {row.variants[variant]}: {bench.profile(row, bench.commands(row)[variant])}")
    rows = [row for row in SHORT if row[0] in wanted]
    if rows:
        yield from ("", SHORT_HEAD)
    for name, kt, kcat, what, target in rows:
        ours, theirs = bench.short(kt, kcat, what)
        bounds = {"kcat": theirs, "id": theirs + bench.id_ms() if target == "id" else 0}
        yield short_line(name, ours, theirs, bounds.get(target, target))
    yield from loads.report(bench, measure, Target, wanted)
    yield from avros.report(bench, measure, Target, wanted)
    yield from works.report(bench, measure, Target, wanted)
    yield from serves.report(bench, measure, Target, wanted)
    yield from listens.report(bench, measure, Target, wanted)
    yield from datas.report(bench, measure, Target, wanted)
    yield from copies.report(bench, measure, Target, wanted)
    yield from benches.report(bench, measure, Target, wanted)
    yield from mqtts.report(bench, measure, Target, wanted)
    yield from millions.report(bench, measure, Target, wanted)
    if profiles:
        yield from ("", "Where kt's CPU time goes (perf), by whose code it is, and the first functions:", "", *profiles)


def write_page(lines):
    """Between the two marks stands the measurement; the words around it are written by hand."""
    page = PAGE.read_text()
    begin, end = "<!-- measured -->\n", "<!-- end -->\n"
    PAGE.write_text(page.split(begin)[0] + begin + "\n".join(lines) + "\n" + end + page.split(end)[1])


def parse_options():
    parser = argparse.ArgumentParser(prog="./dev bench", usage=__doc__, add_help=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--records", type=int)
    parser.add_argument("--rounds", type=int)
    options = parser.parse_args()
    options.records = options.records or (600000 if options.full else 300000)
    options.rounds = options.rounds or (5 if options.full else 3)
    options.profile = options.profile or options.full
    return options


def main():
    options = parse_options()
    names = [name for row in streams() for name in row.variants.values()] + [row[0] for row in SHORT]
    names += loads.names() + avros.names() + works.names() + serves.names() + listens.names() + datas.names()
    names += copies.names() + benches.names() + mqtts.names() + millions.names()
    wanted = {name for name in names if set(options.words) <= set(name.replace(",", "").split())}
    if options.list or not wanted:
        print("\n".join(names), file=sys.stdout if options.list else sys.stderr)
        return 0 if options.list else 2
    lines = []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with contextlib.ExitStack() as stack:
        try:
            for line in report(Bench(options, stack), wanted):
                print(line, flush=True)
                lines.append(line)
        except (Failed, subprocess.CalledProcessError) as failure:
            print(f"bench: {failure}", file=sys.stderr)
            return 1
    if options.full and not options.words:
        write_page(lines)
    return 0


if __name__ == "__main__":
    sys.exit(main())
