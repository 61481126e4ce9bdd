"""kt work beside what else runs a command for each record. Joining a group takes seconds, one time more than another: the
clock starts when the partitions are there, and what is measured is the difference between a run of all records and one of a
single record.

spawnloop.c and askloop.c are the floors, without a broker and without anything that could be lost; echoworker.c is a worker
that does nothing, so that kt is what is measured. benthos is built once, by go, and kept in the user's cache; where that
cannot be done, its column says so."""
import os
import pathlib
import shutil
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
BUILT = HERE.parent.parent / "build/tests/bench"
COMMANDS = 3000
# The embedded broker keeps about 5 MB of a partition.
STREAMED = {"embedded": 200000, "kafka": 1000000}

HEAD = """\
| | records/s | own CPU µs per record | beside it, records/s | targets |
|---|--:|--:|---|---|"""

COMMAND = "embedded work command, 2 at a time"
# Form, window, worker, target.
STREAMS = {"embedded work stream lines python window 1": ("lines", "1", "python", 50000),
           "embedded work stream lines python window 64": ("lines", "64", "python", 150000),
           "embedded work stream lines C window 64": ("lines", "64", "C", None),
           "embedded work stream frames C window 64": ("frames", "64", "C", None),
           "kafka work stream frames C window 64": ("frames", "64", "C", 500000)}

PYTHON = """\
import json, sys
for line in sys.stdin:
    json.loads(line)
    sys.stdout.write('ok\\n')
    sys.stdout.flush()
"""

BENTHOS = "github.com/redpanda-data/benthos/v4"
BENTHOS_VERSION = "v4.60.0"
BENTHOS_MAIN = """\
package main

import (
	"context"

	_ "%s/public/components/io"
	_ "%s/public/components/pure"
	"%s/public/service"
)

func main() { service.RunCLI(context.Background()) }
""" % (BENTHOS, BENTHOS, BENTHOS)
BENTHOS_CONFIG = """\
http: {enabled: false}
logger: {level: NONE}
input: {stdin: {scanner: {lines: {}}}}
pipeline:
  threads: 2
  processors: [{command: {name: /bin/true}}]
output: {drop: {}}
"""


def names():
    return [COMMAND, *STREAMS]


def cpu_seconds(process):
    """Of one that has ended and is not waited for."""
    stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def run(argv, log):
    """Wall seconds, and CPU seconds of the process itself without those it has waited for."""
    start = time.monotonic()
    with open(log, "wb") as errors:
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - start
    cpu = cpu_seconds(process)
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, argv, stderr=pathlib.Path(log).read_text(encoding="utf-8"))
    return wall, cpu


def run_member(argv):
    """The same of a member of a group, from when it has its partitions."""
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        start, words = time.monotonic(), []
        for line in process.stderr:
            start = time.monotonic() if line.startswith("% assigned") else start
            words.append(line)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        wall = time.monotonic() - start
        cpu = cpu_seconds(process)
        if process.wait() != 0:
            raise subprocess.CalledProcessError(process.returncode, argv, stderr="".join(words))
    return wall, cpu


class Works:
    def __init__(self, bench):
        self.bench, self.runs = bench, 0

    def fill(self, topic, count):
        if topic not in self.bench.filled:
            self.bench.create(topic, 16)
            text = "".join(f"{n:0100}\n" for n in range(count))
            subprocess.run(["kt", "produce", "-q", topic, "-X", "linger.ms=5"], input=text, text=True, check=True)
            self.bench.filled.add(topic)

    def work(self, topic, count, options, command):
        self.runs += 1
        argv = ["kt", "work", "-e", "-g", f"bench-{self.runs}", "-c", str(count), *options, topic, "--", *command]
        return run_member(argv)

    def rate(self, topic, count, options, command):
        """Records per second, and CPU microseconds of a record."""
        found = []
        for _ in range(self.bench.options.rounds):
            one, many = (self.work(topic, n, options, command) for n in (1, count))
            found.append((count / max(many[0] - one[0], 1e-9), (many[1] - one[1]) / count * 1e6))
        return [statistics.median(each) for each in zip(*found)]


