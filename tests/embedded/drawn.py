"""Compares what a page has drawn with what was sent: drawn.py DRAWN LOG SPEED AGAIN

DRAWN is JSON from the page's own picture: ticks of both axes with their places, and the lines. LOG is that of
kt loadgen 3.json at the speed, AGAIN that of a producer started later at the same address. Prints a line per comparison:
True or False, a tab, and what was compared.

A point stands for what was counted between the two times at which the producer was asked, the later of which lies
between the point before it and the point itself. So a machine that stands still makes points that are far apart, and
what is drawn there may be sent that much earlier; nothing else may differ."""
import bisect
import datetime
import json
import sys

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
started_again = (next(sent(sys.argv[4])) - start) % DAY
times = [(seconds(text), place) for text, place in drawn["x"]]
x = scale([((t - times[0][0]) % DAY, place) for t, place in times])
y = scale([(float(text.replace(",", "")), place - 4) for text, place in drawn["y"]])
zero = (times[0][0] - start + DAY / 2) % DAY - DAY / 2


# A line is in two where somebody was held up; a point then stands for all that was counted since the last one.
points = []
for path in drawn["lines"]:
    for point in path.removesuffix("h0")[1:].split("L"):
        px, py = point.split(",")
        points.append((zero + x(float(px)), y(float(py))))
first = [point for point in points if point[0] <= started_again]
again = [rate for t, rate in points if t > started_again]

# Events under the line, up to each point of the first run, from its first point on.
under = [0]
for (before, _), (t, rate) in zip(first, first[1:]):
    under.append(under[-1] + rate * (t - before))


def logged(t):
    return bisect.bisect(log, t)


# What of the log was counted at a point, at least and at most. Clocks are read a moment before something is counted.
def counted(i):
    return logged(first[i - 1][0] - 0.1) if i > 0 else 0, logged(first[max(i, 0)][0] + 0.1)


# The point at a time or the next after it, and what lies under the line up to the time.
def at(time):
    i = min(bisect.bisect_left(first, (time,)), len(first) - 1)
    if i == 0:
        return 0, 0
    (before, _), (t, rate) = first[i - 1], first[i]
    return i, under[i - 1] + rate * (min(time, t) - before)


def fits(n, least, most):
    return least - 2 - 0.01 * len(log) <= n <= most + 2 + 0.01 * len(log)


for begin, end, rate in PLATEAUS:
    # Away from its ends.
    margin = 0.15 * (end - begin) / speed
    low, high = begin / speed + margin, end / speed - margin
    (i, below), (k, above) = at(low), at(high)
    least = counted(k - 1)[0] - counted(i)[1]
    most = counted(k)[1] - counted(i - 1)[0]
    say(fits(above - below, least, most),
        f"{begin} to {end} s: {above - below:.0f} events drawn, {least} to {most} counted, "
        f"{rate * speed * (high - low):.0f} planned")

least, most = counted(len(first) - 1)[0] - counted(0)[1], len(log)
say(fits(under[-1], least, most), f"{under[-1]:.0f} events under the line, {len(log)} sent")
worst = 0
for i, n in enumerate(under):
    least, most = counted(i)[0] - counted(0)[1], counted(i)[1]
    worst = max(worst, least - n, n - most)
say(worst <= 2 + 0.01 * len(log), f"at no time more than {worst:.0f} events from what was counted")
say(min(rate for t, rate in points) >= -0.5, "no negative rate")
say(max(again, default=0) > 20, f"a gap, and what the restarted producer sent: up to {max(again, default=0):.0f} events/s")
