# SPDX-License-Identifier: Apache-2.0
"""The etcd client alone, against real servers: nothing lost, nothing twice, whatever happens to the members."""
import contextlib
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import time

import pytest

from harness import CA, ROOT, peer, run, until
from harness.places import rounds


def build():
    return pathlib.Path(os.environ.get("VETCH_BIN") or ROOT / "build/vetch").resolve().parent


def client(cluster, *args, members=None, seconds=120, flags=None):
    argv = [build() / "tests/peer/etcd_client", *(flags or cluster.flags(members)), *args]
    return run(argv, seconds=seconds)


def facts(line):
    return {k: int(v) for k, v in re.findall(r"(\w+)=(-?\d+)", line)}


class Watcher:
    """etcd_client watch, read as it speaks."""

    def __init__(self, cluster, prefix, members=None, flags=None, revision=None):
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        argv = [build() / "tests/peer/etcd_client", *(flags or cluster.flags(members)), "watch", prefix, end]
        argv += [revision] if revision else []
        self.lines = []
        self.proc = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.proc.stdout:
            self.lines.append((time.monotonic(), line.rstrip("\n").split("\t")))

    def said(self, word):
        return [(t, x) for t, x in list(self.lines) if x[0] == word]

    def revisions(self):
        return [int(x[1]) for _, x in self.said("event")]

    def close(self):
        self.proc.terminate()
        self.proc.wait(10)


@pytest.fixture
def watcher():
    made = []

    def make(*a, **k):
        made.append(Watcher(*a, **k))
        until(lambda: made[-1].said("live"), 10)
        return made[-1]

    yield make
    for w in made:
        w.close()


@pytest.mark.stress
@pytest.mark.feature("transport")
@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
def test_no_answer_is_lost(cluster, etcd_version, tls):
    """Unary calls beside watches and a looping snapshot."""
    c = cluster(etcd_version, tls=tls)
    calls = rounds(400, 8000)
    for flight in (1, 32, 400):
        got = facts(client(c, "load", calls, flight, 4, 1).ok().text)
        assert got["answered"] == calls and got["failed"] == 0 and got["snapshots"] >= 0


@pytest.mark.stress
@pytest.mark.feature("transport")
def test_400_watches_on_one_connection(cluster):
    c = cluster()
    got = facts(client(c, "load", 1, 1, 400, 0).ok().text)
    assert got["watches"] == 400 and got["events"] == 400


@pytest.mark.stress
@pytest.mark.feature("snapshot")
def test_snapshot_is_whole_and_a_pause_holds_one_window(cluster, etcd_version, vetch, tmp_path):
    c = cluster(etcd_version)
    if not client(c, "get", "fill/0").text.count("kv"):
        kv = c.kv()
        for i in range(40):
            kv.put(f"fill/{i}", os.urandom(1000000))
    got = facts(client(c, "snapshot", tmp_path / "s.db", 300).ok().text)
    assert got["good"] == 1 and got["bytes"] == (tmp_path / "s.db").stat().st_size
    assert vetch.sanitized or got["paused_kib"] <= 2048
    tool = "etcdctl" if etcd_version.startswith(("3.3.", "3.4.")) else "etcdutl"
    run([peer(f"{etcd_version}/{tool}"), "snapshot", "status", tmp_path / "s.db"], env={"ETCDCTL_API": "3"}).ok()


class Writer(threading.Thread):
    """Puts through whatever member answers, until stopped; .done holds the revisions that were confirmed."""

    def __init__(self, cluster, members, prefix):
        super().__init__(daemon=True)
        self.cluster, self.members, self.prefix, self.done, self.over = cluster, members, prefix, [], False

    def run(self):
        kvs, i = {}, 0
        while not self.over:
            m = self.members[i % len(self.members)]
            i += 1
            try:
                kvs.setdefault(m, self.cluster.kv(m, seconds=3))
                self.done.append(kvs[m].put(f"{self.prefix}{i % 50}", str(i)))
            except Exception:  # noqa: BLE001 whatever happens to a member, the next is asked
                kvs.pop(m, None)

    def stop(self):
        self.over = True
        self.join(20)


def hurt(cluster, how, i):
    {"kill": lambda: cluster.kill(i), "term": lambda: cluster.stop(i), "freeze": lambda: cluster.freeze(i)}[how]()


