"""mutations.py: a proxy in front of a real broker that spoils answers, and kt's commands through it.

    mutations.py KT HOST:PORT [--runs N|--minutes N] [--seed TEXT] [--only API] [--keep RUN] [--sasl HOST:PORT -- OPTION…]

Each run takes one API, one kind of damage and a command that uses the API; which bytes are hit follows from the seed and
the number of the run, so that `--keep N` with the same seed repeats run N alone. Without --runs and --minutes each API
meets each kind once. A run is
well when the command ends within its time, below a gigabyte, by a status of its own, with a sentence when that is not 0
and no control characters in it. A crash of librdkafka counts apart: kt says then at which broker (crashguard.h).
"""
import argparse
import collections
import concurrent.futures
import itertools
import os
import random
import re
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SECONDS, MEGABYTES = 60, 1024
CRASHED = "kt: the Kafka library (librdkafka "
PRODUCE, FETCH, OFFSETS, METADATA, COMMIT, COMMITTED, COORDINATOR, JOIN, BEAT, LEAVE, SYNC, DESCRIBE_GROUPS, \
    LIST_GROUPS, SASL, VERSIONS, CREATE, DELETE, TRIM, INIT, ACLS, ADD_ACL, CONFIGS, ALTER, AUTHENTICATE, GROW, \
    DELETE_GROUPS, DELETE_OFFSETS = \
    0, 1, 2, 3, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 29, 30, 32, 33, 36, 37, 42, 47
KINDS = ["cut", "grow", "flip", "flips", "zero", "ones", "huge", "negative", "counts", "other", "correlation", "silence",
         "close", "torn", "endless", "noise"]


class Names:
    """Topics and groups of this process; those that a run destroys are made for it."""
    def __init__(self, kt, address):
        self.kt, self.address, self.base = kt, address, f"mutations-{os.getpid()}"
        self.topic, self.group = self.base, self.base + "-group"

    def run(self, *words, stdin=b""):
        return subprocess.run([self.kt, *words, "-b", self.address, "-q"], input=stdin, capture_output=True, check=False)

    def topic_for(self, number):
        name = f"{self.base}-{number}"
        self.run("topic", "create", name, "-p", "1")
        return name

    def filled_topic_for(self, number):
        name = self.topic_for(number)
        self.run("produce", name, stdin=b"1\n2\n3\n")
        return name

    def group_for(self, number):
        name = f"{self.base}-{number}"
        self.run("group", "reset", name, "-t", self.topic, "--to", "earliest", "--execute")
        return name

    def remove(self):
        self.run("group", "delete", self.base + "*", "--yes")
        self.run("topic", "delete", self.base + "*", "--yes")


# A record that is not acknowledged is given up after five minutes otherwise.
PATIENCE = ["-X", "message.timeout.ms=3000"]

