"""Changes a store as somebody does who holds it: files alone, and nothing of knockgate.

liar.py STORES MADE: STORES has a folder for each row, which becomes what that row says; MADE has folders with other sets, as an
attacker may have collected them.
"""

import hashlib
import json
import os
import shutil
import sys

stores, made = sys.argv[1:]
store = ""


def path(name):
    return os.path.join(store, name)


def read(name):
    with open(path(name), encoding="utf8") as file:
        return file.read()


def write(name, text):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "w", encoding="utf8") as file:
        file.write(text)


def lay(name):
    shutil.copytree(os.path.join(made, name), store, dirs_exist_ok=True)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


HEAD = "head/2.json"
PART = ""


def lists():
    return json.loads(read(HEAD))["lists"]


def gate_hash():
    for line in read("list/" + lists()[0]["hash"]).splitlines():
        found, _, gate = line.split(" ")
        if gate == "web1":
            return found
    raise SystemExit("no web1")


def team_hashes():
    return [team["hash"] for team in json.loads(read(PART + gate_hash()))["teams"]]


def forged(text):
    return text.replace('"person":"ben"', '"person":"bev"')


def forge_chain():
    """Makes a set that is whole, with a later head that nobody has signed."""
    gate = read(PART + gate_hash())
    for old in team_hashes():
        team = forged(read(PART + old))
        write(PART + digest(team), team)
        gate = gate.replace(old, digest(team))
    whole = read("list/" + lists()[0]["hash"]).replace(gate_hash(), digest(gate))
    head = read(HEAD).replace(lists()[0]["hash"], digest(whole)).replace('"number":2', '"number":3')
    write(PART + digest(gate), gate)
    write("list/" + digest(whole), whole)
    write("head/3.json", head)
    shutil.copytree(path("head/2.sig"), path("head/3.sig"))
    write("latest", "root 1\nhead 3\n")


def other_text(change):
    write(HEAD, change(read(HEAD)))


def older_file():
    old = json.load(open(path("head/1.json"), encoding="utf8"))["lists"][0]["hash"]
    write("list/" + lists()[0]["hash"], read("list/" + old))


def swap():
    first, second = gate_hash(), team_hashes()[0]
    one, two = read(PART + first), read(PART + second)
    write(PART + first, two)
    write(PART + second, one)


def head_alone():
    lay("next")
    head = json.loads(read("head/3.json"))
    os.remove(path("list/" + head["lists"][0]["hash"]))


def root_alone():
    shutil.copytree(os.path.join(made, "renewed", "root"), path("root"), dirs_exist_ok=True)
    write("latest", "root 2\nhead 2\n")


def twice():
    lay("half")
    os.makedirs(path("head/3.sig"), exist_ok=True)
    shutil.copy(path("head/3.sig/ana.sig"), path("head/3.sig/ben.sig"))


def hundred_megabytes():
    with open(path(PART + team_hashes()[0]), "wb") as file:
        file.truncate(100_000_000)


def delete():
    for name in os.listdir(store):
        shutil.rmtree(path(name)) if os.path.isdir(path(name)) else os.remove(path(name))


ROWS = {
    "withholds": lambda: os.remove(path(HEAD)),
    "rolls back": lambda: write("latest", "root 1\nhead 1\n"),
    "forges a team": lambda: [write(PART + each, forged(read(PART + each))) for each in team_hashes()],
    "forges a set": forge_chain,
    "swaps": swap,
    "deletes": delete,
    "sends 100 MB": hundred_megabytes,
    "two heads of one number": lambda: lay("rival"),
    "a head before its files": head_alone,
    "a list without this gate": lambda: write(
        "list/" + lists()[0]["hash"],
        "".join(
            line + "\n"
            for line in read("list/" + lists()[0]["hash"]).splitlines()
            if not line.endswith(" web1")
        ),
    ),
    "a file of an older head": older_file,
    "a root without its head": root_alone,
    "the head of another organization": lambda: shutil.copytree(
        os.path.join(made, "stranger", "head"), path("head"), dirs_exist_ok=True
    ),
    "everything of another organization": lambda: lay("stranger"),
    "a hardware key without a touch": lambda: lay("untouched"),
    "one key counted twice": twice,
    "signatures for git": lambda: lay("git"),
    "a duplicate key": lambda: other_text(lambda text: text.replace('"number":2', '"number":2,"number":2')),
    "an unknown key": lambda: other_text(lambda text: text.replace('"number":2', '"number":2,"more":2')),
    "no text at all": lambda: other_text(lambda _: "\u0000\u001b[2J\u202e"),
    "names that lead elsewhere": lambda: other_text(lambda text: text.replace(lists()[0]["hash"], "../../etc/passwd")),
    "a link to another file": lambda: [os.remove(path(HEAD)), os.symlink("/etc/passwd", path(HEAD))],
    "a hint that is none": lambda: write("latest", "root 1e3\nhead 2\n"),
}

for row in os.listdir(stores):
    store = os.path.join(stores, row)
    PART = "part/" + os.listdir(path("part"))[0] + "/"
    ROWS[row]()
