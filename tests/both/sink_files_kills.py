"""kt sink files, killed at random instants and begun again with another --roll, format and folders until all is there:
each record is in one file, once, at its own offset; and no file that has its name is ever changed. Arguments: TOPIC,
FOLDER, kills."""
import glob, gzip, json, os, random, subprocess, sys, time

topic, path, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
fate = random.Random(seed)
print("# seed", seed)
said = subprocess.run(["kt", "consume", "-q", "-e", "-f", "%p %o %s\n", topic], capture_output=True, text=True, check=True)
want = {tuple(map(int, line.split())) for line in said.stdout.splitlines()}
finished = {}


def records(name):
    """Place and value of each record of a file."""
    with (gzip.open if name.endswith(".gz") else open)(name, "rt") as f:
        if ".csv" in name:
            assert f.readline().startswith("_topic,_partition,_offset,"), name
            return [tuple(map(int, (p, o, v))) for _, p, o, _, _, v, _ in (line.rstrip("\n").split(",") for line in f)]
        return [(r["partition"], r["offset"], int(r["payload"])) for r in map(json.loads, f)]


def names():
    return glob.glob(path + "/**/*.[0-9]*-[0-9]*.*", recursive=True)


def look():
    have = []
    for name in names():
        status = os.stat(name)
        assert finished.setdefault(name, (status.st_ino, status.st_size, status.st_mtime_ns)) == \
            (status.st_ino, status.st_size, status.st_mtime_ns), "%s was changed" % name
        partition, span = os.path.basename(name)[len(topic) + 1:].split(".")[:2]
        first, last = map(int, span.split("-"))
        rows = records(name)
        assert rows and all(p == int(partition) and first <= o <= last for p, o, _ in rows), name
        have += rows
    assert len(have) == len(set(have)), "records twice"
    assert set(have) <= want, "records that are none"
    return have


grown, killed = 0, 0
while killed < kills and len(look()) < len(want):
    ways = [["--roll", fate.choice(["3k", "20k", "200k", "64MiB", "20ms", "10k,10ms"])]]
    ways += [fate.choice([["-f", "jsonl"], ["-f", "csv"], ["-z", "gzip"], ["-f", "csv", "-z", "gzip"]])]
    ways += [fate.choice([[], ["--partition-by", "dt"], ["--partition-by", "dt/hour"]])]
    process = subprocess.Popen(["kt", "sink", "files", "-q", "-X", "fetch.message.max.bytes=3000", "-X",
                                "queued.min.messages=1", path, topic] + sum(ways, []))
    end, before = time.time() + 30, len(finished)
    while time.time() < end and not glob.glob(path + "/**/.*.part", recursive=True, include_hidden=True) and \
            len(names()) == before:
        time.sleep(0.002)
    time.sleep(fate.random() * 0.1)
    process.kill()
    process.wait()
    killed += 1
    look()
    grown += len(finished) > before
subprocess.run(["kt", "sink", "files", path, topic, "-e"], check=True)
have = look()
assert set(have) == want, "%d of %d records" % (len(have), len(want))
assert not glob.glob(path + "/**/.*", recursive=True, include_hidden=True), "something is left"
print("%d records in %d files; %d of %d kills were after some were finished" % (len(want), len(finished), grown, killed))
