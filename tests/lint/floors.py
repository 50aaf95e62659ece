#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A file includes only lower floors and its own room; few rooms may call certain libraries; src/ never prints."""
import re

from source import code, files, report, root

FLOORS = [["base"], ["etcd", "pki", "store", "bolt", "value"], ["backup"], ["cluster"], ["doctor"], ["verb", "model"], ["ui"]]
FLOOR = {room: n for n, rooms in enumerate(FLOORS) for room in rooms}
# What is called | where it may be (paths without suffix, or rooms that end in /)
ONLY = [
    (r"#\s*include\s*<(?:ncursesw?/)?n?curses\.h>|#\s*include\s*<term\.h>", ("ui/screen", "ui/input")),
    (r"\bcurl_easy_\w+\s*\(", ("src/base/connect", "src/base/http", "src/base/loop")),
    (r"#\s*include\s*<gnutls/", ("src/base/tls", "src/base/tls_explain", "src/base/hash", "src/base/connect", "src/base/http", "src/pki/")),
    (r"#\s*include\s*<nghttp2/", ("src/etcd/",)),
    (r"#\s*include\s*<expat\.h>", ("src/base/xml",)),
]
NEVER_IN_SRC = r"(?<![\w.>])(?:printf|vprintf|puts|putchar|perror|exit)\s*\(|\bfprintf\s*\(\s*(?:stdout|stderr)\b"


def room_of(path, top):
    parts = path.relative_to(top).parts
    return parts[1] if parts[0] == "src" and len(parts) > 2 else "ui" if parts[0] == "ui" else None


def includes(path, top):
    room = room_of(path, top)
    if room is None:
        return [f"{path.relative_to(top)}: lies in no room"]
    if room not in FLOOR:
        return [f"{path.relative_to(top)}: the room {room} has no floor: give it one in tests/lint/floors.py"]
    bad = []
    for n, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        m = re.match(r'\s*#\s*include\s*"([^"/]+)/[^"]+"', line)
        other = m and m[1]
        if other in FLOOR and other != room and FLOOR[other] >= FLOOR[room]:
            bad.append(f"{path.relative_to(top)}:{n}: {room} includes {other}, which is not on a lower floor")
    return bad


def calls(path, top):
    name = str(path.relative_to(top).with_suffix(""))
    text = path.read_text(errors="replace")
    bad = [f"{name}{path.suffix}: {re.search(what, text)[0]} belongs to {' '.join(where)}" for what, where in ONLY
           if re.search(what, text) and not any(name == w or (w.endswith("/") and name.startswith(w)) for w in where)]
    printed = re.search(NEVER_IN_SRC, code(path)) if name.startswith("src/") else None
    return bad + ([f"{name}{path.suffix}: {printed[0]}...: src/ never prints and never exits"] if printed else [])


def main():
    top, bad = root(), []
    for path in files(top, ".c", ".h", ".def", rooms=("src", "ui")):
        bad += includes(path, top) + calls(path, top)
    report(bad)


main()
