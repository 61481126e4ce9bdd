"""kt copy, killed at random instants and begun again until everything is copied; then the destination is compared with
the source: each record is there, in its partition, and those of a partition come in their order. With --exactly-once
each is there once. Arguments: SRC, DST,DST,…, kills of each copy, and options; "-g" alone is a group for each copy."""
import os, random, subprocess, sys, threading, time

source, targets, kills = sys.argv[1], sys.argv[2].split(","), int(sys.argv[3])
more = [word for word in sys.argv[4:] if word != "-g"]
once = "--exactly-once" in more
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
print("# seed", seed)
# Small queues make it slow enough to be killed in the middle. A static member comes back at once; the embedded broker
# knows none, and lets the next one wait for the session's end: so there are several side by side.
options = ["-X", "queue.buffering.max.messages=100", "-X", "linger.ms=0", "-X", "auto.commit.interval.ms=50"]
if "-g" in sys.argv and os.environ.get("KT_ON") == "kafka" and not once:
    options += ["-X", "group.instance.id=one"]
problems = []
from_where = more[more.index("-b"):][:2] if "-b" in more else []


def copy(target, *extra):
    group = ["-g", "copies-" + target] if "-g" in sys.argv else []
    return subprocess.Popen(["kt", "copy", "--show-assign", source, target, *group, *more, *options, *extra],
                            stderr=subprocess.PIPE, text=True)


def records(topic, *where):
    """Of each partition its values, in their order."""
    told = subprocess.run(["kt", "consume", "-q", "-e", "-f", "%p %s\n", *where, topic], capture_output=True, text=True, check=True)
    parts = {}
    for line in told.stdout.splitlines():
        partition, value = line.split()
        parts.setdefault(partition, []).append(int(value))
    return parts


def compare(target, said):
    want, got, twice = records(source, *from_where), records(target), 0
    for partition, values in want.items():
        copies = got.get(partition, [])
        first = list(dict.fromkeys(copies))
        twice += len(copies) - len(first)
        if (copies if once else first) != values:
            problems.append("%s [%s]: %d records of %d, or in another order" % (target, partition, len(first), len(values)))
    print("%s: %d copied twice; the last run: %s" % (target, twice, said.splitlines()[-1] if said else ""))


def torment(target, fate):
    for turn in range(kills):
        process = copy(target)
        # One in four is killed while it starts.
        if fate.random() < 0.75:
            while (line := process.stderr.readline()) and "assigned" not in line:
                pass
        # Transactions are committed every half a second while there is more to copy.
        time.sleep(fate.random() * (1 if once else 0.15))
        process.kill()
        process.communicate()
    last = copy(target, "-e")
    said = last.communicate()[1]
    if last.returncode:
        problems.append("the last run ended with %d: %s" % (last.returncode, said))
    compare(target, said)


threads = [threading.Thread(target=torment, args=(target, random.Random("%d %d" % (seed, i)))) for i, target in enumerate(targets)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print("\n".join(problems[:10]))
sys.exit(bool(problems))
