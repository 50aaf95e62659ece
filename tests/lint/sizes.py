#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Functions, files and lines stay small; the last line says how small they are."""
from source import files, functions, report, root

LINES, BRANCHES, PARAMS, FILE_WARN, FILE, COLUMNS = 80, 15, 5, 600, 800, 100
TABLE_COLUMNS = 140  # a row of a .def stays one line
MEDIAN, NINE_TENTHS, ENOUGH = 17, 40, 200


def of_file(path, name):
    text = path.read_text(errors="replace").splitlines()
    most = TABLE_COLUMNS if path.suffix == ".def" else COLUMNS
    bad = [f"{name}:{n}: {len(line)} characters, {most} at most" for n, line in enumerate(text, 1) if len(line) > most]
    if len(text) > FILE:
        bad.append(f"{name}: {len(text)} lines, {FILE} at most")
    elif len(text) > FILE_WARN:
        print(f"{name}: {len(text)} lines; split it before it passes {FILE}")
    return bad


# Callbacks whose parameters a library fixes.
FIXED = {"on_header", "on_data", "give_data", "send_data", "send_always"}


def of_function(f, name):
    limits = (("lines", f.lines, LINES), ("branches (McCabe)", f.branches, BRANCHES), ("parameters", 0 if f.name in FIXED else f.params, PARAMS))
    return [f"{name}:{f.line}: {f.name}: {have} {what}, {most} at most" for what, have, most in limits if have > most]


def spread(numbers):
    s = sorted(numbers)
    return s[len(s) // 2], s[len(s) * 9 // 10], s[-1]


def main():
    top, bad, ours = root(), [], []
    for path in files(top, ".c", ".h", ".def", rooms=("src", "ui", "tests")):
        name = path.relative_to(top)
        bad += of_file(path, name)
        for f in functions(path) if path.suffix != ".def" else ():
            bad += of_function(f, name)
            if name.parts[0] != "tests":
                ours.append(f)
    if not ours:
        report(bad)
    lines, branches = spread([f.lines for f in ours]), spread([f.branches for f in ours])
    if len(ours) >= ENOUGH and (lines[0] > MEDIAN or lines[1] > NINE_TENTHS):
        bad.append(f"functions have grown: median {lines[0]} lines ({MEDIAN}), nine tenths within {lines[1]} ({NINE_TENTHS})")
    report(bad, f"{len(ours)} functions: lines median {lines[0]}, 90 % {lines[1]}, most {lines[2]}; "
                f"branches median {branches[0]}, 90 % {branches[1]}, most {branches[2]}")


main()
