# SPDX-License-Identifier: Apache-2.0
"""vetch as cfssl and cfssljson beside the real cfssl 1.6.5: the same files in, the same fields out; real etcd runs on them."""
import json
import re
import time

import pytest

from harness import CA, Cluster, dice, kill_after, peer, run

USE = ["signing", "key encipherment"]
CONFIG = {"signing": {"default": {"expiry": "43800h"}, "profiles": {
    "server": {"expiry": "43800h", "usages": [*USE, "server auth"]},
    "client": {"expiry": "8760h", "usages": [*USE, "client auth"], "backdate": "10m"},
    "peer": {"expiry": "1h30m", "usages": [*USE, "server auth", "client auth"], "ocsp_url": "http://o/",
             "crl_url": "http://c/x.crl", "issuer_urls": ["http://i/1", "http://i/2"]},
    "ca": {"expiry": "240000h", "usages": ["cert sign", "crl sign"], "ca_constraint": {"is_ca": True, "max_path_len": 1}}}}}
BOOK = ('{"CN": "My own CA", "key": {"algo": "rsa", "size": 2048}, "names": [{"C": "US", "L": "CA", "O": "My Company Name", '
        '"ST": "San Francisco", "OU": "Org Unit 1", "OU": "Org Unit 2"}]}')
TWO = {"CN": "m1", "names": [{"O": "b", "L": "Plzeň", "E": "x@y.cz"}, {"O": "a", "OU": "u"}], "hosts": ["m1", "10.0.0.1", "a@b.cz", "etcd1:2379"]}
ROOTS = {"runbook": BOOK, "ec": {"CN": "x"}, "p384": {"CN": "x", "key": {"algo": "ecdsa", "size": 384}},
         "own expiry": {"CN": "x", "ca": {"expiry": "262800h", "pathlen": 2}}, "addresses": {"CN": "x", "hosts": ["10.1.2.3", "name"]}}
LEAVES = {"server": ("-profile=server -hostname=172.27.126.226,127.0.0.1,server", {"CN": "etcd server"}),
          "peer": ("-profile=peer -hostname=172.27.126.226,127.0.0.1,server,etcd0", {"CN": "etcd0", "names": [{"O": "My Company Name"}]}),
          "client": ("-profile=client", {"CN": "client"}), "ca": ("-profile=ca", {"CN": "below", "hosts": ["gone.name", "10.0.0.1"]}),
          "names": ("-profile=server", TWO), "unknown profile": ("-profile=server2 -hostname=a", {"CN": "m"}),
          "empty subject": ("-profile=server", {"hosts": ["a.b"]}), "p521": ("-profile=peer", {"CN": "k", "key": {"algo": "ecdsa", "size": 521}})}
TIMES = re.compile(r"Not (?:Before|After ?): (.*)")


class Tool:
    """cfssl | cfssljson -bare NAME in a folder, by the real ones or by vetch."""

    def __init__(self, folder, vetch=None):
        self.folder, self.vetch = folder, vetch
        folder.mkdir()
        (folder / "ca-config.json").write_text(json.dumps(CONFIG))

    def call(self, name, *args, stdin=None):
        argv = [self.vetch.bin, "as", name] if self.vetch else [peer(f"cfssl-1.6.5/{name}")]
        return run([*argv, *args], stdin=stdin, cwd=self.folder)

    def make(self, name, *args, csr):
        text = csr if isinstance(csr, str) else json.dumps(csr)
        made = self.call("cfssl", *args, "-", stdin=text)
        if made.code == 0:
            self.call("cfssljson", "-bare", name, stdin=made.out).ok()
        return made


