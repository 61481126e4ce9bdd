"""Random schemas and data, written by another implementation of Avro, and what kt makes of them.

    avro-random.py SEED SCHEMAS          with Apache Avro for Python (package python3-avro), or with fastavro where
                                         that is installed and ORACLE=fastavro

All containers go through one kt each for Python's form, JSON and Avro's own JSON; every datum is compared with what the
other implementation reads."""
import datetime
import io
import json
import math
import os
import struct
import subprocess
import sys

FAST = os.environ.get("ORACLE") == "fastavro"
if FAST:
    import fastavro
else:
    import avro.datafile
    import avro.io
    import avro.schema

from avro_maker import Maker, UTC, fits, kind_of


def write_and_read(schema, data, codec):
    """The container, and what the other implementation reads from it."""
    out = io.BytesIO()
    if FAST:
        fastavro.writer(out, fastavro.parse_schema(json.loads(json.dumps(schema))), data, codec=codec, sync_interval=200)
        return out.getvalue(), list(fastavro.reader(io.BytesIO(out.getvalue())))
    writer = avro.datafile.DataFileWriter(out, avro.io.DatumWriter(), avro.schema.parse(json.dumps(schema)), codec=codec)
    for number, datum in enumerate(data):
        writer.append(datum)
        if number % 2:
            writer.sync()
    writer.flush()
    raw = out.getvalue()
    return raw, list(avro.datafile.DataFileReader(io.BytesIO(raw), avro.io.DatumReader()))


def plain(value):
    """Apache Avro has a class of its own for UTC."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(UTC)
    return value


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
    if isinstance(schema, dict) and "logicalType" in schema:
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


def tag_of(branch):
    return branch["name"] if isinstance(branch, dict) and "name" in branch else kind_of(branch) or branch


def decode(stream, *options):
    run = subprocess.run([os.environ.get("KT", "kt"), "avro-decode", "-q", "-", *options], input=stream, capture_output=True)
    if run.returncode or run.stderr:
        sys.exit(f"status {run.returncode}: {run.stderr.decode(errors='replace')}")
    return run.stdout.decode().split("\n")[:-1]


def main():
    seed, count = int(sys.argv[1]), int(sys.argv[2])
    codecs = ["null", "deflate", "bzip2"]
    stream, cases = b"", []
    for number in range(count):
        maker = Maker(seed * 1000003 + number)
        schema = maker.schema()
        data = [maker.datum(schema) for _ in range(4)]
        raw, values = write_and_read(schema, data, codecs[number % len(codecs)])
        stream += raw
        cases += [(number, schema, value, maker.named) for value in values]
    forms = {"python": decode(stream, "--python"), "json": decode(stream), "avro-json": decode(stream, "--avro-json")}
    wrong = 0
    for i, (number, schema, value, named) in enumerate(cases):
        right = {
            "python": lambda line: line == repr(plain(value)),
            "json": lambda line: same(value, json.loads(line), schema, named, False),
            "avro-json": lambda line: same(value, json.loads(line), schema, named, True),
        }
        for form, lines in forms.items():
            if i >= len(lines) or not right[form](lines[i]):
                wrong += 1
                if wrong < 4:
                    print(f"# {form}, schema {number}: {json.dumps(schema)}\n# theirs: {plain(value)!r}")
                    print(f"# ours:   {lines[i] if i < len(lines) else 'nothing'}")
    if any(len(lines) != len(cases) for lines in forms.values()):
        wrong += 1
        print(f"# {len(cases)} data, but", {form: len(lines) for form, lines in forms.items()})
    print(f"{len(cases)} data, {wrong} wrong")
    return wrong > 0


sys.exit(main())
