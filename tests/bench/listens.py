"""kt serve with many who listen, beside a chat in node's ws and a server of events in node. Who listens, the broker and the
server share the machine's processors; CPU time is the server's alone."""
import contextlib
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys

import avros
import serves

LISTENERS = pathlib.Path(__file__).resolve().parent.parent.parent / "build/tests/bench/listeners"
MANY, ALONE, RATE, SECONDS = 5000, 5, 10, 10

HEAD = """\
| | deliveries/s | own CPU µs of each | p50, p99, most ms | one alone, until all have it, ms | peak MB | kB of one who listens | targets |
|---|--:|--:|--:|--:|--:|--:|---|"""

# Name, whose server, what it speaks, targets: figure, relation, bound, unit.
ROWS = [
    ("kafka streams chat, 5000 listen", "chat", "ws",
     [("CPU", "≤", 11, " µs"), ("p99", "≤", 100, " ms"), ("memory", "≤", 60, " MB"), ("alone", "≤", 150, " ms")]),
    ("kafka streams events, 5000 listen", "events", "sse", [("memory", "≤", 90, " MB")]),
    ("kafka streams chat by node ws, 5000 listen", "ws", "ws", []),
    ("kafka streams events by node, 5000 listen", "sse", "sse", []),
]

WS = """\
const { WebSocketServer } = require("ws");
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("connection", (one) => one.on("message", (data) => {
  const text = data.toString();
  for (const each of server.clients) if (each.readyState === 1) each.send(text);
}));
server.on("listening", () => console.error(`serving at http://127.0.0.1:${server.address().port}/`));
"""

SSE = """\
const them = new Set();
const server = require("http").createServer((request, response) => {
  if (request.method === "POST") {
    let body = "";
    request.on("data", (piece) => { body += piece; });
    request.on("end", () => {
      for (const each of them) each.write(`data: ${body}\\n\\n`);
      response.end();
    });
    return;
  }
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("retry: 2000\\n\\n");
  them.add(response);
  request.on("close", () => them.delete(response));
});
server.listen(0, "127.0.0.1", 5000, () => console.error(`serving at http://127.0.0.1:${server.address().port}/`));
"""


def names():
    return [row[0] for row in ROWS]


def node(bench, name, script):
    if not shutil.which("node"):
        raise avros.Missing("node is not there")
    home = avros.CACHE / "bench-ws"
    avros.prepare(home / "done", ["mkdir", "-p", home], ["npm", "install", "--silent", "--prefix", home, "ws@8.18.3"],
                  ["touch", home / "done"])
    path = pathlib.Path(bench.dir, name)
    path.write_text(script, encoding="utf-8")
    return ["env", f"NODE_PATH={home}/node_modules", "NODE_ENV=production", "node", path]


# Its command line, the paths of those who listen and of who writes.
SERVERS = {
    "chat": lambda bench: (["kt", "serve", "--lab", "chat@127.0.0.1:0"], "/ws", None),
    "events": lambda bench: (["kt", "serve", "--listen", "127.0.0.1:0"], "/events/chat", "/produce/chat"),
    "ws": lambda bench: (node(bench, "ws.js", WS), "/ws", None),
    "sse": lambda bench: (node(bench, "sse.js", SSE), "/", "/"),
}


@contextlib.contextmanager
def served(argv):
    """Its address and its process."""
    with subprocess.Popen(argv, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        try:
            for line in process.stderr:
                found = re.search(r"serving at http://([0-9.:]+)", line)
                if found:
                    break
            else:
                raise subprocess.CalledProcessError(process.wait(), argv)
            yield found.group(1), process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def memory_kb(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")).group(1))


def ask(process, word=""):
    """Its lines until one begins with the word, after one that lets it go on."""
    lines = []
    for line in process.stdout:
        lines.append(line.split())
        if lines[-1][0] == word:
            return lines
    raise subprocess.CalledProcessError(process.wait(), process.args)


def go_on(process):
    process.stdin.write("\n")
    process.stdin.flush()


def run(bench, row):
    """The figures of one server: deliveries a second, CPU, p50, p99, most, alone, memory, of one."""
    _, who, speaks, _ = row
    argv, path, post = SERVERS[who](bench)
    with served(argv) as (address, pid):
        words = [LISTENERS, speaks, str(MANY), address + path, str(ALONE), str(RATE), str(SECONDS), *([address + post] if post else [])]
        # The first to come has the server do what it does once.
        subprocess.run([*words[:2], "1", *words[3:4], "1", "1", "1", *words[7:]], input="\n\n", text=True, check=True, stdout=subprocess.DEVNULL)
        before = memory_kb(pid)
        with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            ask(process, "open")
            each = (memory_kb(pid) - before) / MANY
            go_on(process)
            alone = statistics.median(float(line[1]) for line in ask(process, "quiet")[:-1])
            pids = serves.family(pid)
            cpu = serves.cpu_seconds(pids)
            go_on(process)
            done, lost, *delays = map(float, ask(process, "load")[-1][1:])
            cpu = serves.cpu_seconds(pids) - cpu
        if lost:
            raise subprocess.CalledProcessError(1, words, stderr=f"{lost:.0f} deliveries did not come")
        return done / SECONDS, cpu / done * 1e6, *delays, alone, serves.peak_mb(pids), each


def line(bench, row, target):
    found = [run(bench, row) for _ in range(bench.options.rounds)]
    rate, cpu, p50, p99, most, alone, memory, each = (statistics.median(figures) for figures in zip(*found))
    figures = {"CPU": cpu, "p99": p99, "memory": memory, "alone": alone}
    verdicts = "; ".join(target(*bound).judge(round(figures[bound[0]], 2)) for bound in row[3])
    return (f"| {row[0]} | {rate:,.0f} | {cpu:.1f} | {p50:.0f}, {p99:.0f}, {most:.0f} | {alone:.0f} | {memory:.0f} | {each:.2f} | "
            f"{verdicts} |")


def report(bench, _, target, wanted):
    rows = [row for row in ROWS if row[0] in wanted]
    if not rows:
        return
    bench.use("kafka")
    if "chat" not in bench.filled:
        bench.create("chat", 1)
        bench.filled.add("chat")
    yield from ("", HEAD)
    for row in rows:
        try:
            yield line(bench, row, target)
        except avros.Missing as missing:
            print(f"bench: no row {row[0]}: {missing}", file=sys.stderr)
