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
    assert drawn["form"][2].rstrip().endswith('signed by "locked CA"')
    assert "ca passphrase: " in drawn["asked"][22] and "sesame" not in "\n".join(drawn["asked"])
    assert "issued pki/enc1.pem" in drawn["issued"][22]
    run(["openssl", "verify", "-CAfile", ca.cert, ws / "pki/enc1.pem"]).ok()
    assert not [p for p in ws.rglob("*") if p.is_file() and b"sesame-17" in p.read_bytes()]


def issue_screens(vetch, tmp_path, keys, profiles=PROFILES, members=(), size="80x24"):
    """Screens of a script on a workspace with a CA and these profiles."""
    ws = tmp_path / "ws"
    ca = CA(ws / "pki", "test CA")
    config = {"signing": {"default": {"expiry": "100h"}, "profiles": {n: {"expiry": "8760h", "usages": u} for n, u in profiles.items()}}}
    (ws / "pki/ca-config.json").write_text(json.dumps(config))
    about = {"name": "test", "members": [{"name": n, "client_urls": [f"https://{n}.invalid:2379"], "peer_urls": [f"https://{n}.invalid:2380"]} for n in members]}
    (ws / "cluster.json").write_text(json.dumps(about))
    script = tmp_path / "issue.keys"
    script.write_text(keys)
    return ca, ws, Screens(vetch, script, tmp_path / "screens", size).run(workspace=ws, flags=("--pane", "Issue"))


def test_client_auth_is_added_to_one(vetch, tmp_path):
    """^A: only this certificate gets it; the cfssl line names the profile that equals it, and makes the same usages."""
    keys = "<Enter> <Tab> <Tab> one <Tab> <Tab> localhost\n:screen before\n^A\n:screen after\n^N\n:wait Sign\n<Tab> <Enter>\n:wait issued\n:screen issued\n"
    ca, ws, drawn = issue_screens(vetch, tmp_path, keys)
    before, after = ("\n".join(drawn[x]) for x in ("before", "after"))
    assert re.search(r'WARN  profile "server" lacks "client auth": .*\n .* ^A adds it to this\s+one'.replace("^", r"\^"), before), before
    assert "WARN" not in after and 'ok    "client auth" is added to this one: the same as profile "peer" gives' in after
    assert "-profile=server" in before and "-profile=peer" in after and "-profile=server" not in after
    usages = "Digital Signature, Key Encipherment", "TLS Web Server Authentication, TLS Web Client Authentication"
    said = openssl(ws / "pki/one.pem", "-ext", "keyUsage,extendedKeyUsage")
    assert all(u in said for u in usages)
    csr = tmp_path / "one.json"
    csr.write_text(json.dumps({"CN": "one", "hosts": ["localhost"]}))
    made = run([peer("cfssl-1.6.5/cfssl"), "gencert", f"-ca={ca.cert}", f"-ca-key={ca.key}", f"-config={ws}/pki/ca-config.json",
                "-profile=peer", csr]).ok()
    (tmp_path / "cfssl.pem").write_text(json.loads(made.out)["cert"])
    assert openssl(tmp_path / "cfssl.pem", "-ext", "keyUsage,extendedKeyUsage") == said
    again = vetch("-C", ws, "cert", "issue", "two", "--profile", "server", "--hosts", "localhost").ok()
    assert "TLS Web Client" not in openssl(ws / "pki/two.pem", "-ext", "extendedKeyUsage"), again


def test_client_auth_that_no_profile_equals(vetch, tmp_path):
    _, ws, drawn = issue_screens(vetch, tmp_path, "<Enter> <Tab> <Tab> one <Tab> <Tab> localhost ^A\n:screen after\n^A\n:screen back\n",
                                 {"server": PROFILES["server"]})
    after = " ".join(" ".join(drawn["after"]).split())
    assert "no profile of ca-config.json gives the same" in after and "cfssl has no flag for what is not the profile's" in after
    assert "-profile=" not in after and "-profile=server" in "\n".join(drawn["back"])
    plan = vetch("-C", ws, "cert", "issue", "x", "--profile", "server", "--add-usage", "client auth", "--plan").ok()
    assert "client auth" in plan.err and "no flag for what is not the profile's" in plan.err and not (ws / "pki/x.pem").exists()
    assert vetch("-C", ws, "cert", "issue", "x", "--profile", "server", "--add-usage", "cleint auth").code == 3


