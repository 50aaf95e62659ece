# SPDX-License-Identifier: Apache-2.0
"""Pane Members: its layout, and every value on it beside what etcdctl says of the same member."""
import json
import pathlib
import re
import signal
import ssl
import time

from harness import CA, Cluster, run, until
from harness.screens import Screens

HERE = pathlib.Path(__file__).parent
SIZES = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def statuses(c):
    return {x["Endpoint"]: x["Status"] for x in json.loads(c.ctl("endpoint", "status", "-w", "json").out)}


def lead(c, name):
    """Makes `name` the leader, so that the screen is the same every time."""
    ids = {m["name"]: m["ID"] for m in json.loads(c.ctl("member", "list", "-w", "json").out)["members"]}
    c.ctl("move-leader", f"{ids[name]:x}")
    until(lambda: all(s["leader"] == ids[name] for s in statuses(c).values()))
    return ids


def size_of(text):
    number, unit = re.match(r"([\d.]+) ?(\w+)", text).groups()
    return float(number) * SIZES[unit]


def ends_of(c):
    """When the certificate that the members serve ends, by openssl's word."""
    said = run(["openssl", "x509", "-in", c.server_cert, "-noout", "-enddate"]).ok().text
    return ssl.cert_time_to_seconds(said.strip().split("=")[1])


def drawn_at_rest(c, s, workspace):
    """The screens and the statuses of one moment: drawn again while a commit of etcd moves the sizes meanwhile."""
    def sizes(stat):
        return [(x["dbSize"], x["dbSizeInUse"]) for x in stat.values()]

    for _ in range(10):
        before, drawn, after = statuses(c), s.run(workspace=workspace), statuses(c)
        if sizes(before) == sizes(after):
            return drawn, after
    raise AssertionError("the sizes of an idle cluster moved ten times in a row")


def test_layout_and_values(cluster, vetch, tmp_path):
    c = cluster(members=3, fresh=True)
    ids = lead(c, "etcd2")
    s = Screens(vetch, HERE / "members.keys", tmp_path / "screens")
    drawn, stat = drawn_at_rest(c, s, vetch.workspace(c))
    s.expect(drawn)
    rows = drawn["well"]
    assert "3/3 up, leader etcd2" in rows[0] and "Quorum 2 of 3 holds; 1 more may fail" in rows[2]
    for i, name in enumerate(c.names):
        row, st = rows[4 + i], stat[c.client_urls[i]]
        assert re.match(rf" [> ] {name} +{'leader' if name == 'etcd2' else 'follower'} +ok +{c.version} ", row), row
        db, unit, quota, use, lag, rtt = re.search(r" ([\d.]+)([BKM])/(\S+ \w+) +(\d+) % +(\d+) +(<?\d+)ms ", row).groups()
        db += {"B": "B"}.get(unit, unit + "iB")
        assert abs(size_of(db) - st["dbSize"]) <= st["dbSize"] * 0.06 + 512, (row, st)
        assert size_of(quota) == 2 << 30
        assert abs(int(use) - st["dbSizeInUse"] * 100 // st["dbSize"]) <= 1
    assert f"ID {ids['etcd1']:x} " in rows[8]
    assert c.client_urls[0] in rows[9] and c.peer_urls[0] in rows[10]
    left = (ends_of(c) - time.time()) / 86400
    assert all(abs(int(re.search(r"(\d+) d *$", rows[4 + i])[1]) - left) <= 1 for i in range(3))
    assert rows[3].split() == "NAME ROLE STATE VERSION DB / QUOTA IN USE LAG RTT CERT".split()
    for row in rows[9:11]:
        assert abs(int(re.search(r"  etcd-server, (\d+) d left, not in pki/$", row)[1]) - left) <= 1
    term, applied = re.search(r"term (\d+) .*applied ([\d,]+)", rows[11]).groups()
    assert int(term) == stat[c.client_urls[0]]["raftTerm"]
    assert 0 <= stat[c.client_urls[0]]["raftAppliedIndex"] - int(applied.replace(",", "")) < 50


def test_faults_are_named(cluster, vetch, tmp_path):
    c = cluster(members=3, fresh=True)
    lead(c, "etcd1")
    c.procs[2].send_signal(signal.SIGSTOP)
    try:
        s = Screens(vetch, HERE / "members_sick.keys", tmp_path / "screens")
        flags = ["--endpoints", c.endpoints + ",https://127.0.0.1:1"]
        text = "\n".join(s.run(workspace=vetch.workspace(c), env={"ETCDCTL_ENDPOINTS": ""}, flags=flags)["sick"])
    finally:
        c.procs[2].send_signal(signal.SIGCONT)
    assert "!2/3 up" in text.splitlines()[0]
    assert "one more failure stops the cluster" in text
    port = c.client_urls[2].rsplit(":", 1)[1]
    assert re.search(rf"etcd3 is down for \d+s: 127.0.0.1:{port}", text), text
    assert "endpoint https://127.0.0.1:1 (no member's)" in text and "refuses" in text


def test_a_certificate_that_ends_soon(vetch, tmp_path):
    ca = CA(tmp_path / "pki")
    ends = time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + 10.5 * 86400))
    ca.etcd_pairs = (ca.issue("etcd-server", ["127.0.0.1", "localhost"], end=ends),
                     ca.issue("etcd-client", cn="root", usage="clientAuth"))
    c = Cluster(ca, "3.6.16", 1, tmp_path / "etcd")
    try:
        script = tmp_path / "soon.keys"
        script.write_text(":wait 1/1 up\n2\n:wait ends in\n:screen soon\n")
        rows = Screens(vetch, script, tmp_path / "screens").run(cluster=c)["soon"]
    finally:
        c.stop_all()
    text = "\n".join(rows)
    port = c.client_urls[0].rsplit(":", 1)[1]
    assert f"The certificate that etcd1:{port} serves ends in 10 days" in text and "vetch cert issue etcd1 --profile peer" in text
    assert rows[4].endswith("! 10 d"), rows[4]


def test_more_faults_than_fit_are_said(cluster, vetch, tmp_path):
    c = cluster(members=3)
    lead(c, "etcd1")
    script = tmp_path / "many.keys"
    script.write_text(":wait 3/3 up\n2\n:wait lines 1-\n:screen first\n] ] ] ]\n:screen last\n")
    flags = ["--endpoints", ",".join([c.endpoints, *(f"https://127.0.0.1:{i}" for i in range(1, 10))])]
    drawn = Screens(vetch, script, tmp_path / "screens").run(workspace=vetch.workspace(c), env={"ETCDCTL_ENDPOINTS": ""}, flags=flags)
    first, last = (re.search(r"lines (\d+)-(\d+) of (\d+) +] \[ scroll", "\n".join(drawn[x])) for x in ("first", "last"))
    assert first[1] == "1" and int(first[2]) < int(first[3]), drawn["first"]
    assert last[2] == last[3] == first[3] and "https://127.0.0.1:9 (no member's)" in "\n".join(drawn["last"])
    assert drawn["first"][8] == drawn["last"][8], "the head of the detail stays"
