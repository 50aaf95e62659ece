# SPDX-License-Identifier: Apache-2.0
"""What a person wrote in the editor is never lost: refused, failed, timed out or left, it is in journal/ and the screen says where."""
import json
import pathlib
import re

import pytest

from harness import until


class Editing:
    """The console on one key, and an editor that runs a line of shell ($1 is the file)."""

    def __init__(self, cluster, vetch, terminal, tmp_path, value="one", key="/edit/key", **env):
        self.c, self.key, self.tmp = cluster, key, tmp_path
        self.kv = cluster.kv()
        self.kv.put(key, value)
        self.workspace = vetch.workspace(cluster)
        self.editor = tmp_path / "ed itor"
        self.editor.write_text(f"#!/bin/sh\n. {tmp_path}/line\n")
        self.editor.chmod(0o755)
        self.t = terminal(workspace=self.workspace, env={"EDITOR": f"'{self.editor}'", "VISUAL": "", **env})
        self.t.until(lambda: "/edit/" in self.t.text(), 20)
        self.t.send("/edit/key\r").until(lambda: re.search(r"> .*key", self.t.text()), 10)
        self.t.until(lambda: re.search(r"-- key\S*   ", self.t.text()), 10)
        self.t.settle()

    def edit(self, line, wait="[Cancel]"):
        (self.tmp / "line").write_text(line + "\n")
        self.t.send("e").until(lambda: wait in self.t.text(), 10)
        return self.t.settle()

    def do_it(self):
        self.t.send("\t\r").settle()

    def kept(self):
        """{file: bytes} of what is kept; each is private."""
        files = sorted(pathlib.Path(self.workspace, "journal").glob("edit-*"))
        assert all(f.stat().st_mode & 0o777 == 0o600 for f in files)
        return {f: f.read_bytes() for f in files}


@pytest.fixture
def editing(cluster, vetch, terminal, tmp_path):
    return lambda c=None, **more: Editing(c or cluster(fresh=True), vetch, terminal, tmp_path, **more)


def shown(e):
    """The screen as one line: long paths are broken."""
    return "".join(row.strip() for row in e.t.grid.display)


def refused(e):
    e.t.until(lambda: "e edit again on theirs" in e.t.row(24), 10)
    e.t.settle()


def test_refused_while_the_plan_stands(editing):
    e = editing(value="a\nb\nc\n")
    was = e.kv.dump(b"/edit/")[b"/edit/key"][2]
    e.edit("printf 'a\\nmine\\nc\\n' >\"$1\"")
    now = e.kv.put(e.key, "a\nb\nc\ntheirs\n")
    e.do_it()
    refused(e)
    assert e.t.row(23).startswith(f" ! not written: key changed at rev {now} since you read {was}")
    assert e.t.row(24) == " d diff theirs and yours   e edit again on theirs   Esc drop mine (kept on disk)"
    [(path, text)] = e.kept().items()
    assert text == b"a\nmine\nc\n" and path.name in shown(e)
    e.t.send("d").until(lambda: "+mine" in e.t.text(), 5)
    assert all(line in e.t.text() for line in ("-b", "-theirs", " c")) and f"rev {now}" in e.t.text()
    e.t.send("\x1b").until(lambda: "e edit again" in e.t.row(24), 5)
    e.edit(f"cp \"$1\" {e.tmp}/given")
    assert (e.tmp / "given").read_bytes() == b"a\nmine\nc\n" and f"mod revision {now}" in e.t.text()
    e.do_it()
    until(lambda: e.kv.get(e.key) == b"a\nmine\nc\n")
    e.t.until(lambda: "done" in e.t.row(23), 5)
    assert e.kept() == {}


def test_refused_before_its_plan(editing):
    """Another wrote, or deleted the key, while the editor was open."""
    e = editing()
    (e.tmp / "go").touch()
    line = f"printf mine >\"$1\"; while [ -e {e.tmp}/go ]; do sleep 0.05; done"
    (e.tmp / "line").write_text(line)
    e.t.send("e")
    until(lambda: b"mine" in e.kept().values())
    e.kv.delete(e.key)
    (e.tmp / "go").unlink()
    refused(e)
    assert "the key was deleted since you read" in e.t.row(23)
    e.t.until(lambda: "there is no such key now" in e.t.text(), 5)
    [(path, text)] = e.kept().items()
    e.edit("true")
    assert "Makes /edit/key, 4 bytes" in e.t.text()
    e.kv.put(e.key, "once more")
    e.do_it()
    refused(e)
    assert "the key exists now" in e.t.row(23) and e.kv.get(e.key) == b"once more"
    e.t.send("\x1b").until(lambda: path.name in shown(e), 5)
    assert e.kept() == {path: b"mine"} and text == b"mine"


