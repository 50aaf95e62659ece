# SPDX-License-Identifier: Apache-2.0
"""SRV records are not looked up yet: that is said, and no other endpoint is taken in their place."""
import pytest


@pytest.mark.parametrize("how", [["--discovery-srv", "example.invalid"], ["--discovery-srv=example.invalid"], ["-d", "example.invalid"], {}])
def test_discovery_is_named_as_missing(cluster, vetch, how):
    c = cluster()
    c.kv().put("/srv", "as it was")
    flags, env = (how, {}) if how else ([], {"ETCDCTL_DISCOVERY_SRV": "example.invalid"})
    for words in (["get", "/srv"], ["put", "/srv", "x"], ["del", "/srv"], ["endpoint", "health"]):
        got = vetch("as", "etcdctl", *words, *flags, env=c.env() | env).ok(1)
        assert got.out == b"" and got.err == "Error: SRV records are not looked up yet: --discovery-srv example.invalid\n"
        got = (vetch(*words, *flags, cluster=c) if flags else vetch(*words, env=c.env() | env)).ok(1)
        assert got.out == b"" and got.err.splitlines() == [
            "vetch: SRV records are not looked up yet: --discovery-srv example.invalid",
            "cure: Name the endpoints themselves: --endpoints URL,…"]
    assert c.kv().get("/srv") == b"as it was"
    assert flags or vetch("get", "/srv", cluster=c, env=env).ok().out == b"/srv\nas it was\n"  # flags come first
    assert vetch("as", "etcdctl", "get", "/srv", "--discovery-srv-name", "x", env=c.env()).ok().out == b"/srv\nas it was\n"
