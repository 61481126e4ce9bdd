#!/usr/bin/env python3
"""grant.py HOST:PORT,… CLIENT…: for each client a topic of its name, which it alone may write and read, with any group.

Besides, all clients may read the topic `experiment` and write the topic `inbox`, and none may use the group `denied`.

Ends when all of the brokers know. In the protocol's own bytes, through a listener whose users may do everything: Apache's tools take seconds for each.
"""
import socket
import struct
import sys
import time

TOPIC_EXISTS = 36
CREATE_TOPICS, DESCRIBE_ACLS, CREATE_ACLS = 19, 29, 30
TOPIC, GROUP, LITERAL, READ, WRITE, DENY, ALLOW = 2, 3, 3, 3, 4, 2, 3
PARTITIONS, REPLICAS, TIMEOUT_MS = 16, 3, 60000


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


def acl(resource, name, principal, operation, permission=ALLOW):
    return (struct.pack(">b", resource) + string(name) + struct.pack(">b", LITERAL) + string("User:" + principal)
            + string("*") + struct.pack(">bb", operation, permission))


def receive(connection, size):
    data = b""
    while len(data) < size:
        piece = connection.recv(size - len(data))
        if not piece:
            sys.exit("grant: the broker has closed the connection")
        data += piece
    return data


def request(connection, api, version, body):
    message = struct.pack(">hhi", api, version, 0) + string("grant") + body
    connection.sendall(struct.pack(">i", len(message)) + message)
    (size,) = struct.unpack(">i", receive(connection, 4))
    # After the correlation id, the throttle time and the length of the array.
    return receive(connection, size)[12:]


def check(what, answer, at, fine=0):
    """An error code and a text; returns the position after them."""
    code, size = struct.unpack_from(">hh", answer, at)
    if code not in (0, fine):
        sys.exit(f"grant: {what}: error {code}: {answer[at + 4:at + 4 + max(size, 0)].decode()}")
    return at + 4 + max(size, 0)


def await_acls(connection, client, count):
    """Until the broker knows as many of a client; what the controller has taken comes to the others a little later."""
    everything = struct.pack(">bhbhhbb", 1, -1, 1, -1, -1, 1, 1)
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while request(connection, DESCRIBE_ACLS, 1, everything).count(string("User:" + client)) < count:
        if time.monotonic() > deadline:
            sys.exit("grant: a broker does not learn of the ACLs")
        time.sleep(0.05)


def connect(address):
    host, port = address.split(":")
    return socket.create_connection((host, int(port)), timeout=TIMEOUT_MS / 1000)


def main():
    addresses = sys.argv[1].split(",")
    clients = sys.argv[2:]
    names = clients + ["experiment", "inbox"]
    with connect(addresses[0]) as connection:
        topics = [string(c) + struct.pack(">ihii", PARTITIONS, REPLICAS, 0, 0) for c in names]
        answer = request(connection, CREATE_TOPICS, 2, array(topics) + struct.pack(">i?", TIMEOUT_MS, False))
        at = 0
        for name in names:
            at = check("creating topics", answer, at + 2 + len(name), TOPIC_EXISTS if name not in clients else 0)
        acls = [acl(TOPIC, "experiment", "*", READ), acl(TOPIC, "inbox", "*", WRITE), acl(GROUP, "denied", "*", READ, DENY)]
        for client in clients:
            acls += [acl(TOPIC, client, client, READ), acl(TOPIC, client, client, WRITE), acl(GROUP, "*", client, READ)]
        answer = request(connection, CREATE_ACLS, 1, array(acls))
        at = 0
        for _ in acls:
            at = check("creating ACLs", answer, at)
    for address in addresses:
        with connect(address) as connection:
            await_acls(connection, clients[-1], 3)


main()
