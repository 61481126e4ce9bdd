"""Members of kt work join, leave, and are stopped and continued at random, while their commands are slow; then every
record has been seen, nobody has left a process behind, and what was seen more than once is what they said comes again."""
import os, random, re, signal, subprocess, sys, time

topic, group, seconds, records = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
extra = sys.argv[5:]
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
random.seed(seed)
print("# seed", seed)
log, marker = os.path.abspath("storm.log"), "storm-%d" % os.getpid()
open(log, "w").close()
open("slow.sh", "w").write('#!/bin/sh\n# $1\necho "$KT_RECORD_PARTITION $KT_RECORD_OFFSET" >>%s\nsleep $(shuf -n 1 -e 0 0 0.1 0.5 %s)\n'
                           % (log, "3" if seconds > 60 else "1"))
os.chmod("slow.sh", 0o755)
# With keys: without them a producer fills one partition after the other.
subprocess.run(["kt", "produce", "-q", "-K", ":", topic], input="".join("%d:%d\n" % (i, i) for i in range(records)).encode(), check=True)
members, ended = [], []


def join(*more):
    name = "member-%d.err" % (len(members) + len(ended))
    process = subprocess.Popen(["kt", "work", "-g", group, "-j", "4", "--by", "none", "--grace", "4s", *extra, *more, topic, "--",
                                "./slow.sh", marker], stderr=open(name, "wb"))
    return process, name


def leave(member, how=signal.SIGTERM):
    member[0].send_signal(signal.SIGCONT)
    member[0].send_signal(how)
    ended.append((member[0].wait(60), member[1]))


end = time.time() + seconds
while time.time() < end:
    if len(members) < 5 and random.random() < 0.6:
        members.append(join())
    elif len(members) > 1 and random.random() < 0.4:
        leave(members.pop(random.randrange(len(members))))
    elif members:
        process = random.choice(members)[0]
        process.send_signal(signal.SIGSTOP)
        time.sleep(random.uniform(0.1, min(10, seconds / 10)))
        process.send_signal(signal.SIGCONT)
    time.sleep(random.random())
for member in members:
    leave(member)
last = join("-e", "--run-for", "300s")
ended.append((last[0].wait(), last[1]))
# One that was told to go before it had begun dies of the signal.
problems = ["%s ended with %d" % (name, status) for status, name in ended if status not in (0, 143, -signal.SIGTERM)]
seen = [tuple(line.split()) for line in open(log)]
if len(set(seen)) != records:
    problems.append("%d of %d were seen" % (len(set(seen)), records))
told = sum(int(n) for _, name in ended for n in re.findall(r"(\d+) handed out that come again", open(name).read()))
repeats = len(seen) - len(set(seen))
# A record whose partition comes back to the member that still works on it is counted once and handed out twice.
if repeats > told:
    problems.append("%d repeats, and %d were told" % (repeats, told))
if subprocess.run(["pgrep", "-f", marker], capture_output=True).stdout:
    problems.append("commands are left")
print("# %d members, %d records, %d repeats, %d told" % (len(ended), records, repeats, told))
for problem in problems:
    print("#", problem)
sys.exit(bool(problems))
