"""Random schemas and data between kt and Apache Avro for Java.

    avro-java.py values SEED SCHEMAS     Java writes and kt reads, with every codec; kt writes and Java reads; canonical
                                         forms and fingerprints. Needs a broker in KT_BROKERS.
    avro-java.py resolve SEED PAIRS      what both make of data that is read with another schema

AVRO_ORACLE is the command that runs AvroOracle.java."""
import base64
import json
import os
import pathlib
import shlex
import struct
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "cli"))
from avro_maker import DEPTH, PRIMITIVES, Maker, fits, kind_of  # noqa: E402

CODECS = ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"]
PROMOTIONS = {"int": ["long", "float", "double"], "long": ["float", "double"], "float": ["double"], "string": ["bytes"],
              "bytes": ["string"]}
KT = os.environ.get("KT", "kt")
DATA = 3
BATCH = 50


class Oracle:
    def __init__(self):
        self.process = subprocess.Popen(shlex.split(os.environ["AVRO_ORACLE"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            sys.exit(f"Java: {answer['error']}\n{json.dumps(request)[:3000]}")
        return answer


class Endless(Exception):
    pass


class RawMaker(Maker):
    """Data of logical types is what they are based on."""

    def text(self):
        return super().text().replace("\0", "0")  # in a key, kt's encoder cannot take it

    def logical(self, name):
        if name == "decimal":
            return bytes(self.random.choices(range(256), k=self.random.randint(0, 8)))
        return self.integer(32 if name in ("date", "time-millis") else 64)


def key_of(node):
    """The name of a type that has one."""
    return node["name"] if isinstance(node, dict) and "name" in node else node


def with_definitions(node, named, seen, namespace=None):
    """A schema in which each named type is defined where it is used first, and where it is not lost with a field."""
    if isinstance(node, list):
        return [with_definitions(branch, named, seen) for branch in node]
    if isinstance(key_of(node), str) and key_of(node) in named:
        key = key_of(node)
        full = dict(named[key])
        if key in seen:
            return full["name"]
        seen.add(key)
        if namespace:
            full["namespace"] = namespace
        if "fields" in full:
            full["fields"] = [{**field, "type": with_definitions(field["type"], named, seen)} for field in full["fields"]]
        return full
    if isinstance(node, dict):
        return {member: with_definitions(value, named, seen) if member in ("items", "values") else value
                for member, value in node.items()}
    return node


def long_bytes(n):
    n = n << 1 ^ n >> 63
    out = b""
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def encode(schema, value, named):
    """Avro's binary encoding."""
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    if isinstance(schema, list):
        index = next(i for i, branch in enumerate(schema) if fits(value, branch, named))
        return long_bytes(index) + encode(schema[index], value, named)
    kind = kind_of(schema)
    if kind == "record":
        return b"".join(encode(field["type"], value[field["name"]], named) for field in schema["fields"])
    if kind in ("array", "map"):
        items = [encode(schema["items"], item, named) for item in value] if kind == "array" else [
            encode("string", key, named) + encode(schema["values"], item, named) for key, item in value.items()]
        return (long_bytes(len(items)) + b"".join(items) if items else b"") + b"\0"
    if kind in ("bytes", "string"):
        raw = value.encode() if kind == "string" else value
        return long_bytes(len(raw)) + raw
    return {
        "null": lambda: b"",
        "boolean": lambda: bytes([value]),
        "int": lambda: long_bytes(value),
        "long": lambda: long_bytes(value),
        "float": lambda: struct.pack("<f", value),
        "double": lambda: struct.pack("<d", value),
        "enum": lambda: long_bytes(schema["symbols"].index(value)),
        "fixed": lambda: value,
    }[kind]()


def full_name(node, named, namespace):
    key = key_of(node)
    if isinstance(key, str) and key in named:
        return f"{namespace}.{named[key]['name']}"
    return kind_of(node)


def normal(shown, schema, named, namespace):
    """JSON as a value that can be compared: numbers by their bits."""
    if isinstance(key_of(schema), str) and key_of(schema) in named:
        schema = named[key_of(schema)]
    if isinstance(schema, list):
        if shown is None:
            return None
        (tag, inner), = shown.items()
        branch = next(branch for branch in schema if full_name(branch, named, namespace) == tag)
        return tag, normal(inner, branch, named, namespace)
    kind = kind_of(schema)
    if kind == "record":
        if set(shown) != {field["name"] for field in schema["fields"]}:
            return shown
        return {field["name"]: normal(shown[field["name"]], field["type"], named, namespace) for field in schema["fields"]}
    if kind == "array":
        return [normal(item, schema["items"], named, namespace) for item in shown]
    if kind == "map":
        return {name: normal(item, schema["values"], named, namespace) for name, item in shown.items()}
    if kind in ("float", "double"):
        number = float(shown)
        return "NaN" if number != number else struct.pack("<f" if kind == "float" else "<d", number)
    return shown


def make_case(seed, number):
    """A record in a namespace of its own, that holds anything, and data of it."""
    maker = RawMaker(seed * 1000003 + number)
    fields = [{"name": name, "type": maker.schema(1)} for name in ("a", "b", "c")]
    maker.named["C"] = {"type": "record", "name": "C", "fields": fields}
    namespace = f"c{number}"
    values = [maker.datum("C") for _ in range(DATA)]
    return maker, namespace, [encode("C", value, maker.named) for value in values]


def schema_text(named, namespace):
    return json.dumps(with_definitions("C", named, set(), namespace))


def b64(raw):
    return base64.b64encode(raw).decode()


def run_kt(arguments, stream, statuses=(0,)):
    run = subprocess.run([KT, *arguments], input=stream, capture_output=True)
    if run.returncode not in statuses:
        sys.exit(f"kt {' '.join(arguments)}: status {run.returncode}: {run.stderr.decode(errors='replace')}")
    return run.stdout.decode().split("\n")[:-1]


class Tally:
    def __init__(self):
        self.wrong = 0

    def check(self, fine, *what):
        if not fine:
            self.wrong += 1
            if self.wrong < 4:
                print("\n".join(f"# {str(line)[:2000]}" for line in what))


def values(seed, count):
    oracle, tally = Oracle(), Tally()
    cases, stream = [], b""
    for number in range(count):
        maker, namespace, data = make_case(seed, number)
        text = schema_text(maker.named, namespace)
        written = oracle.ask(schema=text, codec=CODECS[number % len(CODECS)], data=[[b64(datum) for datum in data]])
        theirs, = oracle.ask(containers=written["containers"], reader=None)["data"]
        stream += base64.b64decode(written["containers"][0])
        cases.append((maker, namespace, text, written, theirs))
    lines = run_kt(["avro-decode", "-q", "--avro-json", "-"], stream)
    tally.check(len(lines) == DATA * count, f"{DATA * count} data, but {len(lines)} lines")
    known = {known["rabin"]: known for known in map(json.loads, run_kt(["avro-decode", "-q", "--schema-only", "-J", "-"], stream))}
    for number, (maker, namespace, text, written, theirs) in enumerate(cases):
        ours = lines[DATA * number:DATA * (number + 1)]
        for our, their in zip(ours, theirs):
            same = [normal(json.loads(line), "C", maker.named, namespace) for line in (our, their)]
            tally.check(same[0] == same[1], "Java writes:", text, f"kt: {our}", f"Java: {their}")
        schema = known.get(written["rabin"], {})
        tally.check(all(schema.get(name) == written[name] for name in ("canonical", "md5", "sha256")),
                    "canonical form:", text, f"kt: {schema}", f"Java: {written['canonical']}")
        pathlib.Path("schema.avsc").write_text(text)
        run_kt(["produce", "values", "-q", "-s", "avro", "--schema", "schema.avsc"], "\n".join(ours).encode() + b"\n")
    values = [json.loads(line)["payload"] for line in run_kt(["consume", "values", "-q", "-e", "-J", "--encoding", "base64"], b"")]
    tally.check(len(values) == DATA * count, f"{DATA * count} records, but {len(values)} in the topic")
    again = oracle.ask(containers=values, reader=None)["data"]
    for number, (maker, namespace, text, written, theirs) in enumerate(cases):
        for there, their in zip(again[DATA * number:DATA * (number + 1)], theirs):
            same = [normal(json.loads(line), "C", maker.named, namespace) for line in (*there, their)] if len(there) == 1 else [0, 1]
            tally.check(same[0] == same[1], "kt writes:", text, f"back: {there}", f"Java: {their}")
    print(f"{DATA * count} data, {tally.wrong} wrong")
    return tally.wrong > 0


class Mutator:
    """Makes a reader's schema of a writer's. Named types are kept by the name that they had."""

    def __init__(self, maker):
        self.maker = maker
        self.random = maker.random
        self.writer = dict(maker.named)
        self.named = {}
        self.pending = []  # fields that are to get a default when everything else is known

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def reader(self):
        self.type("C", False)
        for field in self.pending:
            try:
                field["default"] = self.default(field["type"], 0)
            except Endless:
                pass  # a record that always holds itself has none
        return self.named

    def type(self, node, widen=True):
        key = key_of(node)
        if isinstance(node, list):
            return self.union(node)
        if isinstance(key, str) and key in self.writer:
            if key not in self.named:
                self.named[key] = {}
                self.named[key].update(getattr(self, self.writer[key]["type"])(dict(self.writer[key])))
            result = key
        elif kind_of(node) in ("array", "map"):
            member = "items" if node["type"] == "array" else "values"
            result = {"type": node["type"], member: self.type(node[member])}
        elif isinstance(node, dict):
            result = node["type"] if self.chance(30) else dict(node)
        elif self.chance(2):
            result = self.random.choice(PRIMITIVES)
        else:
            result = self.random.choice(PROMOTIONS[node]) if node in PROMOTIONS and self.chance(20) else node
        return self.widen([result]) if widen and self.chance(12) else result

    def widen(self, branches):
        kinds = {self.mark(branch) for branch in branches}
        others = [kind for kind in PRIMITIVES if kind not in kinds]
        branches = branches + self.random.sample(others, min(len(others), self.random.randint(1, 2)))
        self.random.shuffle(branches)
        return branches

    def mark(self, node):
        key = key_of(node)
        return key if isinstance(key, str) and (key in self.named or key in self.writer) else kind_of(node)

    def union(self, branches):
        result, seen = [], set()
        for branch in branches:
            if len(branches) > 1 and self.chance(8):
                continue
            branch = self.type(branch, False)
            if self.mark(branch) not in seen:
                seen.add(self.mark(branch))
                result.append(branch)
        result = result or ["null"]
        if self.chance(40):
            self.random.shuffle(result)
        if self.chance(15):
            return self.widen(result)
        return self.random.choice(result) if self.chance(8) else result

    def rename(self, node, percent=12):
        if self.chance(percent):
            node["aliases"] = ["unheard_of", node["name"]]
            node["name"] = self.maker.name("New")
        return node

    def record(self, node):
        fields = [self.rename({"name": field["name"], "type": self.type(field["type"])})
                  for field in node["fields"] if not self.chance(12)]
        if self.chance(35):
            self.random.shuffle(fields)
        while self.chance(35):
            field = {"name": self.maker.name("added"), "type": self.new_type()}
            if not self.chance(4):
                self.pending.append(field)
            fields.insert(self.random.randint(0, len(fields)), field)
        return self.rename({**node, "fields": fields})

    def new_type(self):
        """Of nothing that is there: Java cannot check the default of a field that holds the record that it is in."""
        before, self.maker.named = self.maker.named, {}
        node = self.maker.schema(DEPTH - 2)
        self.named.update(self.maker.named)
        self.maker.named = before
        return node

    def enum(self, node):
        symbols = [symbol for symbol in node["symbols"] if not self.chance(12)] or node["symbols"][:1]
        if self.chance(30):
            symbols.append(self.maker.name("S"))
        if self.chance(40):
            self.random.shuffle(symbols)
        if self.chance(50):
            node["default"] = self.random.choice(symbols)
        return self.rename({**node, "symbols": symbols})

    def fixed(self, node):
        return self.rename({**node, "size": node["size"] + self.chance(3)})

    def default(self, node, depth):
        """A default as the specification has it, of any reader's type."""
        key = key_of(node)
        if depth > 20:
            raise Endless
        if isinstance(key, str) and key in self.named:
            node = self.named[key]
        if isinstance(node, list):
            return self.default(node[0], depth + 1)  # of any branch: Java 1.12 alone, where null becomes an empty list
        kind = kind_of(node)
        few = range(0 if depth > 3 else self.random.randint(0, 2))
        if kind == "record":
            return {field["name"]: field["default"] if "default" in field else self.default(field["type"], depth + 1)
                    for field in node["fields"] if "default" not in field or self.chance(50)}
        if kind == "array":
            return [self.default(node["items"], depth + 1) for _ in few]
        if kind == "map":
            return {f"k{i}": self.default(node["values"], depth + 1) for i in few}
        if kind in ("bytes", "fixed"):
            return "".join(chr(self.random.randrange(256)) for _ in range(node["size"] if kind == "fixed" else 3))
        if kind in ("float", "double"):
            return self.random.choice([0, 1.5, -7, 0.1])
        return self.random.choice(node["symbols"]) if kind == "enum" else self.maker.datum(kind)


def is_empty(value):
    """Java writes nothing at all for records that hold nothing but such."""
    return isinstance(value, dict) and all(is_empty(inner) for inner in value.values())


def check_pairs(tally, oracle, cases):
    """One kt for many pairs: the readers' schemas are the branches of a union, which are chosen by their names."""
    everything, messages = [], b""
    for maker, namespace, text, named, reader_text, containers, theirs in cases:
        everything.append(json.loads(reader_text))
        for container in containers:
            messages += json.dumps({"payload": container, "payload_encoding": "base64"}).encode() + b"\n"
    pathlib.Path("reader.avsc").write_text(json.dumps(everything))
    lines = run_kt(["avro-decode", "-q", "--avro-json", "-J", "--reader-schema", "reader.avsc", "-"], messages, (0, 3))
    tally.check(len(lines) == DATA * len(cases), f"{DATA * len(cases)} messages, but {len(lines)} lines")
    refused = 0
    for i, line in enumerate(lines):
        maker, namespace, text, named, reader_text, containers, theirs = cases[i // DATA]
        ours, their = json.loads(line), theirs[i % DATA]
        error = ours.get("payload_error")
        refused += error is not None
        if error or isinstance(their, dict):
            # Java makes a string of any bytes, and runs out of stack over a reader's record that always holds itself.
            fine = isinstance(their, dict) if error else "StackOverflow" in their["error"]
            fine = fine or error and "is not UTF-8" in error
        else:
            (tag, payload), = ours["payload"].items()
            same = [normal(shown, "C", named, namespace) for shown in (payload, json.loads(their[0]))] if their[0] else [
                is_empty(payload), True]
            fine = tag == full_name("C", named, namespace) and same[0] == same[1]
        tally.check(fine, "writer:", text, "reader:", reader_text, f"kt: {line}", f"Java: {their}")
    return refused


def resolve(seed, count):
    oracle, tally = Oracle(), Tally()
    cases, refused = [], 0
    for number in range(count):
        maker, namespace, data = make_case(seed, number)
        text = schema_text(maker.named, namespace)
        named = Mutator(maker).reader()
        reader_text = schema_text(named, namespace)
        containers = oracle.ask(schema=text, codec="null", data=[[b64(datum)] for datum in data])["containers"]
        theirs = oracle.ask(containers=containers, reader=reader_text)["data"]
        cases.append((maker, namespace, text, named, reader_text, containers, theirs))
        if len(cases) == BATCH or number + 1 == count:
            refused += check_pairs(tally, oracle, cases)
            cases = []
    print(f"# {refused} of {DATA * count} data could not be read with the other schema")
    print(f"{DATA * count} data, {tally.wrong} wrong")
    return tally.wrong > 0


sys.exit({"values": values, "resolve": resolve}[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3])))
