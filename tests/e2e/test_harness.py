# SPDX-License-Identifier: Apache-2.0
"""The ground the other tests stand on: a fault here explains a hundred elsewhere."""
import os
import signal
import subprocess
import sys

import pytest

from harness import PEERS, ROOT, VERSIONS, until


@pytest.mark.feature("etcdctl")
def test_cluster_answers_etcdctl_and_gateway(cluster, etcd_version):
    c = cluster(etcd_version)
    c.kv().put("harness/a", b"\0one")
    assert c.etcdctl("get", "harness/a", "--print-value-only") == b"\0one\n"
    assert c.kv().dump("harness/")[b"harness/a"][0] == b"\0one"


def test_cluster_survives_its_leader(cluster):
    c = cluster("3.6.16", 3, fresh=True)
    lead = c.leader()
    c.kill(lead)
    other = (lead + 1) % 3
    until(lambda: c.ctl("get", "a", members=[other]).code == 0, 30)
    c.start(lead)
    c.wait()
    assert c.metrics(lead)["etcd_server_has_leader"] == 1


def test_s3_wants_a_signature(s3):
    assert (s3.data / s3.bucket()).is_dir()
    import ssl
    import urllib.error
    import urllib.request
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(s3.url + "/bucket1/a", context=ssl.create_default_context(cafile=s3.ca))


SHOW = r"""printf '\033[?1049h\033[2;3Hab\033[3b|'; read -r x; printf '\033[?1049l'; exit 3"""


def test_terminal_draws_stops_and_ends(terminal):
    t = terminal(argv=["/bin/sh", "-c", SHOW])
    t.until("abbbb|")
    assert t.row(2).startswith("  abbbb|") and t.sane() == "alternate screen"
    t.signal(signal.SIGSTOP).until(lambda: t.stopped)
    t.fg().send("x\n")
    assert t.ended() == 3 and t.sane() == ""


def test_tmux_shows_and_ends(tmux):
    t = tmux(argv=["/bin/sh", "-c", "echo ready; read -r x; exit 4"])
    t.until("ready")
    assert t.code is None
    t.size(30, 100).type("x").keys("Enter")
    until(lambda: t.code is not None)
    assert t.code == 4


@pytest.mark.once
@pytest.mark.parametrize("lacking", [None, "3.4.23"])
def test_a_missing_peer_fails_the_run(tmp_path, lacking):
    """The suite in a run of its own, on peers of which one version is missing: it fails, names what is missing, and the
    summary has a line for every version."""
    for p in PEERS.iterdir():
        if p.name != lacking:
            (tmp_path / p.name).symlink_to(p)
    r = subprocess.run([sys.executable, "-m", "pytest", "-c", ROOT / "pytest.ini", "--rootdir", ROOT, "-p", "no:cacheprovider", "-n0",
                        "--basetemp", tmp_path / "t", ROOT / "tests/e2e/test_harness.py", "-k", "answers_etcdctl"], text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ | {"VETCH_PEERS": str(tmp_path)})
    lines = {x.split()[1]: " ".join(x.split()[2:]) for x in r.stdout.splitlines() if x.startswith("etcd ")}
    assert list(lines) == VERSIONS == ["3.3.25", "3.4.23", "3.5.33", "3.6.16", "3.7.3"], r.stdout
    assert {v for v in VERSIONS if lines[v] != "etcdctl 1 passed"} == ({lacking} if lacking else set()), lines
    assert r.returncode == (1 if lacking else 0)
    if lacking:
        assert "skipped" not in r.stdout and f"{lacking}/etcd is not in $VETCH_PEERS; tests/servers/get brings it" in r.stdout
