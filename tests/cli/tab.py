#!/usr/bin/env python3
"""Presses Tab and Enter in a real shell: tab.py SHELL SCRIPTS LINES

Each line of LINES is what is typed, a tab, and what the last argument of `kt` has to be. `kt` itself is a script that writes
its arguments to $HOME/args, one per line. Prints TAP lines without numbers ("ok NAME").
"""
import os
import pty
import select
import sys
import time

SHELLS = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source {}/kt.bash", "PS1='> '"),
    "zsh": (["zsh", "-f", "-i"], "fpath=({} $fpath); autoload -Uz compinit; compinit -u -D", "PS1='> '"),
    "fish": (["fish", "-N", "-i"], "source {}/kt.fish", "function fish_prompt; echo -n '> '; end"),
}


class Terminal:
    def __init__(self, argv):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvp(argv[0], argv)
        self.seen = b""

    def send(self, text):
        os.write(self.fd, text.encode())

    def wait(self, done, seconds=60):
        end = time.time() + seconds
        while not done():
            if time.time() > end:
                return False
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.fd, 65536)
                except OSError:
                    return done()
        return True


def main():
    shell, scripts, lines = sys.argv[1:]
    argv, load, prompt = SHELLS[shell]
    ready, args = os.path.expandvars("$HOME/ready"), os.path.expandvars("$HOME/args")
    terminal = Terminal(argv)
    terminal.send(prompt + "\n" + load.format(scripts) + "\n" + "echo >$HOME/ready\n")
    if not terminal.wait(lambda: os.path.exists(ready)):
        print("not ok %s: the shell starts" % shell)
    os.unlink(ready)
    for line in open(lines, encoding="utf-8"):
        typed, expected = line.rstrip("\n").split("\t")
        # Once more, and again: a shell that was held up may take the tab that was typed ahead of its prompt for a blank.
        for _ in range(3):
            terminal.seen = b""
            # What is typed ahead is read after the completion, which the shell waits for.
            terminal.send(typed + "\t\n")
            # Its name is there when its content is.
            there = terminal.wait(lambda: os.path.exists(args), 20)
            got = open(args, encoding="utf-8").read().split("\n")[-2] if there else "nothing"
            if there:
                os.unlink(args)
            if got == expected:
                break
            print("# got %s, expected %s; the terminal has %r" % (got, expected, terminal.seen[-300:]))
            terminal.send("\x03\n" + "echo >$HOME/ready\n")
            terminal.wait(lambda: os.path.exists(ready))
            os.unlink(ready)
        print("%s %s: %s" % ("ok" if got == expected else "not ok", shell, typed))
    terminal.send("exit\n")
    os.close(terminal.fd)
    os.waitpid(terminal.pid, 0)


main()
