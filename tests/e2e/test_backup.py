# SPDX-License-Identifier: Apache-2.0
"""Backups to a folder and to S3: made in one pass, listed, read back, refused when a single bit is wrong."""
import hashlib
import json

import pytest
from harness import until, run

PUT = 40


@pytest.fixture
def filled(cluster):
    c = cluster("3.6.16", fresh=True)
    kv = c.kv()
    for i in range(PUT):
        kv.put(f"/app/{i:03}", f"value {i}" * 50)
    return c


@pytest.fixture(params=["folder", "s3"])
def target(request, tmp_path, s3):
    """(TARGET, environment for it, folder where its objects are files)"""
    if request.param == "folder":
        return str(tmp_path / "backups"), {}, tmp_path / "backups"
    bucket = s3.bucket()
    return f"s3://{bucket}/snap/prod", s3.env(), s3.data / bucket / "snap/prod"


def files(folder):
    return {p.name: p for p in folder.iterdir()} if folder.is_dir() else {}


def create(vetch, c, target, *more):
    return vetch("backup", "create", "--to", target[0], "-w", "json", *more, cluster=c, env=target[1]).ok().json


def test_create_list_verify(vetch, filled, target):
    revision = filled.kv().put("/last", "one")
    made = create(vetch, filled, target)
    assert made["verified"] is True and made["revision"] == revision and made["keys"] == PUT + 1
    assert made["hashkv"] is None and made["seconds"] > 0
    names = files(target[2])
    assert set(names) == {made["id"] + x for x in (".db", ".manifest.json", ".proof.json")}
    data = names[made["id"] + ".db"].read_bytes()
    assert made["size"] == made["stored_size"] == len(data)
    assert made["sha256"] == hashlib.sha256(data).hexdigest()
    assert data[-32:] == hashlib.sha256(data[:-32]).digest()

    manifest = json.loads(names[made["id"] + ".manifest.json"].read_text())
    status = json.loads(filled.etcdctl("endpoint", "status", "-w", "json"))[0]["Status"]
    assert manifest["etcd_version"] == status["version"] == "3.6.16"
    assert manifest["cluster_id"] == f'{status["header"]["cluster_id"]:x}'
    assert manifest["member_id"] == f'{status["header"]["member_id"]:x}'
    assert manifest["member"] == filled.names[0] and manifest["host"] and manifest["by"]
    proof = json.loads(names[made["id"] + ".proof.json"].read_text())
    assert proof["hashkv"] is None and len(proof["checked"]) >= 4

    listed = vetch("backup", "list", "--from", target[0], "-w", "json", env=target[1]).ok().json["backups"]
    assert [b["id"] for b in listed] == [made["id"]]
    row = listed[0]
    assert row["verified_at"] == proof["verified_at"] and row["drilled_at"] is None and row["encrypted"] is False
    assert (row["revision"], row["size"], row["etcd_version"], row["problem"]) == (revision, len(data), "3.6.16", None)
    for ref in ([made["id"], "--from", target[0]], ["latest", "--from", target[0]], [target[0]],
                [f"{target[0]}/{made['id']}.db"]):
        assert vetch("backup", "verify", *ref, "-w", "json", env=target[1]).ok().json["verified"] is True


def test_newest_first_and_not_verified(vetch, filled, target):
    first, second = create(vetch, filled, target, "--no-verify"), create(vetch, filled, target, "--no-verify")
    assert first["verified"] is False and first["id"] != second["id"]
    listed = vetch("backup", "list", "--from", target[0], "-w", "json", env=target[1]).ok().json["backups"]
    assert [b["id"] for b in listed] == [second["id"], first["id"]]
    assert [b["verified_at"] for b in listed] == [None, None]


def offsets(data):
    """One bit in each of: the first meta page, a leaf, the trailer."""
    size = int.from_bytes(data[24:28], "little")
    leaf = next(o for o in range(2 * size, len(data) - size, size) if data[o + 8] == 2)
    return {"meta": 20, "leaf": leaf + 40, "trailer": len(data) - 5}


@pytest.mark.parametrize("where", ["meta", "leaf", "trailer", "manifest", "proof"])
def test_one_flipped_bit(vetch, filled, target, where):
    made = create(vetch, filled, target)
    before = vetch("backup", "list", "--from", target[0], "-w", "json", env=target[1]).ok().json["backups"][0]
    name = made["id"] + {"manifest": ".manifest.json", "proof": ".proof.json"}.get(where, ".db")
    path = files(target[2])[name]
    data = bytearray(path.read_bytes())
    at = offsets(data)[where] if name.endswith(".db") else len(data) // 2
    data[at] ^= 4
    with open(path, "r+b") as f:
        f.write(data)
    r = vetch("backup", "verify", made["id"], "--from", target[0], env=target[1]).ok(5)
    what = {"meta": "data", "leaf": "data"}.get(where, where)
    assert f": {what}:" in r.err, r
    listed = vetch("backup", "list", "--from", target[0], "-w", "json", env=target[1]).ok().json["backups"]
    assert listed[0]["id"] == made["id"] and listed[0]["problem"].startswith(what)
    assert listed[0].get("verified_at") in (before["verified_at"], None)
    assert vetch("backup", "verify", "latest", "--from", target[0], env=target[1]).code == 5


