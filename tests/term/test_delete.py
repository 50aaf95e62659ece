# SPDX-License-Identifier: Apache-2.0
"""At a terminal a range goes only after its count was shown and its name typed; one key goes at once, as etcdctl's."""
import pytest


@pytest.fixture
def kv(cluster):
    kv = cluster().kv()
    for i in range(7):
        kv.put(f"/del/part/{i}", "v")
    return kv


def test_asked_first(terminal, cluster, kv):
    t = terminal(["del", "/del/part/", "--prefix"], cluster=cluster())
    t.until('Type "part/" to do it:', 10)
    assert "Deletes 7 keys under /del/part/" in t.text() and "/del/part/4" in t.text() and "and 2 more" in t.text()
    t.send("par/\r")
    assert t.ended() == 4 and len(kv.dump(b"/del/part/")) == 7
    t = terminal(["del", "/del/part/", "--prefix"], cluster=cluster())
    t.until("to do it:", 10)
    t.send("part/\r")
    assert t.ended() == 0 and t.sane() == "" and kv.dump(b"/del/part/") == {}


def test_not_asked(terminal, cluster, kv):
    t = terminal(["del", "/del/part/0"], cluster=cluster())
    assert t.ended() == 0
    t = terminal(["del", "/del/part/", "--prefix", "--yes"], cluster=cluster())
    assert t.ended() == 0 and kv.dump(b"/del/part/") == {}


def test_never_under_the_other_name(terminal, cluster, kv, vetch):
    t = terminal(argv=[vetch.bin, "as", "etcdctl", *cluster().flags(), "del", "/del/part/", "--prefix"])
    assert t.ended() == 0 and kv.dump(b"/del/part/") == {}
    assert t.text().split()[0] == "7"


def test_as_a_link(cluster, vetch, tmp_path):
    """Linked under etcdctl's name it is etcdctl, from its environment alone."""
    from harness import run
    link = tmp_path / "etcdctl"
    link.symlink_to(vetch.bin)
    c = cluster()
    env = {"PATH": "/usr/bin:/bin", **c.env()}
    assert run([link, "put", "/link", "it"], env=env).ok().out == b"OK\n"
    assert run([link, "get", "/link", "--print-value-only"], env=env).ok().out == b"it\n"
    assert b"etcdctl version: 3.6.16\nAPI version: 3.6\n" == run([link, "version"], env=env).ok().out
    small = run([link, "get", "/link", "--max-recv-bytes=10"], env=env)
    assert small.code == 1 and small.err
    gone = run([link, "--endpoints=127.0.0.1:1", "get", "a"], env={"PATH": "/usr/bin"})
    assert gone.code == 1 and gone.err.splitlines()[-1] == "Error: context deadline exceeded"
    for verb in (["lock", "x"], ["user", "list"], ["member", "add", "x"], ["defrag"]):
        refused = run([link, *verb], env=env)
        assert refused.code == 1 and "yet" in refused.err and not refused.out