@pytest.mark.feature("failover")
@pytest.mark.parametrize("how", ["kill", "term", "freeze"])
def test_a_watch_outlives_its_member(cluster, watcher, how):
    """Nothing lost, nothing twice; the move is noticed within 3 s."""
    c = cluster("3.6.16", members=3, fresh=True)
    w = watcher(c, f"w-{how}/", members=[0, 1, 2])
    writer = Writer(c, [1, 2], f"w-{how}/")
    writer.start()
    until(lambda: len(w.revisions()) > 50, 20)
    hurt(c, how, 0)
    hurt_at = time.monotonic()
    until(lambda: len(w.said("live")) > 1, 20)
    gone = w.said("reconnecting")[0][0] - hurt_at
    enough = len(writer.done) + 50
    until(lambda: len(writer.done) > enough, 20)
    writer.stop()
    until(lambda: w.revisions() and w.revisions()[-1] >= max(writer.done), 10)
    seen = w.revisions()
    assert seen == sorted(set(seen)), "an event came twice or out of order"
    assert set(writer.done) <= set(seen), "an event was lost"
    assert gone < 3.3
    if how == "freeze":
        c.thaw(0)


@pytest.mark.feature("failover")
def test_a_watch_resumes_after_a_reset_in_the_middle(cluster, watcher):
    """A proxy cuts the connection with RST while events flow."""
    c = cluster("3.6.16")
    proxy = Proxy(int(c.client_urls[0].rsplit(":", 1)[1]))
    flags = ["--endpoints", f"https://127.0.0.1:{proxy.port}", *c.flags()[2:]]
    w = watcher(c, "reset/", flags=flags)
    kv, done = c.kv(), []
    for i in range(200):
        done.append(kv.put(f"reset/{i % 7}", "x" * 2000))
        if i % 50 == 25:
            proxy.cut()
    until(lambda: w.revisions() and w.revisions()[-1] == done[-1], 20)
    assert w.revisions() == done
    proxy.close()


class Proxy:
    """Carries bytes to a port; cut() resets what goes through it."""

    def __init__(self, to):
        self.to, self.pairs = to, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                a, _ = self.listener.accept()
            except OSError:
                return
            b = socket.create_connection(("127.0.0.1", self.to))
            self.pairs.append((a, b))
            for x, y in ((a, b), (b, a)):
                threading.Thread(target=self.carry, args=(x, y), daemon=True).start()

    @staticmethod
    def carry(x, y):
        try:
            while data := x.recv(65536):
                y.sendall(data)
        except OSError:
            pass
        for s in (x, y):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        for a, _ in self.pairs:
            a.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            try:
                a.shutdown(socket.SHUT_RD)
            except OSError:
                pass
            a.close()
        self.pairs = []

    def close(self):
        self.listener.close()
        self.cut()


@pytest.mark.feature("watch")
def test_a_watch_from_before_the_compaction_says_so(cluster, etcd_version):
    c = cluster(etcd_version)
    kv = c.kv()
    first = kv.put("compacted/a", "1")
    last = [kv.put("compacted/a", str(i)) for i in range(5)][-1]
    c.etcdctl("compaction", str(last))
    got = run([build() / "tests/peer/etcd_client", *c.flags(), "watch", "compacted/", "compacted0", first], seconds=20)
    assert f"compacted\t{last}" in got.text


@pytest.mark.feature("failover")
def test_a_frozen_first_endpoint_does_not_hold_a_call(cluster):
    c = cluster("3.6.16", members=3, fresh=True)
    c.etcdctl("put", "held", "1")
    c.freeze(0)
    begun = time.monotonic()
    got = client(c, "get", "held", members=[0, 1, 2]).ok()
    assert "kv\theld\t1" in got.text and time.monotonic() - begun < 2
    c.thaw(0)


@pytest.mark.feature("auth")
def test_a_lost_token_is_renewed(cluster, watcher, etcd_version):
    """Simple tokens are gone after a restart: calls and watches log in again by themselves."""
    c = cluster(etcd_version, tls=False, fresh=True)
    for line in ("user add root:r", "user grant-role root root", "auth enable"):
        c.ctl(*line.split(), *(["--user", "root:r"] if "enable" in line else []))
    flags = [*c.flags(), "--user", "root:r"]
    client(c, "put", "auth/a", "1", flags=flags).ok()
    bad = client(c, "get", "auth/a", flags=[*c.flags(), "--user", "root:wrong"])
    assert "authentication failed, invalid user ID or password" in bad.text and bad.code == 1
    w = watcher(c, "auth/", flags=flags)
    c.stop(0)
    c.start(0)
    until(lambda: len(w.said("live")) > 1, 20)
    got = client(c, "put", "auth/b", "2", flags=flags).ok()
    until(lambda: "auth/b" in str(w.said("event")), 10)
    assert got.text.startswith("revision")


