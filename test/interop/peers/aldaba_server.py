"""A stand-in for aldabad, which no package of Debian or PyPI has.

It was written from the description of the datagram, and shares no code with the client. The standard library of Python has no AES:
`openssl enc` decrypts. For each datagram it prints what it found in it, as JSON; when one is in order it listens to a TCP port, as
if a firewall had opened it.

argv: TCP port, mode of AES; or none, to judge packets of a test. The passphrase is the first line of standard input.
"""

import hashlib
import hmac
import ipaddress
import json
import socket
import struct
import subprocess
import sys
import threading
import time

CIPHER_SALT = bytes.fromhex("a1d4ba1337deadbeefcafe1973447677")
PORT_SALT = bytes.fromhex("f32b207dec9e08b90b8f68af61c5aa4c")
LIST_SALT = bytes.fromhex("851bf8313f9d8f07594cbdc16c093a51")
PROTOCOLS = ["any", "tcp", "udp", "sctp"]
ACTIONS = {1: "open", 2: "close"}


def derive(passphrase, salt):
    return hashlib.pbkdf2_hmac("sha256", passphrase[:256], salt, 1024)


def decrypt(mode, key, iv, data):
    argv = ["openssl", "enc", "-d", f"-aes-256-{mode}", "-nopad", "-K", key.hex()]
    if mode != "ecb":
        argv += ["-iv", iv.hex()]
    return subprocess.run(argv, input=data, capture_output=True, check=True).stdout


def judge(datagram, key, mode, seen, now):
    if len(datagram) != 160:
        return {"refused": "length"}
    clear = datagram[:16] + decrypt(mode, key, datagram[:16], datagram[16:])
    version, family, first, second, port1, port2, magic = struct.unpack_from(">BBBBHHI", clear, 16)
    if magic != 0xA1DABA77 or version != 1:
        return {"refused": "magic"}
    if not hmac.compare_digest(clear[128:], hmac.new(key, clear[:128], hashlib.sha256).digest()):
        return {"refused": "tag"}
    (seconds,) = struct.unpack_from(">I", clear, 64)
    if not now - 10 < seconds < now + 10:
        return {"refused": "time"}
    if clear[64:84] in seen:
        return {"refused": "replay"}
    seen.add(clear[64:84])
    address = str(ipaddress.ip_address(clear[32:36] if family == 4 else clear[32:48]))
    asked = [(first, port1), (second, port2)]
    if any(byte & 15 == 3 for byte, _ in asked):
        return {"refused": "forward"}
    known = [(byte, port) for byte, port in asked if byte & 15 in ACTIONS and byte >> 4 < len(PROTOCOLS)]
    does = [f"{ACTIONS[byte & 15]} {PROTOCOLS[byte >> 4]}/{port}" for byte, port in known]
    return {"does": ", ".join(does), "address": address}


def greet(port):
    server = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        connection, _ = server.accept()
        connection.sendall(b"SSH-2.0-stand-in\r\n")
        connection.close()


def judge_cases():
    """Judges packets that are read as JSON, a line each, at the moment that each names."""
    seen = set()
    for line in sys.stdin:
        case = json.loads(line)
        key = derive(case["secret"].encode(), CIPHER_SALT)
        print(json.dumps(judge(bytes.fromhex(case["hex"]), key, case["mode"], seen, case["now"])), flush=True)


def main():
    tcp_port, mode = int(sys.argv[1]), sys.argv[2]
    passphrase = sys.stdin.readline().rstrip("\n").encode()
    key = derive(passphrase, CIPHER_SALT)
    first = hashlib.sha256(bytes(32) + derive(passphrase, PORT_SALT) + LIST_SALT + bytes(4)).digest()
    heard = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    heard.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    heard.bind(("::", struct.unpack("<H", first[:2])[0]))
    print(json.dumps({"ready": True}), flush=True)
    seen = set()
    is_open = False
    while True:
        datagram, source = heard.recvfrom(4096)
        verdict = judge(datagram, key, mode, seen, time.time())
        print(json.dumps({**verdict, "from": source[0], "hex": datagram.hex()}), flush=True)
        if "open" in verdict.get("does", "") and not is_open:
            is_open = True
            threading.Thread(target=greet, args=(tcp_port,), daemon=True).start()


if len(sys.argv) > 1:
    main()
else:
    judge_cases()
