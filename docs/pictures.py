#!/usr/bin/env python3
"""Pictures of a terminal for the README, as text in SVG: docs/pictures.py BUILD

Types the lines below into a shell in tmux, with kt of BUILD and a `kt broker` of its own, and draws what stands on the
screen then. Wants tmux and bash. Nothing in a picture is written by hand.
"""
import html
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

COLUMNS, CELL_W, CELL_H, MARGIN = 104, 8.4, 18, 14
COLORS = ["#5c6370", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#dcdfe4"]

# name: what it shows, lines, each with a prompt when it is done
PICTURES = {
    "terminal-records": (
        "Records go in, and come out as text, as a group and as JSON",
        [
            "printf 'k1:one\\nk2:two\\nk1:three\\n' | kt produce orders -K: -H from=shop",
            "kt consume orders -e -f '%p/%o %k: %s (%h)\\n'",
            "kt consume orders -g readers --reset earliest -e -q",
            "kt group describe readers",
            "kt consume orders -e -q -J --key k2",
        ],
    ),
    "terminal-check": (
        "What works, and errors that say what to try",
        [
            "kt check orders | grep -e client -e metadata -e topic -e steps",
            "kt consume ordres -e",
            "kt produce orders -b kafka.example:9092 <orders.txt; echo status $?",
        ],
    ),
}


class Terminal:
    def __init__(self, socket, environment):
        self.tmux = ["tmux", "-S", str(socket), "-f", "/dev/null"]
        words = ["%s=%s" % pair for pair in environment.items()]
        self.call("new-session", "-d", "-x", str(COLUMNS), "-y", "60", "env", "-i", *words, "bash", "--norc", "--noprofile")
        self.wait()

    def call(self, *words):
        return subprocess.run(self.tmux + list(words), check=True, capture_output=True, text=True).stdout

    def screen(self):
        return self.call("capture-pane", "-e", "-p").rstrip("\n")

    def wait(self):
        for _ in range(600):
            if plain(self.screen()).splitlines()[-1:] == ["$"]:
                return
            time.sleep(0.1)
        sys.exit("pictures: no prompt after a minute:\n" + self.screen())

    def type(self, line):
        self.call("send-keys", "-l", line)
        while line.rstrip()[-10:] not in plain(self.screen()).replace("\n", ""):
            time.sleep(0.05)
        self.call("send-keys", "Enter")
        time.sleep(0.3)
        self.wait()


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def style(codes, now):
    """What a sequence of SGR leaves of color and weight."""
    color, bold = now
    codes = [int(code or 0) for code in codes.split(";")]
    for code in codes:
        if code == 0:
            color, bold = None, False
        elif code == 1:
            bold = True
        elif code in (2, 90):
            color = 0
        elif 30 <= code <= 37 or 91 <= code <= 97:
            color = code % 10
        elif code in (22, 39):
            color, bold = (color, False) if code == 22 else (None, bold)
    return color, bold


def draw_line(line, y):
    out, x, now = [], 0, (None, False)
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b"):
            now = style(part[2:-1], now)
        elif part:
            color, bold = now
            look = (' fill="%s"' % COLORS[color] if color is not None else "") + (' font-weight="bold"' if bold else "")
            where = 'x="%.1f" y="%d" textLength="%.1f"' % (MARGIN + x * CELL_W, y, len(part) * CELL_W)
            if part.strip():
                out.append("<text %s%s>%s</text>" % (where, look, html.escape(part, quote=False).replace(" ", "\N{NO-BREAK SPACE}")))
            x += len(part)
    return out


def draw(title, screen):
    lines = screen.splitlines()
    while lines and plain(lines[-1]).strip() in ("", "$"):
        lines.pop()
    width, height = MARGIN * 2 + COLUMNS * CELL_W, MARGIN * 2 + len(lines) * CELL_H
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %d" width="%.0f" height="%d">' % (width, height, width, height),
        "<title>%s</title>" % html.escape(title),
        '<rect width="100%" height="100%" rx="6" fill="#21252b"/>',
        '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#dcdfe4">',
    ]
    for n, line in enumerate(lines):
        out += draw_line(line, MARGIN + n * CELL_H + 13)
    return "\n".join(out + ["</g>", "</svg>", ""])


def main():
    build, docs = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(__file__).resolve().parent
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = pathlib.Path(name)
        (folder / "orders.txt").write_text("one\n")
        environment = {"HOME": name, "XDG_RUNTIME_DIR": name, "PATH": "%s/cmd:%s" % (build, os.environ["PATH"])}
        environment |= {"PS1": "\\[\\e[1;32m\\]$\\[\\e[0m\\] ", "TERM": "screen-256color", "LANG": "C.UTF-8", "KT_CONFIG": "/dev/null", "HISTFILE": "/dev/null"}
        broker = subprocess.Popen(["kt", "broker", "-q", "--create", "orders:2"], env=environment, stdout=subprocess.PIPE, text=True)
        environment["KT_BROKERS"] = broker.stdout.readline().strip()
        os.chdir(folder)
        try:
            for picture, (title, lines) in PICTURES.items():
                terminal = Terminal(folder / (picture + ".tmux"), environment)
                for line in lines:
                    terminal.type(line)
                (docs / (picture + ".svg")).write_text(draw(title, terminal.screen()), encoding="utf-8")
                terminal.call("kill-server")
        finally:
            broker.terminate()
            broker.wait()


main()
