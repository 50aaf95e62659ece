#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Banned functions, the licence line, names that say nothing, and words that belong to one workplace alone."""
import re

from source import TOP, code, files, report, root

BANNED = r"\b(?:strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|sscanf|system|strncpy|gets|tmpnam|mktemp)\s*\("
VAGUE = r"^(?:utils?|misc|common|helpers?)$"
# Written apart, so that this file passes its own test.
ELSEWHERE = [r"/wo" r"rk/", r"(?<![\w.])/ro" r"ot/", r"(?<!user[- ])\ba" r"gents?\b", r"\bL" r"LMs?\b", r"issue #\d",
             r"\b(?:de" r"b\.debian\.org|py" r"pi\.org|files\.python" r"hosted|proxy\.gol" r"ang\.org|registry\.np" r"mjs)"]
SECRET = r"-----BEGIN (?:RSA |EC |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}"
NO_LICENCE = {".md", ".text", ".golden", ".json", ".pem", ".bin", ".txt", ".keys", ".screen", ".roles", ".ini"}


def of_words(name, text):
    bad = []
    for n, line in enumerate(text.splitlines(), 1):
        bad += [f"{name}:{n}: \"{m[0]}\" is of one workplace, not of vetch"
                for m in (re.search(w, line, re.I) for w in ELSEWHERE) if m]
    if re.search(SECRET, text):
        bad.append(f"{name}: holds a private key")
    return bad


def of_licence(path, name, text):
    if path.suffix in NO_LICENCE or not text or "seeds" in path.parts:
        return []
    return [] if "SPDX-License-Identifier: Apache-2.0" in "\n".join(text.splitlines()[:3]) else [f"{name}: no SPDX line first"]


def of_code(path, name):
    bad = [f"{name}: {m[0]}...: is banned" for m in re.finditer(BANNED, code(path))]
    if re.search(r"^\s*typedef\s+(?:struct|union)\b", code(path), re.M):
        bad.append(f"{name}: a typedef hides a struct")
    return bad


def main():
    top, bad = root(), []
    docs = [top / n for n in (*TOP, "README.md", "HACKING.md", "NEWS.md") if (top / n).is_file()]
    for path in [*docs, *files(top)]:
        name, raw = path.relative_to(top), path.read_bytes()
        text = raw.decode("utf-8", "replace")
        if re.search(VAGUE, path.stem):
            bad.append(f"{name}: the name does not say what lives there")
        if b"\0" not in raw:
            bad += of_words(name, text) + of_licence(path, name, text)
        if path.suffix in (".c", ".h"):
            bad += of_code(path, name)
    report(bad)


main()
