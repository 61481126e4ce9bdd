"""Random schemas and data between kt and fastavro, whose answers were recorded: Debian does not have it.

    avro-fastavro.py check FILE                 what kt makes of what was recorded; needs a broker in KT_BROKERS
    avro-fastavro.py record FILE SEED SCHEMAS   asks fastavro, and writes the file
    avro-fastavro.py live SEED SCHEMAS          asks fastavro, and checks

avro-fastavro.xz is what `record avro-fastavro.xz 1 2000` makes with fastavro 1.13.1 (and PYTHONHASHSEED=0, or the members of
its schemas are in any order) of avro_maker.py as it was then: it has all that is checked in it. With another seed by hand:

    python3 -m venv venv && . venv/bin/activate && pip install 'fastavro[codecs]'
    SEED=7 sh tests/embedded/avro-fastavro.sh

The file is lines of JSON. Each but the first is a case: a schema; its canonical form and CRC-64-AVRO fingerprint; data, each
as what schemaless_writer() wrote, repr() of what schemaless_reader() made of that, and json_writer()'s line, or null (it
fails over many an empty map or record); and for every second case a container of its data. The first line says what made
the file, and has containers as kt makes them, which reader() read as it should.

A value is what fastavro reads, not what it was given: in a union it takes b'' for an empty array."""
import base64
import collections
import datetime
import decimal
import hashlib
import io
import json
import lzma
import math
import os
import pathlib
import subprocess
import sys
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
from avro_maker import LOGICAL, PRIMITIVES, Maker, same  # noqa: E402

KT = os.environ.get("KT", "kt")
CODECS = ["null", "deflate", "snappy", "zstandard", "bzip2", "xz"]
SYNC = bytes(range(16))
SEALED = 20  # cases of which there is a container as kt makes it
FORMS = {"Python's form": ["--python"], "JSON": [], "Avro's own JSON": ["--avro-json"]}
READ = {"Decimal": decimal.Decimal, "UUID": uuid.UUID, "datetime": datetime, "inf": math.inf, "nan": math.nan,
        "__builtins__": {}}


class FastMaker(Maker):
    """Names are full ones, each of one case only, and there are all the logical types."""

    logical_types = LOGICAL + [
        {"type": "long", "logicalType": "local-timestamp-millis"},
        {"type": "long", "logicalType": "local-timestamp-micros"},
        {"type": "long", "logicalType": "timestamp-nanos"},
        {"type": "string", "logicalType": "uuid"},
        {"type": "bytes", "logicalType": "decimal", "precision": 20},
        {"type": "int", "logicalType": "unheard-of"},
    ]

    def __init__(self, seed, number):
        super().__init__(seed * 1000003 + number)
        self.space = self.random.choice([f"n{number}", f"n{number}", f"org.n{number}._x", ""])
        self.mark = f"{number}_"

    def name(self, prefix):
        plain = super().name(prefix)
        if prefix not in ("R", "E", "F"):
            return plain
        if not self.space:
            return self.mark.join((prefix, plain[1:]))
        return f"{self.space}.{plain}" if self.random.random() < 0.8 else f"{self.space}.inner.{plain}"

    def schema(self, depth=0, union=True):
        if depth == 0 and self.random.random() < 0.05:
            return self.random.choice([*PRIMITIVES, *map(dict, self.logical_types)])
        return super().schema(depth, union)

    def make_fixed(self, depth):
        node = super().make_fixed(depth)
        if self.random.random() < 0.3:
            node.update(self.random.choice([
                {"size": 9, "logicalType": "decimal", "precision": 20, "scale": 7},
                {"size": 12, "logicalType": "duration"},
            ]))  # no uuid: the specification has it since 1.12, and so does kt; to fastavro 1.13 it is bytes
        return node

    def make_union(self, depth):
        if self.random.random() < 0.3:
            branches = ["null", dict(self.random.choice(self.logical_types))]
            self.random.shuffle(branches)
            return branches
        return super().make_union(depth)

    def key(self):
        return self.text().replace("\0", "0")  # kt's encoder cannot take it

    def datum(self, schema, depth=0):
        if isinstance(schema, dict) and schema.get("logicalType") == "duration":
            return bytes(self.random.choices(range(256), k=schema["size"]))
        if isinstance(schema, dict) and schema.get("logicalType") == "decimal" and "scale" not in schema:
            return decimal.Decimal(self.integer(64))
        value = super().datum(schema, depth)
        return math.nan if isinstance(value, float) and math.isnan(value) else value  # in JSON there is but one

    def logical(self, name):
        if name == "uuid":
            return uuid.UUID(int=self.random.getrandbits(128))
        if name.startswith("local-"):
            return super().logical(name[len("local-"):]).replace(tzinfo=None)
        if name in ("timestamp-nanos", "unheard-of"):
            return self.integer(64 if name == "timestamp-nanos" else 32)
        return super().logical(name)

    def dress(self, node, space=""):
        """The same schema as people write it, with what a canonical form leaves out."""
        r = self.random
        if isinstance(node, list):
            return [self.dress(branch, space) for branch in node]
        if isinstance(node, str):
            if node in PRIMITIVES:
                return {"doc": "\u00e4", "type": node} if r.random() < 0.1 else node
            own, _, plain = node.rpartition(".")
            return plain if own == space and r.random() < 0.5 else node
        node = dict(node)
        for member in ("items", "values"):
            if member in node:
                node[member] = self.dress(node[member], space)
        if "name" in node:
            self.dress_named(node, space)
        members = list(node.items())
        r.shuffle(members)
        return dict(members)

    def dress_named(self, node, space):
        r = self.random
        own, _, plain = node["name"].rpartition(".")
        if own == space and r.random() < 0.5:
            node["name"] = plain
        elif own and r.random() < 0.5:
            node.update(name=plain, namespace=own)
        if r.random() < 0.3:
            node.update(r.choice([{"doc": "a \"b\"\n\u20ac \\u0041"}, {"aliases": ["Old", "other.Old"]}, {"weight": 1.0}]))
        if "fields" in node:
            node["fields"] = [self.dress_field(field, own) for field in node["fields"]]

    def dress_field(self, field, space):
        r = self.random
        dressed = {"name": field["name"], "type": self.dress(field["type"], space)}
        defaults = {"null": None, "string": "\u00e9\\", "int": -1, "boolean": False}
        kind = field["type"][0] if isinstance(field["type"], list) else field["type"]
        if isinstance(kind, str) and kind in defaults and r.random() < 0.5:
            dressed["default"] = defaults[kind]
        if r.random() < 0.2:
            dressed.update(r.choice([{"doc": ""}, {"order": "descending"}, {"aliases": ["was"]}]))
        return dressed


