# SPDX-License-Identifier: Apache-2.0
"""Who serves which certificate: pane CA's SERVED BY, Members' CERT and `cert list --served`, each beside what openssl
s_client sees on the same URL."""
import json
import pathlib
import re
import shutil

import pytest
from harness import CA, Cluster, openssl, run, stamp
from harness.screens import Screens

HERE = pathlib.Path(__file__).parent
LOCAL = ["127.0.0.1", "localhost"]


class Named(Cluster):
    """Each member with a pair of its own for clients and another for peers."""
    def pair(self, i, side):
        return self.ca_obj.folder / f"{self.names[i]}{side}.pem", self.ca_obj.folder / f"{self.names[i]}{side}-key.pem"

    def _argv(self, i):
        a = super()._argv(i)
        for flag, side in (("--cert-file", ""), ("--peer-cert-file", "-peer")):
            a[a.index(flag) + 1], a[a.index(flag.replace("cert", "key")) + 1] = map(str, self.pair(i, side))
        return a


def issue(ca, name, days, usage="serverAuth,clientAuth"):
    ca.issue(name, LOCAL if "server" in usage else (), cn=name.removesuffix("-peer"), usage=usage, start=stamp(-1), end=stamp(days))


@pytest.fixture
def named(vetch, tmp_path):
    """(cluster, workspace): etcd2 serves another certificate than pki/ holds under its name."""
    ca = CA(tmp_path / "made", "prod CA")
    for i, days in enumerate((41.5, 411.5, 3.5)):
        issue(ca, f"etcd{i + 1}", days, "serverAuth")
        issue(ca, f"etcd{i + 1}-peer", 500.5 + i)
    ca.etcd_pairs = (ca.folder / "etcd1.pem", ca.folder / "etcd1-key.pem"), ca.issue(
        "client", cn="root", usage="clientAuth", start=stamp(-1), end=stamp(88.5))
    c = Named(ca, "3.6.16", 3, tmp_path / "etcd")
    ws = vetch.workspace(c)
    for path in ca.folder.glob("etcd*.pem"):
        shutil.copy(path, ws / "pki")
    other = CA(tmp_path / "other", "unused")
    other.cert, other.key = ca.cert, ca.key
    issue(other, "etcd2", 42.5, "serverAuth")
    issue(other, "prometheus", 210.5, "clientAuth")
    for name in ("etcd2.pem", "etcd2-key.pem", "prometheus.pem", "prometheus-key.pem"):
        shutil.copy(other.folder / name, ws / "pki")
    yield c, ws
    c.stop_all()


def prints_served(c):
    """{"etcd1:PORT": fingerprint} by openssl s_client, clients' and peers' URLs."""
    seen = {}
    for name, *urls in zip(c.names, c.client_urls, c.peer_urls):
        for url in urls:
            pem = run(["openssl", "s_client", "-connect", url.split("//")[1], "-cert", c.cert, "-key", c.key]).out
            said = run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], stdin=pem).ok().text
            seen[f"{name}:{url.rsplit(':', 1)[1]}"] = said.strip().split("=")[1].replace(":", "").lower()
    return seen


def print_of(path):
    return openssl(path, "-fingerprint", "-sha256").split("=")[1].replace(":", "").lower()


def rows_of(screen):
    """{NAME: (PROFILE, SERVED BY, STATE)} by columns."""
    head = next(row for row in screen if "SERVED BY" in row)
    at = [head.index(x) for x in ("NAME", "PROFILE", "SERVED BY", "STATE")]
    rows = screen[screen.index(head) + 1:screen.index(next(r for r in screen if " rows shown" in r))]
    return {r[at[0]:at[1]].strip(): (r[at[1]:].split()[0], r[at[2]:at[3]].strip(), r[at[3]:].strip()) for r in rows if r.strip()}