# For each API the commands that send it.
COMMANDS = {
    PRODUCE: [lambda n, i: ["produce", n.topic, *PATIENCE]],
    FETCH: [lambda n, i: ["consume", n.topic, "-e", "--run-for", "4s"],
            lambda n, i: ["consume", n.topic, "-J", "-c", "3", "--run-for", "4s"]],
    OFFSETS: [lambda n, i: ["topic", "offsets", n.topic], lambda n, i: ["consume", n.topic, "-e", "--run-for", "4s"],
              lambda n, i: ["group", "describe", n.group],
              lambda n, i: ["topic", "offsets", n.topic, "--time", "2020-01-01T00:00:00Z"]],
    METADATA: [lambda n, i: ["topic", "list", "-l"], lambda n, i: ["cluster"], lambda n, i: ["-L"], lambda n, i: ["produce", n.topic, *PATIENCE],
               lambda n, i: ["topic", "describe", n.topic], lambda n, i: ["check", n.topic],
               lambda n, i: ["consume", n.topic, "-e", "--run-for", "4s"]],
    COMMIT: [lambda n, i: ["group", "reset", f"{n.base}-c{i}", "-t", n.topic, "--to", "earliest", "--execute"],
             lambda n, i: ["consume", n.topic, "-g", f"{n.base}-g{i}", "-e", "--run-for", "8s"]],
    COMMITTED: [lambda n, i: ["group", "describe", n.group], lambda n, i: ["group", "describe", n.group, "-J"]],
    COORDINATOR: [lambda n, i: ["group", "describe", n.group],
                  lambda n, i: ["consume", n.topic, "-g", f"{n.base}-g{i}", "-e", "--run-for", "6s"]],
    JOIN: [lambda n, i: ["consume", n.topic, "-g", f"{n.base}-g{i}", "-e", "--run-for", "6s"]],
    BEAT: [lambda n, i: ["consume", n.topic, "-g", f"{n.base}-g{i}", "--run-for", "6s", "-X",
                         "heartbeat.interval.ms=500"]],
    LEAVE: [lambda n, i: ["consume", n.topic, "-g", f"{n.base}-g{i}", "-e", "--run-for", "6s"]],
    SYNC: [lambda n, i: ["consume", n.topic, "-g", f"{n.base}-g{i}", "-e", "--run-for", "6s"]],
    DESCRIBE_GROUPS: [lambda n, i: ["group", "describe", n.group], lambda n, i: ["group", "list", "-l"]],
    LIST_GROUPS: [lambda n, i: ["group", "list"], lambda n, i: ["group", "describe", n.group]],
    VERSIONS: [lambda n, i: ["topic", "list"], lambda n, i: ["check"]],
    CREATE: [lambda n, i: ["topic", "create", f"{n.base}-n{i}", "-p", "2"]],
    DELETE: [lambda n, i: ["topic", "delete", n.topic_for(i), "--yes"]],
    INIT: [lambda n, i: ["produce", n.topic, "-X", "enable.idempotence=true", *PATIENCE]],
    CONFIGS: [lambda n, i: ["topic", "describe", n.topic], lambda n, i: ["topic", "describe", n.topic, "-J"],
              lambda n, i: ["cluster", "config"]],
    ALTER: [lambda n, i: ["topic", "alter", n.topic, "--config", f"retention.ms={86400000 + i}"]],
    GROW: [lambda n, i: ["topic", "alter", n.topic_for(i), "--partitions", "3"]],
    DELETE_GROUPS: [lambda n, i: ["group", "delete", n.group_for(i), "--yes"]],
    TRIM: [lambda n, i: ["topic", "trim", n.filled_topic_for(i), "--before", "latest", "--yes"]],
    DELETE_OFFSETS: [lambda n, i: ["group", "delete-offsets", n.group_for(i), n.topic, "--yes"]],
    ACLS: [lambda n, i: ["acl", "list"], lambda n, i: ["acl", "list", "-J"]],
    ADD_ACL: [lambda n, i: ["acl", "add", "--principal", "alice", "--producer", "-t", n.topic]],
}
OVER_SASL = {SASL: [lambda n, i: ["topic", "list"], lambda n, i: ["check"]],
             AUTHENTICATE: [lambda n, i: ["topic", "list"], lambda n, i: ["check"]]}


def receive(connection, n):
    data = b""
    while len(data) < n:
        part = connection.recv(min(n - len(data), 1 << 20))
        if not part:
            raise EOFError
        data += part
    return data


