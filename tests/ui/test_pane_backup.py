# SPDX-License-Identifier: Apache-2.0
"""Pane Backup: its layout, and every value on it beside what the files, the S3 listing and etcdctl say of the same thing."""
import datetime
import hashlib
import json
import pathlib
import re
import socket

import pytest

from harness.screens import Screens

HERE = pathlib.Path(__file__).parent
SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}


def workspace(vetch, c, s3, bucket):
    where = {"region": "us-east-1", "ca": str(s3.ca)}
    return vetch.workspace(c, backup_targets=[{"name": "offsite", "url": f"s3://{bucket}/snap", "endpoint": s3.url, **where},
                                              {"name": "gone", "url": f"s3://{bucket}/snap", "endpoint": "https://127.0.0.1:1", **where}])


def test_layout_and_values(cluster, vetch, s3, tmp_path):
    c, bucket = cluster(fresh=True), s3.bucket()
    kv = c.kv()
    for i in range(1234):
        revision = kv.put(f"/app/{i:04}", "x" * 50)
    ws = workspace(vetch, c, s3, bucket)
    first = vetch("-C", ws, "backup", "create", "-w", "json").ok().json
    second = vetch("-C", ws, "backup", "create", "--no-verify", "-w", "json").ok().json
    third = vetch("-C", ws, "backup", "create", "--to", "offsite", "-w", "json", env=s3.env()).ok().json
    s = Screens(vetch, HERE / "backup.keys", tmp_path / "screens")
    drawn = s.run(workspace=ws, flags=("--pane", "Backup"), env=s3.env())
    s.expect(drawn)
    own, offsite = drawn["own"], drawn["offsite"]
    assert re.search(r"backup verified \dm ago$", own[0])
    for row, made, proof in ((own[4], second, "uploaded only"), (own[5], first, r"verified \d\d:\d\d"), (offsite[4], third, r"verified \d\d:\d\d")):
        taken, age, rev, size, unit, keys, member, end = re.match(
            r" [> ] (\d{4}-\d\d-\d\d \d\d:\d\d) +(\d+m) +([\d,]+) +([\d.]+) (\w+) +([\d,]+)  (\w+) +(.*)", row).groups()
        assert taken.replace("-", "").replace(":", "").replace(" ", "T") == made["id"][:13]
        assert int(rev.replace(",", "")) == made["revision"] == revision and keys == "1,234" and member == c.names[0]
        assert abs(float(size) * SIZES[unit] - made["size"]) <= SIZES[unit] / 2 and re.fullmatch(proof, end)
    assert f"backups/{second['id']}.db" in own[12] and f"s3://{bucket}/snap/{third['id']}.db" in offsite[12]
    objects = {p.name for p in (s3.data / bucket / "snap").iterdir()}
    assert f"{third['id']}.db" in objects
    assert third["sha256"][:8] in offsite[13] and third["sha256"][-4:] in offsite[13]
    assert c.version in own[14] and "1,234 keys" in own[14]


def test_back_up_and_verify_from_the_pane(terminal, cluster, vetch):
    c = cluster(fresh=True)
    c.kv().put("/a", "1")
    ws = vetch.workspace(c)
    t = terminal(["--pane", "Backup"], workspace=ws)
    t.until("no backup in backups/")
    t.until(lambda: "no backup verified" in t.row(1))
    t.send("b")
    t.until(lambda: re.search(r"verified \d\d:\d\d", t.row(5)), 20)
    t.until(lambda: "backup verified 0m ago" in t.row(1))
    made = json.loads(next((ws / "backups").glob("*.manifest.json")).read_text())
    data = ws / "backups" / made["data"]
    with open(data, "r+b") as f:
        f.seek(9000)
        f.write(b"\xff\x00\xfe")
    t.send("v")
    t.until(lambda: "HASH DIFFERS" in t.row(5), 20)
    t.until(lambda: "no backup verified" in t.row(1))
    t.send("\x1b")
    t.send("q")
    t.until(lambda: t.code is not None)
    assert t.code == 0


