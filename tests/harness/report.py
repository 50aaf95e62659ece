# SPDX-License-Identifier: Apache-2.0
"""Pytest hooks: one line per etcd version and feature at the end; missing servers fail; groups for workers."""
import collections

import pytest

from .places import VERSIONS


def pytest_configure(config):
    config.addinivalue_line("markers", "feature(name): the line of the summary this test counts under")
    config.addinivalue_line("markers", "once: not of the binary under test alone: left out of the sanitized run")
    config.addinivalue_line("markers", "stress: many more rounds than a check needs; see harness.rounds")


def pytest_generate_tests(metafunc):
    if "etcd_version" in metafunc.fixturenames:
        metafunc.parametrize("etcd_version", VERSIONS, scope="session")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Tests of one etcd version share a worker, and so its cluster; else the tests of one file do, but
    for those on a terminal, which mostly wait."""
    for item in items:
        version = getattr(item, "callspec", None) and item.callspec.params.get("etcd_version")
        if version or (item.path.parent.name != "term" and not item.get_closest_marker("xdist_group")):
            item.add_marker(pytest.mark.xdist_group(version or item.path.stem))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    mark = item.get_closest_marker("feature")
    version = getattr(item, "callspec", None) and item.callspec.params.get("etcd_version")
    if version:
        item.user_properties += [("etcd", version), ("feature", mark.args[0] if mark else item.path.stem[5:])]


def pytest_terminal_summary(terminalreporter):
    table = collections.defaultdict(collections.Counter)
    why = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            about = dict(getattr(report, "user_properties", []))
            if "etcd" not in about:
                continue
            row = about["etcd"], about["feature"]
            kind = "refused" if outcome == "passed" and "refused" in about else outcome
            table[row][kind] += 1
            if kind == "refused":
                why[row, kind] = about["refused"]
            if kind == "skipped":
                why[row, kind] = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else "").removeprefix("Skipped: ")
    if table:
        terminalreporter.section("etcd versions and features")
    order = {v: i for i, v in enumerate(VERSIONS)}
    for row in sorted(table, key=lambda r: (order.get(r[0], 99), r[1])):
        said = ", ".join(f"{n} {k}" + (f" because {why[row, k]}" if (row, k) in why else "") for k, n in table[row].items())
        terminalreporter.write_line(f"etcd {row[0]:7} {row[1]:24} {said}")
