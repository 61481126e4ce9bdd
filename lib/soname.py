#!/usr/bin/env python3
"""Prints the name by which a shared library is found when a program runs: soname.py LIBRARY COMPILER…

LIBRARY is what -lLIBRARY would link. The name stands in the library itself.
"""
import re
import subprocess
import sys

library, compiler = sys.argv[1], sys.argv[2:]
path = subprocess.run(compiler + ["-print-file-name=lib%s.so" % library], check=True, capture_output=True, text=True).stdout.strip()
dynamic = subprocess.run(["readelf", "-dW", path], check=True, capture_output=True, text=True, env={"LC_ALL": "C"}).stdout
print(re.search(r"\(SONAME\).*\[(.*)\]", dynamic).group(1))
