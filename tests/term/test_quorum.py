# SPDX-License-Identifier: Apache-2.0
"""A cluster that lost its quorum: what is shown then, what is refused, and how it comes back."""
import re
import time

import pytest

from harness.keys import go, in_folder, is_live


@pytest.fixture
def three(cluster):
    c = cluster("3.6.16", 3, fresh=True)
    c.kv().fill("/live/k", 50, size=20)
    c.kv().fill("/other/k", 30, size=20)
    return c


def children(t):
    with open(f"/proc/{t.pid}/task/{t.pid}/children") as f:
        return f.read().split()


def refused(t, keys, what):
    """These keys end in one sentence that names those that are down, and no child was made."""
    for key in keys:
        t.send(key)
        assert not children(t)
    t.until(lambda: t.row(23).startswith(f" ! {what} refused: no quorum: ") and t.row(24).startswith(" cure: start "), 5)
    assert not children(t)


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_without_quorum_one_copy_is_shown_and_nothing_written(terminal, vetch, three, how):
    t = in_folder(terminal, vetch, three, "/live/")
    lead = three.leader()
    last = (lead + 1) % 3
    gone = [i for i in range(3) if i != last]
    start = time.monotonic()
    for i in gone:
        getattr(three, how)(i)
    t.until(lambda: f"!NO QUORUM: {three.names[last]} copy" in t.row(1), 15)
    t.settle()
    print(f"{how}: row 1 said so after {time.monotonic() - start:.1f} s")
    those = " and ".join(three.names[i] for i in sorted(gone))
    assert t.row(23).startswith(f" ! no quorum: {those} are down, 2 of 3 needed"), t.text()
    assert t.row(24).startswith(f" cure: start {those}"), t.text()
    t.until(lambda: re.search(r"copy of \d+s ago", t.row(3)), 10)
    t.until("from one member's copy; no watch without quorum", 5)
    t.settle()
    assert "at this height" not in t.text() and "k00000003" in t.text(), t.text()
    t.send("\x1b").settle()
    assert f"no quorum: this is what {three.names[last]} has; changes are refused" in t.row(23)
    reads_go_on(t)
    for keys, what in (("d", "delete"), ("e", "edit"), ("n", "new"), ((":put /live/x y", "\r"), "put"),
                       ((":del /live/x", "\r"), "del"), ((":txn", "\r"), "txn"), ((":lease grant 60", "\r"), "lease grant")):
        refused(t, keys, what)
        t.send("r").settle()
    t.send(":get /live/k00000003\r").until(lambda: t.row(23).startswith(" ! get got no answer: no quorum: "), 10)
    t.send("r").settle()
    for i in gone:
        three.start(i) if how == "kill" else three.thaw(i)
    t.until(lambda: re.search("3/3 up, leader", t.row(1)) and is_live(t), 40)
    t.settle()
    assert "quorum" not in t.text().lower() and "copy" not in t.row(1) + t.row(3), t.text()
    rev = three.kv(last).put("/live/k00000003", "after")
    t.send("\x1b[H").until(lambda: re.search(rf"k00000003 .* {rev:,} ", t.text()))


def reads_go_on(t):
    """A folder never opened before, its values, and a search, all of one member's copy."""
    go(t, "/other/")
    t.until(lambda: re.search(r"30 keys .*copy of \d+s ago", t.row(3)), 5)
    t.until("created at", 5)
    t.send("//live/k00000042\r").until(lambda: t.row(3).split()[:1] == ["/live/"], 10)
    t.until(lambda: re.search(r" > k00000042 ", t.text()), 5)
    t.until("created at", 5)


def test_a_plan_that_is_open_is_not_carried_out(terminal, vetch, three):
    t = in_folder(terminal, vetch, three, "/live/")
    t.send("d").until("Cancel", 10)
    gone = [i for i in range(3) if i != 2]
    for i in gone:
        three.kill(i)
    t.until(lambda: "NO QUORUM" in t.row(1), 15)
    refused(t, ("\t", "\r"), "del")


@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_all_members_gone_and_back(terminal, vetch, three, how):
    t = in_folder(terminal, vetch, three, "/live/")
    for i in range(3):
        getattr(three, how)(i)
    t.until(lambda: "!NO QUORUM: 0/3 up" in t.row(1), 15)
    t.settle()
    assert "no quorum: etcd1, etcd2 and etcd3 are down" in t.row(23), t.text()
    assert "k00000003" in t.text(), "what was known stays in sight"
    t.until(lambda: re.search(r"as of \d+s ago", t.row(3)), 10)
    t.settle()
    assert how == "freeze" or "as last seen; nobody answers" in t.text() or ", listing" in t.text(), t.text()
    t.send("2").until("Start etcd there again" if how == "kill" else "See whether etcd hangs there", 10)
    t.send("1")
    for i in range(3):
        three.start(i) if how == "kill" else three.thaw(i)
    t.until(lambda: re.search("3/3 up, leader", t.row(1)) and is_live(t), 40)