def facts(folder, name):
    """openssl's words for a certificate and its request, without what is random; the key's label and mode."""
    cert = run(["openssl", "x509", "-in", f"{name}.pem", "-noout", "-text", "-nameopt", "RFC2253,show_type"], cwd=folder).ok().text
    request = run(["openssl", "req", "-in", f"{name}.csr", "-noout", "-text", "-verify", "-nameopt", "RFC2253,show_type"], cwd=folder).ok().text
    times = TIMES.findall(cert)
    span = run(["date", "-d", times[1], "+%s"]).ok(), run(["date", "-d", times[0], "+%s"]).ok()
    own = [re.sub(r"(?m)^ *(?:[0-9a-f]{2}:)+[0-9a-f]*:?$\n|^ *Not .*$\n|^ *(?:[0-9A-F]{2}:){19}[0-9A-F]{2}$\n", "", x) for x in (cert, request)]
    return own, int(span[0].out) - int(span[1].out), int(span[1].out), (folder / f"{name}-key.pem").read_text().split("\n")[0], {
        p.name: oct(p.stat().st_mode & 0o777) for p in folder.glob(f"{name}*")}


def same(real, ours, name):
    a, b = facts(real.folder, name), facts(ours.folder, name)
    assert a[0] == b[0] and a[1] == b[1] and a[3:] == b[3:]
    assert abs(a[2] - b[2]) <= 60 and b[2] % 60 == 0


@pytest.fixture
def tools(tmp_path, vetch):
    real, ours = Tool(tmp_path / "real"), Tool(tmp_path / "ours", vetch)
    real.make("ca", "gencert", "-initca", csr={"CN": "the CA"}).ok()
    for p in real.folder.glob("ca*.pem"):
        (ours.folder / p.name).write_bytes(p.read_bytes())
    return real, ours


@pytest.mark.parametrize("name", ROOTS)
def test_roots(tools, name):
    for t in tools:
        t.make("root", "gencert", "-initca", csr=ROOTS[name]).ok()
    same(*tools, "root")


@pytest.mark.parametrize("name", LEAVES)
def test_leaves(tools, name):
    flags, csr = LEAVES[name]
    made = [t.make("leaf", "gencert", "-ca=ca.pem", "-ca-key=ca-key.pem", "-config=ca-config.json", *flags.split(), csr=csr) for t in tools]
    assert made[0].code == made[1].code
    if made[0].code == 0:
        same(*tools, "leaf")
        assert list(made[0].json) == list(made[1].json)
        for tool in tools:
            shown = tool.call("cfssl", "certinfo", "-cert", "leaf.pem").ok()
            assert shown.out == tools[0].call("cfssl", "certinfo", "-cert", tool.folder / "leaf.pem").ok().out
        certtool = run(["certtool", "--verify", "--load-ca-certificate", "ca.pem", "--infile", "leaf.pem"], cwd=tools[1].folder)
        assert certtool.code == 0, certtool.text
        strict = run(["openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", "leaf.pem"], cwd=tools[1].folder)
        assert strict.text.strip() == "leaf.pem: OK", strict.err


def test_what_is_not_here_says_so(tools):
    ours = tools[1]
    for args in (["serve"], ["bundle"], ["nosuch"], ["gencert"], ["gencert", "-ca", "gone.pem", "-ca-key", "gone.pem", "-"],
                 ["gencert", "-ca", "ca.pem", "-ca-key", "ca-key.pem", "gone.json"]):
        r = ours.call("cfssl", *args, stdin="{}")
        assert r.code == 1 and not r.out and r.err.strip()
    assert ours.call("cfssljson", "-bare", "x", stdin="").code == 1
    assert not list(ours.folder.glob("x*"))


@pytest.mark.feature("certificates")
@pytest.mark.parametrize("version", ["3.4.23", "3.6.16"])
def test_etcd_runs_on_them(tmp_path, vetch, version):
    ws = tmp_path / "ws"
    config = tmp_path / "config.json"
    config.write_text(json.dumps(CONFIG))
    vetch("ca", "init", "--config", config, workspace=ws).ok()
    vetch("cert", "issue", "node", "--profile", "peer", "--hosts", "127.0.0.1,localhost", workspace=ws).ok()
    vetch("cert", "issue", "client", "--profile", "client", workspace=ws).ok()

    class Issued:
        cert = ws / "pki/ca.pem"
        etcd_pairs = ((ws / "pki/node.pem", ws / "pki/node-key.pem"), (ws / "pki/client.pem", ws / "pki/client-key.pem"))
    c = Cluster(Issued, version, 2, tmp_path / "etcd")
    try:
        c.etcdctl("put", "a", "b")
        assert c.etcdctl("get", "a", "--print-value-only") == b"b\n"
        with_server = {**c.env(), "ETCDCTL_CERT": "", "ETCDCTL_KEY": ""}
        bare = run([c.tool, "--endpoints", c.endpoints, "--cacert", c.ca, "get", "a", "--command-timeout=2s"],
                   env={k: v for k, v in with_server.items() if v})
        assert bare.code != 0
    finally:
        c.stop_all()


