# SPDX-License-Identifier: Apache-2.0
"""A typed etcd password logs the console and its jobs in, and lies in locked memory only."""
import json
import re

import pytest

from harness import until

WORD = "Marker-7f3a9c51-Word"
LONG = f'{"x" * 30}"\\{WORD}{"y" * 20}'  # 72 bytes, etcd's most


def ready(c, word):
    for args in (["user", "add", f"root:{word}"], ["user", "grant-role", "root", "root"], ["put", "/a", "seen"], ["auth", "enable"]):
        c.ctl(*args).ok()
    return c


def mappings(pid):
    """(first address, end, locked, name) of what a process can write to."""
    at = None
    with open(f"/proc/{pid}/smaps") as smaps:
        for line in smaps:
            head = re.match(r"([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)", line)
            if head:
                at = int(head[1], 16), int(head[2], 16), head[3], head[4]
            elif line.startswith("VmFlags:") and at[2].startswith("rw"):
                yield at[0], at[1], "lo" in line.split(), at[3]


def places(pid, word):
    """Where a word stands in the memory of a process: [locked], [not locked]."""
    found = [], []
    with open(f"/proc/{pid}/mem", "rb") as mem:
        for first, end, locked, name in mappings(pid):
            mem.seek(first)
            try:
                data = mem.read(end - first)
            except OSError:
                continue
            for form in (word.encode(), word.encode("utf-32-le")):
                for m in re.finditer(re.escape(form), data):
                    around = data[max(0, m.start() - 60):m.start() + 120]
                    found[0 if locked else 1].append((name or "anonymous", hex(first + m.start()), around))
    return found


@pytest.mark.once
@pytest.mark.parametrize("tls,word,typed", [(False, WORD, WORD), (True, LONG, f"\x1b[200~{LONG}\x1b[201~")],
                         ids=["plain, typed", "TLS, long, pasted"])
def test_it_is_in_locked_memory_only(cluster, vetch, terminal, tls, word, typed):
    c = ready(cluster(fresh=True, tls=tls), word)
    ws = vetch.workspace(c)
    t = terminal(args=["--user", "root"], workspace=ws)
    t.until("etcd password of root", 20)
    t.send(typed).settle().send("\r").until("leader", 20)
    assert WORD not in t.text()
    t.until("1 of 1 rows shown", 10)
    t.send(":watch /a\r").until("job 1 watch /a", 10)
    path = ws / "journal/jobs/1.jsonl"
    until(lambda: path.exists() and path.read_text())
    pid = json.loads(path.read_text().splitlines()[0])["begin"]["pid"]
    until(lambda: c.ctl("--user", f"root:{word}", "put", "/a", "seen again").ok() and "seen again" in path.read_text(), 10)
    for who, p in (("console", t.pid), ("job", pid)):
        locked, loose = places(p, WORD)
        assert not loose, f"{who}: {loose}"
        assert locked or who == "job", who
    for p in ws.rglob("*"):
        assert not p.is_file() or WORD.encode() not in p.read_bytes(), p
    t.send("J").settle().send("x").until("cancelled", 10)


def test_left_and_asked_for_again(cluster, vetch, terminal):
    """Esc leaves the console without a connection, and it says how to get one; a wrong word is refused in etcd's words."""
    c = ready(cluster(fresh=True, tls=False), WORD)
    t = terminal(args=["--user", "root"], workspace=vetch.workspace(c))
    t.until("etcd password of root", 20)
    t.until("etcd user root has not logged in", 10)
    assert "demo start" not in t.text()
    t.send("\x1b")
    t.until("Type :login", 10)
    t.send(":login\r").until("etcd password of root", 10)
    t.send("wrong\r").until("authentication failed", 10)
    t.until(":login asks again", 10)
    t.send(":login\r").until("etcd password of root", 10)
    t.send(WORD + "\r").until("leader", 10)
    t.send("q")
    assert t.ended() == 0 and t.sane() == ""
    t = terminal(workspace=vetch.workspace(c, vetch.home / "other"))
    t.until("Keys", 20)
    t.send(":login\r").until("no etcd user is named", 10)
