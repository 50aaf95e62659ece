# SPDX-License-Identifier: Apache-2.0
"""Pane Keys: its layouts, and every value on them beside what etcdctl says of the same keys."""
import json
import pathlib
import re

import pytest

from harness import until
from harness.screens import Screens

HERE = pathlib.Path(__file__).parent


def pod(name):
    return json.dumps({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name, "namespace": "shop", "labels": {"app": name}},
                       "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}})


def fill(c):
    for key, value in [("/app/debug", "off"), ("/app/limits/cpu", "2"), ("/app/limits/mem", "512"),
                       *((f"/registry/pods/{n}", pod(n)) for n in ("pod-1", "pod-2", "pod-3")), ("/registry/services/a", "x"),
                       ("/settings", "one")]:
        c.etcdctl("put", key, value)
    c.etcdctl("put", "/registry/pods/pod-2", pod("pod-2"))


def lead(c, name):
    members = json.loads(c.ctl("member", "list", "-w", "json").out)["members"]
    ids = {m["name"]: m["ID"] for m in members}
    c.ctl("move-leader", f"{ids[name]:x}")
    until(lambda: all(x["Status"]["leader"] == ids[name] for x in json.loads(c.ctl("endpoint", "status", "-w", "json").out)))


@pytest.fixture
def filled(cluster):
    c = cluster(members=3, fresh=True)
    lead(c, "etcd2")
    fill(c)
    return c


def test_layout_and_values(filled, vetch, tmp_path):
    s = Screens(vetch, HERE / "keys.keys", tmp_path / "screens")
    drawn = s.run(workspace=vetch.workspace(filled))
    s.expect(drawn)
    dump = filled.kv().dump()
    counts = {re.match(r" [ >] (\S+) +(\d+)", row).groups() for row in drawn["top"][4:7] if row.strip().split()[-1] != "rows"}
    assert ("/app/", "3") in counts and ("/registry/", "4") in counts
    for i, name in enumerate(("pod-1", "pod-2", "pod-3")):
        value, version, revision = dump[f"/registry/pods/{name}".encode()]
        row = drawn["leaves"][4 + i]
        shown = re.match(rf" [> ] {name} +(\d+) B +(\d+) +(\d+)", row)
        assert shown and [int(x) for x in shown.groups()] == [len(value), version, revision], row
    value = dump[b"/registry/pods/pod-2"][0]
    hexed = bytes.fromhex("".join(re.match(r" [0-9a-f]{8}  ([0-9a-f ]{48})", row)[1] for row in drawn["hex"][15:20]).replace(" ", ""))
    assert hexed == value[:len(hexed)] and len(hexed) == 80
    shown = "".join(drawn["raw"][15:21])
    assert shown.replace(" ", "") == value.decode().replace(" ", "")


@pytest.mark.parametrize("size", ["20x5", "40x10"])
def test_what_goes_is_in_sight_at_any_size(cluster, vetch, tmp_path, size):
    c = cluster(fresh=True)
    for n in (1, 2):
        c.kv().put(f"/registry/pods/kube-system/kube-apiserver-prod-eu-{n}", "x")
    s = Screens(vetch, HERE / "keys_small.keys", tmp_path / "screens", size)
    s.expect(s.run(workspace=vetch.workspace(c)))


def test_a_change_of_anothers_is_never_overwritten(filled, terminal, vetch):
    """The dialog is open when somebody else writes: nothing is deleted, and the screen says so."""
    t = terminal(workspace=vetch.workspace(filled), env={"EDITOR": "", "VISUAL": ""})
    t.until(lambda: "/registry/" in t.text(), 20)
    t.send("/settings\r").until(lambda: re.search(r"> .*settings", t.text()), 10)
    t.until(lambda: "one" in t.row(16), 10)
    t.send("d").until(lambda: "[Cancel]" in t.text(), 10)
    revision = filled.kv().put("/settings", "two")
    t.send("\t\r").until(lambda: t.row(23).lstrip().startswith("!"), 10)
    assert filled.kv().get("/settings") == b"two" and str(revision)
    t.send("q").settle()


def test_put_through_the_editor(filled, terminal, vetch, tmp_path):
    """The file is private, and an unchanged one writes nothing."""
    workspace = vetch.workspace(filled)
    editor = tmp_path / "editor"
    editor.write_text(f"#!/bin/sh\nstat -c %a \"$1\" >{tmp_path}/mode\n[ -e {tmp_path}/edit ] && printf 'three\\n' >\"$1\"\nexit 0\n")
    editor.chmod(0o755)
    before = filled.kv().dump()
    t = terminal(workspace=workspace, env={"EDITOR": str(editor), "VISUAL": ""})
    t.until(lambda: "/registry/" in t.text(), 20)
    t.send("/settings\r").until(lambda: re.search(r"> .*settings", t.text()), 10)
    t.until(lambda: "one" in t.row(16), 10)
    t.send("e").until(lambda: "unchanged" in t.row(23), 10)
    assert filled.kv().dump() == before and (tmp_path / "mode").read_text() == "600\n"
    (tmp_path / "edit").touch()
    t.send("e").until(lambda: "[Cancel]" in t.text(), 10)
    assert "etcdctl put" in t.text()
    t.send("\t\r").until(lambda: filled.kv().get("/settings") == b"three", 10)
    t.settle().send("q")
    assert t.ended() == 0 and t.sane() == ""
    assert not list(pathlib.Path(workspace, "journal").glob("edit-*"))
