"""kt avro-decode: messages as the experiment producer makes them, and container files, beside what else decodes them."""
import base64
import json
import os
import pathlib
import random
import shutil
import statistics
import struct
import subprocess
import uuid
import zlib

HERE = pathlib.Path(__file__).resolve().parent
INFLATE = HERE.parent.parent / "build/tests/bench/inflate"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "kt"
TOOLS = "1.12.0"
TOPIC, PARTITIONS = "events", 64
# Experiments of 254 events each: 800 bytes an event, 1.6 MB a partition; the embedded broker keeps 5 MB.
EXPERIMENTS, EVENTS = 500, 254
RECORDS, IN_BLOCK = 500000, 100

FIELDS = {"experiment": "string", "sensor": "string", "measurement_id": "string", "timestamp": "double",
          "temperature": "float", "measurement_hash": "string"}
SCHEMA = json.dumps({"type": "record", "name": "sensor_temperature_measured",
                     "fields": [{"name": name, "type": kind} for name, kind in FIELDS.items()]}, separators=(",", ":"))

# Name, what it is measured beside, what is to be reached.
FILE = "avro messages of a file to JSON"
CONSUME = "embedded avro messages to JSON"
PYTHON = "embedded avro messages to dicts"
CAT = "avro container to JSON, avrocat"
JAVA = "avro container to JSON, java"
DEFLATE = "avro container of deflate to JSON"
ROWS = {
    FILE: ("", {"CPU": 1.5}),
    CONSUME: ("kt consume", {"rate": 0.7}),
    PYTHON: ("confluent-kafka and fastavro", {"rate": 10}),
    CAT: ("avrocat", {"rate": 10, "memory": 32}),
    JAVA: ("avro-tools", {"rate": 6}),
    DEFLATE: ("inflate alone", {"CPU over it": 1, "memory": 32}),
}
UNITS = {"CPU": " µs", "CPU over it": " µs", "rate": "×", "memory": " MB"}

HEAD = """\
| | M records/s: kt | beside it | kt ÷ it | CPU µs each: kt | beside it | peak MB: kt | beside it | beside it | targets |
|---|--:|--:|--:|--:|--:|--:|--:|---|---|"""


def names():
    return list(ROWS)


class Missing(Exception):
    """What kt is measured beside cannot be had here."""


def prepare(path, *commands):
    """The path, which these commands make when it is not there."""
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        for command in commands:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode:
                raise Missing(f"{' '.join(map(str, command[:3]))}: {(done.stdout.strip().splitlines() or ['fails'])[-1]}")
    return str(path)


def python():
    """One with the two modules, in an environment of its own."""
    home = CACHE / "bench-python"
    made = prepare(home / "done", ["/usr/bin/python3", "-m", "venv", home],
                   [home / "bin/pip", "-q", "install", "confluent-kafka", "fastavro"], ["touch", home / "done"])
    return str(pathlib.Path(made).parent / "bin/python")


def avro_tools():
    if not shutil.which("mvn"):
        raise Missing("mvn is not installed")
    return prepare(CACHE / f"avro-tools-{TOOLS}.jar",
                   ["mvn", "-B", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
                    f"-Dartifact=org.apache.avro:avro-tools:{TOOLS}", f"-DoutputDirectory={CACHE}"])


# What is decoded.


def number(n):
    """Zigzag, seven bits a byte; n is not negative."""
    n, out = n << 1, bytearray()
    while n > 0x7f:
        out.append(n & 0x7f | 0x80)
        n >>= 7
    out.append(n)
    return bytes(out)


def text(value):
    return number(len(value)) + value


