# SPDX-License-Identifier: Apache-2.0
"""The ground the other tests stand on: a fault here explains a hundred elsewhere."""
import signal

import pytest

from harness import until


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
