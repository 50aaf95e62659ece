# SPDX-License-Identifier: Apache-2.0
"""README's first command, on this machine: what it shows, and that it leaves nothing running."""
import os
import pathlib
import signal
import time

import pytest

from harness import PEERS, ROOT, run, until

pytestmark = pytest.mark.once
PANES = ["Keys", "Members", "CA", "Issue", "Backup"]


@pytest.fixture
def env(vetch):
    return {**os.environ, **vetch.env(), "HOME": os.environ["HOME"], "VETCH_ETCD_DIR": str(PEERS / "3.6.16")}


def left(env):
    """Command lines that still name this test's own data."""
    got = []
    for p in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = p.read_bytes()
        except OSError:
            continue
        if env["XDG_DATA_HOME"].encode() in line:
            got.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return got


def test_help_and_wrong_words():
    for verb in ("build", "run", "check"):
        assert f"usage: ./bootstrap {verb}" in run([ROOT / "bootstrap", verb, "--help"]).ok().text
    assert run([ROOT / "bootstrap", "fly"]).code == 3
    assert run([ROOT / "bootstrap", "run", "fast"]).code == 3


def test_run_without_a_terminal(env):
    said = run([ROOT / "bootstrap", "run"], env=env, seconds=300).ok().text
    missing = [word for word in [*PANES, "/registry", "verified"] if word not in said]
    assert not missing, said
    assert not left(env)


def opened(terminal, env):
    """On a terminal: the console within a time, a sign of progress at least every second until then."""
    t = terminal(argv=[ROOT / "bootstrap", "run"], env=env)
    last, longest, size = time.monotonic(), 0.0, 0

    def shown():
        nonlocal last, longest, size
        now = time.monotonic()
        if len(t.raw) > size:
            longest, last, size = max(longest, now - last), now, len(t.raw)
        return all(p in t.row(2) for p in PANES)

    t.until(shown, 300)
    return t, longest


def test_run_on_a_terminal(terminal, env):
    t, longest = opened(terminal, env)
    print(f"longest silence {longest:.2f} s")
    assert longest < 2
    t.settle().send("q")
    assert t.ended(30) == 0, t.text()
    assert t.sane() == "" and not left(env)


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_console_and_cluster(terminal, env, sig):
    t, _ = opened(terminal, env)
    t.settle().signal(sig)
    assert t.ended(30) == 128 + sig
    assert t.sane() == ""
    until(lambda: not left(env), 10)
