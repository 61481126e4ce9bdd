"""kt sql beside PySpark's local mode, and kt copy beside MirrorMaker 2, on the same million JSON objects. Both start a virtual
machine, which would be all that is seen of fewer; and each runs once, since a run takes as long as many of kt's."""
import contextlib
import itertools
import json
import os
import pathlib
import re
import statistics
import subprocess
import time

import avros
import datas
import serves

HERE = pathlib.Path(__file__).resolve().parent
JARS = HERE.parent / "jars"
SPARK = "4.1.1"
TOPIC, RECORDS = "million", 1000000
# Seconds, for what takes ten or twenty.
LIMIT = 180

HEAD = """\
| | M records/s | CPU s per M | peak MB | beside it | targets |
|---|--:|--:|--:|---|---|"""

SQL = "kafka data sql beside PySpark"
COPY = "kafka data copy beside MirrorMaker"

SCHEMA = "id LONG, experiment STRING, sensor STRING, temperature DOUBLE, ok BOOLEAN, unit STRING"

# The broker is both clusters: the copy is called here.million. What else it would do meanwhile is switched off, heap and
# collector are those of its own start script.
MIRROR = """\
clusters=here, there
here.bootstrap.servers={address}
there.bootstrap.servers={address}
here->there.enabled=true
here->there.topics={topic}
tasks.max=2
emit.heartbeats.enabled=false
emit.checkpoints.enabled=false
sync.topic.acls.enabled=false
replication.factor=1
offset-syncs.topic.replication.factor=1
config.storage.replication.factor=1
offset.storage.replication.factor=1
status.storage.replication.factor=1
"""
MIRROR_JVM = ["-server", "-Xms256m", "-Xmx2g", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20",
              "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]


def names():
    return [SQL, COPY]


def jars(name, version):
    """The folder with what tests/bench/NAME-pom.xml asks for."""
    folder = f"{name}-{version}"
    return avros.prepare(avros.CACHE / folder, [JARS, folder, HERE / f"{name}-pom.xml", f"-Dversion={version}"])


def around(bench, ours, theirs):
    """What ours() found before theirs() and after it, since a machine is not as fast all the time; and what theirs() found."""
    runs = [ours()]
    other = theirs()
    return runs + [ours() for _ in range(bench.options.rounds - 1)], other


# PySpark.


def spark(bench):
    """The command line that does what SQL does."""
    home = avros.CACHE / f"bench-spark-{SPARK}"
    avros.prepare(home / "done", ["/usr/bin/python3", "-m", "venv", home],
                  [home / "bin/pip", "-q", "install", f"pyspark=={SPARK}"], ["touch", home / "done"])
    found = ",".join(sorted(map(str, pathlib.Path(jars("spark", SPARK)).glob("*.jar"))))
    return ["env", "SPARK_LOCAL_IP=127.0.0.1", f"SPARK_LOCAL_DIRS={bench.dir}", f"TMPDIR={bench.dir}", home / "bin/python",
            HERE / "sparkgroup.py", bench.address["kafka"], TOPIC, "experiment", SCHEMA, found]


def sql(bench, measure, target):
    argv = list(map(str, spark(bench)))
    kt = ["kt", "sql", "-q", f"SELECT experiment, count(*) FROM {TOPIC} GROUP BY 1"]
    runs, other = around(bench, lambda: measure(kt, bench.log, piped_out=True), lambda: measure(argv, bench.log, piped_out=True))
    # What came first is the result: both write it at once, when it is known.
    wall = statistics.median(run["first"] for run in runs)
    beside = (f"PySpark {SPARK}, local[2]: {other['first']:.1f} s from start to result, kt {wall:.2f} s; {other['cpu']:.1f} s of "
              f"CPU, {other['peak']:.0f} MB")
    if other["bytes"] != runs[0]["bytes"]:
        beside += f" (**which wrote {other['bytes']} bytes, kt {runs[0]['bytes']}**)"
    return runs, wall, beside, target("PySpark / kt", "≥", 10).judge(round(other["first"] / wall, 1))


# MirrorMaker 2.


def copied(topic):
    """How many records it holds; none before it is there."""
    found = subprocess.run(["kt", "topic", "offsets", "-q", "-J", topic], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                           text=True, check=False)
    return json.loads(found.stdout)["count"] if found.returncode == 0 else 0


@contextlib.contextmanager
def mirroring(bench):
    version = bench.kafka_version()
    folder = jars("mirror", version)
    conf = pathlib.Path(bench.dir, "mirror.properties")
    conf.write_text(MIRROR.format(address=bench.address["kafka"], topic=TOPIC), encoding="utf-8")
    argv = ["java", *MIRROR_JVM, "-cp", f"{folder}/*", "org.apache.kafka.connect.mirror.MirrorMaker", conf]
    with open(bench.log, "wb") as log:
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=bench.dir)
    try:
        yield version, process
    finally:
        # All is copied: it has nothing to end in order.
        process.kill()
        process.wait()


