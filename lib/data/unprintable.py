"""Prints what python.c needs: the ranges of characters beyond ASCII that Python's repr() escapes."""
import sys

first = None
for code in range(0x80, sys.maxunicode + 2):
    escaped = code <= sys.maxunicode and not chr(code).isprintable()
    if escaped and first is None:
        first = code
    elif not escaped and first is not None:
        print(f"{{{first:#x}, {code - 1:#x}}},")
        first = None
