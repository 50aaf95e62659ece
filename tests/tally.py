# SPDX-License-Identifier: Apache-2.0
"""Counts what ran: tally.py FILE make|junit|fuzz|reports WHERE NAME adds a line to FILE; `sum` ends with the total."""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

SHOWN = 60  # lines of a failed test's log


def from_make(where):
    """automake's .trs beside every .log; a cmocka program counts by its tests, a script as one."""
    count, said = [0, 0, 0], []
    for trs in sorted(pathlib.Path(where).glob("tests/**/*.trs")):
        result = re.search(r":test-result: (\w+)", trs.read_text())[1]
        log = trs.with_suffix(".log").read_text(errors="replace")
        passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) test", log))
        failed = max([int(n) for n in re.findall(r"\[  FAILED  \] (\d+) test", log)] or [0])
        if result == "PASS":
            count[0] += passed or 1
        elif result == "SKIP":
            count[2] += 1
        else:
            count[0] += passed
            count[1] += failed or 1
            said.append(f"{trs.with_suffix('')}: {result}\n" + "\n".join(log.splitlines()[-SHOWN:]))
    return count, said


def from_junit(where):
    count, said = [0, 0, 0], []
    for case in xml.parse(where).iter("testcase"):
        bad = case.find("failure") if case.find("failure") is not None else case.find("error")
        skip = case.find("skipped")
        count[1 if bad is not None else 2 if skip is not None else 0] += 1
        name = f"{case.get('classname')}::{case.get('name')}"
        if bad is not None:
            said.append(f"{name}\n" + "\n".join((bad.text or bad.get("message") or "").splitlines()[-SHOWN:]))
        if skip is not None:
            said.append(f"{name} skipped: {skip.get('message')}")
    return count, said


def from_fuzz(where):
    count, said = [0, 0, 0], []
    for result in sorted(pathlib.Path(where).glob("tests/fuzz/*.result")):
        word, *rest = result.read_text().split("\n", 1)
        count[0 if word.startswith("ok") else 1] += 1
        if not word.startswith("ok"):
            said.append(f"{result.stem}: {word}\n" + "".join(rest)[-6000:])
    return count, said


def from_reports(where):
    files = sorted(pathlib.Path(where).iterdir())
    said = [f"{f.name}\n" + "\n".join(f.read_text(errors="replace").splitlines()[:SHOWN]) for f in files]
    return [0 if files else 1, len(files), 0], said


def total(path):
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    for name, count in rows:
        print(f"{name:36} {count[0]:5} passed {count[1]:4} failed {count[2]:4} skipped")
    passed, failed, skipped = (sum(c[i] for _, c in rows) for i in range(3))
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


def main():
    path, kind = pathlib.Path(sys.argv[1]), sys.argv[2]
    if kind == "sum":
        return total(path)
    where, name = sys.argv[3:5]
    try:
        count, said = globals()[f"from_{kind}"](where)
    except (OSError, xml.ParseError) as e:
        count, said = [0, 1, 0], [f"{name}: no result: {e}"]
    if kind != "reports" and not sum(count):
        count, said = [0, 1, 0], [f"{name}: nothing ran"]
    for text in said:
        print(f"-- {text}")
    with path.open("a") as f:
        f.write(json.dumps([name, count]) + "\n")
    return 0


sys.exit(main())