def test_left_in_the_dialog_and_in_the_middle(editing):
    """Esc in the plan's dialog, and a console that ends while it stands."""
    e = editing()
    e.edit("printf mine >\"$1\"")
    e.t.send("\x1b").until(lambda: "your text is kept in" in e.t.text(), 5)
    assert list(e.kept().values()) == [b"mine"]
    e.edit("printf second >\"$1\"")
    e.t.signal(15).ended()
    assert sorted(e.kept().values()) == [b"mine", b"second"] and e.kv.get(e.key) == b"one"


def test_no_answer(editing, cluster):
    c = cluster(fresh=True)
    e = editing(c)
    e.edit("printf mine >\"$1\"")
    c.freeze(0)
    e.do_it()
    e.t.until(lambda: "e edit again on theirs" in e.t.row(24), 30)
    assert list(e.kept().values()) == [b"mine"] and "written" in e.t.row(3)
    c.thaw(0)
    until(lambda: c.ctl("put", "/other", "x").code == 0, 20)
    e.t.send("d").settle(0.5)
    if e.kv.get(e.key) == b"mine":  # what was sent before the freeze is applied after it
        e.t.until(lambda: "are the same" in e.t.text() or "is what you wrote" in e.t.text(), 10)
        return
    e.t.until(lambda: e.t.send("d").settle(0.3) and "+mine" in e.t.text(), 20)
    e.t.send("\x1b").until(lambda: "e edit again" in e.t.row(24), 5)
    e.edit("true")
    e.do_it()
    until(lambda: e.kv.get(e.key) == b"mine")


@pytest.mark.parametrize("line, says", [
    ("exit 3", "ended with exit code 3: nothing is written"),
    ("kill -9 $$", r"was ended by signal 9 \(Killed\): nothing is written"),
    ("exit 127", "was not found: nothing is written"),
    ("exit 126", "cannot be run: nothing is written")], ids="abcd")  # short: the cure names a path, and must fit
@pytest.mark.parametrize("wrote", [False, True], ids="nw")
def test_bad_editor(editing, line, says, wrote):
    e = editing()
    e.edit(("printf 'mine\\n' >\"$1\"; " if wrote else "") + line, wait="! the editor")
    said = "".join("".join(e.t.grid.display[18:23]).split())  # a long path is broken anywhere
    assert re.search(r"theeditor\S*editor.*" + says.replace(" ", ""), said), e.t.text()
    assert e.t.row(24).startswith(" cure: ") and e.kv.get(e.key) == b"one"
    assert list(e.kept().values()) == ([b"mine\n"] if wrote else [])
    if wrote:
        assert "yourtextiskeptin" in said and "cure: :put --value-file" in e.t.row(24)
        e.t.send("\r").until(lambda: e.t.row(23).rstrip().endswith(" -- /edit/key"), 5)
        e.t.send("\r").until(lambda: "[Cancel]" in e.t.text(), 5)
        e.do_it()
        until(lambda: e.kv.get(e.key) == b"mine\n")


def test_no_editor(editing):
    """Not there: named. Not set: the line on row 23, for what is one line."""
    e = editing(EDITOR="/nowhere/at/all", value="a\nb")
    e.t.send("e").until(lambda: 'the editor "/nowhere/at/all" was not found' in e.t.text(), 5)
    e.t.settle()
    assert "set VISUAL or EDITOR" in e.t.row(24)