class Proxy:
    """Spoils the answers of one API, all of them or the first; hands on all others."""
    def __init__(self, upstream, api, kind, dice):
        host, port = upstream.rsplit(":", 1)
        self.upstream, self.api, self.kind, self.dice = (host, int(port)), api, kind, dice
        self.once, self.spoiled, self.last = dice.random() < 0.3, 0, b""
        self.lock = threading.Lock()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        # The answers that name brokers would lead past us. The port has the same size in all encodings.
        self.theirs, self.ours = (host.encode() + struct.pack(">i", p) for p in (int(port), self.port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                client, _ = self.socket.accept()
                threading.Thread(target=self.serve, args=(client,), daemon=True).start()
        except OSError:
            pass

    def serve(self, client):
        asked = {}
        try:
            with client, socket.create_connection(self.upstream) as broker:
                back = threading.Thread(target=self.answer, args=(client, broker, asked), daemon=True)
                back.start()
                try:
                    while True:
                        request = receive(client, struct.unpack(">i", receive(client, 4))[0])
                        api, version, correlation = struct.unpack(">hhi", request[:8])
                        asked[correlation] = api
                        broker.sendall(struct.pack(">i", len(request)) + request)
                finally:
                    broker.shutdown(socket.SHUT_RDWR)
                    back.join()
        except (OSError, EOFError, struct.error):
            pass

    def answer(self, client, broker, asked):
        try:
            while True:
                answer = receive(broker, struct.unpack(">i", receive(broker, 4))[0])
                api = asked.pop(struct.unpack(">i", answer[:4])[0], None)
                answer = answer.replace(self.theirs, self.ours)
                with self.lock:
                    hit = api == self.api and not (self.once and self.spoiled)
                    self.spoiled += hit
                    frame = self.spoil(answer) if hit else struct.pack(">i", len(answer)) + answer
                    if not hit:
                        self.last = answer[4:]
                if frame is None:
                    break
                client.sendall(frame)
        except (OSError, EOFError, struct.error):
            pass
        try:
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def spoil(self, answer):
        """The frame in its place; None to close."""
        dice, body, kind = self.dice, bytearray(answer[4:]), self.kind
        at = dice.randrange(len(body)) if body else 0
        if kind == "silence":
            return b""
        if kind == "close":
            return None
        if kind == "torn":
            return struct.pack(">i", len(answer) + 1000) + answer
        if kind == "endless":
            return struct.pack(">i", dice.choice([0x7fffffff, -1, 1 << 28])) + answer
        if kind == "correlation":
            return struct.pack(">ii", len(answer), dice.randrange(1 << 31)) + body
        if kind == "cut":
            del body[at:]
        elif kind == "grow":
            body[at:at] = dice.randbytes(dice.choice([1, 4, 300, 70000]))
        elif kind == "flip" and body:
            body[at] ^= 1 << dice.randrange(8)
        elif kind == "flips":
            for _ in range(1 + len(body) // 20):
                body[dice.randrange(len(body))] ^= 1 << dice.randrange(8)
        elif kind in ("zero", "ones"):
            end = len(body) if dice.random() < 0.3 else min(len(body), at + dice.choice([1, 2, 4, 8, 64]))
            body[at:end] = (b"\0" if kind == "zero" else b"\xff") * (end - at)
        elif kind in ("huge", "negative", "counts"):
            value = {"huge": 0x7fffffff, "negative": -1 << 31, "counts": dice.choice([1 << 16, 1 << 20, 1 << 24])}[kind]
            for _ in range(dice.choice([1, 1, 3])):
                at = dice.randrange(max(1, len(body) - 3))
                body[at:at + 4] = struct.pack(">i", value)
        elif kind == "other":
            body = self.last
        elif kind == "noise":
            body = dice.randbytes(len(body))
        return struct.pack(">i", len(body) + 4) + answer[:4] + body

    def close(self):
        self.socket.close()


def limit():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def watched(command, environment):
    """Its status (negative: a signal; None: too late), what it wrote, and the megabytes it took."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment,
                                 preexec_fn=limit)
        try:
            child.stdin.write(b"one\ntwo\nthree\n")
            child.stdin.close()
        except BrokenPipeError:
            pass
        end, status, usage = time.monotonic() + SECONDS, None, None
        while usage is None and time.monotonic() < end:
            pid, code, used = os.wait4(child.pid, os.WNOHANG)
            if pid:
                status, usage = os.waitstatus_to_exitcode(code), used
            else:
                time.sleep(0.02)
        if usage is None:
            child.kill()
            usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read(), usage.ru_maxrss // 1024


def judge(status, out, err, megabytes):
    text = err.decode(errors="replace")
    if status is None:
        return "does not end"
    if status < 0 or status >= 99 and status != 124:
        return f"ends by signal {-status}" if status < 0 else f"status {status}"
    if "Sanitizer" in text or "runtime error" in text:
        return "a sanitizer complains"
    if status and not out and not text.strip():
        return f"status {status} without a word"
    if megabytes > MEGABYTES:
        return f"{megabytes} MB"
    if re.search(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]", err):
        return "control characters in a message"
    return None


def run(number, names, args):
    dice = random.Random(f"{args.seed} {number}")
    table = {**COMMANDS, **(OVER_SASL if args.sasl else {})}
    apis = [args.only] if args.only is not None else sorted(table)
    api, kind = apis[number % len(apis)], KINDS[number // len(apis) % len(KINDS)]
    words = dice.choice(table[api])(names, number)
    upstream, more = (args.sasl.split(",")[0], args.options) if api in OVER_SASL else (names.address, [])
    proxy = Proxy(upstream, api, kind, dice)
    command = [args.kt, *words, "-b", f"127.0.0.1:{proxy.port}", "-m", "2s", *more]
    status, out, err, megabytes = watched(command, {**os.environ, "KT_CONFIG": "/dev/null"})
    proxy.close()
    return {"number": number, "api": api, "kind": kind, "command": " ".join(["kt", *words]), "spoiled": proxy.spoiled,
            "crashed": CRASHED in err.decode(errors="replace"), "status": status, "err": err,
            "bad": judge(status, out, err, megabytes)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kt")
    parser.add_argument("address")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", type=int)
    parser.add_argument("--sasl")
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    args = parser.parse_args(words[:at])
    args.options = words[at + 1:]
    names = Names(args.kt, args.address)
    names.run("topic", "create", names.topic, "-p", "2")
    names.run("produce", names.topic, "--key", ":", stdin=b"".join(b"%d:%d\n" % (i, i) for i in range(50)))
    names.run("group", "reset", names.group, "-t", names.topic, "--to", "earliest", "--execute")
    table = [args.only] if args.only is not None else [*COMMANDS, *(OVER_SASL if args.sasl else {})]
    apis = len(table)
    end = time.monotonic() + 60 * (args.minutes or 0)
    numbers = [args.keep] if args.keep is not None else range(args.runs or apis * len(KINDS))
    if args.minutes:
        numbers = itertools.takewhile(lambda _: time.monotonic() < end, itertools.count())
    results = []
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        # Not the pool's map(), which takes all of what may have no end before it begins.
        waiting = collections.deque()
        for number in itertools.chain(numbers, [None] * 16):
            if number is not None:
                waiting.append(pool.submit(run, number, names, args))
            if not waiting or number is not None and len(waiting) < 16:
                continue
            result = waiting.popleft().result()
            results.append(result)
            if result["bad"] or args.keep is not None:
                print(f"# seed {args.seed}, run {result['number']}, API {result['api']}, {result['kind']}: {result['command']}: "
                      f"{result['bad']}, status {result['status']}")
                print("\n".join("#   " + line for line in result["err"].decode(errors="replace").splitlines()[:8]))
            if result["crashed"]:
                print(f"# run {result['number']}, API {result['api']}, {result['kind']}: the library crashed: "
                      f"{result['command']}")
            sys.stdout.flush()
            if args.minutes and sys.stderr.isatty():
                print(f"\r{len(results)} runs, {max(0, end - time.monotonic()):.0f} s left ", end="", file=sys.stderr)
    # A machine that had no time for a member to join in six seconds has it when the others are done.
    missed, again = {r["api"] for r in results} - {r["api"] for r in results if r["spoiled"]}, []
    for number in range(len(results), 2 * len(results) if args.keep is None and not args.minutes else 0):
        if sorted(table)[number % len(table)] in missed:
            again.append(run(number, names, args))
            missed -= {again[-1]["api"]} if again[-1]["spoiled"] else set()
    if missed:
        print(f"# never spoiled: API {', '.join(map(str, sorted(missed)))}")
    names.remove()
    reached = {result["api"] for result in results + again if result["spoiled"]}
    print(f"runs {len(results)} bad {sum(bool(r['bad']) for r in results + again)} spoiled "
          f"{sum(bool(r['spoiled']) for r in results)} apis {len(reached)} of {apis} library "
          f"{sum(r['crashed'] for r in results)}")


if __name__ == "__main__":
    main()
