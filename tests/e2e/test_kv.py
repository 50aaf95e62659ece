# SPDX-License-Identifier: Apache-2.0
"""vetch and etcdctl print the same bytes of the same cluster, whatever its version; etcdctl 3.6 is the measure."""
import random
import re
import subprocess

import pytest

from harness import peer, run, until

VALUES = [b"plain", b"", b"-leading", "líne\nbreak\ttab".encode(), b'{"a":[1,2,{"b":null}]}', b"x" * 100000, b"\x1b[31mred",
          "值".encode(), b"\xff\xfe\x01bytes", b"quote\"back\\slash'", b"<html>&amp;\x7f"]
READS = [
    ["get", "/kv/"], ["get", "/kv/1"], ["get", "/kv/", "--prefix"], ["get", "/kv/", "--prefix", "--keys-only"],
    ["get", "/kv/", "--prefix", "--print-value-only"], ["get", "/kv/", "--prefix", "--limit", "3"],
    ["get", "/kv/", "--prefix", "--order", "DESCEND"], ["get", "/kv/", "--prefix", "--order=ascend", "--sort-by=modify"],
    ["get", "/kv/", "--prefix", "--sort-by", "VALUE", "--order", "DESCEND", "--limit=4"],
    ["get", "/kv/", "--prefix", "--sort-by=create", "--order=DESCEND", "--keys-only"],
    ["get", "/kv/", "--prefix", "--consistency", "s"], ["get", "/kv/", "--from-key", "--limit=4"],
    ["get", "/kv/1", "/kv/5"], ["get", "/kv/", "--prefix", "--hex"], ["get", "--prefix", "--keys-only", "--limit=2", ""],
    ["get", "/kv/", "--prefix", "--min-mod-rev=4", "--max-mod-rev=7"], ["get", "/kv/", "--prefix", "--min-create-rev=5"],
    ["get", "/kv/nosuch"], ["get", "--", "-dash"], ["get", "/kv/", "--prefix", "--rev", "3"], ["get", b"/kv/\xff"],
    ["member", "list"], ["member", "list", "--consistency=s"],
]
FORMS = {"get": ["simple", "json", "fields", "protobuf"], "member": ["simple", "json", "fields", "table", "protobuf"],
         "endpoint": ["simple", "json", "fields", "table"], "alarm": ["simple", "json", "fields", "protobuf"]}


@pytest.fixture
def both(cluster, etcd_version, vetch):
    c = cluster(etcd_version)

    def only(who, *args, stdin=None):
        tool = ([vetch.bin, "as", "etcdctl"], [peer("3.6.16/etcdctl")])[who]
        return run([*tool, *c.flags(), *args], env=vetch.env(), stdin=stdin)

    def ask(*args, stdin=None):
        return only(0, *args, stdin=stdin), only(1, *args, stdin=stdin)

    only(1, "del", "", "--from-key").ok()
    for key, value in [(f"/kv/{i}", v) for i, v in enumerate(VALUES)] + [(b"/kv/\xff", b"\xff"), ("-dash", "-v")]:
        only(1, "put", "--", key, value).ok()
    ask.cluster, ask.only = c, only
    return ask


def same(ours, theirs, what):
    assert (ours.code, ours.out) == (theirs.code, theirs.out), f"{what}: {ours.out[:300]} {ours.err[:200]} != {theirs.out[:300]}"


@pytest.mark.feature("kv agrees")
def test_reads(both):
    for args in READS:
        for form in FORMS[args[0]]:
            more = [] if form == "simple" else ["-w", form]
            if form != "simple" and "--print-value-only" in args:
                continue
            same(*both(*more, *args), (args, form))
    same(*both("get", "/kv/", "--prefix", "--count-only", "-w", "fields"), "count")
    same(*both("--hex", "-w", "fields", "get", "/kv/3"), "hex fields")
    same(*both("--hex", "-w", "json", "member", "list"), "hex members")
    same(*both("--hex", "-w", "fields", "member", "list"), "hex member fields")


