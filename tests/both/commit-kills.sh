. "${0%/*}/lib.sh"
# Fifty kills of kt commit-demo at random instants: the SQLite store holds every record, once, at the end.
need python3
session=3
! on_kafka || session=6
for n in 0 1 2 3 4 5 6 7 8 9; do
  fresh "kills$n" 1
  seq -f "$n-%g" 60 | kt produce -q "$topic"
done

# Ten demos side by side, each killed five times, share the file.
cat >kills.py <<'END'
import random, signal, sqlite3, subprocess, sys, threading, time

run, session = sys.argv[1:]
seed = random.randrange(1 << 32)
print("# seed", seed)
fate = random.Random(seed)
deadline = time.time() + 400


def count(topic):
    db = sqlite3.connect("kills.db", timeout=30)
    n = db.execute("SELECT count(*) FROM records WHERE topic = ?", (topic,)).fetchone()[0]
    db.close()
    return n


def start(topic):
    return subprocess.Popen(["kt", "commit-demo", topic, "-g", topic, "-q", "--store", "kills.db", "--store-time", "20ms",
                             "--session-timeout", session + "s"], stdout=subprocess.PIPE)


def torment(n, waits):
    topic = f"kills{n}-{run}"
    for wait in waits:
        demo = start(topic)
        # One kill of each is while it joins, the others from the first record on.
        if wait >= 0:
            demo.stdout.readline()
        time.sleep(abs(wait))
        demo.kill()
        demo.communicate()
    demo = start(topic)
    drain = threading.Thread(target=demo.stdout.read)
    drain.start()
    while count(topic) < 60 and time.time() < deadline and demo.poll() is None:
        time.sleep(0.1)
    demo.send_signal(signal.SIGTERM)
    drain.join()
    print("status", demo.wait())


all_waits = [[fate.uniform(0, 0.3) for _ in range(4)] + [-fate.uniform(0, 2)] for _ in range(10)]
threads = [threading.Thread(target=torment, args=(n, all_waits[n])) for n in range(10)]
for t in threads:
    t.start()
for t in threads:
    t.join()
db = sqlite3.connect("kills.db")
rows = sorted(db.execute("SELECT topic, offset, value FROM records"))
expected = sorted((f"kills{n}-{run}", i, f"{n}-{i + 1}".encode()) for n in range(10) for i in range(60))
print("complete" if rows == expected else f"got {len(rows)} rows of {len(expected)}")
END
run timeout 450 python3 kills.py "$$" "$session"
is "$(grep -c '^status 0$' out)" 10 "the last run of each ends well"
is "$(tail -n 1 out)" complete "every record is stored, and once ($(head -n 1 out))"
done_testing
