"""A stand-in for xt_pknock: the module cannot be loaded where its kernel is not.

It was written from the description of the match, and shares no code with the client. For each packet it prints what it found in it,
as JSON; when a packet or a sequence is in order it listens to TCP port 22, as if the rule let the source in.

argv: "hmac" and a UDP port, or "steps" and UDP ports in their order; or none, to judge packets of a test. The secret is the first line of standard input.
"""

import hashlib
import hmac
import json
import select
import socket
import struct
import sys
import threading
import time


def judge(payload, secret, source, now):
    if len(payload) != 65:
        return {"refused": "length"}
    minute = struct.pack("<I", int(now) // 60)
    digest = hmac.new(secret[:31], socket.inet_aton(source) + minute, hashlib.sha256).hexdigest()
    return {"does": "open", "address": source} if hmac.compare_digest(payload[:64], digest.encode()) else {"refused": "tag"}


def greet():
    server = socket.create_server(("0.0.0.0", 22))
    while True:
        connection, _ = server.accept()
        connection.sendall(b"SSH-2.0-stand-in\r\n")
        connection.close()


def judge_cases():
    """Judges packets that are read as JSON, a line each, at the moment that each names."""
    for line in sys.stdin:
        case = json.loads(line)
        verdict = judge(bytes.fromhex(case["hex"]), case["secret"].encode(), case["source"], case["now"])
        print(json.dumps(verdict), flush=True)


def main():
    way, ports = sys.argv[1], [int(text) for text in sys.argv[2:]]
    secret = sys.stdin.readline().rstrip("\n").encode()
    sockets = []
    for port in ports:
        sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        sockets[-1].bind(("0.0.0.0", port))
    print(json.dumps({"ready": True}), flush=True)
    counts = {}
    is_open = False
    while True:
        for heard in select.select(sockets, [], [])[0]:
            payload, (source, _) = heard.recvfrom(4096)
            if way == "hmac":
                verdict = judge(payload, secret, source, time.time())
            else:
                # Not strict: a wrong port is not seen.
                count = counts.get(source, 0)
                if count < len(ports) and heard.getsockname()[1] == ports[count]:
                    counts[source] = count + 1
                verdict = {"does": "open", "address": source} if counts.get(source) == len(ports) else {"refused": "more"}
            print(json.dumps({**verdict, "from": source, "minute": int(time.time()) // 60, "hex": payload.hex()}), flush=True)
            if verdict.get("does") == "open" and not is_open:
                is_open = True
                threading.Thread(target=greet, daemon=True).start()


if len(sys.argv) > 1:
    main()
else:
    judge_cases()