class Keys(Watcher):
    """model_client keys: the model of the Keys pane as it changes."""

    def __init__(self, cluster, prefix, seconds, members=None):
        tls = [cluster.ca, cluster.cert, cluster.key] if cluster.tls else ["-"] * 3
        argv = [build() / "tests/peer/model_client", cluster._urls(members), *tls, "keys", prefix, seconds]
        self.lines = []
        self.proc = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def state(self):
        said = self.said("folder")
        return said[-1][1][1] if said else None

    def rows(self):
        """{key: (version, mod_revision)} of what is there when it is told to end."""
        self.proc.terminate()
        self.proc.wait(60)
        self.reader.join(10)
        got = {}
        for _, x in self.said("row"):
            f = facts("\t".join(x))
            if x[1] != "-":
                got[x[3].encode()] = f["version"], f["mod"]
        return got


@pytest.mark.feature("keys")
@pytest.mark.parametrize("how", ["kill", "freeze"])
def test_the_tree_is_right_after_the_leader_went(cluster, how):
    """1,000 puts/s go on while the leader is lost: afterwards the same tree as a fresh listing."""
    c = cluster("3.6.16", members=3, fresh=True)
    kv = c.kv(1)
    for i in range(100):
        kv.put(f"tree/{i:03}", "start")
    leader = c.leader()
    keys = Keys(c, "tree/", 60, members=[leader, *[i for i in range(3) if i != leader]])
    until(lambda: keys.state() == "live", 10)
    writer = Writer(c, [i for i in range(3) if i != leader], "tree/")
    writer.start()
    until(lambda: len(writer.done) > 100, 20)
    hurt(c, how, leader)
    until(lambda: "reconnecting" in [x[1] for _, x in keys.said("folder")], 5)
    until(lambda: keys.state() == "live", 10)
    until(lambda: len(writer.done) > 300, 20)
    writer.stop()
    until(lambda: facts("\t".join(keys.said("folder")[-1][1]))["rev"] >= max(writer.done), 10)
    got = keys.rows()
    other = c.kv([i for i in range(3) if i != leader][0])
    assert got == {k: v[1:] for k, v in other.dump("tree/").items()}
    if how == "freeze":
        c.thaw(leader)


@pytest.mark.feature("keys")
def test_too_many_events_turn_live_off(cluster):
    c = cluster("3.6.16")
    kv = c.kv()
    for i in range(20):
        kv.put(f"fast/{i}", "x")
    keys = Keys(c, "fast/", 60)
    until(lambda: keys.state() == "live", 10)
    for _ in range(8):
        kv.put("fast/1", os.urandom(1000000))
    until(lambda: keys.state() == "live_off", 5)
    assert "live off: more than" in keys.said("folder")[-1][1][-1]
    assert set(keys.rows()) == set(kv.dump("fast/"))


@pytest.mark.feature("keys")
def test_one_level_is_counted_exactly(cluster, etcd_version):
    c = cluster(etcd_version)
    kv = c.kv()
    wanted = {"a/": 30, "b/": 1, "c": 0, "d/": 5}
    for name, count in wanted.items():
        for i in range(count or 1):
            kv.put(f"/level/{name}" + (f"x/{i}" if count else ""), "v")
    keys = Keys(c, "/level/", 60)
    until(lambda: keys.state() == "live", 10)
    keys.rows()
    rows = {x[3]: facts("\t".join(x))["count"] for _, x in keys.said("row")}
    assert rows == {f"/level/{n}": (k or -1) for n, k in wanted.items()}
    assert "biggest=x/" in str(keys.said("row")[0])


# ---- what a certificate is refused for, again and again: no run may end in another word

SERVER = {  # hosts, usage, start and end of the server's certificate, what is said
    "name": (["etcd.example", "10.9.9.9"], "serverAuth", None, r"without 127.0.0.1 in its SAN \(it has: etcd.example, 10.9.9.9\)"),
    "dns": ([], "serverAuth", None, "with 127.0.0.1 in its SAN as a DNS name, not as an IP address"),
    "cn-only": ([], "serverAuth", None, "without 127.0.0.1 in its SAN"),
    "expired": (["127.0.0.1"], "serverAuth", ("20200101000000Z", "20210101000000Z"), "that expired on 2021-01-01 00:00 UTC"),
    "not-yet": (["127.0.0.1"], "serverAuth", ("20390101000000Z", "20400101000000Z"), "not valid before 2039-01-01 00:00 UTC"),
    "usage": (["127.0.0.1"], "clientAuth", None, 'whose usages lack "server auth"'),
}
CLIENT = {  # usage, start and end of the client's certificate, what is said
    "server-only": ("serverAuth", None, 'its usages lack "client auth"'),
    "old": ("clientAuth", ("20200101000000Z", "20210101000000Z"), "it expired on 2021-01-01 00:00 UTC"),
    "other": ("clientAuth", None, 'it was signed by "another CA", which is not a CA that the server takes'),
}


