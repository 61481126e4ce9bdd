#!/usr/bin/env python3
"""The rooms of lib/ as a picture or as a list, from the table in lib/meson.build as the build has it (build/lib/rooms).

    docs/rooms.py build/lib/rooms svg >docs/rooms.svg
    docs/rooms.py build/lib/rooms list          for docs/architecture.md
    docs/rooms.py build/lib/rooms paths         each room, and the options with which its headers are found
"""
import html
import sys

WIDTH, BOX_W, BOX_H, GAP_X, GAP_Y, MARGIN = 1040, 132, 40, 20, 46, 20


def read(path):
    with open(path, encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("|") for line in file if line.strip()]
    return {name: (what, sees.split()) for name, what, sees in rows}


def floors(rooms):
    level = {}
    for name, (_, sees) in rooms.items():
        level[name] = 1 + max((level[seen] for seen in sees), default=-1)
    return level


def needed(rooms, name):
    """What is seen only by way of another is not drawn."""
    sees = rooms[name][1]
    return [seen for seen in sees if not any(seen in rooms[other][1] for other in sees if other != seen)]


def svg(rooms):
    level = floors(rooms)
    top = max(level.values())
    height = MARGIN * 2 + (top + 1) * BOX_H + top * GAP_Y
    at = {}
    for floor in range(top + 1):
        row = [name for name in rooms if level[name] == floor]
        left = (WIDTH - len(row) * BOX_W - (len(row) - 1) * GAP_X) / 2
        for i, name in enumerate(row):
            at[name] = (left + i * (BOX_W + GAP_X), MARGIN + (top - floor) * (BOX_H + GAP_Y))
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="13">')
    print('<style>rect{fill:#eef3f8;stroke:#4a6a8a}.app{fill:#fdf3e1;stroke:#b07a20}'
          'path{fill:none;stroke:#9aa5b1}text{text-anchor:middle;fill:#1b2733}</style>')
    print(f'<rect x="0" y="0" width="{WIDTH}" height="{height}" style="fill:#fff;stroke:none"/>')
    for name in rooms:
        for seen in needed(rooms, name):
            (x1, y1), (x2, y2) = at[name], at[seen]
            x1, y1, x2 = x1 + BOX_W / 2, y1 + BOX_H, x2 + BOX_W / 2
            bend = (y2 - y1) / 2
            print(f'<path d="M{x1:g} {y1:g}C{x1:g} {y1 + bend:g} {x2:g} {y2 - bend:g} {x2:g} {y2:g}"/>')
    for name, (what, _) in rooms.items():
        x, y = at[name]
        style = ' class="app"' if name.startswith("app/") else ""
        print(f'<g><title>{html.escape(what)}</title><rect{style} x="{x:g}" y="{y:g}" width="{BOX_W}" height="{BOX_H}" rx="5"/>'
              f'<text x="{x + BOX_W / 2:g}" y="{y + BOX_H / 2 + 5:g}">{name}</text></g>')
    print("</svg>")


def main():
    rooms = read(sys.argv[1])
    if sys.argv[2] == "svg":
        svg(rooms)
    elif sys.argv[2] == "list":
        for name, (what, _) in rooms.items():
            print(f"    lib/{name + '/':14} {what}")
    else:
        for name, (_, sees) in rooms.items():
            print(f"lib/{name}", *(f"-Ilib/{seen}" for seen in [name, *sees]))


main()
