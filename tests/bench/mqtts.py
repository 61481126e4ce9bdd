"""kt mqtt beside mosquitto_sub: what a session has collected, of QoS 1, is taken and acknowledged."""
import os
import socket
import statistics
import subprocess
import tempfile
import time

HEAD = """\
| | messages/s | CPU µs each | peak MB | beside it | targets |
|---|--:|--:|--:|---|---|"""

NAME = "kafka data mqtt"
MESSAGES = 100000
# mosquitto_pub loses lines where more than all identifiers are on their way.
PORTION = 20000


def names():
    return [NAME]


class Mqtt:
    def __init__(self, bench, measure, folder):
        self.bench, self.measure, self.topic = bench, measure, "mqtt"
        with socket.create_server(("127.0.0.1", 0)) as s:
            self.port = str(s.getsockname()[1])
        conf = os.path.join(folder, "mosquitto.conf")
        with open(conf, "w", encoding="utf-8") as out:
            out.write(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n"
                      "max_inflight_messages 1000\nlog_type error\n")
        self.broker = subprocess.Popen(["mosquitto", "-c", conf])
        while socket.socket().connect_ex(("127.0.0.1", int(self.port))):
            time.sleep(0.05)
        bench.create(self.topic, 16)
        self.lines = "".join('{"id":%d,"sensor":"sensor-%d","temperature":%.2f,"ok":true,"unit":"celsius"}\n'
                             % (n, n % 7, 20 + n % 1000 / 100) for n in range(PORTION))
        self.kt = ["kt", "mqtt", "-q", f"mqtt://127.0.0.1:{self.port}", "-s", "bench", "-t", self.topic]
        self.sub = ["mosquitto_sub", "-p", self.port, "-q", "1", "-c", "-i", "bench", "-t", "bench"]
        subprocess.run([*self.kt, "--run-for", "1s"], check=False, stderr=subprocess.DEVNULL)
        subprocess.run([*self.sub, "-E"], check=True)

    def run(self):
        """Both have a session, and so get all of it."""
        for _ in range(MESSAGES // PORTION):
            subprocess.run(["mosquitto_pub", "-p", self.port, "-q", "1", "-t", "bench", "-l"], input=self.lines, text=True,
                           check=True)
        return (self.measure([*self.kt, "-c", str(MESSAGES)], self.bench.log),
                self.measure([*self.sub, "-C", str(MESSAGES)], self.bench.log))


def report(bench, measure, target, wanted):
    if not wanted & set(names()):
        return
    bench.use("kafka")
    with tempfile.TemporaryDirectory() as folder:
        mqtt = Mqtt(bench, measure, folder)
        try:
            pairs = [mqtt.run() for _ in range(bench.options.rounds)]
        finally:
            mqtt.broker.terminate()
            mqtt.broker.wait()
    ours, theirs = (MESSAGES / statistics.median(pair[which]["wall"] for pair in pairs) for which in (0, 1))
    cpu, their_cpu = (statistics.median(pair[which]["cpu"] for pair in pairs) / MESSAGES * 1e6 for which in (0, 1))
    memory = statistics.median(pair[0]["peak"] for pair in pairs)
    # What mosquitto sends to its own client is as much as there is.
    bound = min(40000, round(theirs))
    yield from ("", HEAD)
    yield (f"| {NAME} | {ours:,.0f} | {cpu:.1f} | {memory:.0f} | mosquitto_sub {theirs:,.0f}/s, {their_cpu:.1f} µs | "
           f"{target('rate', '≥', bound, '/s').judge(ours)}, {target('CPU', '≤', 4, ' µs').judge(cpu)} |")
