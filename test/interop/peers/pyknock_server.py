"""A stand-in for pyknock-server, which no package of Debian or PyPI has.

It was written from the description of the datagram, and shares no code with the client. For each datagram it prints what it found
in it, as JSON; when one is in order it listens to a TCP port, as if a firewall had opened it.

argv: UDP port, TCP port, seconds that clocks may differ; or none, to judge packets of a test. The pre-shared key is the first line of standard input.
"""

import hashlib
import hmac
import json
import socket
import struct
import sys
import threading
import time

FAMILIES = {2: socket.AF_INET, 10: socket.AF_INET6}
OPERATIONS = {1: "open", 2: "close"}


def judge(datagram, key, drift, now):
    if len(datagram) < 45:
        # The real server ends here, with exit code 0.
        return {"refused": "short"}
    tag, message = datagram[:32], datagram[32:]
    operation, seconds, family = struct.unpack_from("<Bdi", message)
    if abs(seconds - now) > drift:
        return {"refused": "time"}
    if not hmac.compare_digest(tag, hmac.new(key, message, hashlib.sha256).digest()):
        return {"refused": "tag"}
    try:
        address = socket.inet_ntop(FAMILIES[family], message[13:])
    except (KeyError, ValueError):
        return {"refused": "address"}
    return {"does": OPERATIONS.get(operation, "nothing"), "address": address}


def greet(port):
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection, _ = server.accept()
        connection.sendall(b"SSH-2.0-stand-in\r\n")
        connection.close()


def judge_cases():
    """Judges packets that are read as JSON, a line each, at the moment that each names."""
    for line in sys.stdin:
        case = json.loads(line)
        verdict = judge(bytes.fromhex(case["hex"]), case["secret"].encode("latin-1"), 60, case["now"])
        print(json.dumps(verdict), flush=True)


def main():
    knock_port, tcp_port, drift = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
    key = sys.stdin.readline().rstrip("\n").encode("latin-1")
    heard = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    heard.bind(("::", knock_port))
    print(json.dumps({"ready": True}), flush=True)
    is_open = False
    while True:
        datagram, source = heard.recvfrom(4096)
        verdict = judge(datagram, key, drift, time.time())
        print(json.dumps({**verdict, "from": source[0], "hex": datagram.hex()}), flush=True)
        if verdict.get("does") == "open" and not is_open:
            is_open = True
            threading.Thread(target=greet, args=(tcp_port,), daemon=True).start()


if len(sys.argv) > 1:
    main()
else:
    judge_cases()
