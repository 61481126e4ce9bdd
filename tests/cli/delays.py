"""A web server whose delays are known: each answer is written so long after its request as the path says, and what was
waited is logged in milliseconds. Prints its address.

    delays.py LOG [CERT KEY]
    /fixed/MS    /slow/MS/EVERY/SLOW_MS: each EVERYth takes SLOW_MS    /stall/AT_MS/FOR_MS: nothing in that time, counted from
    the first request    /status/N    /lengths: another length each time    /end: in the midst of an answer    /silent
    /early: before the body is read, which it never is
"""
import asyncio
import ssl
import sys
import time

log = open(sys.argv[1], "w", buffering=1, encoding="utf-8")
count = 0
first = None


async def wait(words):
    global first
    first = first or time.monotonic()
    if words[0] == "fixed":
        await asyncio.sleep(int(words[1]) / 1000)
    elif words[0] == "slow":
        await asyncio.sleep(int(words[3] if count % int(words[2]) == 0 else words[1]) / 1000)
    elif words[0] == "stall":
        begin = first + int(words[1]) / 1000
        end = begin + int(words[2]) / 1000
        if begin <= time.monotonic() < end:
            await asyncio.sleep(end - time.monotonic())


async def answer(reader, writer):
    global count
    while True:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (asyncio.IncompleteReadError, ConnectionError):
            break
        begun = time.monotonic()
        line, *headers = head.rstrip().split("\r\n")
        headers = dict(h.lower().split(": ", 1) for h in headers)
        method, path, version = line.split(" ")
        words = path.strip("/").split("/")
        if words[0] == "early":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok")
            await asyncio.sleep(3600)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        count += 1
        await wait(words)
        if words[0] == "silent":
            await asyncio.sleep(3600)
        if words[0] == "end":
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
            break
        text = b"x" * (count % 3) if words[0] == "lengths" else body if words[0] == "echo" else b"hello"
        status = words[1] if words[0] == "status" else "200"
        keep = version == "HTTP/1.1" or headers.get("connection") == "keep-alive"
        # Before it is written: what is waited after that nobody at the other end has to see.
        waited = time.monotonic() - begun
        writer.write(
            f"HTTP/1.1 {status} OK\r\nServer: delays\r\nContent-Length: {len(text)}\r\n"
            f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n".encode()
            + (b"" if method == "HEAD" else text)
        )
        log.write(f"{waited * 1000:.3f} {method} {version} {len(body)} {headers.get('x', '')}\n")
        if not keep:
            break
    try:
        writer.close()
        await writer.wait_closed()
    except (ConnectionError, ssl.SSLError):
        pass


async def main():
    context = None
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context, backlog=1000)
    print("127.0.0.1:%d" % server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