@pytest.mark.feature("kv agrees")
def test_changes(both):
    """The same change by one, then by the other: what differs is the revision alone."""
    def settled(out):
        return re.sub(rb"([Rr]evision\"?\s?:\s?|_revision\":|[Vv]ersion\"?\s?:\s?|Index\"?\s?:\s?)\d+", rb"\1N", out)

    for form in ("simple", "json", "fields"):
        for args in (["put", "/kv/0", "new"], ["put", "/kv/0", "new", "--prev-kv"], ["put", "/kv/0", "--ignore-value", "--prev-kv"],
                     ["put", "--", "/kv/0", "-x"], ["put", "/kv/0", "--", "-x"], ["put", b"/kv/\xfe\xff", b"\x80"]):
            said = []
            for who in (0, 1):
                both.only(1, "put", "/kv/0", "before").ok()
                both.only(1, "del", b"/kv/\xfe\xff").ok()
                said.append(both.only(who, "-w", form, *args))
            ours, theirs = said
            assert (ours.code, settled(ours.out)) == (theirs.code, settled(theirs.out)), (form, args, ours.err)
        ours, theirs = both("-w", form, "put", "/kv/in", stdin=b"from\nstdin\n")
        assert settled(ours.out) == settled(theirs.out)
        assert both.cluster.kv().get("/kv/in") == b"from\nstdin\n"
        for args in (["del", "/kv/d"], ["del", "/kv/d", "--prev-kv"], ["del", "/kv/d", "--prefix", "--prev-kv"],
                     ["del", "/kv/d", "/kv/e", "--range"], ["del", "/kv/nosuch"]):
            said = []
            for who in (0, 1):
                for k in ("/kv/d", "/kv/d2"):
                    both.cluster.kv().put(k, "gone soon")
                said.append(both.only(who, "-w", form, *args))
            assert (said[0].code, settled(said[0].out)) == (said[1].code, settled(said[1].out)), (form, args, said[0].err)
    assert both.cluster.kv().get(b"/kv/\xfe\xff") == b"\x80"


TXNS = [
    'mod("/kv/t") > "0"\n\nput /kv/t "over\\twritten"\nget /kv/t\n\nput /kv/t made\n\n',
    'version("/kv/t") = "0"\n\nput /kv/t \'single quoted\'\n\nget --prefix /kv/t\ndel /kv/t2 --prev-kv\n\n',
    'value("/kv/t") = "v\\x41\\u00e9\\101"\ncreate("/kv/t") != "0"\nlease("/kv/t") = "0"\n\nget /kv/t --keys-only\n\nget /kv/t\n\n',
    '\nget /kv/t\nget /kv/ --prefix --limit=2\nput /kv/t2 `x`\n\n\n',
]


@pytest.mark.feature("txn")
def test_txn(both):
    for form in ("simple", "fields", "json"):
        for text in TXNS:
            said = []
            for who in (0, 1):
                both.only(1, "put", "/kv/t", "vAéA").ok()
                both.only(1, "put", "/kv/t2", "second").ok()
                said.append(both.only(who, "txn", "-w", form, stdin=text))
            ours, theirs = ((r.code, re.sub(rb"([Rr]evision\"?\s?:\s?|[Vv]ersion\"?\s?:\s?)\d+", rb"\1N", r.out)) for r in said)
            assert ours == theirs, (form, text, said[0].err, said[1].err)
    for bad in ("mod(/kv/t) > 0\n\n\n\n", 'nosuch("a") = "1"\n\n\n\n', '\nfrob a\n\n\n', "\nput only\n\n\n", 'mod("a") = "x"\n\n\n\n'):
        ours, theirs = both("txn", stdin=bad)
        assert ours.code != 0 and theirs.code != 0 and ours.out == b"", (bad, ours, theirs)
    ours, theirs = both("txn", "-i", stdin="\nget /kv/t\n\n\n")
    assert ours.out == theirs.out


@pytest.mark.feature("watch")
def test_watch(both, vetch):
    """What etcdctl's watch prints of a stretch of history, vetch's prints too."""
    c, kv = both.cluster, both.cluster.kv()
    first = kv.put("/kv/w/a", "1")
    kv.put("/kv/w/b", b"\xff2")
    kv.put("/kv/w/a", "3")
    kv.delete("/kv/w/a")
    for more in ([], ["--prev-kv"], ["-w", "json"], ["-w", "fields"], ["--hex"], ["-w", "json", "--prev-kv"]):
        args = ["watch", "/kv/w/", "--prefix", f"--rev={first}", *more]
        ours = run([vetch.bin, *c.flags(), *args, "--events=4"], env=vetch.env()).ok()
        with subprocess.Popen([str(x) for x in [peer("3.6.16/etcdctl"), *c.flags(), *args]], stdout=subprocess.PIPE,
                              env=vetch.env()) as theirs:
            got = b""
            while len(got) < len(ours.out):
                part = theirs.stdout.read1(65536)
                if not part:
                    break
                got += part
            theirs.kill()
        if "-w" in more:  # how events are gathered into answers is the server's affair
            assert set(re.findall(rb'(?i)"key"\s?:\s?"[^"]*"', ours.out)) == set(re.findall(rb'(?i)"key"\s?:\s?"[^"]*"', got))
        assert len(ours.out) == len(got) and (got == ours.out or "-w" in more), (more, ours.out, got)
    c.etcdctl("compaction", str(kv.put("/kv/w/c", "new")))
    gone = vetch("watch", "/kv/w/", "--prefix", f"--rev={first}", cluster=c).ok(3)
    assert "are compacted away" in gone.err and "--rev" in gone.err


