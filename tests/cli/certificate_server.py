#!/usr/bin/env python3
"""A TLS server that trusts a root CA alone and demands a client's certificate: certificate_server.py

Reads server.pem, server.key and root.pem from the working directory, prints its port, and then a line per connection. It
never answers, so that a client stays for as long as it wants to.
"""
import socket
import ssl

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("server.pem", "server.key")
context.load_verify_locations("root.pem")
context.verify_mode = ssl.CERT_REQUIRED
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
connections = []
while True:
    connection = server.accept()[0]
    try:
        connections.append(context.wrap_socket(connection, server_side=True))
        print("accepted", connections[-1].getpeercert()["subject"][-1][0][1], flush=True)
    except (OSError, ssl.SSLError) as error:
        print("refused", error, flush=True)
