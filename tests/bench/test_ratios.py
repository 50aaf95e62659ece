# SPDX-License-Identifier: Apache-2.0
"""How fast, beside the tool a user would pick instead, in one run on one machine. Prints; asserts no times.

BENCH_KEYS=1000000 BENCH_ROUNDS=5 make bench
"""
import os
import subprocess
import time

import pytest

KEYS = int(os.environ.get("BENCH_KEYS", "200000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))


@pytest.fixture(scope="module")
def full(pki, tmp_path_factory):
    from harness import Cluster
    c = Cluster(pki, "3.6.16", 1, tmp_path_factory.mktemp("full"), extra=["--quota-backend-bytes", "8589934592"])
    c.kv(seconds=60).fill("/bench/", KEYS)
    yield c
    c.stop_all()


def timed(argv, env):
    """(seconds, most resident MiB of it)"""
    start = time.perf_counter()
    p = subprocess.Popen([str(a) for a in argv], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    err = p.stderr.read()
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    assert p.returncode == 0, err[-500:]
    return time.perf_counter() - start, used.ru_maxrss / 1024


def race(what, ours, theirs):
    """Each `ROUNDS` times, in turn; the best of each."""
    a, b = [], []
    for n in range(ROUNDS):
        a.append(ours(n))
        b.append(theirs(n))
    (s, m), (s2, m2) = min(a), min(b)
    m, m2 = max(x[1] for x in a), max(x[1] for x in b)
    print(f"\n{what}: vetch {s:.2f} s {m:.0f} MiB, {theirs.__name__} {s2:.2f} s {m2:.0f} MiB: {s2 / s:.2f}x")


def test_snapshot(full, vetch, tmp_path):
    one = full.flags()

    def etcdctl(n):
        return timed([full.tool, "snapshot", "save", tmp_path / f"e{n}"], {**vetch.env(), **full.env()})

    race(f"snapshot save, {KEYS:,} keys", lambda n: timed([vetch.bin, *one, "snapshot", "save", tmp_path / f"v{n}"], vetch.env()), etcdctl)
    assert (tmp_path / "v0").stat().st_size > KEYS * 400


def test_get_everything(full, vetch):
    def etcdctl(n):
        return timed([full.tool, "get", "--prefix", "/bench/"], {**vetch.env(), **full.env()})

    race(f"get --prefix, {KEYS:,} keys", lambda n: timed([vetch.bin, *full.flags(), "get", "--prefix", "/bench/"], vetch.env()), etcdctl)


def test_one_key(full, vetch):
    def etcdctl(n):
        return timed([full.tool, "get", "/bench/00000001"], {**vetch.env(), **full.env()})

    race("get of one key", lambda n: timed([vetch.bin, *full.flags(), "get", "/bench/00000001"], vetch.env()), etcdctl)


def test_backup_to_s3(full, vetch, s3, tmp_path):
    """Beside a snapshot that etcdctl saves and curl then puts: two passes, as by hand."""
    bucket, env = s3.bucket(), {**vetch.env(), **s3.env()}

    def etcdctl_and_curl(n):
        file = tmp_path / f"c{n}"
        a = timed([full.tool, "snapshot", "save", file], {**env, **full.env()})
        b = timed(["curl", "-sSf", "--cacert", s3.ca, "--aws-sigv4", "aws:amz:us-east-1:s3", "--user",
                   f"{env['AWS_ACCESS_KEY_ID']}:{env['AWS_SECRET_ACCESS_KEY']}", "-T", file, f"{s3.url}/{bucket}/c{n}"], env)
        return a[0] + b[0], max(a[1], b[1])

    race(f"backup to S3, {KEYS:,} keys", lambda n: timed(
        [vetch.bin, *full.flags(), "backup", "create", "--no-verify", "--to", f"s3://{bucket}/v{n}"], env), etcdctl_and_curl)
