# SPDX-License-Identifier: Apache-2.0
"""A frozen member, an endpoint that swallows everything and an S3 that never answers: every key shows at once all the same,
and the screen names all three."""
import os
import re
import select
import socket
import statistics
import time

import pytest

PANES = ["Keys", "Members", "CA", "Issue", "Backup"]
SLOW = 0.020  # seconds


@pytest.fixture
def hole():
    """An address that swallows SYNs: a listening socket whose queue is full."""
    door, callers = socket.create_server(("127.0.0.1", 0), backlog=0), []
    while len(callers) < 50:
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(door.getsockname())
        callers.append(s)
        if not select.select([], [s], [], 0.3)[1]:
            break
    assert len(callers) < 50, "the queue never filled"
    yield f"127.0.0.1:{door.getsockname()[1]}"
    for s in [door, *callers]:
        s.close()


@pytest.fixture
def mute():
    """Takes connections and never says a word."""
    door = socket.create_server(("127.0.0.1", 0), backlog=100)
    yield f"127.0.0.1:{door.getsockname()[1]}"
    door.close()


def current(t):
    """The pane that stands in reverse on row 2."""
    return "".join(c.data for x, c in sorted(t.grid.buffer[1].items()) if c.reverse).strip()


def on_row_23(text):
    return lambda t: t.row(23).rstrip().startswith(text)


def keys_of(n):
    """Ten keys on pane n, and what each must show: from a pane into help, the command line, the jobs and back."""
    name = f"{n} {PANES[n - 1]}"
    at_rest = lambda t: current(t) == name and not re.match(" +(Help|Jobs)", t.row(3)) and t.row(23)[:2] != " :"  # noqa: E731
    return [(str(n), lambda t: current(t) == name), ("?", lambda t: re.match(" +Help", t.row(3))), ("q", at_rest),
            (":", on_row_23(" :")), ("l", on_row_23(" :l")), ("s", on_row_23(" :ls")), ("\x1b", at_rest),
            ("J", lambda t: re.match(" +Jobs", t.row(3))), ("\x1b", at_rest),
            ("\t", lambda t: current(t) == f"{n % 5 + 1} {PANES[n % 5]}")]


def press(t, key, shows):
    """Seconds from the key to the bytes that show it, read from the terminal itself."""
    while select.select([t.fd], [], [], 0)[0]:
        t.pump(0)
    assert not shows(t), f"{key!r} would change nothing:\n{t.text()}"
    start = time.perf_counter()
    os.write(t.fd, key.encode())
    while True:
        if not select.select([t.fd], [], [], 5)[0]:
            raise TimeoutError(f"{key!r} showed nothing for 5 s:\n{t.text()}")
        took = time.perf_counter() - start
        t.pump(0)
        if shows(t):
            return took


def a_round(t):
    """[(seconds, which key)] of 200 keys."""
    keys = [(n, *key) for n in (1, 3, 5, 2, 4) * 4 for key in keys_of(n)]
    return [(press(t, key, shows), f"{key!r} on pane {n}") for n, key, shows in keys]


def test_every_key_shows_within_20_ms_whatever_hangs(terminal, vetch, cluster, s3, hole, mute):
    c = cluster("3.6.16", 3, fresh=True)
    c.kv().fill("/live/k", 500, size=200)
    ws = vetch.workspace(c, backup_targets=[{"name": "mute", "url": "s3://b/p", "endpoint": f"https://{mute}", "region": "us-east-1",
                                             "addressing": "path"}])
    c.freeze(2)
    t = terminal(["--endpoints", f"https://{hole},{c.endpoints}"], workspace=ws, env={**s3.env(), "AWS_ENDPOINT_URL": ""})
    t.until(lambda: current(t) == "1 Keys", 20)
    t.send("2").until(lambda: current(t) == "2 Members", 5)
    limit, best = SLOW * (10 if vetch.sanitized else 1), None
    for n in range(3):  # other tests have the processors too: a key that is slow itself is so each time
        pressed = a_round(t)
        took = [s for s, _ in pressed]
        best = [min(a, b) for a, b in zip(took, best or took)]
        print(f"round {n + 1}: {len(took)} keys, median {statistics.median(took) * 1000:.1f} ms, over {limit * 1000:.0f} ms: "
              f"{sum(x > limit for x in took)}, worst " + ", ".join(f"{s * 1000:.1f} ms {key}" for s, key in sorted(pressed)[:-4:-1]))
        if max(best) <= limit:
            break
    assert len(best) == 200 and statistics.median(best) <= limit and max(best) <= limit
    all_three_are_named(t, c, hole, mute)
    c.thaw(2)
    t.send("2").until(lambda: "3/3 up" in t.row(1), 15)


def all_three_are_named(t, c, hole, mute):
    def words():
        return " ".join(t.text().split())

    frozen = c.client_urls[2].split("//")[1]
    t.send("2").until(lambda: re.search(rf"What is wrong, worst first .*{c.names[2]} is down for \d+\w: {frozen} ", words()), 15)
    t.until(lambda: f"endpoint https://{hole} (no member's): {hole} does not answer within 2 s" in words(), 15)
    t.send("5").until(lambda: re.search(r"mute has not answered for \d+s", t.row(23)), 20)
