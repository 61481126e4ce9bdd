"""kt copy beside two kcats in a pipe, which lose headers and timestamps; and in transactions beside without."""
import statistics

HEAD = """\
| | M records/s | CPU s per M | peak MB | beside it | targets |
|---|--:|--:|--:|---|---|"""

PLAIN = "kafka data copy"
EXACT = "kafka data copy exactly once"


def names():
    return [PLAIN, EXACT]


class Copies:
    def __init__(self, bench, measure):
        self.bench, self.measure, self.made = bench, measure, 0
        self.address = bench.use("kafka")
        self.source = bench.filled_topic("kafka", 100)

    def target(self):
        self.made += 1
        topic = f"copied-{self.made}"
        self.bench.create(topic, 16)
        return topic

    def plain(self, *more):
        return self.measure(["kt", "copy", "-q", "-e", self.source, self.target(), *more], self.bench.log)

    def exact(self):
        return self.plain("--exactly-once")

    def kcats(self):
        line = (f"kcat -C -q -e -b {self.address} -t {self.source} -f '%k\\t%s\\n' | "
                f"kcat -P -q -b {self.address} -t {self.target()} -K '\t'")
        return self.measure(["sh", "-c", line], self.bench.log)


def report(bench, measure, target, wanted):
    if not wanted & set(names()):
        return
    copies = Copies(bench, measure)
    records = bench.records(100) / 1e6
    rows = {PLAIN: (copies.plain, copies.kcats, "kcat", 1.5), EXACT: (copies.exact, copies.plain, "plain", 0.5)}
    yield from ("", HEAD)
    for name, (ours, theirs, other, bound) in rows.items():
        if name not in wanted:
            continue
        pairs = [(ours(), theirs()) for _ in range(bench.options.rounds)]

        def median(which, figure, pairs=pairs):
            return statistics.median(pair[which][figure] for pair in pairs)

        ratio = statistics.median(their["wall"] / our["wall"] for our, their in pairs)
        work = statistics.median(their["cpu"] / our["cpu"] for our, their in pairs)
        yield (f"| {name} | {records / median(0, 'wall'):.2f} | {median(0, 'cpu') / records:.2f} | {median(0, 'peak'):.0f} | "
               f"{other} {records / median(1, 'wall'):.2f} M/s, {median(1, 'cpu') / records:.2f} s (CPU {work:.2f}×) | "
               f"{target(f'rate / {other}', '≥', bound).judge(round(ratio, 2))} |")