def sensor_records():
    """Two sensors; each with a hash of its own, or it would compress, as the original's do not."""
    rng = random.Random(1)
    ids = [text(str(uuid.UUID(int=rng.getrandbits(128))).encode()) for _ in range(1000)]
    for i in range(RECORDS):
        digest = base64.b64encode(rng.randbytes(12)) + b"." + base64.b64encode(rng.randbytes(214)).rstrip(b"=")
        yield (ids[0] + ids[1 + i % 2] + ids[3 + i // 2 % 997] + struct.pack("<df", 1694266072 + rng.random(), 26 + rng.random())
               + text(digest))


def container(bench, codec):
    """A file of all records; returns its path."""
    path, sync = pathlib.Path(bench.dir) / f"{codec}.avro", bytes(range(16))
    if path.exists():
        return str(path)
    with open(path, "wb") as out:
        out.write(b"Obj\1" + number(2) + text(b"avro.schema") + text(SCHEMA.encode()) + text(b"avro.codec")
                  + text(codec.encode()) + number(0) + sync)
        block = []
        for n, record in enumerate(sensor_records(), 1):
            block.append(record)
            if n % IN_BLOCK:
                continue
            data = b"".join(block)
            if codec == "deflate":
                packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
                data = packer.compress(data) + packer.flush()
            out.write(number(len(block)) + text(data) + sync)
            block = []
    return str(path)


def messages(bench):
    """The topic that holds the events, and a file with one after another."""
    bench.use("embedded")
    load, path = pathlib.Path(bench.dir) / "experiments.json", pathlib.Path(bench.dir) / "messages"
    if not path.exists():
        load.write_text(json.dumps([{
            "start_time": 0, "researcher": "d.landau@uu.nl", "num_sensors": 10, "stabilization_samples": 5,
            "carry_out_samples": 20, "copies": EXPERIMENTS}]), encoding="utf-8")
        bench.create(TOPIC, PARTITIONS)
        subprocess.run(["kt", "loadgen", str(load), "-t", TOPIC, "-q", "--no-metrics", "--speed", "max"], check=True)
        with open(path, "wb") as out:
            subprocess.run(["kt", "consume", TOPIC, "-e", "-q", "-D", "", "-f", "%s"], stdout=out, check=True)
    return str(path)


# Runs and lines.


def commands(bench, name):
    """What kt does, what is done beside it (or None), and how many records it is about."""
    if name == FILE:
        return ["kt", "avro-decode", "-q", messages(bench)], None, EXPERIMENTS * EVENTS
    if name in (CONSUME, PYTHON):
        messages(bench)
        kt = ["kt", "avro-decode", TOPIC, "-e", "-q"]
        if name == CONSUME:
            return kt, ["kt", "consume", TOPIC, "-e", "-q"], EXPERIMENTS * EVENTS
        other = [python(), str(HERE / "decode.py"), bench.use("embedded"), TOPIC, str(EXPERIMENTS * EVENTS)]
        return kt + ["--python"], other, EXPERIMENTS * EVENTS
    path = container(bench, "deflate" if name == DEFLATE else "null")
    kt = ["kt", "avro-decode", "-q", path]
    if name == DEFLATE:
        return kt, [str(INFLATE), path], RECORDS
    if name == JAVA:
        return kt, ["java", "-jar", avro_tools(), "tojson", path], RECORDS
    if not shutil.which("avrocat"):
        raise Missing("avrocat (package avro-bin) is not installed")
    return kt, ["avrocat", path], RECORDS


def run_all(bench, measure, turns):
    """By turns; the first round is not counted."""
    runs = {who: [] for who in turns}
    for counted in [False] + [True] * bench.options.rounds:
        for who, argv in turns.items():
            result = measure(argv, bench.log, out=f"{bench.dir}/out")
            if counted:
                runs[who].append(result)
    return runs


def figures(runs, records):
    """The medians: million records per second, microseconds of CPU per record, MB at most."""
    def median(figure):
        return statistics.median(run[figure] for run in runs)
    return {"rate": records / 1e6 / median("wall"), "CPU": median("cpu") / records * 1e6, "memory": median("peak"),
            "bytes": median("bytes")}


def line(bench, measure, target, name):
    beside, bounds = ROWS[name]
    try:
        kt, other, records = commands(bench, name)
    except Missing as missing:
        return f"| {name} | | | | | | | | {beside} | skipped: {missing} |"
    turns = {"kt": kt} | ({"other": other} if other else {})
    found = {who: figures(runs, records) for who, runs in run_all(bench, measure, turns).items()}
    ours, theirs = found["kt"], found.get("other")
    values = dict(ours)
    if theirs:
        values |= {"rate": ours["rate"] / theirs["rate"], "CPU over it": ours["CPU"] - theirs["CPU"]}
        if name == PYTHON and ours["bytes"] != theirs["bytes"]:
            beside += f" (**which wrote {theirs['bytes']:.0f} bytes, kt {ours['bytes']:.0f}**)"

    def both(figure, form):
        return [f"{ours[figure]:{form}}", f"{theirs[figure]:{form}}" if theirs else ""]
    cells = [name, *both("rate", ".2f"), f"**{values['rate']:.2f}**" if theirs else "", *both("CPU", ".2f"),
             *both("memory", ".0f"), beside]
    found = [target(figure, "≥" if figure == "rate" else "≤", bound, UNITS[figure]) for figure, bound in bounds.items()]
    return "| " + " | ".join(cells + ["; ".join(each.judge(values[each.figure]) for each in found)]) + " |"


def report(bench, measure, target, wanted):
    rows = [name for name in ROWS if name in wanted]
    if rows:
        yield from ("", HEAD)
    for name in rows:
        yield line(bench, measure, target, name)