def build_benthos():
    """The program, or None and why there is none. It takes some minutes, once."""
    place = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "kt" / f"benthos-{BENTHOS_VERSION}"
    program = place / "benthos"
    go = shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin")
    if program.exists():
        return program, None
    if not go:
        return None, "there is no go"
    place.mkdir(parents=True, exist_ok=True)
    (place / "go.mod").write_text("module bench\n\ngo 1.22\n", encoding="utf-8")
    (place / "main.go").write_text(BENTHOS_MAIN, encoding="utf-8")
    for words in (["get", f"{BENTHOS}@{BENTHOS_VERSION}"], ["mod", "tidy"], ["build", "-o", "benthos", "."]):
        done = subprocess.run([go, *words], cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            return None, f"go {words[0]}: {done.stderr.strip().splitlines()[-1]}"
    return program, None


def peers(bench, topic):
    """What else runs /bin/true for each of the same records, and why one of them could not."""
    lines = f"kcat -C -q -b $KT_BROKERS -t {topic} -e"
    python = ("import subprocess, sys\nfor n in range(%d): subprocess.run(['/bin/true'], input=b'x' * 100, check=True)"
              % COMMANDS)
    turns = {"spawn loop": [str(BUILT / "spawnloop"), str(COMMANDS), "2", "/bin/true"],
             "kcat, xargs -P2": ["sh", "-c", f"{lines} | xargs -P2 -n1 /bin/true"],
             "Python subprocess": ["python3", "-c", python]}
    benthos, why = build_benthos()
    if benthos:
        config = pathlib.Path(bench.dir) / "benthos.yaml"
        config.write_text(BENTHOS_CONFIG, encoding="utf-8")
        turns["kcat, benthos command, 2 threads"] = ["sh", "-c", f"{lines} | {benthos} -c {config}"]
    rounds = range(bench.options.rounds)
    return {who: statistics.median(COMMANDS / run(argv, bench.log)[0] for _ in rounds) for who, argv in turns.items()}, why


def command_line(works, target):
    works.bench.use("embedded")
    works.fill("commands", COMMANDS)
    rate, cpu = works.rate("commands", COMMANDS, ["-j", "2", "--by", "none"], ["/bin/true"])
    beside, why = peers(works.bench, "commands")
    verdicts = [target("rate / spawn loop", "≥", 0.9).judge(round(rate / beside["spawn loop"], 2)),
                target("rate / xargs", "≥", 1.4).judge(round(rate / beside["kcat, xargs -P2"], 2)),
                target("CPU", "≤", 120, " µs").judge(round(cpu))]
    others = ", ".join([f"{who} {value:,.0f}" for who, value in beside.items()] + ([f"no benthos: {why}"] if why else []))
    return f"| {COMMAND} | {rate:,.0f} | {cpu:.0f} | {others} | {'; '.join(verdicts)} |"


def stream_line(works, target, name):
    form, window, language, bound = STREAMS[name]
    broker = name.partition(" ")[0]
    count = STREAMED[broker]
    works.bench.use(broker)
    command = [str(BUILT / "echoworker"), form]
    if language == "python":
        program = pathlib.Path(works.bench.dir) / "lines.py"
        program.write_text(PYTHON, encoding="utf-8")
        command = ["python3", str(program)]
    works.fill(f"streamed-{broker}", count)
    options = ["-j", "2", "--by", "none", "--stream", form, "--window", window]
    rate, cpu = works.rate(f"streamed-{broker}", count, options, command)
    floor = [str(BUILT / "askloop"), form, str(count), "2", window, *command]
    loop = statistics.median(count / run(floor, works.bench.log)[0] for _ in range(works.bench.options.rounds))
    beside = f"bare loop {loop:,.0f}"
    if language == "C":
        consume = ["kt", "consume", "-q", "-e", f"streamed-{broker}"]
        beside += f", kt consume {count / run(consume, works.bench.log)[0]:,.0f}"
    verdict = target("rate", "≥", bound, "/s").judge(round(rate)) if bound else ""
    return f"| {name} | {rate:,.0f} | {cpu:.1f} | {beside} | {verdict} |"


def report(bench, _, target, wanted):
    if not wanted & set(names()):
        return
    works = Works(bench)
    yield from ("", HEAD)
    if COMMAND in wanted:
        yield command_line(works, target)
    for name in STREAMS:
        if name in wanted:
            yield stream_line(works, target, name)
