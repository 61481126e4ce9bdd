"""kt mqtt, killed at random instants while a device publishes numbers: in the end all of them are in the topic, and what
is there twice says so. Arguments: HOST PORT TOPIC KILLS NUMBERS"""
import json, os, random, subprocess, sys, time

host, port, topic, kills, numbers = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
seed = int(os.environ.get("SEED", time.time_ns() % 1000000))
print("# seed", seed)
fate = random.Random(seed)
RATE = 10000


def bridge():
    return subprocess.Popen(["kt", "mqtt", f"mqtt://{host}:{port}", "-s", topic, "-t", topic, "-J"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_until(process, words):
    while (line := process.stderr.readline()) and words not in line:
        pass


def present():
    told = subprocess.run(["kt", "consume", "-q", "-e", "-J", topic], capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in told.stdout.splitlines()]
    return [(int(r["payload"]), r["headers"][3]["value"]) for r in records]


# The session has to be there before the first number.
process = bridge()
wait_until(process, "session")
process.terminate()
process.communicate()
device = subprocess.Popen(["mosquitto_pub", "-h", host, "-p", port, "-q", "1", "-t", topic, "-l"],
                          stdin=subprocess.PIPE, text=True)
process, sent, killed = bridge(), 0, 0
die = sorted(fate.randrange(numbers) for _ in range(kills))
while sent < numbers:
    device.stdin.write("".join("%d\n" % n for n in range(sent, min(sent + RATE // 100, numbers))))
    device.stdin.flush()
    sent = min(sent + RATE // 100, numbers)
    while killed < kills and die[killed] < sent:
        # One in three is killed while it starts.
        if fate.random() < 0.67:
            wait_until(process, "session")
            time.sleep(fate.random() * 0.3)
        process.kill()
        process.communicate()
        process, killed = bridge(), killed + 1
    time.sleep(0.01)
device.stdin.close()
problems = [] if device.wait() == 0 else ["the device ended with %d" % device.returncode]
end, got = time.monotonic() + 120, []
while time.monotonic() < end and len({n for n, dup in got}) < numbers:
    time.sleep(0.2)
    got = present()
process.terminate()
told, said = process.communicate()
if json.loads(told)["unacknowledged"]:
    problems.append("not all is acknowledged: " + told)
missing = sorted(set(range(numbers)) - {n for n, dup in got})
if missing:
    problems.append("%d are missing: %s" % (len(missing), missing[:10]))
firsts = [n for n, dup in got if dup == "0"]
if len(firsts) != len(set(firsts)):
    problems.append("some are there twice without mqtt.dup")
print("# %d killed %d times: %d twice" % (numbers, killed, len(got) - len({n for n, dup in got})))
print("\n".join("# " + p for p in problems))
sys.exit(bool(problems))
