# SPDX-License-Identifier: Apache-2.0
"""A change whose plan went stale writes nothing and ends with 4; so does one in another cluster than the workspace's."""
import json

import pytest


@pytest.fixture
def c(cluster, etcd_version):
    return cluster(etcd_version)


def plan_of(vetch, c, *argv):
    return vetch.job(c, "plan", *argv)[1]["result"]


@pytest.mark.feature("guarded changes")
def test_stale_plans(c, vetch):
    """Changed, changed and compacted, deleted, made meanwhile: each is refused and the key is as it was."""
    kv = c.kv()
    for verb in (["put", "/g/a", "mine"], ["del", "/g/a"]):
        def changed():
            kv.put("/g/a", "theirs")

        def compacted():
            c.etcdctl("compaction", kv.put("/g/a", "theirs"))

        def deleted():
            kv.delete("/g/a")

        for meanwhile, left, words in ((changed, b"theirs", "changed at rev"), (compacted, b"theirs", "changed at rev"),
                                       (deleted, None, "was deleted")):
            kv.put("/g/a", "before")
            plan = plan_of(vetch, c, *verb)
            assert plan["confirm"] == "one" and plan["guard"]["exists"] and plan["etcdctl"].startswith(f"etcdctl {verb[0]} ")
            assert kv.get("/g/a") == b"before"
            meanwhile()
            error = vetch.job(c, "apply", *verb, plan=plan)[1]["error"]
            assert (error["code"], error["exit"]) == ("guard", 4) and words in error["text"], error
            assert kv.get("/g/a") == left
    kv.delete("/g/new")
    plan = plan_of(vetch, c, "put", "/g/new", "mine")
    assert not plan["guard"]["exists"]
    kv.put("/g/new", "theirs")
    assert vetch.job(c, "apply", "put", "/g/new", "mine", plan=plan)[1]["error"]["exit"] == 4
    assert kv.get("/g/new") == b"theirs"


@pytest.mark.feature("guarded changes")
def test_fresh_plans(c, vetch):
    kv = c.kv()
    kv.put("/g/b", "before")
    plan = plan_of(vetch, c, "put", "/g/b", "after")
    done = vetch.job(c, "apply", "put", "/g/b", "after", plan=plan)[1]["result"]
    assert kv.get("/g/b") == b"after" and done["revision"] == kv.dump(b"/g/b")[b"/g/b"][2]
    plan = plan_of(vetch, c, "del", "/g/b")
    assert vetch.job(c, "apply", "del", "/g/b", plan=plan)[1]["result"]["deleted"] == 1
    assert kv.get("/g/b") is None
    assert "nothing to delete" in plan_of(vetch, c, "del", "/g/b")["lines"][0]


@pytest.mark.feature("guarded changes")
def test_wide_delete(c, vetch):
    """A range shows count and sample, wants its name typed, and is refused once any key in it changed."""
    kv = c.kv()
    for i in range(8):
        kv.put(f"/g/wide/{i}", "v")
    plan = plan_of(vetch, c, "del", "/g/wide/", "--prefix")
    assert plan["lines"][0].startswith("Deletes 8 keys under /g/wide/") and "  /g/wide/0" in plan["lines"]
    assert plan["confirm"] == "wide/" and plan["guard"]["count"] == 8
    kv.put("/g/wide/9", "new")
    assert vetch.job(c, "apply", "del", "/g/wide/", "--prefix", plan=plan)[1]["error"]["exit"] == 4
    assert len(kv.dump(b"/g/wide/")) == 9
    plan = plan_of(vetch, c, "del", "/g/wide/", "--prefix")
    assert vetch.job(c, "apply", "del", "/g/wide/", "--prefix", plan=plan)[1]["result"]["deleted"] == 9


@pytest.mark.feature("guarded changes")
def test_if_mod_rev(c, vetch):
    kv = c.kv()
    rev = kv.put("/g/m", "one")
    vetch("put", "/g/m", "two", "--if-mod-rev", rev, cluster=c).ok()
    stale = vetch("put", "/g/m", "three", "--if-mod-rev", rev, cluster=c).ok(4)
    assert "since you read" in stale.err and kv.get("/g/m") == b"two"
    vetch("del", "/g/m", "--if-mod-rev", rev, cluster=c).ok(4)
    vetch("put", "/g/m", "x", "--if-mod-rev", 0, cluster=c).ok(4)
    planned = vetch("put", "/g/m", "three", "--plan", cluster=c).ok()
    assert "Changes /g/m, 3 bytes to 5" in planned.err and kv.get("/g/m") == b"two"
    vetch("put", "/g/m", "no", "--read-only", cluster=c).ok(4)
    assert kv.get("/g/m") == b"two"


def test_bytes_no_argument_can_hold(cluster, vetch, tmp_path):
    c = cluster()
    (tmp_path / "value").write_bytes(b"a\0b")
    vetch("put", "--key-base64", "L2cvegAx", "--value-file", tmp_path / "value", cluster=c).ok()
    assert c.kv().get(b"/g/z\x001") == b"a\0b"
    assert vetch("get", "--key-base64", "L2cvegAx", cluster=c).ok().out == b"/g/z\x001\na\0b\n"
    said, last = vetch.job(c, "run", "get", "--key-base64", "L2cvegAx")
    assert [x["row"]["output"] for x in said] == ["/g/z\\x001", "a\\x00b"] and "result" in last
    vetch("del", "--key-base64", "L2cvegAx", cluster=c).ok()
    assert c.kv().get(b"/g/z\x001") is None


def test_other_cluster_than_the_workspace(cluster, vetch):
    """cluster.json learns its cluster's id at the first change; from then on no other cluster is changed by it."""
    a, b = cluster(), cluster("3.5.33")
    ws = vetch.workspace(a)
    vetch("put", "/w", "1", workspace=ws).ok()
    about = json.loads((ws / "cluster.json").read_text())
    assert about["cluster_id"]
    wrong = vetch("--endpoints", b.endpoints, "put", "/w", "2", workspace=ws).ok(4)
    ids = [format(json.loads(x.etcdctl("member", "list", "-w", "json"))["header"]["cluster_id"], "x") for x in (a, b)]
    assert all(i in wrong.err for i in ids) and b.kv().get("/w") is None
    vetch("--endpoints", b.endpoints, "get", "/w", workspace=ws).ok()
    error = vetch.job(b, "plan", "--endpoints", b.endpoints, "put", "/w", "2", workspace=ws)[1]["error"]
    assert error["exit"] == 4


def test_a_put_whose_answer_never_came(cluster, vetch):
    """Sent to a member that then froze: it may be written, so that is what is said, with exit 1."""
    c = cluster(fresh=True)
    c.kv().put("/u", "before")
    c.freeze(0)
    try:
        got = vetch("--command-timeout", "2s", "put", "/u", "after", cluster=c)
    finally:
        c.thaw(0)
    assert got.code in (1, 2) and got.out == b"", got
    assert len(got.err.splitlines()) == 2 and "cure: " in got.err
    c.wait()
    vetch("put", "/u", "again", cluster=c).ok()


def test_a_verb_without_a_plan_does_nothing_under_plan(cluster, vetch):
    """--plan changes nothing, also where a verb cannot say what it would change."""
    c = cluster()
    r = vetch("--plan", "backup", "create", "--to", vetch.home / "target", cluster=c)
    assert r.code == 4 and "nothing was done" in r.err
    assert not (vetch.home / "target").exists()
    assert vetch("--plan", "lease", "grant", "60", cluster=c).code == 4
