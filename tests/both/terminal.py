"""Runs a command on a terminal of its own: terminal.py KEYS SCREEN COMMAND...

What is written into the pipe KEYS is typed; what the terminal shows goes into the file SCREEN. The status is the
command's, 128 + N when signal N ended it.
"""
import os
import pty
import select
import sys

pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[3], sys.argv[3:])
keys, screen = os.open(sys.argv[1], os.O_RDONLY), open(sys.argv[2], "wb", 0)
watched = [terminal, keys]
while True:
    for ready in select.select(watched, [], [])[0]:
        try:
            data = os.read(ready, 65536)
        except OSError:  # EIO: nobody has the terminal open any more
            data = b""
        if ready == terminal and not data:
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            sys.exit(status if status >= 0 else 128 - status)
        elif ready == terminal:
            screen.write(data)
        elif data:
            os.write(terminal, data)
        else:
            watched.remove(keys)