@contextlib.contextmanager
def tls_server(pair, ca=None, version=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.set_alpn_protocols(["h2"])
    if ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca)
    if version:
        context.maximum_version = version
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            while True:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    return
                with contextlib.suppress(OSError):
                    context.wrap_socket(conn, server_side=True).recv(100)
                conn.close()
        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


def refusals(endpoint, *flags):
    """What each of several tries was told, and the worst time in ms."""
    count = rounds(2, 20)
    got = run([build() / "tests/peer/etcd_client", "--endpoints", endpoint, *flags, "try", count], seconds=120)
    said = [x.split("\t") for x in got.lines if not x.startswith("ms")]
    assert len(said) == count and got.code == 2, got
    return said


@pytest.mark.stress
@pytest.mark.feature("tls")
@pytest.mark.parametrize("case", SERVER)
def test_a_bad_server_certificate_is_named(tmp_path, case):
    hosts, usage, when, wanted = SERVER[case]
    ca = CA(tmp_path)
    more = dict(zip(("start", "end"), when)) if when else {}
    pair = issue_dns(ca, tmp_path) if case == "dns" else ca.issue("server", hosts, usage=usage, **more)
    with tls_server(pair) as endpoint:
        for said in refusals(endpoint, "--cacert", ca.cert):
            assert said[1] == "tls" and re.search(wanted, said[3]) and said[4], said


def issue_dns(ca, folder):
    """A certificate whose DNS name is an IP address's text."""
    cert, key, csr, ext = (folder / f"dns{x}" for x in (".pem", "-key.pem", ".csr", ".ext"))
    ext.write_text("extendedKeyUsage=serverAuth\nsubjectAltName=DNS:127.0.0.1\n")
    run(["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=dns", "-keyout", key,
         "-out", csr]).ok()
    run(["openssl", "x509", "-req", "-in", csr, "-CA", ca.cert, "-CAkey", ca.key, "-CAcreateserial", "-days", "30", "-extfile", ext,
         "-out", cert]).ok()
    return cert, key


@pytest.mark.stress
@pytest.mark.feature("tls")
@pytest.mark.parametrize("case", CLIENT)
def test_a_bad_client_certificate_is_named(cluster, tmp_path, etcd_version, case):
    usage, when, wanted = CLIENT[case]
    c = cluster(etcd_version)
    ca = CA(tmp_path, cn="another CA") if case == "other" else c.ca_obj
    more = dict(zip(("start", "end"), when)) if when else {}
    cert, key = ca.issue(f"client-{case}", usage=usage, **more)
    for said in refusals(c.client_urls[0], "--cacert", c.ca, "--cert", cert, "--key", key):
        assert said[1] == "tls" and re.search(wanted, said[3]) and said[4], said


@pytest.mark.stress
@pytest.mark.feature("tls")
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_no_client_certificate_is_named(pki, version):
    pair = pki.issue("server-" + version.lower(), ["127.0.0.1"])
    with tls_server(pair, ca=pki.cert, version=getattr(ssl.TLSVersion, version)) as endpoint:
        for said in refusals(endpoint, "--cacert", pki.cert):
            assert said[3].endswith("wants a client certificate and none was given"), said


@pytest.mark.feature("keys")
def test_without_quorum_a_members_own_copy_is_shown(cluster):
    c = cluster("3.6.16", members=3, fresh=True)
    kv = c.kv()
    for i in range(5):
        kv.put(f"copy/{i}", "v")
    until(lambda: len(c.kv(0).dump("copy/")) == 5)
    c.kill(1)
    c.kill(2)
    keys = Keys(c, "copy/", 60, members=[0])
    until(lambda: keys.said("folder") and facts("\t".join(keys.said("folder")[-1][1])).get("stale"), 11)
    c.start(1)
    until(lambda: keys.state() == "live", 11)
    assert not facts("\t".join(keys.said("folder")[-1][1]))["stale"]
    assert len(keys.rows()) == 5
