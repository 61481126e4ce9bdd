"""Fifty clients that ask for something that takes long, and go: python3 goers.py URL [NAME: VALUE …]"""
import select
import socket
import sys
import urllib.parse

where = urllib.parse.urlsplit(sys.argv[1])
them = [socket.create_connection((where.hostname, where.port)) for _ in range(50)]
for one in them:
    one.sendall("\r\n".join(["GET %s HTTP/1.1" % where.path, "Host: localhost"] + sys.argv[2:] + ["", ""]).encode())
# None of them has an answer.
sys.exit(len(select.select(them, [], [], 0.5)[0]))