def pairs_are_whole(pki, names="*"):
    """No final name holds half a file; a certificate has its key and its request."""
    for p in pki.glob(f"{names}.pem"):
        if not p.name.endswith("-key.pem"):
            stem = p.name[:-4]
            assert run(["openssl", "x509", "-in", p, "-noout"]).code == 0
            key = run(["openssl", "pkey", "-in", pki / f"{stem}-key.pem", "-pubout"]).ok().out
            assert key == run(["openssl", "x509", "-in", p, "-noout", "-pubkey"]).ok().out
            run(["openssl", "req", "-in", pki / f"{stem}.csr", "-noout", "-verify"]).ok()
        else:
            run(["openssl", "pkey", "-in", p, "-noout"]).ok()
            assert p.stat().st_mode & 0o777 == 0o600
    for p in pki.glob("*.json"):
        json.loads(p.read_text())


KILLS = 20


def took(vetch, ws, *args):
    """Seconds that a verb takes here: the middle of three runs."""
    times = []
    for i in range(3):
        began = time.monotonic()
        vetch(*(a.format(i) for a in args), workspace=str(ws).format(i)).ok()
        times.append(time.monotonic() - began)
    return sorted(times)[1]


def test_ca_init_killed_at_any_moment(tmp_path, vetch):
    """At random moments of its measured time; what is there is whole, and the next run makes the rest."""
    whole, rnd, killed = took(vetch, tmp_path / "measured{}", "ca", "init"), dice(), 0
    for i in range(KILLS):
        ws = tmp_path / f"ca{i}"
        killed += kill_after([vetch.bin, "-C", ws, "ca", "init"], vetch.env(), whole * rnd.random())
        if (ws / "pki").exists():
            pairs_are_whole(ws / "pki")
        if not (ws / "pki/ca.pem").exists():
            vetch("ca", "init", workspace=ws).ok()
        pairs_are_whole(ws / "pki")
        vetch("cert", "issue", "a", "--profile", "client", workspace=ws).ok()
    assert killed >= KILLS // 4, f"only {killed} runs were killed before their end"


def test_cert_issue_killed_at_any_moment(tmp_path, vetch):
    """As above, all in one pki/."""
    ws, issue = tmp_path / "ws", ["--profile", "peer", "--hosts", "127.0.0.1"]
    vetch("ca", "init", workspace=ws).ok()
    whole, rnd, killed = took(vetch, ws, "cert", "issue", "m{}", *issue), dice(), 0
    for i in range(KILLS):
        killed += kill_after([vetch.bin, "-C", ws, "cert", "issue", f"n{i}", *issue], vetch.env(), whole * rnd.random())
        pairs_are_whole(ws / "pki", f"n{i}*")
        if not (ws / f"pki/n{i}.pem").exists():
            vetch("cert", "issue", f"n{i}", *issue, workspace=ws).ok()
    pairs_are_whole(ws / "pki")
    assert killed >= KILLS // 4, f"only {killed} runs were killed before their end"
    names = {x["name"] for x in vetch("cert", "list", "-w", "json", workspace=ws).ok().json["certs"]}
    assert names == {"ca", "m0", "m1", "m2", *(f"n{i}" for i in range(KILLS))}


