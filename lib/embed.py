"""Prints the files of a page as C has them: their bytes, and the table of their paths, from /."""
import os
import sys

types = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
rows = []
for path in sys.argv[1:]:
    name, extension = os.path.splitext(os.path.basename(path))
    with open(path, "rb") as file:
        data = file.read()
    symbol = f"{name}_{extension[1:]}".strip("_")
    print(f"static const unsigned char {symbol}[] = {{{','.join(map(str, data))}}};")
    place = "/" if name == "index" else f"/{name}{extension}"
    kind = types.get(extension, "text/plain")
    rows.append(f'\t{{"{place}", "{kind}", {symbol}, sizeof({symbol})}},')
print("static const struct part parts[] = {", *rows, "};", sep="\n")
