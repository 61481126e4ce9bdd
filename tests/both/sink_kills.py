"""kt sink sqlite, killed at random instants and begun again until everything is there: no record is missing or there
twice, and at each instant there is no hole below the offsets that the file has come to. Arguments: TOPIC, FILE, kills,
and options."""
import os, random, sqlite3, subprocess, sys, time

topic, path, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
more = sys.argv[4:]
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
fate = random.Random(seed)
print("# seed", seed)
said = subprocess.run(["kt", "consume", "-q", "-e", "-f", "%p %o\n", topic], capture_output=True, text=True, check=True)
want = {tuple(map(int, line.split())) for line in said.stdout.splitlines()}


def look():
    """The places that are in the file, which reach exactly as far as it says."""
    db = sqlite3.connect(path)
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'kt_sink_offsets'").fetchall():
        return set()
    ends = dict(db.execute("SELECT partition, next FROM kt_sink_offsets WHERE topic = ?", [topic]))
    there = db.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [topic]).fetchall()
    have = db.execute('SELECT _partition, _offset FROM "%s"' % topic).fetchall() if there else []
    assert len(have) == len(set(have)), "rows twice"
    expected = {place for place in want if place[1] < ends.get(place[0], 0)}
    assert set(have) == expected, "the file has %d rows, and says %d" % (len(have), len(expected))
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()
    return set(have)


# A slow disk makes it slow enough to be killed in the middle; so does a small queue of records.
grown, last = 0, 0
for turn in range(kills):
    process = subprocess.Popen(["kt", "sink", "sqlite", "-q", "-X", "queued.min.messages=1", "-X", "fetch.max.bytes=20000",
                                path, topic, *more])
    time.sleep(fate.random() * 0.3)
    process.kill()
    process.wait()
    now = len(look())
    grown += now > last
    last = now
subprocess.run(["kt", "sink", "sqlite", path, topic, "-e", *more], check=True)
have = look()
assert have == want, "%d of %d records" % (len(have), len(want))
print("%d records; after %d of %d kills there were more than before" % (len(want), grown, kills))
