# SPDX-License-Identifier: Apache-2.0
"""vetch links: the names of other tools in a folder; what is not vetch's own link is never replaced."""
import os

import pytest
from harness import ROOT, run

NAMES = ["etcdctl", "etcdutl", "cfssl", "cfssljson"]


def test_links_are_made_kept_and_replaced(vetch, cluster, tmp_path):
    c = cluster()
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "cfssl").symlink_to("/opt/older/bin/vetch")
    planned = vetch("links", folder, "--plan").ok().err
    assert f"replaces {folder}/cfssl -> {vetch.bin}" in planned and f"makes {folder}/etcdctl" in planned
    assert [p.name for p in folder.iterdir()] == ["cfssl"]
    made = vetch("links", folder, "-w", "json").ok().json["links"]
    assert [os.path.basename(x["path"]) for x in made] == NAMES
    assert {os.path.basename(x["path"]): x["state"] for x in made} == {n: "replaced" if n == "cfssl" else "made" for n in NAMES}
    assert sorted(p.name for p in folder.iterdir()) == sorted(NAMES)
    assert all(os.readlink(folder / n) == str(vetch.bin) for n in NAMES)
    assert [x["state"] for x in vetch("links", folder, "-w", "json").ok().json["links"]] == ["there"] * 4
    c.kv().put("/linked", "yes")
    assert run([folder / "etcdctl", "get", "/linked"], env=vetch.env(**c.env())).ok().out == b"/linked\nyes\n"
    assert run([folder / "etcdctl", "version"], env=vetch.env()).ok().text == "etcdctl version: 3.6.16\nAPI version: 3.6\n"
    assert run([folder / "etcdutl", "version"], env=vetch.env()).ok().text == "etcdutl version: 3.6.16\nAPI version: 3.6\n"
    assert "Version: 1.6.5" in run([folder / "cfssl", "version"], env=vetch.env()).ok().text


@pytest.mark.parametrize("what", ["file", "link elsewhere", "dangling", "folder"])
def test_what_is_not_ours_stays(vetch, tmp_path, what):
    """The last name of four is taken: none is made."""
    (tmp_path / "tool").write_text("#!/bin/sh\n")
    at = tmp_path / "bin" / "cfssljson"
    at.parent.mkdir()
    {"file": lambda: at.write_text("real"), "link elsewhere": lambda: at.symlink_to(tmp_path / "tool"),
     "dangling": lambda: at.symlink_to("/nowhere/cfssljson"), "folder": at.mkdir}[what]()
    got = vetch("links", at.parent).ok(4)
    assert got.err.splitlines() == [f"vetch: nothing was changed: {at} is there and is no link to vetch",
                                    "cure: Move it away first, or name another folder."]
    assert [p.name for p in at.parent.iterdir()] == ["cfssljson"]


def test_usage(vetch, tmp_path):
    assert vetch("links", tmp_path / "none").ok(3).err.startswith(f"vetch: {tmp_path}/none is no folder")
    vetch("links").ok(3)
    assert not (tmp_path / "none").exists()
    assert vetch("links", tmp_path, "--read-only").ok(4) and not (tmp_path / "cfssl").exists()


def test_etcdutl_by_its_name(vetch, cluster, tmp_path):
    """What is there agrees with etcdutl's own; what is not says so and ends with 1."""
    from harness import peer
    c = cluster()
    c.kv().put("/u", "1")
    saved = tmp_path / "s.db"
    c.etcdctl("snapshot", "save", str(saved), members=[0])
    ours = lambda *a: vetch("as", "etcdutl", *a, cwd=tmp_path)
    theirs = lambda *a: run([peer("3.6.16/etcdutl"), *a], cwd=tmp_path)
    for form in ("simple", "json", "table", "fields"):
        assert ours("snapshot", "status", saved, "-w", form).ok().out == theirs("snapshot", "status", saved, "-w", form).ok().out
    for args in (["snapshot", "status"], ["snapshot", "status", "none.db"], ["nosuch"], ["version"], ["snapshot", "status", saved, "-w", "xml"]):
        a, b = ours(*args), theirs(*args)
        assert (a.code, a.out) == (b.code, b.out), (a, b)
    for args in (["snapshot", "restore", saved], ["snapshot", "restore", saved, "--data-dir", "d"], ["defrag", "--data-dir", "d"],
                 ["hashkv", saved], ["migrate"]):
        got = ours(*args).ok(1)
        assert got.out == b"" and got.err == f"Error: vetch does not do this part of etcdutl's \"{args[0]}\" yet\n"
    assert ours("get", "/u").ok(1).err.startswith('Error: unknown command "get" for "etcdutl"\n')