def test_served_by(named, vetch, tmp_path):
    c, ws = named
    s = Screens(vetch, HERE / "served.keys", tmp_path / "screens", size="80x30")
    drawn = s.run(workspace=ws)
    s.expect(drawn)
    rows, served = rows_of(drawn["list"]), prints_served(c)
    prints = {name: print_of(ws / "pki" / f"{name}.pem") for name in rows if name[0] != "("}
    for name, fingerprint in prints.items():
        profile, by, state = rows[name]
        urls = [label for label, p in served.items() if p == fingerprint]
        want = urls[0] if urls else {"etcd2": "nobody", "client": "this console"}.get(name, "-")
        assert by == want, (name, by, urls)
        assert state == {"etcd2": "replaced?", "etcd3": "expires"}.get(name, "valid")
        usages = json.loads(vetch("-C", ws, "cert", "list", "-w", "json").ok().out)["certs"]
        usages = next(x["usages"] for x in usages if x["name"] == name)
        server, client = "server auth" in usages, "client auth" in usages
        assert profile == ("ca" if name == "ca" else "peer" if server and client else "server" if server else "client")
    stranger = {label: p for label, p in served.items() if p not in prints.values()}
    assert list(stranger) == [rows["(not in pki/)"][1]] and rows["(not in pki/)"][::2] == ("server", "unknown here")
    fingerprint = next(iter(stranger.values()))
    assert f"sha256 {fingerprint[:4]} {fingerprint[4:8]} {fingerprint[8:12]}" in "\n".join(drawn["stranger"])
    for i in range(3):
        # A member's own gateway complains of a certificate without client auth; nobody else does.
        complaints = [x for x in c.log(i).read_text().splitlines() if "rejected connection" in x and "incompatible key usage" not in x]
        assert not complaints, complaints


def test_one_that_falls_silent_and_comes_back_with_another(named, terminal):
    c, ws = named
    t = terminal(workspace=ws, rows=40)
    t.until("3/3 up")
    t.send("3")
    port = c.client_urls[2].rsplit(":", 1)[1]
    t.until(lambda: re.search(rf"etcd3  .* etcd3:{port}  ", t.text()))
    c.kill(2)
    t.until(lambda: re.search(rf"etcd3  .* etcd3:{port} \d+s ", t.text()))
    issue(c.ca_obj, "etcd3", 300.5)
    c.start(2)
    c.wait()
    t.until(lambda: re.search(rf"\(not in pki/\) +peer .* etcd3:{port}", t.text()), 20)
    t.until(lambda: re.search(r"etcd3  .* nobody +replaced\?", t.text()))
    shutil.copy(c.pair(2, "")[0], ws / "pki")
    t.until(lambda: re.search(rf"etcd3  +peer .* etcd3:{port} +valid", t.text()))
    t.until(lambda: not re.search(rf"\(not in pki/\) .* etcd3:{port}", t.text()))


def test_cert_list_served(named, vetch):
    c, ws = named
    want = prints_served(c)
    got = vetch("-C", ws, "cert", "list", "--served", "-w", "json").ok().json
    urls = {f"{u['member']}:{u['url'].rsplit(':', 1)[1]}": u["fingerprint_sha256"] for u in got["urls"]}
    assert urls == want and {u["url"] for u in got["urls"] if u["peer"]} == set(c.peer_urls)
    by_print = {}
    for u in got["urls"]:
        by_print.setdefault(want[f"{u['member']}:{u['url'].rsplit(':', 1)[1]}"], []).append(u["url"])
    for cert in got["certs"] + got["not_in_pki"]:
        assert cert["served_by"] == by_print.get(cert["fingerprint_sha256"], []), cert
    states = {x["name"]: x["served"] for x in got["certs"]}
    assert states == {"etcd1": "now", "etcd3": "now", "etcd2": "replaced", "client": "not", "prometheus": "not", "ca": "not",
                      **{f"etcd{i}-peer": "now" for i in (1, 2, 3)}}
    assert [x["served_by"] for x in got["not_in_pki"]] == [[c.client_urls[1]]]
    text = vetch("-C", ws, "cert", "list", "--served").ok().text
    assert re.search(r"STATUS +SERVED BY$", text.splitlines()[0])
    assert re.search(r"^etcd2 .* good +nobody$", text, re.M) and re.search(r"^client .* good +this console$", text, re.M)
    assert re.search(rf"^\(not in pki/\) +server +etcd2 .* unknown +etcd2:{c.client_urls[1].rsplit(':', 1)[1]}$", text, re.M)


def test_cert_list_served_of_silent_members(named, vetch):
    """One down is told beside the rest; all down: cluster.json's members, each with its reason; no member known: 2."""
    c, ws = named
    c.kill(2)
    r = vetch("-C", ws, "cert", "list", "--served", "-w", "json").ok()
    assert {u["url"] for u in r.json["urls"] if "error" in u} == {c.client_urls[2], c.peer_urls[2]}
    assert {x["name"]: x["served"] for x in r.json["certs"]}["etcd3"] == "unknown"
    c.kill(0), c.kill(1)
    r = vetch("-C", ws, "cert", "list", "--served", "-w", "json").ok()
    assert len(r.json["urls"]) == 6 and all("refuses" in u["error"] for u in r.json["urls"]) and "cluster.json" in r.err
    (ws / "cluster.json").unlink()
    r = vetch("-C", ws, "cert", "list", "--served", "--endpoints", c.client_urls[0])
    assert r.code == 2 and "refuses" in r.err, r.err