def test_restore_from_the_dialog(terminal, cluster, vetch, tmp_path):
    c = cluster(fresh=True)
    c.kv().put("/a", "1")
    ws = vetch.workspace(c)
    made = vetch("-C", ws, "backup", "create", "-w", "json").ok().json
    t = terminal(["--pane", "Backup"], workspace=ws, env=vetch.etcd_env(c.version))
    t.until("verified")
    t.send("R")
    t.until(f"Restore {made['id']} into a new data directory")
    t.until("data directory is missing")
    t.until(f"{c.names[0]}={c.peer_urls[0]}")
    t.send("\x0e")
    t.until(lambda: "data directory is missing" in t.row(23))
    (tmp_path / "old").mkdir()
    t.send(str(tmp_path / "old"))
    t.until("never goes over an old one")
    t.send("\x7f" * 3 + "new")
    t.until("nothing stands against it")
    t.send("\x0e")
    t.until("restored into", 40)
    assert (tmp_path / "new/member/snap/db").exists() and (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    t.send("R")
    t.until("Restore ")
    t.send("\x1b")
    t.until(lambda: "Restore " not in t.row(3))


def test_a_store_that_never_answers_is_named(terminal, cluster, vetch, tmp_path):

    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(8)
    c = cluster(fresh=True)
    ws = vetch.workspace(c, backup_targets=[{"name": "mute", "url": "s3://b/x", "endpoint": f"http://127.0.0.1:{hole.getsockname()[1]}"}])
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    t = terminal(["--pane", "Backup"], workspace=ws, env=keys)
    t.until("no backup in backups/")
    t.until(lambda: re.search(r"mute has not answered for \d+s", t.row(23)), 10)
    # Whoever waited for the store would wait for seconds.
    assert max(t.latency(k) for k in "tttttttt") < 1


def test_a_script_does_not_wait_for_a_mute_store(cluster, vetch, tmp_path):
    hole = socket.socket()
    hole.bind(("127.0.0.1", 0))
    hole.listen(8)
    ws = vetch.workspace(cluster(), backup_targets=[{"name": "mute", "url": "s3://b/x", "endpoint": f"http://127.0.0.1:{hole.getsockname()[1]}"}])
    (tmp_path / "k").write_text("j\n:wait mute has not answered\nt\nt\n:screen end\n")
    vetch("-C", ws, "--pane", "Backup", "--script", tmp_path / "k", env={"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}, cwd=tmp_path).ok()
    assert "backups/" in (tmp_path / "end.text").read_text()


def reseal(path, **changed):
    """Changes a sealed JSON file as vetch would have written it."""
    text = path.read_text()
    for name, value in changed.items():
        text = re.sub(f'"{name}": ?"[^"]*"', f'"{name}": "{value}"', text)
    head = text[:text.index(',\n  "self_sha256"')]
    path.write_text(f'{head},\n  "self_sha256": "{hashlib.sha256(head.encode()).hexdigest()}"\n}}\n')


def flip(folder, backup, where):
    """One bit of the first meta page, a leaf, the trailer, the manifest or the proof."""
    path = folder / (backup + {"manifest": ".manifest.json", "proof": ".proof.json"}.get(where, ".db"))
    data = bytearray(path.read_bytes())
    size = int.from_bytes(data[24:28], "little")
    at = {"meta": 20, "trailer": len(data) - 5, "manifest": len(data) // 2, "proof": len(data) // 2}.get(where)
    if where == "leaf":
        at = 40 + next(o for o in range(2 * size, len(data) - size, size) if data[o + 8] == 2)
    data[at] ^= 4
    with open(path, "r+b") as f:
        f.write(data)


@pytest.mark.parametrize("where", ["meta", "leaf", "trailer", "manifest", "proof"])
def test_the_clock_stands_where_a_backup_does_not_verify(terminal, cluster, vetch, where):
    """Row 1, to the cell, before and after: it counts from the older backup that was read back."""
    c = cluster()
    c.kv().put("/clock", "1" * 500)
    ws = vetch.workspace(c)
    older = vetch("-C", ws, "backup", "create", "-w", "json").ok().json
    ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=185, seconds=2)
    reseal(ws / "backups" / f"{older['id']}.proof.json", verified_at=ago.strftime("%Y-%m-%dT%H:%M:%SZ"))
    newer = vetch("-C", ws, "backup", "create", *([] if where == "proof" else ["--no-verify"]), "-w", "json").ok().json
    flip(ws / "backups", newer["id"], where)
    t = terminal(["--pane", "Backup"], workspace=ws, cols=200)
    t.until(lambda: "backup verified" in t.row(1) and "leader" in t.row(1))
    before = t.settle().row(1)
    assert re.search(r"backup verified (3h|185m) ago ?$", before), before
    t.send("v")
    named = {"meta": "data", "leaf": "data"}.get(where, where)
    t.until(lambda: re.search(rf"{newer['id']}\S*: {named}:", t.text()), 20)
    assert t.settle().row(1) == before
    listed = vetch("-C", ws, "backup", "list", "-w", "json").ok().json["backups"]
    assert listed[0]["id"] == newer["id"] and listed[0]["verified_at"] is None
    t.send("\x1b").settle().send("q")
    assert t.ended() == 0


def test_a_detail_that_does_not_fit_says_so(cluster, vetch, tmp_path):
    """On a low screen a backup's detail is longer than its place."""
    ws = vetch.workspace(cluster())
    vetch("-C", ws, "backup", "create", "-w", "json").ok()
    script = tmp_path / "low.keys"
    script.write_text(":wait verified\n:screen top\n] ] ] ]\n:screen end\n")
    drawn = Screens(vetch, script, tmp_path / "screens", size="60x14").run(workspace=ws, flags=("--pane", "Backup"))
    top, end = ("\n".join(drawn[x]) for x in ("top", "end"))
    said = [re.search(r"lines (\d+)-(\d+) of (\d+)", x) for x in (top, end)]
    assert said[0] and said[0][1] == "1" and said[1][2] == said[1][3] == said[0][3], top
    assert "made     by " in end and "made     by " not in top