def long_bytes(n):
    """Of a number that is not negative."""
    n <<= 1
    out = b""
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def union_of(cases):
    """One schema for many cases, each in a record of one field, which adds nothing to a datum but the number in front."""
    return "[" + ",".join(f'{{"type":"record","name":"W{number}","fields":[{{"name":"v","type":{case["schema"]}}}]}}'
                          for number, case in enumerate(cases)) + "]"


def container_of_kt(schema, datum):
    """A container as kt makes it for one message, but for the marker, which is random there."""
    schema = schema.encode()
    words = b"".join(long_bytes(len(word)) + word for word in (b"avro.schema", schema, b"avro.codec", b"null"))
    return b"Obj\x01\x04" + words + b"\0" + SYNC + b"\x02" + long_bytes(len(datum)) + datum + SYNC


def ask_fastavro(seed, number):
    import fastavro
    maker = FastMaker(seed, number)
    schema = maker.schema()
    text = json.dumps(maker.dress(schema), separators=(",", ":"), ensure_ascii=False)
    canonical = fastavro.schema.to_parsing_canonical_form(json.loads(text))
    for algorithm in ("md5", "sha256"):
        assert fastavro.schema.fingerprint(canonical, algorithm) == hashlib.new(algorithm, canonical.encode()).hexdigest()
    parsed = fastavro.parse_schema(json.loads(text))
    case = {"schema": text, "canonical": canonical, "rabin": fastavro.schema.fingerprint(canonical, "CRC-64-AVRO"), "data": []}
    values = []
    for _ in range(1 + number % 2):
        value = maker.datum(schema)
        raw, line = io.BytesIO(), io.StringIO()
        fastavro.schemaless_writer(raw, parsed, value)
        values.append(fastavro.schemaless_reader(io.BytesIO(raw.getvalue()), parsed))
        try:
            fastavro.json_writer(line, parsed, [value])
            tagged = json.loads(line.getvalue(), parse_constant=str)  # NaN without quotes is no JSON
        except Exception:
            tagged = None
        case["data"].append([raw.getvalue().hex(), repr(values[-1]), tagged])
    if number % 2:
        case["codec"] = CODECS[number // 2 % len(CODECS)]
        raw = io.BytesIO()
        blocks = maker.random.choice([1, 16000])
        fastavro.writer(raw, parsed, values, codec=case["codec"], sync_interval=blocks, sync_marker=SYNC)
        assert repr(list(fastavro.reader(io.BytesIO(raw.getvalue())))) == repr(values)
        case["container"] = raw.getvalue().hex()
    return case


def record(seed, count):
    import fastavro
    cases = [ask_fastavro(seed, number) for number in range(count)]
    union, sealed = union_of(cases[:SEALED]), []
    for number, case in enumerate(cases[:SEALED]):
        for raw, shown, _ in case["data"]:
            sealed.append(container_of_kt(union, long_bytes(number) + bytes.fromhex(raw)))
            assert repr(list(fastavro.reader(io.BytesIO(sealed[-1])))) == f"[{{'v': {shown}}}]"
    about = {"fastavro": fastavro.__version__, "seed": seed, "schemas": count, "sealed": [raw.hex() for raw in sealed]}
    return [about, *cases]


def write(path, lines):
    text = "".join(json.dumps(line, separators=(",", ":"), ensure_ascii=False) + "\n" for line in lines)
    pathlib.Path(path).write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def read(path):
    return [json.loads(line) for line in lzma.decompress(pathlib.Path(path).read_bytes()).decode().split("\n")[:-1]]


def run_kt(stream, *arguments):
    run = subprocess.run([KT, *arguments], input=stream, capture_output=True)
    if run.returncode or run.stderr:
        sys.exit(f"kt {' '.join(arguments)}: status {run.returncode}: {run.stderr.decode(errors='replace')}")
    return run.stdout.decode().split("\n")[:-1]


class Datum:
    def __init__(self, number, case, raw, shown, tagged):
        self.number, self.case, self.shown, self.tagged = number, case, shown, tagged
        self.raw = bytes.fromhex(raw)
        self.in_union = long_bytes(number) + self.raw
        self.value = eval(shown, READ)

    def same(self, line, tagged):
        return same(self.value, json.loads(line), self.case["type"], self.case["named"], tagged)

    def framed(self, counts):
        """With the fingerprint as fastavro has it, which is in the order of the bytes here, or as from a registry: also
        where schemas that differ in their logical types have one fingerprint."""
        if self.number % 2 and counts[self.case["rabin"]] == 1:
            return b"\xc3\x01" + bytes.fromhex(self.case["rabin"]) + self.raw
        return b"\0" + self.number.to_bytes(4, "big") + self.raw


def find_named(node, named):
    """The types with names in a canonical form."""
    if isinstance(node, list):
        for branch in node:
            find_named(branch, named)
    elif isinstance(node, dict):
        if "name" in node:
            named[node["name"]] = node
        for inner in [node.get("items"), node.get("values"), *(field["type"] for field in node.get("fields", []))]:
            find_named(inner, named)


class Check:
    def __init__(self, about, *cases):
        self.about, self.cases, self.wrong, self.compared = about, cases, 0, 0
        for case in cases:
            case["type"], case["named"] = json.loads(case["canonical"]), {}
            find_named(case["type"], case["named"])
        self.data = [Datum(number, case, *datum) for number, case in enumerate(cases) for datum in case["data"]]

    def expect(self, fine, what, datum, ours):
        self.compared += 1
        if fine:
            return
        self.wrong += 1
        if self.wrong < 4:
            theirs = (datum.case["schema"], f"fastavro: {(datum.raw.hex(), datum.shown, datum.tagged)}") if datum else ()
            for line in (what, *theirs, f"kt: {ours}"):
                print(f"# {line[:500]}")

    def lines(self, what, data, lines):
        """The lines beside the data that they are of."""
        self.expect(len(lines) == len(data), f"{what}: {len(data)} expected", None, f"{len(lines)} lines")
        return zip(data, lines)

    def messages(self, values, *arguments):
        stream = b"".join(b'{"payload":"%s","payload_encoding":"base64"}\n' % base64.b64encode(value) for value in values)
        return run_kt(stream, "avro-decode", "-q", "-", *arguments)

    def decoded(self, what, data, decode):
        """In all forms. Returns Avro's own JSON."""
        for form, options in FORMS.items():
            lines = decode(options)
            for datum, line in self.lines(f"{what}, {form}", data, lines):
                fine = line == datum.shown if form == "Python's form" else datum.same(line, form == "Avro's own JSON")
                self.expect(fine, f"{what}, {form}", datum, line)
        return lines

    def containers(self):
        cases = [case for case in self.cases if "container" in case]
        stream = b"".join(bytes.fromhex(case["container"]) for case in cases)
        data = [datum for datum in self.data if "container" in datum.case]
        self.decoded("containers", data, lambda options: run_kt(stream, "avro-decode", "-q", "-", *options))
        self.schemas(cases, run_kt(stream, "avro-decode", "-q", "-", "--schema-only", "-J"))

    def framings(self):
        os.mkdir("schemas")
        for number, case in enumerate(self.cases):
            pathlib.Path(f"schemas/{number}.avsc").write_text(case["schema"])
        counts = collections.Counter(case["rabin"] for case in self.cases)
        framed = [datum.framed(counts) for datum in self.data]
        self.json = self.decoded("by fingerprint or number", self.data, lambda options: self.messages(
            framed, "--schema-dir", "schemas", *options)[1::2])  # the name of the schema is a line of its own
        self.schemas(self.cases, self.messages(framed, "--schema-dir", "schemas", "--schema-only", "-J"))

    def schemas(self, cases, lines):
        """Canonical forms and fingerprints."""
        known = {schema["rabin"]: schema for schema in map(json.loads, lines)}
        for case in cases:
            ours = known.get(bytes.fromhex(case["rabin"])[::-1].hex(), {})
            form = case["canonical"].encode()
            fine = (ours.get("canonical"), ours.get("md5"), ours.get("sha256")) == (
                case["canonical"], hashlib.md5(form).hexdigest(), hashlib.sha256(form).hexdigest())
            self.expect(fine, f"the canonical form {case['canonical']} of {case['schema']}", None, ours)

    def encoded(self):
        """What kt writes, of its own JSON and of fastavro's."""
        pathlib.Path("union.avsc").write_text(union_of(self.cases))
        data, lines = list(self.data), list(self.json)
        for datum in self.data:
            if datum.tagged is not None:
                data.append(datum)
                lines.append(json.dumps(datum.tagged))
        stream = "".join(f'{{"W{datum.number}":{{"v":{line}}}}}\n' for datum, line in zip(data, lines)).encode()
        run_kt(stream, "produce", "bare", "-q", "-s", "avro", "--schema", "union.avsc", "--framing", "bare")
        written = run_kt(b"", "consume", "bare", "-q", "-e", "-J", "--encoding", "base64")
        for datum, line in self.lines("encoded", data, written):
            raw = base64.b64decode(json.loads(line)["payload"])
            self.expect(raw == datum.in_union, "encoded", datum, raw.hex())
        bare = run_kt(b"", "avro-decode", "bare", "-q", "-e", "--schema", "union.avsc", "--framing", "bare", "--python")
        for datum, line in self.lines("bare", data, bare[1::2]):
            self.expect(line == f"{{'v': {datum.shown}}}", "bare", datum, line)

    def sealed(self):
        """Containers that kt makes."""
        pathlib.Path("sealed.avsc").write_text(union_of(self.cases[:SEALED]))
        data = [datum for datum in self.data if datum.number < SEALED]
        stream = "".join(f'{{"W{datum.number}":{{"v":{line}}}}}\n' for datum, line in zip(data, self.json)).encode()
        run_kt(stream, "produce", "ocf", "-q", "-s", "avro", "--schema", "sealed.avsc")
        written = run_kt(b"", "consume", "ocf", "-q", "-e", "-J", "--encoding", "base64")
        for (datum, line), theirs in zip(self.lines("containers of kt", data, written), self.about["sealed"]):
            raw = base64.b64decode(json.loads(line)["payload"])
            raw = raw.replace(raw[-len(SYNC):], SYNC)
            self.expect(raw.hex() == theirs, "a container of kt", datum, raw)

    def all(self):
        self.containers()
        self.framings()
        self.encoded()
        self.sealed()
        made_by = f"fastavro {self.about['fastavro']}, seed {self.about['seed']}"
        print(f"{made_by}: {len(self.cases)} schemas, {self.compared} comparisons")
        print(f"{len(self.data)} data, {self.wrong} wrong")
        return self.wrong > 0


def main(word, *arguments):
    if word == "record":
        return write(arguments[0], record(*map(int, arguments[1:])))
    return Check(*(read(arguments[0]) if word == "check" else record(*map(int, arguments)))).all()


sys.exit(main(*sys.argv[1:]))
