#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""HACKING.md is the map: every source file stands in its room's section, and nothing there is gone."""
import re

from source import files, report, root


def sections(text):
    """{folder: names in backquotes at the head of a line or anywhere in it}"""
    got, room = {}, None
    for line in text.splitlines():
        m = re.match(r"### (\S+)", line)
        room = m[1].rstrip("/") if m else None if line.startswith("#") else room
        if room and line.startswith("- "):
            got.setdefault(room, []).extend(re.findall(r"`([^`]+)`", line))
    return got


def main():
    top, bad = root(), []
    known = sections((top / "HACKING.md").read_text())
    for path in files(top, ".c", ".h", ".def", ".proto", rooms=("src", "ui")):
        name = path.relative_to(top)
        here = known.get(str(name.parent), [])
        if path.name not in here and not (path.suffix == ".h" and f"{path.stem}.c" in here):
            bad.append(f"{name}: not on the map: one line under \"### {name.parent}\" of HACKING.md")
    for room, names in known.items():
        bad += [f"HACKING.md: {room}/{n} is not there" for n in names
                if re.fullmatch(r"[\w.]+\.(?:c|h|def|proto)", n) and room.startswith(("src", "ui")) and not (top / room / n).exists()]
    report(bad)


main()
