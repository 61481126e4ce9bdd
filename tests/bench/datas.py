"""kt sql and kt sink beside kt consume, on the same topic of JSON objects of about 100 bytes."""
import os
import statistics
import subprocess
import tempfile

HEAD = """\
| | M rows/s | CPU s per M | peak MB | beside it | targets |
|---|--:|--:|--:|---|---|"""

COUNT = "kafka data sql count"
GROUP = "kafka data sql group by a field"
WHERE = "kafka data consume where"
SINK = "kafka data sink sqlite"
FILES = {f"kafka data sink files {kind}": words for kind, words in {
    "text": ["-f", "jsonl"], "null": ["-f", "avro"], "snappy": ["-f", "avro", "-z", "snappy"]}.items()}


def names():
    return [COUNT, GROUP, WHERE, SINK, *FILES]


def fill(bench, topic, records):
    if topic in bench.filled:
        return
    bench.create(topic, 16)
    with subprocess.Popen(["kt", "produce", "-q", topic, "-X", "linger.ms=5"], stdin=subprocess.PIPE, text=True) as kt:
        for n in range(records):
            kt.stdin.write('{"id":%d,"experiment":"exp-%d","sensor":"sensor-%d","temperature":%.2f,"ok":true,"unit":"celsius"}\n'
                           % (n, n % 20, n % 7, 20 + n % 1000 / 100))
    bench.filled.add(topic)


def report(bench, measure, target, wanted):
    if not wanted & set(names()):
        return
    bench.use("kafka")
    topic, records = "json", bench.options.records
    fill(bench, topic, records)
    folder = tempfile.TemporaryDirectory()
    sink = f"rm -f {folder.name}/*; exec kt sink sqlite -q {folder.name}/s.db {topic} -e"
    rows = {
        COUNT: (["kt", "sql", "-q", f"SELECT count(*) FROM {topic}"], "rate / consume", 0.6, ""),
        GROUP: (["kt", "sql", "-q", f"SELECT experiment, count(*) FROM {topic} GROUP BY 1"], "rate", 500000, "/s"),
        WHERE: (["kt", "consume", "-q", "-e", topic, "--where", "$.temperature > 29.98"], "rate", 500000, "/s"),
        SINK: (["sh", "-c", sink], "rate", 250000, "/s"),
    }
    for name, words in FILES.items():
        line = f"exec kt sink files -q {folder.name}/lake$$ {topic} -e {' '.join(words)}"  # a folder of its own: removing files takes time
        rows[name] = (["sh", "-c", line], "rate / consume -J", 0.8, "")
    yield from ("", HEAD)
    for name, (argv, figure, bound, unit) in rows.items():
        if name not in wanted:
            continue
        runs, consumes = [], []
        for _ in range(bench.options.rounds):
            # Files are compared with what writes as much into one.
            shape, out = (["-J"], f"{folder.name}/out") if name in FILES else ([], os.devnull)
            consumes.append(measure(["kt", "consume", "-q", "-e", topic, *shape], bench.log, out=out))
            runs.append(measure(argv, bench.log))
        rate, cpu = (records / 1e6 / statistics.median(run["wall"] for run in runs),
                     statistics.median(run["cpu"] for run in runs) / records * 1e6)
        beside = records / 1e6 / statistics.median(run["wall"] for run in consumes)
        own = statistics.median(run["cpu"] for run in consumes) / records * 1e6
        ratio = statistics.median(consume["wall"] / run["wall"] for run, consume in zip(runs, consumes))
        value = round(ratio, 2) if "consume" in figure else round(rate * 1e6)
        memory = statistics.median(run["peak"] for run in runs)
        yield (f"| {name} | {rate:.2f} | {cpu:.2f} | {memory:.0f} | kt consume{' -J' if name in FILES else ''} {beside:.2f} M/s, {own:.2f} s | "
               f"{target(figure, '≥', bound, unit or '×').judge(value)} |")
    folder.cleanup()
