# SPDX-License-Identifier: Apache-2.0
"""etcd's own login: user and password by flag, environment or question; refusals in etcd's words."""
import json

import pytest

from harness import run


@pytest.fixture
def c(cluster, etcd_version):
    c = cluster(etcd_version, fresh=True, tls=False)
    for args in (["user", "add", "root:rootpw"], ["user", "add", "alice:wonder"], ["role", "add", "reader"],
                 ["role", "grant-permission", "--prefix", "reader", "read", "/pub/"], ["user", "grant-role", "alice", "reader"],
                 ["user", "grant-role", "root", "root"], ["put", "/pub/a", "1"], ["put", "/priv/a", "2"], ["auth", "enable"]):
        r = c.ctl(*args)
        assert r.code == 0 or "already exists" in r.err, r
    return c


@pytest.mark.feature("login")
def test_login(c, vetch):
    alice = ["--user", "alice:wonder"]
    assert vetch(*alice, "get", "/pub/a", "--print-value-only", cluster=c).ok().out == b"1\n"
    assert vetch("--user=alice", "--password=wonder", "get", "/pub/", "--prefix", cluster=c).ok().out == b"/pub/a\n1\n"
    env = {"ETCDCTL_USER": "alice:wonder"}
    assert vetch("get", "/pub/a", cluster=c, env=env).ok().out == b"/pub/a\n1\n"
    for args in (["get", "/priv/a"], ["put", "/pub/a", "x"], ["get", "", "--prefix"], ["del", "/pub/", "--prefix"]):
        got = vetch(*alice, *args, cluster=c).ok(1)
        assert "permission denied" in got.err.splitlines()[0] and not got.out
    wrong = vetch("--user", "alice:nope", "get", "/pub/a", cluster=c).ok(1)
    assert "authentication failed, invalid user ID or password" in wrong.err
    nobody = vetch("get", "/pub/a", cluster=c).ok(1)
    assert "user name is empty" in nobody.err
    assert vetch(*alice, "endpoint", "health", cluster=c).code in (0, 5, 1)
    root = vetch("--user", "root:rootpw", "put", "/priv/a", "3", cluster=c).ok()
    assert root.out == b"OK\n"


def test_a_password_is_asked_for(cluster, vetch, terminal):
    c = cluster(fresh=True, tls=False)
    for args in (["user", "add", "root:rootpw"], ["user", "grant-role", "root", "root"], ["put", "/a", "seen"], ["auth", "enable"]):
        c.ctl(*args)
    t = terminal(["--user", "root", "get", "/a"], cluster=c)
    t.until("password", 10)
    t.send("rootpw\r").until("seen", 10)
    assert t.ended() == 0 and b"rootpw" not in t.raw
    job = {"argv": [str(x) for x in [*c.flags(), "--user", "root", "get", "/a"]], "phase": "run"}
    asked = run([vetch.bin, "--job"], env=vetch.env(), stdin=json.dumps(job)).lines[-1]
    assert json.loads(asked)["error"]["need"] == "etcd_password"
    job["secrets"] = {"etcd_password": "rootpw"}
    given = run([vetch.bin, "--job"], env=vetch.env(), stdin=json.dumps(job)).lines
    assert [json.loads(x)["row"]["output"] for x in given[:-1]] == ["/a", "seen"]