def test_every_byte_of_manifest_and_proof_counts(vetch, filled, tmp_path):
    target = str(tmp_path / "b"), {}, tmp_path / "b"
    made = create(vetch, filled, target)
    for kind in ("manifest", "proof"):
        path = target[2] / f"{made['id']}.{kind}.json"
        good = path.read_bytes()
        for at in list(range(0, len(good), 97)) + [len(good) - 1, len(good) - 10]:
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
            r = vetch("backup", "verify", made["id"], "--from", target[0]).ok(5)
            assert f": {kind}:" in r.err, r
        path.write_bytes(good)
    vetch("backup", "verify", made["id"], "--from", target[0]).ok()


def test_missing_and_unknown(vetch, filled, target):
    made = create(vetch, filled, target)
    r = vetch("backup", "verify", "20200101T000000Z-1", "--from", target[0], env=target[1]).ok(3)
    assert "20200101T000000Z-1" in r.err
    files(target[2])[made["id"] + ".db"].unlink()
    assert "data" in vetch("backup", "verify", made["id"], "--from", target[0], env=target[1]).ok(5).err
    vetch("backup", "verify", "latest", "--from", target[0] + "-none", env=target[1]).ok(3)


def test_a_bare_snapshot_is_a_backup_too(vetch, filled, tmp_path):
    saved = tmp_path / "a.db"
    filled.etcdctl("snapshot", "save", str(saved), members=[0])
    got = vetch("backup", "verify", saved, "-w", "json").ok().json
    assert got["sha256"] == hashlib.sha256(saved.read_bytes()).hexdigest()
    data = bytearray(saved.read_bytes())
    data[8192] ^= 1
    saved.write_bytes(data)
    assert "data" in vetch("backup", "verify", saved).ok(5).err


def test_default_target_is_the_workspace(vetch, filled):
    ws = vetch.workspace(filled)
    made = vetch("-C", ws, "backup", "create", "-w", "json").ok().json
    assert (ws / "backups" / (made["id"] + ".db")).exists()
    assert (ws / "backups").stat().st_mode & 0o777 == 0o700
    assert vetch("-C", ws, "backup", "verify", made["id"]).ok()
    assert vetch("-C", ws, "backup", "verify", "latest").ok()


def test_named_target(vetch, filled, s3):
    bucket = s3.bucket()
    ws = vetch.workspace(filled, backup_targets=[{"name": "offsite", "url": f"s3://{bucket}/x", "endpoint": s3.url,
                                                  "region": "us-east-1", "ca": str(s3.ca), "profile": "ops"}])
    aws = vetch.home / ".aws"
    aws.mkdir()
    env = s3.env()
    (aws / "credentials").write_text(f"[default]\naws_access_key_id = wrong\naws_secret_access_key = wrong\n[ops]\n"
                                     f"aws_access_key_id={env['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {env['AWS_SECRET_ACCESS_KEY']}\n")
    made = vetch("-C", ws, "backup", "create", "--to", "offsite", "-w", "json").ok().json
    assert made["target"] == f"s3://{bucket}/x"
    assert vetch("-C", ws, "backup", "list", "--from", "offsite", "-w", "json").ok().json["backups"][0]["id"] == made["id"]
    r = vetch("-C", ws, "backup", "list", "--from", "ofsite").ok(3)
    assert "ofsite" in r.err


@pytest.mark.feature("snapshot save")
def test_snapshot_save_on_every_version(vetch, cluster, etcd_version, tmp_path):
    c = cluster(etcd_version)
    revision = c.kv().put("/snap", "x" * 3000)
    out = tmp_path / "s.db"

    def both():
        """The member may commit between the two: then once more."""
        for name in ("s.db", "t.db"):
            (tmp_path / name).unlink(missing_ok=True)
        ours, theirs = vetch("snapshot", "save", out, cluster=c).ok(), c.etcdctl("snapshot", "save", str(tmp_path / "t.db"))
        return out.stat().st_size == (tmp_path / "t.db").stat().st_size and (ours, theirs)

    r, theirs = until(both, 20)
    assert r.lines[0] == f"Snapshot saved at {out}"
    assert [x for x in theirs.decode().splitlines() if x.startswith("Server version")] == r.lines[1:]
    tool = c.tool.with_name("etcdutl")
    status = run([tool if tool.exists() else c.tool, "snapshot", "status", out, "-w", "json"], env={"ETCDCTL_API": "3"}).ok().json
    assert status["revision"] == revision
    made = vetch("backup", "create", "--to", tmp_path / "b", "-w", "json", cluster=c).ok().json
    assert made["revision"] >= revision and made["verified"]
