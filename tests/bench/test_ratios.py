# SPDX-License-Identifier: Apache-2.0
"""How fast, beside the tool a user would pick instead, in one run on one machine. Prints; asserts no times.

BENCH_KEYS=1000000 BENCH_ROUNDS=5 make bench
"""
import os
import subprocess
import sys
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


# A child's peak begins with its parent's size at the fork, so the parent is a small one.
SMALL = """
import os, resource, sys, time
start = time.perf_counter()
pid = os.fork()
if not pid:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, used = os.wait4(pid, 0)
print(time.perf_counter() - start, used.ru_maxrss / 1024)
sys.exit(os.waitstatus_to_exitcode(status) != 0)
"""


def timed(argv, env):
    """(seconds, most resident MiB of it, or the 8 or so of the process that starts it)"""
    p = subprocess.run([sys.executable, "-S", "-E", "-c", SMALL, *(str(a) for a in argv)], env=env, capture_output=True)
    assert p.returncode == 0, p.stderr[-500:]
    return tuple(float(x) for x in p.stdout.split())


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
    """Beside a snapshot that etcdctl saves and mc then copies: two passes, as by hand."""
    from harness import peer
    bucket, env = s3.bucket(), {**vetch.env(), **s3.env()}
    mc = [peer("minio-client/minio-client"), "--config-dir", tmp_path / "mc"]
    (tmp_path / "mc/certs/CAs").mkdir(parents=True)
    (tmp_path / "mc/certs/CAs/ca.pem").write_bytes(s3.ca.read_bytes())
    timed([*mc, "alias", "set", "s", s3.url, env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]], env)

    def etcdctl_and_mc(n):
        file = tmp_path / f"c{n}"
        a = timed([full.tool, "snapshot", "save", file], {**env, **full.env()})
        b = timed([*mc, "cp", file, f"s/{bucket}/c{n}"], env)
        return a[0] + b[0], max(a[1], b[1])

    race(f"backup to S3, {KEYS:,} keys", lambda n: timed(
        [vetch.bin, *full.flags(), "backup", "create", "--no-verify", "--to", f"s3://{bucket}/v{n}"], env), etcdctl_and_mc)
