# SPDX-License-Identifier: Apache-2.0
"""S3 that fails in many ways, and a backup killed at any moment: it comes through or says why, and leaves nothing that
is listed and does not hold."""
import hashlib
import json
import pathlib
import random
import re
import signal
import subprocess
import time

import pytest
from harness import dice, kill_after, until
from harness.faulty import BEGIN, COMPLETE, DATA, MANIFEST, PART, Faulty

KILLS = 20


@pytest.fixture(scope="module")
def big(request, pki, tmp_path_factory):
    """A member whose snapshot takes several parts: some 30 MB."""
    from harness import Cluster
    c = Cluster(pki, "3.6.16", 1, tmp_path_factory.mktemp("big"))
    kv = c.kv()
    for i in range(30):
        kv.put(f"/big/{i:03}", random.Random(i).randbytes(1_000_000))
    yield c
    c.stop_all()


@pytest.fixture
def faulty(s3):
    f = Faulty(s3)
    yield f
    f.stop()


def listed(vetch, target, env):
    return [b["id"] for b in vetch("backup", "list", "--from", target, "-w", "json", env=env).ok().json["backups"]]


def sound(vetch, target, env):
    """The ids listed, each of which verifies."""
    ids = listed(vetch, target, env)
    for i in ids:
        vetch("backup", "verify", i, "--from", target, env=env).ok()
    return ids


@pytest.mark.parametrize("kind,match,times", [
    ("503", PART, 2), ("500", BEGIN, 2), ("429", PART, 2), ("reset", PART, 2), ("200", COMPLETE, 2), ("lost", PART, 1),
    ("lost", COMPLETE, 1), ("lost", MANIFEST, 1), ("503", MANIFEST, 2), ("plain", BEGIN, 1), ("cut", DATA, 1), ("503", DATA, 2)],
    ids=lambda x: getattr(x, "__name__", str(x)).lower())
def test_comes_through(vetch, big, faulty, s3, kind, match, times):
    target = f"s3://{s3.bucket()}/t"
    faulty.fail(kind, match, times)
    made = vetch("backup", "create", "--to", target, "-w", "json", cluster=big, env=faulty.env()).ok().json
    assert faulty.met == times and made["verified"] is True
    assert sound(vetch, target, s3.env()) == [made["id"]]


def test_goes_to_the_region_it_is_told(vetch, big, faulty, s3):
    target = f"s3://{s3.bucket()}/t"
    faulty.fail("301")
    vetch("backup", "create", "--to", target, cluster=big, env=faulty.env(AWS_REGION="eu-west-1")).ok()
    assert faulty.met == 1


@pytest.mark.parametrize("kind,match,code,word", [
    ("503", PART, 1, "SlowDown"), ("500", COMPLETE, 1, "InternalError"), ("200", COMPLETE, 1, "InternalError"),
    ("403", PART, 1, "AccessDenied"), ("skew", BEGIN, 1, "RequestTimeTooSkewed"), ("reset", PART, 2, "connection")],
    ids=lambda x: getattr(x, "__name__", str(x)).lower())
def test_gives_up_and_says_why(vetch, big, faulty, s3, kind, match, code, word):
    target = f"s3://{s3.bucket()}/t"
    faulty.fail(kind, match)
    began = time.monotonic()
    r = vetch("backup", "create", "--to", target, cluster=big, env=faulty.env(), seconds=130).ok(code)
    assert word in r.err and time.monotonic() - began < 120
    if kind not in ("403", "skew"):
        assert faulty.met >= 3 and re.search(r"\d tries", r.err)
    assert listed(vetch, target, s3.env()) == []
    assert any(m == "DELETE" and "uploadId=" in p for m, p in faulty.seen) or match is BEGIN


def test_wrong_secret_and_missing_bucket(vetch, cluster, s3):
    c = cluster()
    r = vetch("backup", "create", "--to", f"s3://{s3.bucket()}/t", cluster=c, env=s3.env("not-the-secret")).ok(1)
    assert "SignatureDoesNotMatch" in r.err and "secret key" in r.err and "not-the-secret" not in r.err
    r = vetch("backup", "create", "--to", "s3://nowhere-at-all/t", cluster=c, env=s3.env()).ok(1)
    assert "NoSuchBucket" in r.err
    r = vetch("backup", "list", "--from", "s3://b/t", env={"AWS_ENDPOINT_URL": "https://127.0.0.1:1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}).ok(2)
    assert "127.0.0.1:1" in r.err
    r = vetch("backup", "list", "--from", "s3://b/t").ok(1)
    assert "AWS_ACCESS_KEY_ID" in r.err
    other = {**s3.env(), "AWS_CA_BUNDLE": ""}
    r = vetch("backup", "list", "--from", f"s3://{s3.bucket()}/t", env=other).ok(2)
    assert "--s3-ca" in r.err
    vetch("--s3-ca", s3.ca, "backup", "list", "--from", f"s3://{s3.bucket()}/t", env=other).ok()


def test_cancelled_run_ends_its_upload(vetch, big, faulty, s3):
    target = f"s3://{s3.bucket()}/t"
    faulty.fail("stall", PART)
    p = subprocess.Popen([vetch.bin, *vetch.lead(big, None), "backup", "create", "--to", target], env=vetch.env(**faulty.env()),
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until(lambda: faulty.met >= 2, 20)
    p.send_signal(signal.SIGTERM)
    began = time.monotonic()
    assert p.wait(10) == 130 and time.monotonic() - began < 3
    assert any(m == "DELETE" and "uploadId=" in path for m, path in faulty.seen)
    assert listed(vetch, target, s3.env()) == []


def files_are_whole(folder):
    """No final name holds half a file, whatever became of its manifest: etcd's hash stands behind the data."""
    for p in folder.iterdir():
        if not p.is_file() or p.name.startswith("."):
            continue
        data = p.read_bytes()
        if p.name.endswith(".db"):
            assert hashlib.sha256(data[:-32]).digest() == data[-32:], p
        else:
            assert json.loads(data)["id"] == p.name.split(".")[0], p


@pytest.mark.parametrize("where", ["folder", "s3"])
def test_killed_at_any_moment(vetch, big, s3, tmp_path, where):
    env, target = (s3.env(), f"s3://{s3.bucket()}/t") if where == "s3" else ({}, str(tmp_path / "b"))
    argv = [vetch.bin, *vetch.lead(big, None), "backup", "create", "--to", target]
    began = time.monotonic()
    vetch("backup", "create", "--to", target, cluster=big, env=env).ok()
    whole, rnd, before, killed = time.monotonic() - began, dice(), 1, 0
    folder = pathlib.Path(target) if where == "folder" else s3.data / target[5:]
    for _ in range(KILLS):
        killed += kill_after(argv, vetch.env(**env), whole * rnd.random())
        files_are_whole(folder)
        now = len(listed(vetch, target, env))
        assert now in (before, before + 1)
        before = now
    ids = sound(vetch, target, env)
    vetch("backup", "create", "--to", target, cluster=big, env=env).ok()
    assert len(sound(vetch, target, env)) == len(ids) + 1
    assert killed >= KILLS // 4, f"only {killed} runs were killed before their end"