@pytest.mark.feature("lease")
def test_lease(both):
    ours = both("lease", "grant", "300")[0].ok()
    m = re.fullmatch(rb"lease ([0-9a-f]{16}) granted with TTL\(300s\)\n", ours.out)
    assert m, ours.out
    both("put", "/kv/leased", "v", "--lease=" + m[1].decode())[0].ok()
    kv = both("get", "/kv/leased", "-w", "json")[1].json["kvs"][0]
    assert kv["lease"] == int(m[1], 16)
    grant = both("lease", "grant", "60", "-w", "json")
    assert list(grant[0].json) == list(grant[1].json)
    assert both("lease", "grant", "soon")[0].code == both("lease", "grant", "soon")[1].code == 128


@pytest.mark.feature("endpoints")
def test_endpoints(both):
    """Raft indices move between the two calls, times differ: the rest is the same."""
    def settled(out):
        out = re.sub(rb"took(\"?[\s:=]+\"?)[\d.]+[\xc2\xb5mn]*s", rb"took\1T", out)
        out = re.sub(rb"(?i)(\"took\"\s*:\s*\"?)[\d.]+[\xc2\xb5mn]*s", rb"\1T", out)
        return re.sub(rb"(?i)(raft ?(?:applied ?)?index\"?\s*:\s*)\d+", rb"\1N", out)

    def assert_same(how, *args):
        """A commit of the database may come between the two calls: then they are asked again."""
        until(lambda: len({how(r.out) for r in both(*args)}) == 1, 10)

    for form in ("simple", "json", "fields"):
        for args in (["endpoint", "health"], ["endpoint", "health", "--cluster"], ["endpoint", "status"], ["alarm", "list"]):
            ours, theirs = both("-w", form, *args)
            if "panic:" in theirs.err:  # etcdctl falls over an answer without a header, as 3.3 and 3.4 give
                assert ours.code == 0 and both.cluster.version < "3.5"
                continue
            assert ours.code == theirs.code == 0, (form, args, ours.err)
            assert_same(settled, "-w", form, *args)
    same(*both("alarm", "list", "-w", "protobuf"), "alarms")
    for args in (["endpoint", "status", "-w", "table"], ["member", "list", "-w", "table"]):
        assert_same(bytes, *args)
    ours, theirs = both("endpoint", "health", "-w", "table")
    assert ours.lines[1].split("|")[1:3] == theirs.lines[1].split("|")[1:3]


@pytest.mark.feature("errors")
def test_refusals(both):
    """What etcd refuses, and what the tool itself does: the same exit code, etcd's own words."""
    for args in (["put", "/kv/0", "v", "--lease=7777"], ["get", "/kv/0", "--rev=999999"], ["put", "", "v"],
                 ["put", "/kv/none", "--ignore-value"], ["get", ""]):
        ours, theirs = both(*args)
        assert ours.code == theirs.code == 1, (args, ours)
        assert ours.err.strip().splitlines()[-1] == theirs.err.strip().splitlines()[-1], args
    for args in (["get"], ["get", "a", "b", "--prefix"], ["get", "a", "--prefix", "--from-key"], ["put"], ["del"],
                 ["get", "a", "--keys-only", "--count-only"], ["get", "a", "--order=UP"], ["get", "a", "--sort-by=SIZE"],
                 ["get", "a", "--count-only"], ["get", "a", "-w", "table"], ["get", "a", "-w", "yaml"], ["nosuch"],
                 ["get", "a", "--nosuch"], ["put", "a", "b", "--lease=zz"], ["member", "list", "-w", "yaml"],
                 ["get", "a", "--consistency=x"], ["del", "a", "b", "c"], ["lease", "grant"]):
        ours, theirs = both(*args, stdin=b"")
        assert ours.code == theirs.code, (args, ours, theirs)
        assert ours.out == b"" and ours.err, args


@pytest.mark.parametrize("tls", [True, False], ids=["tls", "plain"])
def test_values_as_large_as_frames_and_windows(vetch, cluster, tmp_path, tls):
    """A request that takes several DATA frames and more than one window of HTTP/2 arrives as it was sent."""
    c = cluster(tls=tls)
    for size in (0, 1, 16383, 16384, 65535, 65536, 70_000, 131_072, 1_400_000):
        value = random.Random(size).randbytes(size)
        (tmp_path / "value").write_bytes(value)
        vetch("put", "/kv/large", "--value-file", tmp_path / "value", cluster=c).ok()
        assert c.kv().get("/kv/large") == value, size
        assert vetch("get", "/kv/large", "--print-value-only", cluster=c).ok().out == value + b"\n"
