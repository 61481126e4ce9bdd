"""Random schemas of every type of Avro, random data of them, and how JSON is compared with such data. For avro-random.py,
tests/kafka/avro-java.py and tests/embedded/avro-fastavro.py."""
import datetime
import decimal
import math
import random
import struct
import uuid

PRIMITIVES = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"]
LOGICAL = [
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 7},
]
# What Python has for logical types, by what they are based on.
VALUES = {"int": (datetime.date, datetime.time), "long": (datetime.time, datetime.datetime), "bytes": (decimal.Decimal,),
          "fixed": (decimal.Decimal,), "string": (uuid.UUID,)}
UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
DEPTH = 6
# Old enough for every version of Unicode in use.
CHARACTERS = "abcxyz019 _-'\"\\/\n\r\t\0\x01\x1f\x7f\x80\x85\xa0\xad\xe9\u03a9\u20ac\u2028\ufeff\U0001f600\U0010ffff"


class Maker:
    logical_types = LOGICAL

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.names = 0
        self.named = {}

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def schema(self, depth=0, union=True):
        r = self.random
        complex_types = ["record", "record", "enum", "fixed", "array", "map"] + (["union"] * 2 if union else [])
        if depth >= DEPTH or (depth and r.random() < 0.5):
            if r.random() < 0.15:
                return dict(r.choice(self.logical_types))
            if self.named and r.random() < 0.15:
                return r.choice(list(self.named))
            return r.choice(PRIMITIVES)
        kind = r.choice(complex_types)
        return getattr(self, "make_" + kind)(depth)

    def make_record(self, depth):
        name = self.name("R")
        fields = [{"name": self.name("f"), "type": self.schema(depth + 1)} for _ in range(self.random.randint(0, 6))]
        if self.random.random() < 0.3:
            fields.append({"name": self.name("next"), "type": ["null", name]})
        schema = {"type": "record", "name": name, "fields": fields}
        self.named[name] = schema
        return schema

    def make_enum(self, depth):
        name = self.name("E")
        self.named[name] = {"type": "enum", "name": name, "symbols": [self.name("S") for _ in range(self.random.randint(1, 5))]}
        return self.named[name]

    def make_fixed(self, depth):
        name = self.name("F")
        self.named[name] = {"type": "fixed", "name": name, "size": self.random.choice([1, 2, 16, 40])}
        return self.named[name]

    def make_array(self, depth):
        return {"type": "array", "items": self.schema(depth + 1)}

    def make_map(self, depth):
        return {"type": "map", "values": self.schema(depth + 1)}

    def make_union(self, depth):
        branches, seen = [], set()
        for _ in range(self.random.randint(1, 5)):
            before = dict(self.named)
            branch = self.schema(depth + 1, union=False)
            kind = kind_of(branch)
            mark = branch["name"] if isinstance(branch, dict) and "name" in branch else branch if isinstance(branch, str) else kind
            # Which branch a value belongs to must not be a guess of the library that writes it.
            family = {"int": "number", "long": "number", "float": "number", "double": "number", "fixed": "bytes", "record": "map",
                      "enum": "string"}.get(kind, kind)
            logical = isinstance(branch, dict) and "logicalType" in branch
            if kind is None or logical or mark in seen or family in seen:
                self.named = before  # what a branch defines that is left out
                continue
            seen |= {mark, family}
            branches.append(branch)
        return branches or ["null"]

    def text(self):
        return "".join(self.random.choices(CHARACTERS, k=self.random.choice([0, 1, 3, 16, 17, 40])))

    def key(self):
        return self.text()

    def integer(self, bits):
        r = self.random
        edge = 1 << (bits - 1)
        value = r.choice([0, 1, -1, 63, 64, -64, -65, edge - 1, -edge, r.getrandbits(r.randint(1, bits)) - edge])
        return max(-edge, min(edge - 1, value))

    def datum(self, schema, depth=0):
        r = self.random
        if isinstance(schema, list):
            branches = ["null"] if depth > 2 * DEPTH and "null" in schema else schema
            return self.datum(r.choice(branches), depth + 1)
        if isinstance(schema, str) and schema in self.named:
            return self.datum(self.named[schema], depth + 1)
        kind = kind_of(schema)
        if isinstance(schema, dict) and "logicalType" in schema:
            return self.logical(schema["logicalType"])
        few = 0 if depth > 2 * DEPTH else r.choice([0, 1, 2, 5])
        if kind == "record":
            return {field["name"]: self.datum(field["type"], depth + 1) for field in schema["fields"]}
        if kind == "array":
            return [self.datum(schema["items"], depth + 1) for _ in range(few)]
        if kind == "map":
            return {self.key(): self.datum(schema["values"], depth + 1) for _ in range(few)}
        if kind == "enum":
            return r.choice(schema["symbols"])
        if kind == "fixed":
            return r.getrandbits(8 * schema["size"]).to_bytes(schema["size"], "big")
        return {
            "null": lambda: None,
            "boolean": lambda: r.random() < 0.5,
            "int": lambda: self.integer(32),
            "long": lambda: self.integer(64),
            "float": lambda: struct.unpack("<f", r.getrandbits(32).to_bytes(4, "little"))[0],
            "double": lambda: r.choice([struct.unpack("<d", r.getrandbits(64).to_bytes(8, "little"))[0], r.random(),
                                        round(r.random() * 1e6, 3), float(r.randint(-5, 5)), math.inf, math.nan]),
            "bytes": lambda: bytes(r.choices(range(256), k=r.choice([0, 1, 20]))),
            "string": self.text,
        }[kind]()

    def logical(self, name):
        r = self.random
        if name == "date":
            return datetime.date.fromordinal(r.randint(1, datetime.date.max.toordinal()))
        if name.startswith("time-"):
            us = r.randrange(86400 * 10**6) if r.random() < 0.8 else r.randrange(86400) * 10**6
            us -= us % 1000 if name == "time-millis" else 0
            return (datetime.datetime.min + datetime.timedelta(microseconds=us)).time()
        if name.startswith("timestamp-"):
            us = r.randint(-60 * 10**15, 250 * 10**15)
            us -= us % (1000 if name == "timestamp-millis" else 1)
            return EPOCH + datetime.timedelta(microseconds=us)
        with decimal.localcontext() as context:
            context.prec = 40
            return decimal.Decimal(r.randint(-10**r.randint(0, 19), 10**r.randint(0, 19))).scaleb(-7)