def test_names_resolve_or_not(vetch, tmp_path):
    _, _, drawn = issue_screens(vetch, tmp_path, "<Enter> <Tab> <Space>\n:wait does not resolve\n<Tab> <Tab> <Tab> ,node.other.invalid\n:wait node.other.invalid does not resolve\n:wait localhost resolves to\n:screen names\n",
                                members=["etcd9"], size="80x40")
    text = re.sub(r"\s+", " ", "\n".join(drawn["names"]))
    assert "ok localhost resolves to 127.0.0.1" in text
    assert "WARN etcd9.invalid does not resolve here: " in text and "WARN node.other.invalid does not resolve here: " in text
    assert "note the member's name etcd9 does not resolve here" in text
    got = vetch("cert", "resolve", "localhost", "x.invalid", "-w", "json").ok().json["hosts"]
    assert got[0] == {"host": "localhost", "addresses": ["127.0.0.1"]} or "127.0.0.1" in got[0]["addresses"]
    assert got[1]["addresses"] == [] and got[1]["error"]


def test_what_does_not_fit_is_said(vetch, tmp_path):
    """Checks and details longer than their place say which lines are shown, and scroll."""
    ws = tmp_path / "ws"
    ca = CA(ws / "pki", "test CA")
    ca.issue("many", [f"node-{i}.rack-{i // 10}.prod-eu.example" for i in range(30)], usage="serverAuth", start=stamp(-90), end=stamp(-3))
    s = Screens(vetch, HERE / "overflow.keys", tmp_path / "screens")
    drawn = s.run(workspace=ws)
    s.expect(drawn)
    for first, end in (("checks", "checks_end"), ("ca", "ca_end")):
        said = [re.search(r"lines (\d+)-(\d+) of (\d+) ", "\n".join(drawn[x])) for x in (first, end)]
        assert said[0][1] == "1" and int(said[0][2]) < int(said[0][3]) and said[1][2] == said[1][3], said


def test_another_expiry_for_one(vetch, tmp_path):
    """The profile's expiry stands there; another is this certificate's alone, and what is no time is refused."""
    keys = ("<Enter> <Tab> <Tab> short <Tab> <Tab> localhost <Tab> <Tab>\n:screen own\n<BS> <BS> <BS> <BS> <BS>\n1d\n:screen wrong\n"
            "<BS>\n<BS>\n36h\n:screen other\n^N\n:wait Sign\n<Tab> <Enter>\n:wait issued\n:screen issued\n")
    _, ws, drawn = issue_screens(vetch, tmp_path, keys)
    assert "Expiry  [8760h     ]   to " in drawn["own"][9] and 'ERROR the expiry "1d" is no time such as 8760h' in "\n".join(drawn["wrong"])
    other = " ".join(" ".join(drawn["other"]).split())
    assert "the expiry of this one is not the profile's" in other and "cfssl has no flag" in other
    start, end = (openssl(ws / "pki/short.pem", "-dateopt", "iso_8601", f"-{x}date").split("=")[1].replace("Z", "") for x in ("start", "end"))
    assert datetime.datetime.fromisoformat(end) - datetime.datetime.fromisoformat(start) == datetime.timedelta(hours=36)
    assert ">" not in drawn["issued"][3] and "3 shows it" in drawn["issued"][22], "signed: digits open panes again"
    assert vetch("-C", ws, "cert", "issue", "x", "--profile", "server", "--expiry", "1d").code == 3


def test_enter_shows_all_of_a_certificate(vetch, tmp_path):
    ws = tmp_path / "ws"
    CA(ws / "pki", "test CA").issue("many", [f"node-{i}.example" for i in range(30)], usage="serverAuth")
    script = tmp_path / "all.keys"
    script.write_text("3\n:wait many\n<Enter>\n:wait sha256\n:screen all\n")
    text = "\n".join(Screens(vetch, script, tmp_path / "screens", size="118x60").run(workspace=ws)["all"])
    cert = ws / "pki/many.pem"
    assert openssl(cert, "-fingerprint", "-sha256").split("=")[1].replace(":", "").lower() in text
    assert all(f"DNS:node-{i}.example\n" in re.sub(" +\n", "\n", text) for i in range(30))
    said = openssl(cert, "-ext", "subjectKeyIdentifier,authorityKeyIdentifier").replace(":", "").lower()
    assert all(x in said for x in re.findall(r"(?:ski|aki) +(\w{40})", text)) and len(re.findall("(?:ski|aki) +", text)) == 2
    assert str(cert) in text and "chain    ca" in text
