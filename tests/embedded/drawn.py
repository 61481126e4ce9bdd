"""Compares what a page has drawn with what was sent: drawn.py DRAWN LOG SPEED

DRAWN is JSON from the page's own picture: ticks of both axes with their places, and the lines. LOG is that of
kt loadgen 3.json at the speed. Prints a line per comparison: True or False, a tab, and what was compared."""
import bisect
import datetime
import json
import sys

INTERVAL = 0.25
DAY = 86400
# Of 3.json: from, to, events per second.
PLATEAUS = [(0, 30, 10), (30, 45, 50), (45, 48, 90), (48, 60, 50), (60, 72.5, 40)]

drawn = json.load(open(sys.argv[1]))
speed = float(sys.argv[3])


def say(good, text):
    print(bool(good), text, sep="\t")


def scale(ticks):
    (a, at_a), (b, at_b) = ticks[0], ticks[-1]
    return lambda place: a + (place - at_a) / (at_b - at_a) * (b - a)


def seconds(text):
    hours, minutes, rest = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + float(rest)


def sent(path):
    for line in open(path):
        event = json.loads(line)
        if "stage" in event["fields"] or "sensor" in event["fields"]:
            time = datetime.datetime.fromisoformat(event["timestamp"] + ":00").astimezone(datetime.timezone.utc)
            yield seconds(time.strftime("%H:%M:%S.%f"))


log = list(sent(sys.argv[2]))
start = log[0]
# Midnight may come between.
log = sorted((t - start) % DAY for t in log)
times = [(seconds(text), place) for text, place in drawn["x"]]
x = scale([((t - times[0][0]) % DAY, place) for t, place in times])
y = scale([(float(text.replace(",", "")), place - 4) for text, place in drawn["y"]])
zero = (times[0][0] - start + DAY / 2) % DAY - DAY / 2


def points(path):
    for point in path.removesuffix("h0")[1:].split("L"):
        px, py = point.split(",")
        yield zero + x(float(px)), y(float(py))


# A point stands for what was sent since the one before it: an interval, or more when somebody was held up.
def spans(line):
    before = line[0][0] - INTERVAL
    for t, rate in line:
        yield before, t, rate
        before = t


lines = [list(points(path)) for path in drawn["lines"] if "L" in path]
# A line may be in two where somebody was held up. Those that begin after the last event are the restarted producer's.
first = [span for line in lines if line[0][0] <= log[-1] for span in spans(line)]
again = [rate for line in lines if line[0][0] > log[-1] for t, rate in line]

for begin, end, rate in PLATEAUS:
    # Away from its ends; what was sent is at the plateau's rate, unless the producer was held up.
    margin = 0.15 * (end - begin) / speed
    low, high = begin / speed + margin, end / speed - margin
    mean = sum(r * max(min(t, high) - max(before, low), 0) for before, t, r in first) / (high - low)
    really = (bisect.bisect(log, high) - bisect.bisect(log, low)) / (high - low)
    say(abs(mean - really) <= 0.3 * rate * speed,
        f"{begin} to {end} s: {mean:.1f} events/s drawn, {really:.1f} sent, {rate * speed:.0f} planned")

total = sum(rate * (t - before) for before, t, rate in first)
say(abs(total - len(log)) <= 0.05 * len(log), f"{total:.0f} events under the line, {len(log)} sent")
sums, worst = 0, 0
for before, t, rate in first:
    sums += rate * (t - before)
    worst = max(worst, sums - bisect.bisect(log, t + 1), bisect.bisect(log, t - 1) - sums)
say(worst <= 0.03 * len(log), f"at no time more than {worst:.0f} events from what the log says, give or take a second")
say(min(rate for line in lines for t, rate in line) >= -0.5, "no negative rate")
say(max(again, default=0) > 20, f"a gap, and what the restarted producer sent: up to {max(again, default=0):.0f} events/s")