def test_inventory_beside_garbage(tmp_path, vetch):
    """Every fact of cert list beside openssl's word, in a folder of all sorts."""
    ws = tmp_path / "ws"
    ca = CA(ws / "pki", "test CA")
    ca.issue("good", ["10.0.0.1", "a.example"])
    ca.issue("old", start="20200101000000Z", end="20210101000000Z")
    ca.issue("later", start="20990101000000Z", end="21000101000000Z")
    pki = ws / "pki"
    (pki / "chain.pem").write_bytes((pki / "good.pem").read_bytes() + b"words between\n" + (pki / "ca.pem").read_bytes())
    (pki / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    (pki / "noise.pem").write_bytes(bytes(range(256)) * 9)
    (pki / "cut.pem").write_bytes((pki / "good.pem").read_bytes()[:200])
    (pki / "good-key.pem").chmod(0o644)
    (pki / "folder.pem").mkdir()
    r = vetch("cert", "list", "-w", "json", workspace=ws).ok()
    certs = {x["name"]: x for x in r.json["certs"]}
    assert set(certs) == {"good", "old", "later", "ca", "chain"}
    assert [certs[n]["status"] for n in ("good", "old", "later")] == ["good", "expired", "not-yet"]
    assert "broken.pem" in r.err
    assert any("chmod 600" in f for f in certs["good"]["findings"])
    for name, facts_of in certs.items():
        def says(*what):
            return run(["openssl", "x509", "-in", pki / f"{name}.pem", "-noout", *what]).ok().text.strip()
        assert facts_of["fingerprint_sha256"] == says("-fingerprint", "-sha256").split("=")[1].replace(":", "").lower()
        assert int(facts_of["serial"]) == int(says("-serial").split("=")[1], 16)
        assert facts_of["subject"].replace(",", ", ").replace("=", " = ") == says("-subject", "-nameopt", "oneline").split("subject=")[1]
        assert says("-enddate", "-dateopt", "iso_8601").split("=")[1] == facts_of["not_after"].replace("T", " ")
        assert facts_of["has_key"] == (pki / f"{name}-key.pem").exists() and facts_of["key"] == "ecdsa-256"
    assert certs["good"]["sans"] == ["IP:10.0.0.1", "DNS:a.example"]
    assert certs["good"]["usages"] == ["digital signature", "key encipherment", "server auth", "client auth"]
    assert vetch("cert", "show", "chain", workspace=ws).ok().text.count("signed by") == 1
    assert vetch("cert", "show", "nosuch", workspace=ws).code == 3


def test_nothing_is_overwritten(tmp_path, vetch):
    ws = tmp_path / "ws"
    plan = vetch("ca", "init", "--plan", workspace=ws).ok()
    assert not ws.exists() or not list(ws.glob("pki/*")), plan
    vetch("ca", "init", workspace=ws).ok()
    before = {p.name: p.read_bytes() for p in (ws / "pki").iterdir()}
    assert vetch("ca", "init", workspace=ws).code == 4
    assert vetch("cert", "issue", "a", "--profile", "nosuch", workspace=ws).code == 3
    assert vetch("cert", "issue", "a", "--profile", "server", "--hosts", "h:2379", workspace=ws).code == 3
    assert vetch("cert", "issue", "../a", "--profile", "server", workspace=ws).code == 3
    vetch("cert", "issue", "a", "--profile", "server", "--hosts", "h", "--plan", workspace=ws).ok()
    assert {p.name: p.read_bytes() for p in (ws / "pki").iterdir()} == before
    (ws / "pki/a-key.pem").write_text("someone's own\n")
    (ws / "pki/.a-key.pem.Xy12Zz").write_text("left by a killed run\n")
    vetch("cert", "issue", "a", "--profile", "server", "--hosts", "h", workspace=ws).ok()
    assert [p.read_text() for p in (ws / "pki").glob("a-key.pem.left-*")] == ["someone's own\n"]
    assert not (ws / "pki/.a-key.pem.Xy12Zz").exists()
    assert vetch("cert", "issue", "a", "--profile", "server", "--hosts", "h", workspace=ws).code == 4
    made = run(["openssl", "x509", "-in", ws / "pki/a.pem", "-noout", "-ext", "subjectAltName"]).ok().text
    assert "DNS:h" in made


@pytest.mark.feature("certificates")
def test_check_of_a_file_and_of_a_member(cluster, tmp_path, vetch):
    """What a member shows is what openssl sees; each fault ends with 5 and says what to do."""
    c = cluster()
    address = c.client_urls[0].split("//")[1]
    good = vetch("cert", "check", c.client_urls[0], "--cacert", c.ca, "-w", "json").ok().json
    seen = run(["openssl", "s_client", "-connect", address, "-CAfile", c.ca], stdin="").text
    shown = run(["openssl", "x509", "-noout", "-fingerprint", "-sha256"], stdin=seen).ok().text
    assert good["ok"] and good["certs"][0]["fingerprint_sha256"] == shown.strip().split("=")[1].replace(":", "").lower()
    other = CA(tmp_path / "other", "another CA")
    old = other.issue("old", ["127.0.0.1"], start="20200101000000Z", end="20210101000000Z")[0]
    for args, says in (([c.client_urls[0], "--cacert", other.cert], "not signed by"), ([c.client_urls[0].replace("127.0.0.1", "127.0.0.2"),
                       "--cacert", c.ca], None), ([c.cert, "--for", "server", "--cacert", c.ca], "server auth"), ([old], "expired")):
        r = vetch("cert", "check", *args)
        if says is None:
            assert r.code == 2 and address.split(":")[1] in r.err
        else:
            assert r.code == 5 and says in r.err, r
    assert vetch("cert", "check", f"127.0.0.1:{c.peer_urls[0].rsplit(':')[-1]}", "--for", "peer", "--cacert", c.ca).code == 0
    assert vetch("cert", "check", tmp_path / "gone").code == 3


def test_encrypted_ca_key(tmp_path, vetch):
    """Both encrypted forms, with the variable that cfssl reads; without it nothing is signed and nothing asked."""
    CA(tmp_path, "locked CA")
    forms = {"new": ["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-passout", "pass:secret"], "old": ["ec", "-aes128", "-passout", "pass:secret"]}
    for name, form in forms.items():
        run(["openssl", *form, "-in", tmp_path / "ca-key.pem", "-out", tmp_path / f"{name}-key.pem"]).ok()
        args = ["as", "cfssl", "gencert", "-ca", "ca.pem", "-ca-key", f"{name}-key.pem", "-"]
        assert vetch(*args, stdin='{"CN": "m"}', cwd=tmp_path).code == 1
        assert vetch(*args, stdin='{"CN": "m"}', cwd=tmp_path, env={"CFSSL_CA_PK_PASSWORD": "wrong"}).code == 1
        made = vetch(*args, stdin='{"CN": "m"}', cwd=tmp_path, env={"CFSSL_CA_PK_PASSWORD": "secret"}).ok().json
        (tmp_path / "m.pem").write_text(made["cert"])
        run(["openssl", "verify", "-x509_strict", "-CAfile", tmp_path / "ca.pem", tmp_path / "m.pem"]).ok()
    ws = tmp_path / "ws"
    vetch("ca", "init", workspace=ws).ok()
    run(["openssl", "pkcs8", "-topk8", "-in", ws / "pki/ca-key.pem", "-out", tmp_path / "k", "-passout", "pass:secret"]).ok()
    (ws / "pki/ca-key.pem").write_bytes((tmp_path / "k").read_bytes())
    r = vetch("cert", "issue", "a", "--profile", "client", workspace=ws)
    assert r.code == 3 and "passphrase" in r.err.lower() and not (ws / "pki/a.pem").exists()


def test_a_hostile_name_moves_no_cursor(vetch, tmp_path):
    """A certificate of another's making in pki/: what stands in its name is shown, never obeyed."""
    pki = tmp_path / "pki"
    pki.mkdir()
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-utf8", "-days", "3",
         "-subj", "/CN=a\x1b[2Jred\u202e\u9f8d", "-keyout", pki / "x-key.pem", "-out", pki / "x.pem"]).ok()
    for words in (["cert", "list"], ["cert", "show", "x"], ["cert", "check", pki / "x.pem"]):
        said = vetch(*words, workspace=tmp_path).out.decode()
        assert "a\\x1b[2Jred\\u{202e}\u9f8d" in said, said
        assert not [c for c in said if c < " " and c != "\n"], said
    refused = vetch("cert", "show", "no\x1b[2Jsuch", workspace=tmp_path).ok(3)
    assert "\x1b" not in refused.err and "no\\x1b[2Jsuch" in refused.err