def kind_of(schema):
    if isinstance(schema, list):
        return "union"
    if isinstance(schema, dict):
        return schema["type"]
    return schema if schema in PRIMITIVES else None


def fits(value, branch, named):
    """Whether the value is of that branch of a union."""
    kind = kind_of(named.get(branch, branch) if isinstance(branch, str) else branch)
    types = {"null": type(None), "boolean": bool, "int": int, "long": int, "float": float, "double": float, "bytes": bytes,
             "fixed": bytes, "string": str, "enum": str, "array": list, "map": dict, "record": dict}
    return type(value) is types[kind] or type(value) in VALUES.get(kind, ())


def tag_of(branch):
    """What stands for a branch of a union in Avro's own JSON."""
    return branch["name"] if isinstance(branch, dict) and "name" in branch else kind_of(branch) or branch


def same(value, shown, schema, named, tagged):
    """Whether the JSON that was read back stands for the value."""
    if isinstance(schema, str) and schema in named:
        schema = named[schema]
    if isinstance(schema, list):
        if value is None or not tagged:
            return any(same(value, shown, branch, named, tagged) for branch in schema if fits(value, branch, named))
        (tag, inner), = shown.items()
        return any(same(value, inner, branch, named, tagged) for branch in schema if tag_of(branch) == tag)
    kind = kind_of(schema)
    if type(value) in VALUES.get(kind, ()):
        return True  # shown as what they are based on; compared in Python's form
    if kind == "record":
        return list(value) == list(shown) and all(
            same(value[field["name"]], shown[field["name"]], field["type"], named, tagged) for field in schema["fields"])
    if kind == "array":
        return len(value) == len(shown) and all(same(a, b, schema["items"], named, tagged) for a, b in zip(value, shown))
    if kind == "map":
        return list(value) == list(shown) and all(same(value[k], shown[k], schema["values"], named, tagged) for k in value)
    if kind in ("bytes", "fixed"):
        return shown.encode("latin-1") == value
    if kind in ("float", "double"):
        number = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}[shown] if isinstance(shown, str) else shown
        if math.isnan(value):
            return math.isnan(number)
        form = "<f" if kind == "float" else "<d"
        return struct.pack(form, value) == struct.pack(form, number)
    return type(value) is type(shown) and value == shown
