"""kt sink sqlite, killed at random instants and begun again: whenever that is, the file has each record up to the
offsets that it has come to, once, and nothing else; and in the end all of them. Arguments: TOPIC, FILE, kills, and
options. A file that is complete is begun anew, until some kills have found one that was not."""
import os, pathlib, random, sqlite3, subprocess, sys, time

topic, path, kills = sys.argv[1], sys.argv[2], int(sys.argv[3])
sink = ["kt", "sink", "sqlite", "-q", path, topic, *sys.argv[4:]]
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
fate = random.Random(seed)
print("# seed", seed)
said = subprocess.run(["kt", "consume", "-q", "-e", "-f", "%p %o\n", topic], capture_output=True, text=True, check=True)
want = {tuple(map(int, line.split())) for line in said.stdout.splitlines()}


def look():
    """How many rows there are, which are those that the file says there are."""
    db = sqlite3.connect(path)
    tables = {name for name, in db.execute("SELECT name FROM sqlite_master")}
    ends = dict(db.execute("SELECT partition, next FROM kt_sink_offsets")) if "kt_sink_offsets" in tables else {}
    have = db.execute('SELECT _partition, _offset FROM "%s"' % topic).fetchall() if topic in tables else []
    expected = {place for place in want if place[1] < ends.get(place[0], 0)}
    assert len(have) == len(set(have)), "rows twice"
    assert set(have) == expected, "the file has %d rows, and says %d" % (len(have), len(expected))
    assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    db.close()
    return len(have)


def begin_anew():
    for name in pathlib.Path(path).parent.glob(pathlib.Path(path).name + "*"):
        name.unlink()


begin_anew()
began = time.monotonic()
subprocess.run([*sink, "-e"], check=True)
whole = time.monotonic() - began
assert look() == len(want)
begin_anew()
turn, halves, anew = 0, 0, 0
while turn < kills or not halves:
    assert turn < kills + 100, "no kill found the file half written"
    turn += 1
    process = subprocess.Popen(sink)
    time.sleep(fate.random() * whole)
    assert process.poll() is None, "it ended by itself"
    process.kill()
    process.wait()
    rows = look()
    halves += 0 < rows < len(want)
    if rows == len(want):
        anew += 1
        begin_anew()
subprocess.run([*sink, "-e"], check=True)
assert look() == len(want)
print("%d records; %d of %d kills found the file half written, %d complete" % (len(want), halves, turn, anew))
