#!/usr/bin/env python3
"""The manual as HTML: docs/manual.py BUILD [FOLDER]

Each page of BUILD/cmd becomes FOLDER/NAME.SECTION.html (BUILD/docs by default), by mandoc; names of pages in it become
links, and index.html is kt(1). Nothing is taken from elsewhere: the pages can be read from a disk, or served as they are.
"""
import html
import pathlib
import re
import subprocess
import sys

STYLE = """
:root { color-scheme: light dark; }
body { max-width: 50em; margin: 2em auto; padding: 0 1em; font: 16px/1.5 system-ui, sans-serif; }
nav { font-size: 90%; margin-bottom: 1em; }
pre, code, b { font-family: ui-monospace, monospace; font-size: 94%; }
pre { padding: .6em .8em; overflow-x: auto; background: color-mix(in srgb, currentColor 7%, transparent); border-radius: 4px; }
table.head, table.foot { width: 100%; font-size: 85%; color: gray; }
td.head-vol { text-align: center; } td.head-rtitle, td.foot-os { text-align: right; }
h1 { font-size: 1.2em; margin: 1.4em 0 .4em; } h2 { font-size: 1.05em; }
a.permalink { color: inherit; text-decoration: none; }
dt { margin-top: .5em; } dd { margin-left: 2.5em; }
"""


def refer(text, pages, own):
    """Names with a section in parentheses, with or without bold type around them, lead to their pages."""

    def link(match):
        name = html.unescape(match["name"]).replace("\N{HYPHEN}", "-")
        page = "%s.%s" % (name, match["section"])
        return '<a href="%s.html">%s</a>' % (page, match[0]) if page in pages and page != own else match[0]

    return re.sub(r"(<b>)?\b(?P<name>kt(?:[-\u2010][a-z0-9]+)*)(</b>)?\((?P<section>[1-8])\)", link, text)


def write(page, pages, folder):
    body = subprocess.run(["mandoc", "-T", "html", "-O", "fragment", page], check=True, capture_output=True, text=True).stdout
    back = "" if page.name == "kt.1" else '<nav><a href="index.html">kt</a></nav>\n'
    title = "%s(%s)" % tuple(page.name.rsplit(".", 1))
    text = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
    text += "<title>%s</title>\n<style>%s</style>\n%s%s</html>\n" % (title, STYLE, back, refer(body, pages, page.name))
    for name in [page.name + ".html"] + (["index.html"] if page.name == "kt.1" else []):
        (folder / name).write_text(text, encoding="utf-8")


def main():
    build = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else build / "docs"
    folder.mkdir(parents=True, exist_ok=True)
    sources = sorted(path for path in (build / "cmd").iterdir() if re.fullmatch(r"kt(-[-a-z0-9]+)?\.[157]", path.name))
    pages = {path.name for path in sources}
    for path in sources:
        write(path, pages, folder)
    print(folder / "index.html")


main()
