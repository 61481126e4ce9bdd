"""A balancer of TCP connections that knows no client again: python3 balancer.py ADDRESS…

Each connection goes to the next of the addresses, or to the one after it where nobody listens. Where it listens is the
first line that it prints.
"""
import itertools
import socket
import sys
import threading

addresses = [address.rsplit(":", 1) for address in sys.argv[1:]]


def pipe(here, there):
    try:
        while piece := here.recv(65536):
            there.sendall(piece)
    except OSError:
        pass
    for end in (here, there):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(client, first):
    for i in range(len(addresses)):
        try:
            server = socket.create_connection(addresses[(first + i) % len(addresses)])
        except OSError:
            continue
        threading.Thread(target=pipe, args=(server, client), daemon=True).start()
        pipe(client, server)
        return
    client.close()


listener = socket.create_server(("127.0.0.1", 0))
print("127.0.0.1:%d" % listener.getsockname()[1], flush=True)
for turn in itertools.count():
    threading.Thread(target=serve, args=(listener.accept()[0], turn), daemon=True).start()
