"""kt work beside what else runs a command for each record. Joining a group takes seconds: what is measured is the
difference between a run of all records and one of a single record."""
import os
import pathlib
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
SPAWNLOOP = HERE.parent.parent / "build/tests/bench/spawnloop"
COMMANDS, STREAMED = 3000, 100000

HEAD = """\
| | records/s | own CPU µs per record | beside it, records/s | targets |
|---|--:|--:|---|---|"""

COMMAND = "embedded work command, 2 at a time"
LINES_1 = "embedded work stream lines python window 1"
LINES_64 = "embedded work stream lines python window 64"
FRAMES = "embedded work stream frames window 64"
STREAMS = {LINES_1: ("lines", "1", 50000), LINES_64: ("lines", "64", 150000), FRAMES: ("frames", "64", 150000)}

# Answers each line; and each frame, as many as came at once.
LINES = "import json, sys\nfor line in sys.stdin:\n    json.loads(line)\n    sys.stdout.write('ok\\n')\n    sys.stdout.flush()\n"
FRAMES_PY = """\
import os
held = b""
while data := os.read(0, 1 << 20):
    held, at, said = held + data, 0, []
    while len(held) - at >= 4 and len(held) - at - 4 >= (size := int.from_bytes(held[at:at + 4], "big")):
        said.append(b"\\0\\0\\0\\x09" + held[at + 4:at + 12] + b"\\0")
        at += 4 + size
    held = held[at:]
    os.write(1, b"".join(said))
"""


def names():
    return [COMMAND, *STREAMS]


def run(argv, log):
    """Wall seconds, and CPU seconds of the process itself without those it has waited for."""
    start = time.monotonic()
    with open(log, "wb") as errors:
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    wall = time.monotonic() - start
    stat = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    if process.wait() != 0:
        raise subprocess.CalledProcessError(process.returncode, argv, stderr=pathlib.Path(log).read_text(encoding="utf-8"))
    return wall, (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


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
        argv = ["kt", "work", "-q", "-e", "-g", f"bench-{self.runs}", "-c", str(count), *options, topic, "--", *command]
        return run(argv, self.bench.log)

    def rate(self, topic, count, options, command):
        """Records per second, and CPU microseconds of a record."""
        found = []
        for _ in range(self.bench.options.rounds):
            one, many = (self.work(topic, n, options, command) for n in (1, count))
            found.append((count / max(many[0] - one[0], 1e-9), (many[1] - one[1]) / count * 1e6))
        return [statistics.median(each) for each in zip(*found)]


def peers(bench, topic):
    """What else runs /bin/true for each of the same records."""
    lines = f"kcat -C -q -b $KT_BROKERS -t {topic} -e"
    python = ("import subprocess, sys\nfor n in range(%d): subprocess.run(['/bin/true'], input=b'x' * 100, check=True)"
              % COMMANDS)
    turns = {"spawn loop": [str(SPAWNLOOP), str(COMMANDS), "2", "/bin/true"],
             "kcat, xargs -P2": ["sh", "-c", f"{lines} | xargs -P2 -n1 /bin/true"],
             "Python subprocess": ["python3", "-c", python]}
    rounds = range(bench.options.rounds)
    return {who: statistics.median(COMMANDS / run(argv, bench.log)[0] for _ in rounds) for who, argv in turns.items()}


def command_line(works, target):
    works.fill("commands", COMMANDS)
    rate, cpu = works.rate("commands", COMMANDS, ["-j", "2", "--by", "none"], ["/bin/true"])
    beside = peers(works.bench, "commands")
    verdicts = [target("rate / spawn loop", "≥", 0.9).judge(round(rate / beside["spawn loop"], 2)),
                target("rate / xargs", "≥", 1.4).judge(round(rate / beside["kcat, xargs -P2"], 2)),
                target("CPU", "≤", 120, " µs").judge(round(cpu))]
    others = ", ".join(f"{who} {value:,.0f}" for who, value in beside.items())
    return f"| {COMMAND} | {rate:,.0f} | {cpu:.0f} | {others} | {'; '.join(verdicts)} |"


def stream_line(works, target, name):
    form, window, bound = STREAMS[name]
    program = pathlib.Path(works.bench.dir) / f"{form}.py"
    program.write_text(LINES if form == "lines" else FRAMES_PY, encoding="utf-8")
    works.fill("streamed", STREAMED)
    options = ["-j", "2", "--by", "none", "--stream", form, "--window", window]
    rate, cpu = works.rate("streamed", STREAMED, options, ["python3", str(program)])
    return f"| {name} | {rate:,.0f} | {cpu:.1f} | | {target('rate', '≥', bound, '/s').judge(round(rate))} |"


def report(bench, _, target, wanted):
    if not wanted & set(names()):
        return
    bench.use("embedded")
    works = Works(bench)
    yield from ("", HEAD)
    if COMMAND in wanted:
        yield command_line(works, target)
    for name in STREAMS:
        if name in wanted:
            yield stream_line(works, target, name)