def watch(process, log):
    """Waits until all is copied: seconds since the start and records there, each time it was looked at."""
    start, seen = time.monotonic(), []
    while not seen or seen[-1][1] < RECORDS:
        time.sleep(0.05)
        count = copied(f"here.{TOPIC}")
        seen.append((time.monotonic() - start, count))
        if count < RECORDS and (process.poll() is not None or seen[-1][0] > LIMIT):
            # Without the lines of a trace that only say where.
            said = re.findall(r"^\S.*", pathlib.Path(log).read_text(encoding="utf-8", errors="replace"), re.M) or ["no word"]
            raise avros.Missing(f"MirrorMaker 2 copied {count:,} records in {seen[-1][0]:.0f} s: {said[-1][:200]}")
    return seen


def mirror(bench):
    """Its name, how far it was when, CPU seconds and MB."""
    with mirroring(bench) as (version, process):
        seen = watch(process, bench.log)
        return f"MirrorMaker 2 of Kafka {version}", seen, serves.cpu_seconds([process.pid]), serves.peak_mb([process.pid])


def copy(bench, measure, target):
    targets = (f"copied-million-{n}" for n in itertools.count())

    def ours():
        bench.create(topic := next(targets), 16)
        return measure(["kt", "copy", "-q", "-e", TOPIC, topic], bench.log)

    runs, (other, seen, cpu, memory) = around(bench, ours, lambda: mirror(bench))
    wall = statistics.median(run["wall"] for run in runs)

    def rate_from(least):
        """From when so many were there until all are."""
        then, count = next(look for look in seen if look[1] >= least)
        return (RECORDS - count) / max(seen[-1][0] - then, 0.001)

    # By its second half it is compiled. What its start takes is paid once by what then copies for days: not kt's merit.
    rate = rate_from(RECORDS // 2)
    first = next(at for at, count in seen if count)
    beside = (f"{other}, 2 tasks: {rate / 1e6:.2f} M/s in its second half, {rate_from(1) / 1e6:.2f} from its first records on, "
              f"which came after {first:.1f} s, {RECORDS / seen[-1][0] / 1e6:.2f} from its start; {cpu:.1f} s of CPU, "
              f"{memory:.0f} MB")
    return runs, wall, beside, target("rate / MirrorMaker 2", "≥", 3).judge(round(RECORDS / wall / max(rate, 1), 1))


def report(bench, measure, target, wanted):
    if not wanted & set(names()):
        return
    bench.use("kafka")
    datas.fill(bench, TOPIC, RECORDS)
    yield from ("", HEAD)
    for name, row in {SQL: sql, COPY: copy}.items():
        if name not in wanted:
            continue
        try:
            runs, wall, beside, verdict = row(bench, measure, target)
        except avros.Missing as missing:
            yield f"| {name} | | | | | skipped: {missing} |"
            continue
        cpu, memory = (statistics.median(run[figure] for run in runs) for figure in ("cpu", "peak"))
        yield f"| {name} | {RECORDS / wall / 1e6:.2f} | {cpu * 1e6 / RECORDS:.2f} | {memory:.0f} | {beside} | {verdict} |"
