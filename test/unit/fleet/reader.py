"""Takes sets of a fleet as docs/fleet-documents.md says. Shares no code with knockgate: JSON by Python, signatures by ssh-keygen.

Reads one JSON object from standard input: {gateId, gateKey, offers: [{name, org, present, offered}]}.
Prints a JSON list of {name, isRefused, clients}.
"""
import base64
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
KEYS = {
    "root": "format type org number issued expires name cap people root policy revoke",
    "head": "format type org number issued expires root lists policy compiler folded",
    "gate": "format type org id key salt teams rules breakGlass group",
    "team": "format type org id salt devices",
    "rev": "format type org key number issued what id",
}
MOST = {"root": 16384, "head": 32768, "list": 1048576, "gate": 65536, "team": 2097152, "rev": 1024}


class Refused(Exception):
    pass


def need(is_so, why):
    if not is_so:
        raise Refused(why)


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def read(kind, text):
    need(len(text.encode()) <= MOST[kind], "too long")

    def once(pairs):
        need(len({key for key, _ in pairs}) == len(pairs), "duplicate key")
        return dict(pairs)

    try:
        value = json.loads(text, object_pairs_hook=once)
    except ValueError:
        raise Refused("no JSON")
    need(isinstance(value, dict) and list(value) == KEYS[kind].split(), "other keys")
    need(json.dumps(value, separators=(",", ":")) + "\n" == text, "other bytes")
    need(value["format"] == 1 and value["type"] == kind, "another type")
    for name in ("number", "issued", "expires"):
        if name in value:
            need(type(value[name]) is int and 0 <= value[name] < 2**53, "no whole number")
    return value


def strings(blob):
    """Strings of RFC 4251, and what is left when the next one does not fit."""
    found = []
    while len(blob) >= 4:
        (length,) = struct.unpack(">I", blob[:4])
        if length > len(blob) - 4:
            break
        found.append(blob[4 : 4 + length])
        blob = blob[4 + length :]
    return found, blob


