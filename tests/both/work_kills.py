"""kt work, ended at random moments and begun again until everything is done; then what its command has seen is compared
with what was promised: every record at least once, in the order of its key among first attempts, repeats no more than
kills x partitions x --max-ahead (none after SIGTERM), and the group at the end of the topic."""
import json, os, random, signal, subprocess, sys, time

topic, group, how, kills, records, partitions = sys.argv[1:4] + [int(n) for n in sys.argv[4:7]]
extra = sys.argv[7:]
ahead, log = 20, os.path.abspath("kills-%s.log" % how)
stop_by = {"kill": signal.SIGKILL, "term": signal.SIGTERM}[how]
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
random.seed(seed)
print("# seed", seed)
open(log, "w").close()
open("append.sh", "w").write(
    '#!/bin/sh\nread -r line\nprintf "%%s %%s %%s %%s\\n" "$KT_RECORD_KEY" "$line" "$KT_RECORD_PARTITION" "$KT_RECORD_OFFSET" >>%s\n'
    % log)
os.chmod("append.sh", 0o755)
lines = "".join("k%d:%d\n" % (i % 50, i) for i in range(records))
subprocess.run(["kt", "produce", "-q", "-K", ":", topic], input=lines.encode(), check=True)


def work(*more):
    return subprocess.Popen(["kt", "work", "-q", "-g", group, "-j", "4", "--by", "key", "--max-ahead", str(ahead), *extra, *more,
                             topic, "--", "./append.sh"], stderr=open("kills.err", "ab"))


def seen():
    return [line.split() for line in open(log)]


def committed():
    """The group's offset in each partition where it has one."""
    told = subprocess.run(["kt", "group", "describe", "-q", group, "-J"], capture_output=True, text=True)
    found = json.loads(told.stdout.splitlines()[0])["partitions"] if told.stdout else []
    return {p["partition"]: p["committed"] or 0 for p in found}, told.stdout


problems = []
for turn in range(kills):
    before, process = len(seen()), work()
    end = time.time() + 60
    while len(seen()) == before and time.time() < end and len(seen()) < records:
        time.sleep(0.02)
    time.sleep(random.random() * 0.3)
    # What is committed was finished before that: its line is in the log by now.
    ahead_of = committed()[0]
    done = {(int(partition), int(offset)) for _, _, partition, offset in seen()}
    for partition, offset in ahead_of.items():
        if any((partition, before) not in done for before in range(offset)):
            problems.append("committed %d of partition %d before it was done" % (offset, partition))
    process.send_signal(stop_by)
    status = process.wait(60)
    if status not in (-signal.SIGKILL, 0):
        problems.append("status %d" % status)
# One that was killed while it joined has partitions until its session ends, and -e is the end of the others.
for _ in range(5):
    last = work("-e", "--run-for", "120s")
    if last.wait() != 0:
        problems.append("the last run ended with %d" % last.returncode)
    if sum(committed()[0].values()) == records:
        break
time.sleep(0.3)
got = [(key, int(number)) for key, number, _, _ in seen()]
if set(number for _, number in got) != set(range(records)):
    problems.append("missing: %s" % sorted(set(range(records)) - set(n for _, n in got))[:10])
first, keys = set(), {}
for key, number in got:
    if number in first:
        continue
    if keys.get(key, -1) > number:
        problems.append("key %s: %d after %d" % (key, number, keys[key]))
    keys[key] = number
    first.add(number)
repeats = len(got) - records
limit = 0 if how == "term" else kills * partitions * ahead
if repeats > limit:
    problems.append("%d repeats, more than %d" % (repeats, limit))
at, told = committed()
if sum(at.values()) != records:
    problems.append("committed: %s" % told)
print("# %d kills, %d records, %d repeats" % (kills, records, repeats))
for problem in problems:
    print("#", problem)
sys.exit(bool(problems))
