"""Random schemas and data, written by another implementation of Avro, and what kt makes of them.

    avro-random.py SEED SCHEMAS          with Apache Avro for Python (package python3-avro)

All containers go through one kt each for Python's form, JSON and Avro's own JSON; every datum is compared with what the
other implementation reads."""
import datetime
import io
import json
import os
import subprocess
import sys

import avro.datafile
import avro.io
import avro.schema

from avro_maker import UTC, Maker, same


def write_and_read(schema, data, codec):
    """The container, and what the other implementation reads from it."""
    out = io.BytesIO()
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
