# SPDX-License-Identifier: Apache-2.0
"""Panes CA and Issue: their layouts, and every value on them beside what openssl and cfssl say of the same file."""
import datetime
import json
import pathlib
import re

from harness import CA, openssl, peer, run, stamp
from harness.screens import Screens

HERE = pathlib.Path(__file__).parent
USE = ["signing", "key encipherment"]
PROFILES = {"server": [*USE, "server auth"], "client": [*USE, "client auth"], "peer": [*USE, "server auth", "client auth"]}


def rows_of(screen):
    """{name: (sign, row)} of a list on screen."""
    found = (re.match(r" ?([> ]?[!> ])? ?(\S+) ", row) for row in screen[4:12])
    return {m[2]: m[0] + m.string[m.end():] for m in found if m}


def test_certificates(vetch, tmp_path):
    ws = tmp_path / "ws"
    ca = CA(ws / "pki", "shop CA")
    ca.issue("client", cn="root", usage="clientAuth", start=stamp(-1), end=stamp(88.5))
    ca.issue("node-a", ["10.0.0.1"], start=stamp(-90), end=stamp(-3))
    ca.issue("node-b", ["10.0.0.2", "node-b.example"], start=stamp(-90), end=stamp(5.1))
    ca.issue("node-c", ["10.0.0.3"], start=stamp(-1), end=stamp(160.5))
    pki = ws / "pki"
    (pki / "noise.pem").write_bytes(bytes(range(256)))
    (pki / "other-key.pem").write_text("no key at all\n")
    s = Screens(vetch, HERE / "ca.keys", tmp_path / "screens")
    drawn = s.run(workspace=ws)
    s.expect(drawn)
    screen = drawn["list"]
    assert f'CA "{openssl(pki / "ca.pem", "-subject", "-nameopt", "multiline").split("= ")[1]}"' in screen[2]
    assert screen[2].endswith("to " + openssl(pki / "ca.pem", "-enddate", "-dateopt", "iso_8601").split("=")[1][:10])
    names = [re.sub(r"^[ >!]*", "", row).split()[0] for row in screen[4:9]]
    ends = {n: openssl(pki / f"{n}.pem", "-enddate", "-dateopt", "iso_8601").split("=")[1] for n in names}
    assert names == sorted(names, key=lambda n: (ends[n], n)) and set(names) == {"ca", "client", "node-a", "node-b", "node-c"}
    now = datetime.datetime.now(datetime.timezone.utc)
    for row in screen[4:9]:
        name = re.sub(r"^[ >!]*", "", row).split()[0]
        left = (datetime.datetime.fromisoformat(ends[name].replace("Z", "+00:00")) - now).days
        shown = re.search(r" (\d+) d ", row)
        # The CA's whole number of days may have ended between the drawing and this reading.
        assert (int(shown[1]) if shown else -1) - max(left, -1) in ((0, 1) if name == "ca" else (0,)), row
        assert row.split()[-1] == ("expired" if left < 0 else "expires" if left < 30 else "valid")
        assert openssl(pki / f"{name}.pem", "-subject", "-nameopt", "multiline").split("= ")[1] in row
    detail = "\n".join(drawn["soon"])
    cfssl = json.loads(run([peer("cfssl-1.6.5/cfssl"), "certinfo", "-cert", pki / "node-b.pem"]).ok().out)
    assert cfssl["serial_number"] in detail and cfssl["not_after"][:16].replace("T", " ") in detail
    assert all(x in detail for x in cfssl["sans"])
    assert openssl(pki / "node-b.pem", "-fingerprint", "-sha256").split("=")[1].replace(":", "").lower()[:4] in detail
    assert "pki/node-b-key.pem 0600" in detail


def test_the_folder_changes_under_it(vetch, tmp_path, terminal):
    """A certificate that comes, is replaced and goes shows without a key pressed."""
    ws = tmp_path / "ws"
    ca = CA(ws / "pki", "shop CA")
    t = terminal(workspace=ws)
    t.until("CA")
    t.send("3")
    t.until("shop CA")
    ca.issue("fresh", ["10.0.0.9"])
    t.until("fresh")
    (ws / "pki/fresh.pem").rename(ws / "pki/renamed.pem")
    t.until("renamed")
    (ws / "pki/renamed.pem").unlink()
    t.until(lambda: "renamed" not in t.text())


def test_issue(cluster, vetch, tmp_path):
    c = cluster(members=3)
    ws = vetch.workspace(c)
    config = {"signing": {"default": {"expiry": "100h"}, "profiles": {n: {"expiry": "8760h", "usages": u} for n, u in PROFILES.items()}}}
    (ws / "pki/ca-config.json").write_text(json.dumps(config))
    s = Screens(vetch, HERE / "issue.keys", tmp_path / "screens")
    drawn = s.run(workspace=ws)
    s.expect(drawn)
    assert all(p in drawn["empty"][3] for p in PROFILES)
    assert "ERROR host h:80 carries a port" in "\n".join(drawn["wrong"])
    cert = ws / "pki/etcd1.pem"
    run(["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", c.ca, cert]).ok()
    sans = openssl(cert, "-ext", "subjectAltName")
    assert all(x in sans for x in ("DNS:etcd1", "DNS:localhost", "IP Address:127.0.0.1"))
    line = " ".join(" ".join(row.strip() for row in drawn["member"][19:22]).split())
    assert "-profile=server -hostname=127.0.0.1,etcd1,localhost" in line
    info = json.loads(run([peer("cfssl-1.6.5/cfssl"), "certinfo", "-cert", cert]).ok().out)
    assert info["subject"]["common_name"] == "etcd1" and sorted(info["sans"]) == ["127.0.0.1", "etcd1", "localhost"]
    assert info["not_after"][:10] in "\n".join(drawn["member"][9:11])


def test_issue_asks_for_the_passphrase(vetch, tmp_path):
    """Asked once, on row 23; shown nowhere and written nowhere."""
    ws = tmp_path / "ws"
    ca = CA(ws / "pki", "locked CA")
    plain = ca.key.read_bytes()
    run(["openssl", "pkcs8", "-topk8", "-in", "/dev/stdin", "-out", ca.key, "-passout", "pass:sesame-17"], stdin=plain).ok()
    drawn = Screens(vetch, HERE / "issue_locked.keys", tmp_path / "screens").run(workspace=ws)
    assert "passphrase" in drawn["asked"][22] and "sesame" not in "\n".join(drawn["asked"])
    assert "issued pki/enc1.pem" in drawn["issued"][22]
    run(["openssl", "verify", "-CAfile", ca.cert, ws / "pki/enc1.pem"]).ok()
    assert not [p for p in ws.rglob("*") if p.is_file() and b"sesame-17" in p.read_bytes()]
