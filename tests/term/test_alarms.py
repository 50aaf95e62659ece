# SPDX-License-Identifier: Apache-2.0
"""Alarms on the screen, and that looking for them leaves nothing in the members' log."""
import json

import pytest

from harness import until


def members_of(terminal, vetch, c):
    t = terminal(["--pane", "members"], workspace=vetch.workspace(c))
    t.until(f"{len(c.names)}/{len(c.names)} up")
    return t


def fill_up(c):
    """Puts until the member refuses them."""
    value = "x" * 200000
    for i in range(100):
        try:
            c.kv().put(f"/full/{i}", value)
        except RuntimeError as why:
            assert "space exceeded" in str(why)
            return
    raise AssertionError("the quota holds nobody back")


@pytest.mark.feature("alarms")
def test_nospace_is_told_and_goes(terminal, vetch, cluster, etcd_version):
    c = cluster(etcd_version, fresh=True, extra=["--quota-backend-bytes", "3000000"])
    t = members_of(terminal, vetch, c)
    assert "NOSPACE" not in t.text()
    fill_up(c)
    t.send("r").until(lambda: "!NOSPACE" in t.row(1))
    t.until("NOSPACE on etcd1: the cluster refuses writes", 5)
    assert "NOSPACE" in next(r for r in map(t.row, range(4, 8)) if "etcd1" in r), t.text()
    c.ctl("alarm", "disarm").ok()
    t.send("r").until(lambda: "NOSPACE" not in t.text())


def counted(c, i, method):
    return sum(v for k, v in c.metrics(i).items()
               if k.startswith("grpc_server_handled_total") and f'grpc_method="{method}"' in k and 'grpc_code="OK"' in k)


def test_looking_writes_nothing(terminal, vetch, cluster):
    """Members asked ten times over, no entry is added to the log."""
    c = cluster(members=3, fresh=True)
    t = members_of(terminal, vetch, c)

    def index():
        return max(x["Status"]["raftIndex"] for x in json.loads(c.etcdctl("endpoint", "status", "-w", "json")))

    t.settle()
    before, asked = index(), counted(c, 0, "Status")
    until(lambda: counted(c, 0, "Status") >= asked + 10, 60)
    assert index() == before