def signer(signature, purpose, text, root):
    """Person and key of a signature, or None."""
    match = re.fullmatch(r"-----BEGIN SSH SIGNATURE-----\n([A-Za-z0-9+/=\n]+)\n-----END SSH SIGNATURE-----\n", signature)
    if match is None:
        return None
    blob = base64.b64decode(match.group(1).replace("\n", ""))
    (key, namespace, _, _, inner), _ = strings(blob[10:])
    kind = strings(key)[0][0].decode()
    if namespace.decode() != "knockgate-" + purpose or "cert" in kind:
        return None
    parts, tail = strings(inner)
    if kind.startswith("sk-") and not (len(tail) == 5 and tail[0] & 1):
        return None
    wanted = kind + " " + base64.b64encode(key).decode()
    person = next((each["id"] for each in root["people"] if wanted in each["keys"]), None)
    if person is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        allowed, armour = os.path.join(folder, "allowed"), os.path.join(folder, "sig")
        with open(allowed, "w") as file:
            file.write("somebody " + wanted + "\n")
        with open(armour, "w") as file:
            file.write(signature)
        verify = ["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "somebody", "-n", namespace.decode(), "-s", armour]
        done = subprocess.run(verify, input=text.encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    key_id = base64.urlsafe_b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
    return (person, key_id) if done.returncode == 0 else None


def signers(signed, purpose, root):
    found = [signer(each, purpose, signed["text"], root) for each in signed["signatures"]]
    return [each for each in found if each is not None]


def need_quorum(signed, purpose, root, role, without=()):
    people = {person for person, _ in signers(signed, purpose, root)} - set(without)
    need(len(people & set(role["people"])) >= role["threshold"], "too few signatures")


def follow_roots(org, known, offered):
    roots = list(known)
    for signed in offered:
        root = read("root", signed["text"])
        number = root["number"]
        if number <= len(roots):
            need(roots[number - 1]["text"] == signed["text"], "another root")
            continue
        need(number == len(roots) + 1, "a root is missing")
        need(sha256(signed["text"]) == org if number == 1 else root["org"] == org, "another organization")
        keys = [key for person in root["people"] for key in person["keys"]]
        need(len(set(keys)) == len(keys), "a key of two people")
        need_quorum(signed, "root", root, root["root"])
        if roots:
            before = json.loads(roots[-1]["text"])
            need_quorum(signed, "root", before, before["root"])
        roots.append(signed)
    need(roots, "no root")
    return roots


def good_revs(org, root, offered):
    found = {}
    for signed in offered:
        try:
            rev = read("rev", signed["text"])
        except Refused:
            continue
        by = [person for person, key in signers(signed, "rev", root) if key == rev["key"]]
        if rev["org"] == org and by and by[0] in root["revoke"]:
            found[signed["text"]] = rev
    return sorted(found.items(), key=lambda each: (each[1]["key"], each[1]["number"], each[1]["id"]))


def in_force(root, head, revs):
    """Sets of what is revoked, by kind."""
    out = {"person": set(), "device": set(), "gate": set(), "signer": set()}
    folded = {each["key"]: each["number"] for each in head["folded"]} if head else {}
    subjects = {}
    for _, rev in revs:
        if rev["number"] <= folded.get(rev["key"], 0):
            continue
        of_key = subjects.setdefault(rev["key"], set())
        subject = ("person", rev["id"].split("/")[0]) if rev["what"] == "device" else (rev["what"], rev["id"])
        if subject not in of_key and len(of_key) >= root["cap"]:
            continue
        of_key.add(subject)
        out[rev["what"]].add(rev["id"])
    left = list(root["policy"]["people"])
    without = set()
    for person in sorted(out["signer"], key=lambda id: [rev["id"] for _, rev in revs].index(id)):
        if len([each for each in left if each != person]) >= root["policy"]["threshold"]:
            left = [each for each in left if each != person]
            without.add(person)
    out["without"] = without
    return out


def take(org, gate_id, gate_key, present, offered):
    """The new set; raises Refused when the present one stays."""
    roots = follow_roots(org, present["roots"] if present else [], offered["roots"])
    root = json.loads(roots[-1]["text"])
    revs = good_revs(org, root, (present["revs"] if present else []) + offered["revs"])
    before = json.loads(present["head"]["text"]) if present else None
    without = in_force(root, before, revs)["without"]
    head = read("head", offered["head"]["text"])
    need(head["org"] == org and head["root"] == root["number"], "another organization or root")
    need(head["issued"] <= root["expires"], "the root had expired")
    need_quorum(offered["head"], "head", root, root["policy"], without)
    if before is not None:
        new, old = (head["root"], head["number"]), (before["root"], before["number"])
        need(new >= old, "older")
        need(new != old or offered["head"]["text"] == present["head"]["text"], "forked")
    pointer = head["lists"][0 if len(head["lists"]) == 1 else hashlib.sha256(gate_id.encode()).digest()[0]]
    need(sha256(offered["list"]) == pointer["hash"] and len(offered["list"]) == pointer["length"], "another list")
    lines = [line.split(" ") for line in offered["list"].splitlines()]
    need([line[2] for line in lines] == sorted({line[2] for line in lines}), "not sorted")
    mine = [line for line in lines if line[2] == gate_id]
    kept = {"roots": roots, "head": offered["head"], "revs": [{"text": text, "signatures": s} for text, s in signatures_of(revs, present, offered)]}
    if not mine:
        last = (present.get("own") or present.get("last")) if present else None
        return {**kept, "own": None, "last": last}
    need(sha256(offered["gate"]) == mine[0][0] and len(offered["gate"]) == int(mine[0][1]), "another gate document")
    gate = read("gate", offered["gate"])
    need(gate["org"] == org and gate["id"] == gate_id and gate["key"] == gate_key, "about another gate")
    teams = {}
    for wanted in gate["teams"]:
        text = next((each for each in offered["teams"] if sha256(each) == wanted["hash"]), None)
        need(text is not None and len(text) == wanted["length"], "a team is missing")
        teams[wanted["id"]] = read("team", text)
        need(teams[wanted["id"]]["id"] == wanted["id"] and teams[wanted["id"]]["org"] == org, "another team")
    need(all(rule["team"] in teams for rule in gate["rules"]), "a rule for no team")
    return {**kept, "own": {"gate": gate, "teams": teams}, "last": None}


def signatures_of(revs, present, offered):
    given = {each["text"]: each["signatures"] for each in (present["revs"] if present else []) + offered["revs"]}
    return [(text, given[text]) for text, _ in revs]


def clients(org, gate_id, taken):
    root, head = json.loads(taken["roots"][-1]["text"]), json.loads(taken["head"]["text"])
    revoked = in_force(root, head, good_revs(org, root, taken["revs"]))
    part = taken["own"] or taken["last"]
    if part is None:
        return []
    only_break_glass = taken["own"] is None or gate_id in revoked["gate"]
    names = set()
    for team, document in part["teams"].items():
        for device in document["devices"]:
            name = device["person"] + "/" + device["device"]
            is_out = device["person"] in revoked["person"] or name in revoked["device"]
            has_rule = any(rule["team"] == team for rule in part["gate"]["rules"])
            if name in part["gate"]["breakGlass"] or (has_rule and not is_out and not only_break_glass):
                names.add(name)
    return sorted(names)


def judge(gate_id, gate_key, offer):
    org = offer["org"]
    present = take(org, gate_id, gate_key, None, offer["present"]) if offer["present"] else None
    try:
        taken, is_refused = take(org, gate_id, gate_key, present, offer["offered"]), False
    except Refused:
        taken, is_refused = present and {**present, "revs": present["revs"] + offer["offered"]["revs"]}, True
    return {"name": offer["name"], "isRefused": is_refused, "clients": clients(org, gate_id, taken) if taken else []}


given = json.load(sys.stdin)
print(json.dumps([judge(given["gateId"], given["gateKey"], offer) for offer in given["offers"]]))
