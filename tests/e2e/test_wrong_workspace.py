# SPDX-License-Identifier: Apache-2.0
"""A mistyped -C leads nowhere else: what changes a cluster never falls through to ETCDCTL_*; what reads says where it reads."""
import json

import pytest

CHANGES = [["put", "/ww", "x"], ["del", "/ww"], ["del", "/", "--prefix", "--yes"], ["txn"], ["lease", "grant", "60"]]
READS = [["get", "/ww"], ["ls", "/"], ["member", "list"], ["endpoint", "health"], ["endpoint", "status"], ["alarm", "list"]]


@pytest.fixture(params=["-C", "VETCH_WORKSPACE"])
def wrong(request, tmp_path):
    """How the folder is named: (first arguments, environment, folder)."""
    folder = tmp_path / "prodd"
    return (["-C", folder], {}, folder) if request.param == "-C" else ([], {"VETCH_WORKSPACE": str(folder)}, folder)


@pytest.mark.parametrize("there", [False, True], ids=["missing", "empty"])
def test_changes_are_refused(cluster, vetch, wrong, there):
    c = cluster()
    c.kv().put("/ww", "as it was")
    first, env, folder = wrong
    if there:
        folder.mkdir()
    before = c.kv().dump(b"")
    for words in CHANGES:
        got = vetch(*first, *words, env=c.env() | env, stdin="\nput /ww x\n\n\n").ok(4)
        assert got.out == b"" and got.err.splitlines() == [
            f"vetch: nothing was changed: workspace {folder} holds no cluster.json, and ETCDCTL_ENDPOINTS may be of another cluster",
            "cure: Correct -C, or give --endpoints URL,… if that cluster is meant."], words
    assert c.kv().dump(b"") == before and folder.exists() == there
    error = vetch.job(c, "plan", "put", "/ww", "x", workspace=folder, env=c.env())[1]["error"]
    assert error["exit"] == 4 and str(folder) in error["text"]


def test_endpoints_that_are_given_are_taken(cluster, vetch, wrong):
    c = cluster()
    first, env, folder = wrong
    vetch(*first, "--endpoints", c.endpoints, "put", "/ww", "mine", env=c.env() | env).ok()
    assert c.kv().get("/ww") == b"mine"


def test_readers_say_where_they_read(cluster, vetch, wrong):
    c = cluster()
    c.kv().put("/ww", "seen")
    first, env, folder = wrong
    said = f"warning: workspace {folder} holds no cluster.json; the endpoints are those of ETCDCTL_ENDPOINTS\n"
    for words in READS:
        assert vetch(*first, *words, env=c.env() | env).ok().err.startswith(said), words
        assert vetch(*first, *words, "--endpoints", c.endpoints, env=c.env() | env).ok().err.count("cluster.json") == 0
    assert json.loads(vetch(*first, "get", "/ww", "-w", "json", env=c.env() | env).ok().out)["count"] == 1


def test_what_only_adds_goes_on(cluster, vetch, wrong, tmp_path):
    """Backups are made into any folder, as with an empty one that is to become a workspace."""
    c = cluster()
    first, env, folder = wrong
    got = vetch(*first, "backup", "create", "--to", tmp_path / "b", "-w", "json", env=c.env() | env).ok()
    assert got.json["verified"] and str(folder) in got.err
    vetch(*first, "snapshot", "save", tmp_path / "s.db", env=c.env() | env).ok()
    vetch(*first, "ca", "init", env=env).ok()
    vetch(*first, "cert", "issue", "m1", "--profile", "server", "--hosts", "m1.example", env=env).ok()
    assert (folder / "pki/m1.pem").exists()


def test_nothing_named_at_all(vetch, wrong):
    first, env, folder = wrong
    for words in (["put", "/ww", "x"], ["get", "/ww"]):
        got = vetch(*first, *words, env=env).ok(3)
        assert got.err.splitlines() == [f"vetch: no etcd endpoint is named, and workspace {folder} holds no cluster.json",
                                        "cure: Correct -C, or give --endpoints URL,…"]


def test_under_etcdctls_name_no_workspace_counts(cluster, vetch, wrong):
    c = cluster()
    _, env, _ = wrong
    got = vetch("as", "etcdctl", "put", "/ww", "theirs", env=c.env() | env).ok()
    assert got.out == b"OK\n" and got.err == ""
