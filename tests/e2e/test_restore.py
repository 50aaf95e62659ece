# SPDX-License-Identifier: Apache-2.0
"""A backup becomes a running member again, by the tools of its own etcd version; never over what is there."""
import json
import subprocess

import pytest
from harness import free_ports, peer, run, until


def restore_flags(folder, name, url):
    return ["--data-dir", folder, "--name", name, "--initial-cluster", f"{name}={url}", "--initial-cluster-token", "new-token",
            "--initial-advertise-peer-urls", url]


@pytest.mark.feature("restore")
def test_restored_member_serves_what_was_saved(vetch, cluster, etcd_version, tmp_path):
    c = cluster(etcd_version)
    c.kv().put("/restored", "as it was")
    made = vetch("backup", "create", "--to", tmp_path / "b", "-w", "json", cluster=c).ok().json
    client, peer_port = free_ports(2)
    url, folder = f"http://127.0.0.1:{peer_port}", tmp_path / "deep" / "data"
    got = vetch("restore", made["id"], "--from", tmp_path / "b", *restore_flags(folder, "m1", url), "-w", "json",
                env=vetch.etcd_env(etcd_version)).ok().json
    assert got["data_dir"] == str(folder) and folder.stat().st_mode & 0o777 == 0o700
    assert [p.name for p in folder.parent.iterdir()] == ["data"]
    etcd = subprocess.Popen([peer(f"{etcd_version}/etcd"), "--name", "m1", "--data-dir", folder, "--listen-client-urls",
                             f"http://127.0.0.1:{client}", "--advertise-client-urls", f"http://127.0.0.1:{client}",
                             "--listen-peer-urls", url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ask = lambda: run([c.tool, "--endpoints", f"http://127.0.0.1:{client}", "get", "/restored", "--print-value-only"],
                          env={"ETCDCTL_API": "3"})
        until(lambda: ask().text == "as it was\n", 30)
    finally:
        etcd.kill()
        etcd.wait()
    r = vetch("restore", made["id"], "--from", tmp_path / "b", *restore_flags(folder, "m1", url), env=vetch.etcd_env(etcd_version)).ok(4)
    assert str(folder) in r.err


def test_restore_from_s3_and_refusals(vetch, cluster, s3, tmp_path):
    c = cluster("3.6.16")
    target = f"s3://{s3.bucket()}/r"
    env = s3.env() | vetch.etcd_env("3.6.16")
    made = vetch("backup", "create", "--to", target, "-w", "json", cluster=c, env=env).ok().json
    folder = tmp_path / "data"
    flags = restore_flags(folder, "m1", "http://127.0.0.1:1")
    vetch("restore", target, *flags, env=env).ok()
    assert sorted(p.name for p in folder.parent.iterdir() if p.name.startswith("data")) == ["data"]
    vetch("restore", target, *restore_flags(tmp_path / "d2", "m1", "http://127.0.0.1:1")[:-2], env=env).ok(3)
    assert "PATH" in vetch("restore", target, *restore_flags(tmp_path / "d3", "m1", "http://127.0.0.1:1"),
                           env=s3.env() | {"PATH": "/nowhere"}).ok(3).err
    data = s3.data / target[5:] / f"{made['id']}.db"
    with open(data, "r+b") as f:
        f.seek(5000)
        f.write(b"\xff\xfe\xfd")
    assert "data" in vetch("restore", target, *restore_flags(tmp_path / "d4", "m1", "http://127.0.0.1:1"), env=env).ok(5).err
    assert not (tmp_path / "d4").exists()


def test_another_clusters_backup_is_told(vetch, cluster, tmp_path):
    """It may be meant, so it is restored; but on stderr, in the result and in a job's lines it says whose it is."""
    ours, theirs = cluster("3.6.16"), cluster("3.6.16", fresh=True)
    ws = vetch.workspace(ours)
    vetch("put", "/mine", "1", workspace=ws).ok()
    id_of = lambda c: format(json.loads(c.etcdctl("member", "list", "-w", "json"))["header"]["cluster_id"], "x")
    made = {}
    for c, to in ((ours, "ours"), (theirs, "theirs")):
        made[to] = vetch("backup", "create", "--to", tmp_path / to, "-w", "json", cluster=c).ok().json["id"]
    said = f"backup {made['theirs']} is of cluster {id_of(theirs)}, and workspace {ws} is of cluster {id_of(ours)}"
    env, flags = vetch.etcd_env("3.6.16"), lambda name: restore_flags(tmp_path / name, "m1", "http://127.0.0.1:1")
    got = vetch("restore", made["theirs"], "--from", tmp_path / "theirs", *flags("d1"), workspace=ws, env=env).ok()
    assert f"warning: {said}\n" in got.err and (tmp_path / "d1/member").is_dir()
    got = vetch("restore", made["theirs"], "--from", tmp_path / "theirs", *flags("d2"), "-w", "json", workspace=ws, env=env).ok().json
    assert got["warnings"] == [said] and got["cluster_id"] == id_of(theirs)
    lines, last = vetch.job(None, "run", "restore", made["theirs"], "--from", tmp_path / "theirs", *flags("d3"), workspace=ws, env=env)
    assert {"warn": {"text": said}} in lines and last["result"]["warnings"] == [said]
    got = vetch("restore", made["ours"], "--from", tmp_path / "ours", *flags("d4"), "-w", "json", workspace=ws, env=env).ok()
    assert got.json["warnings"] == [] and "warning" not in got.err
    got = vetch("restore", made["theirs"], "--from", tmp_path / "theirs", *flags("d5"), env=env).ok()
    assert "warning" not in got.err


@pytest.mark.feature("snapshot status")
def test_status_says_what_etcdutl_says(vetch, cluster, etcd_version, tmp_path):
    c = cluster(etcd_version)
    kv = c.kv()
    for i in range(30):
        kv.put(f"/status/{i % 10}", "x" * i)
    kv.delete("/status/3")
    saved = tmp_path / "s.db"
    c.etcdctl("snapshot", "save", str(saved), members=[0])
    theirs = run([peer("3.6.16/etcdutl"), "snapshot", "status", saved, "-w", "json"]).ok().json
    ours = vetch("snapshot", "status", saved, "-w", "json").ok().json
    assert ours == theirs
    for form in ("simple", "table", "fields"):
        theirs = run([peer("3.6.16/etcdutl"), "snapshot", "status", saved, "-w", form]).ok().out
        assert vetch("snapshot", "status", saved, "-w", form).ok().out == theirs
    assert vetch("snapshot", "status", tmp_path / "none.db").ok(3)
    saved.write_bytes(json.dumps({"no": "database"}).encode() * 100)
    vetch("snapshot", "status", saved).ok(5)
