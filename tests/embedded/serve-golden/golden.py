"""What the programs answered that labs of kt serve stand for.

golden.py record FILE NODE_MODULES           asks the programs; PYTHONPATH has Flask 0.12.2 and what it needs
golden.py check FILE LAB=HOST:PORT …         asks kt, and tells what differs, a line each
golden.py values FILE LAB                    what the program's records were
"""
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
JSON = "Content-Type: application/json\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"
GAME = ["/", "/purchase_a_sword", "/purchase_a_knife", "/join_guild"]


def request(line, headers="", body=b""):
    length = f"Content-Length: {len(body)}\r\n" if line.startswith("POST") else ""
    return (f"{line}\r\nHost: localhost:5000\r\n{headers}{length}\r\n").encode("latin-1") + body


def get(path, headers=""):
    return request(f"GET {path} HTTP/1.1", "Connection: close\r\n" + headers)


def post(path, headers, body):
    return request(f"POST {path} HTTP/1.1", "Connection: close\r\n" + headers, body)


CURL = "User-Agent: curl/7.47.0\r\nAccept: */*\r\n"
REQUESTS = {
    "game": [get(path, CURL) for path in GAME],
    "game-headers": [get(path, CURL) for path in GAME]
    + [get("/", "x-trace_id: a\r\nX-TRACE: \"b\"\\\r\naccept-language: de\r\n")],
    "rest": [
        post("/kafka", JSON, '{"topic": "deliveries", "message": "h\u00e9 \\u20ac"}'.encode()),
        post("/kafka", "", b'{"message": "plain", "topic": "updates"}'),
        post("/kafka", JSON, b'{"topic": "updates", "message": ""}'),
        post("/kafka", JSON, b'{"topic": "elsewhere", "message": "x"}'),
    ],
    "ping": [
        get("/"),
        get("/ping"),
        post("/ping", JSON, b'{"some":"data"}'),
        post("/ping", JSON, b'{ "b" : [1, 2.5, null, true], "a": "h\xc3\xa9" }'),
        post("/ping", JSON, b"[]"),
        post("/ping", FORM, b"a=1&b=x+y%20z&b=%C3%A9&c="),
        post("/ping", "Content-Type: text/plain\r\n", b"hello"),
        # As ab asks.
        request("GET /ping HTTP/1.0", "User-Agent: ApacheBench/2.3\r\nAccept: */*\r\n"),
        request("POST /ping HTTP/1.0", FORM.replace("x-www-form-urlencoded", "json"), b'{"some":"data"}'),
    ],
}


def ask(address, what):
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), 30) as s:
        s.sendall(what)
        answer = b""
        while piece := s.recv(65536):
            answer += piece
    return answer.decode("latin-1")


def wait_for(port):
    for _ in range(200):
        try:
            return socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nobody listens on {port}")


def record(file, modules):
    golden = {}
    for port, lab in enumerate(REQUESTS, 23100):
        with tempfile.TemporaryDirectory() as folder:
            values = os.path.join(folder, "values")
            open(values, "w").close()
            command = (["node", HERE / "original.js", str(port), values] if lab == "ping"
                       else [sys.executable, HERE / "originals.py", lab, str(port), values])
            env = dict(os.environ, NODE_PATH=modules, PYTHONDONTWRITEBYTECODE="1")
            with subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as program:
                wait_for(port)
                answers = [ask(f"127.0.0.1:{port}", r) for r in REQUESTS[lab]]
                program.terminate()
            golden[lab] = {"answers": answers, "values": pathlib.Path(values).read_text().splitlines()}
    pathlib.Path(file).write_text(json.dumps(golden, indent=1, ensure_ascii=True) + "\n")


def parts(answer):
    """Status, headers but for those that name the moment, the server and the connection, and the body. libmicrohttpd
    writes Connection (and Date, unless it is told) first and Content-Length last, so only the order of Express' others
    is compared. Flask's server answers in HTTP/1.0, and in capitals."""
    head, _, body = answer.partition("\r\n\r\n")
    status, *headers = head.split("\r\n")
    told = [h for h in headers if h.split(":")[0] not in ("Date", "Server", "Connection")]
    names = [h.split(":")[0] for h in headers if not h.startswith(("Connection:", "Content-Length:"))]
    order = names if "X-Powered-By" in names else []
    return status.split(" ", 1)[1].upper(), sorted(told), order, body


def check(file, places):
    golden = json.loads(pathlib.Path(file).read_text())
    for place in places:
        lab, address = place.split("=", 1)
        for r, wanted in zip(REQUESTS[lab], golden[lab]["answers"], strict=True):
            got = ask(address, r)
            name = r.split(b"\r\n")[0].decode()
            if parts(got) != parts(wanted):
                print(f"{lab}: {name}: {parts(got)} is not {parts(wanted)}")
            elif "HTTP/1.0" in name and len(got) != len(wanted):
                print(f"{lab}: {name}: {len(got)} bytes, not {len(wanted)}: {got!r} {wanted!r}")
            else:
                print(f"{lab}: {name}: the same")


if sys.argv[1] == "record":
    record(sys.argv[2], sys.argv[3])
elif sys.argv[1] == "check":
    check(sys.argv[2], sys.argv[3:])
else:
    for value in json.loads(pathlib.Path(sys.argv[2]).read_text())[sys.argv[3]]["values"]:
        print(value)