def test_no_editor_set(editing):
    e = editing(EDITOR="", value="a\nb")
    e.t.send("e").until(lambda: "neither VISUAL nor EDITOR" in e.t.text() and "set EDITOR" in e.t.row(24), 5)
    e.kv.put(e.key, "line")
    e.t.until(lambda: "line" in e.t.row(16), 5)
    e.t.send("e").until(lambda: e.t.row(23).startswith(" value: line"), 5)
    e.t.send("s\r").until(lambda: "[Cancel]" in e.t.text(), 5)
    e.kv.put(e.key, "theirs")
    e.do_it()
    refused(e)
    assert list(e.kept().values()) == [b"lines"]
    e.t.send("e").until(lambda: e.t.row(23).startswith(" value: lines"), 5)
    e.t.send("\r").until(lambda: "[Cancel]" in e.t.text(), 5)
    e.do_it()
    until(lambda: e.kv.get(e.key) == b"lines")


@pytest.mark.parametrize("value, line, after", [
    (b"one\n", "printf 'one' >\"$1\"", b"one"),
    (b"one\n", "printf 'one\\n\\n' >\"$1\"", b"one\n\n"),
    (b"one", "printf 'two\\n' >\"$1\"", b"two"),
    (b"one", "printf 'o\\0e\\377' >\"$1\"", b"o\0e\xff"),
    (b"one", "head -c 300000 /dev/zero >\"$1\"", b"\0" * 300000)],
    ids=["newline-gone", "newline-more", "newline-of-the-editor", "any-bytes", "long"])
def test_bytes_of_the_editor_are_the_value(editing, value, line, after):
    e = editing(value=value)
    e.edit(line)
    e.do_it()
    until(lambda: e.kv.get(e.key) == after)


def test_a_newline_that_the_editor_added(editing):
    e = editing(value="one")
    e.edit("echo >>\"$1\"", wait="unchanged")
    assert e.kept() == {} and e.kv.get(e.key) == b"one"


def test_a_key_with_any_bytes(editing):
    e = editing(key="/edit/key\0x")
    e.edit("printf two >\"$1\"")
    e.do_it()
    until(lambda: e.kv.get(b"/edit/key\0x") == b"two")
    e.t.settle().send("d").until(lambda: "[Delete]" in e.t.text(), 5)
    e.do_it()
    until(lambda: e.kv.get(b"/edit/key\0x") is None)


def test_an_edited_key_keeps_its_lease(editing, cluster, etcd_version):
    c = cluster(etcd_version, fresh=True)
    lease = c.etcdctl("lease", "grant", "600").split()[1].decode()
    e = editing(c)
    c.etcdctl("put", e.key, "one", f"--lease={lease}")
    e.t.until(lambda: f"lease {int(lease, 16):016x}" in e.t.text(), 5)
    e.edit("printf two >\"$1\"")
    assert f"It keeps lease {int(lease, 16):016x}" in e.t.text() and "etcdctl put --ignore-lease -- " in e.t.text()
    e.do_it()
    until(lambda: e.kv.get(e.key) == b"two")
    keys = json.loads(c.etcdctl("lease", "timetolive", lease, "--keys", "-w", "json"))
    assert [__import__("base64").b64decode(k) for k in keys["keys"]] == [b"/edit/key"]
    e.t.settle().send("n").until(lambda: "new key:" in e.t.row(23), 5)
    (e.tmp / "line").write_text("printf new >\"$1\"\n")
    e.t.send("free\r").until(lambda: "Makes /edit/free" in e.t.text(), 5)
    e.do_it()
    until(lambda: e.kv.get("/edit/free") == b"new")
    assert len(json.loads(c.etcdctl("lease", "timetolive", lease, "--keys", "-w", "json"))["keys"]) == 1


def test_a_new_key_that_is_there(editing):
    """Told before anything is typed for it where its row is in sight."""
    e = editing()
    e.t.send("n").until(lambda: "new key:" in e.t.row(23), 5)
    e.t.send("key\r").until(lambda: "this key is there already" in e.t.row(23), 5)


def test_a_value_that_the_server_takes_for_too_large(editing):
    e = editing()
    e.edit("head -c 3000000 /dev/zero >\"$1\"")
    e.do_it()
    refused(e)
    assert "3000000 bytes are more than this server takes" in shown(e) and [len(v) for v in e.kept().values()] == [3000000]
    e.t.send("d").until(lambda: "not text: theirs has 3 bytes, yours 3000000" in e.t.text(), 5)
