# SPDX-License-Identifier: Apache-2.0
"""One level of the keys with exact counts, as reckoned from the whole list that etcdctl gives."""
import base64
import collections
import random

import pytest

from harness import run


def level(keys, prefix, sep=b"/"):
    """{(name, folder): keys} of one level."""
    got = collections.Counter()
    for k in keys:
        if not k.startswith(prefix):
            continue
        rest = k[len(prefix):]
        at = rest.find(sep, 0 if prefix else 1)
        got[(rest, False) if at < 0 else (rest[:at], True)] += 1
    return got


@pytest.mark.feature("ls")
def test_levels(cluster, etcd_version, vetch):
    c = cluster(etcd_version, fresh=True)
    kv = c.kv()
    keys = [f"/registry/{kind}/ns{n}/{i}".encode() for kind, most in (("pods", 40), ("events", 90), ("cm", 3)) for n in range(3)
            for i in range(most)]
    keys += [b"/registry/pods", b"/registry/solo", b"top", b"app.one", b"app.two.x", b"/a//b", b"\xff\xfe/x", b"dir/", b"dir/sub"]
    for k in keys:
        kv.put(k, b"v")
    for prefix in (b"", b"/", b"/registry/", b"/registry/pods/", b"/registry/pods/ns1/", b"/a/", b"dir/", b"nothing/"):
        said = run([vetch.bin, *c.flags(), "ls", prefix, "-w", "json"], env=vetch.env()).ok().json
        want = {(n.decode("latin-1") if b"\xff" not in n else "\\xff\\xfe", f): k for (n, f), k in level(keys, prefix).items()}
        assert {(x["name"], x["folder"]): x["count"] for x in said["children"]} == want, prefix
        assert said["prefix"] == prefix.decode() and not said["more"] and said["revision"] == len(keys) + 1
    assert vetch("ls", "/registry/", cluster=c).ok().lines == ["cm/ 9", "events/ 270", "pods", "pods/ 120", "solo"]
    few = vetch("ls", "/registry/", "--limit", "2", "-w", "json", cluster=c).ok().json
    assert few["more"] and [x["name"] for x in few["children"]] == ["cm", "events"]
    assert vetch("ls", "app.", "--sep", ".", cluster=c).ok().lines == ["one", "two. 1"]


def shape(kind, rng):
    """Keys that are hard to tell apart: names with long common beginnings, of any bytes, or no folders at all."""
    if kind == "numbered":
        return [f"/big/kind-{rng.randrange(23):02d}/ns{rng.randrange(3)}/{i:05d}".encode() for i in range(11000)]
    if kind == "leaves":
        return [b"/big/k%08d" % (i * 7) for i in range(9000)] + [b"/big/k%08d/x" % (i * 7) for i in range(0, 9000, 900)]
    name = [bytes([b]) for b in b"/019azAZ~-!\x7f\xff\x01\0"] + [b"x/", b"long-common-beginning-"]
    few = [b"".join(rng.choice(name) for _ in range(rng.randrange(1, 6))) for _ in range(60)]
    return [b"/big/" + rng.choice(few) + b"/%d" % i if i % 3 else b"/big/" + rng.choice(few) + b"".join(rng.choice(name) for _ in range(4))
            for i in range(11000)]


def said_name(name):
    """As JSON has it: only bytes that are no UTF-8 are escaped."""
    return name.decode("utf-8", "backslashreplace")


@pytest.mark.feature("ls")
@pytest.mark.parametrize("kind, version", [("numbered", "3.5.33"), ("leaves", "3.3.25"), ("bytes", "3.7.3")])
def test_large_levels(cluster, vetch, kind, version):
    """Taken apart by narrow ranges: the same rows and counts as by reading every key, in few calls."""
    c = cluster(version, fresh=True)
    rng = random.Random(5)
    keys = sorted(set(shape(kind, rng)))
    kv = c.kv()
    for i in range(0, len(keys), 100):
        kv.call("txn", success=[{"requestPut": {"key": base64.b64encode(k).decode(), "value": ""}} for k in keys[i:i + 100]])
    for prefix in (b"", b"/", b"/big/", b"/big/k", b"/big/long-common-beginning-"):
        want = {(said_name(n), f): k for (n, f), k in level(keys, prefix).items()}
        before = sum(v for k, v in c.metrics(0).items() if k.startswith("etcd_mvcc_range_total"))
        said = run([vetch.bin, *c.flags(), "ls", prefix, "-w", "json"], env=vetch.env()).ok().json
        cost = sum(v for k, v in c.metrics(0).items() if k.startswith("etcd_mvcc_range_total")) - before
        got = [((x["name"], x["folder"]), x["count"]) for x in said["children"]]
        assert dict(got) == want and len(got) == len(want) and not said["more"], prefix
        print(f"{kind} {prefix}: {len(got)} rows by {cost:.0f} ranges")
        few = run([vetch.bin, *c.flags(), "ls", prefix, "--limit", "5", "-w", "json"], env=vetch.env()).ok().json
        assert [((x["name"], x["folder"]), x["count"]) for x in few["children"]] == got[:5]
        assert few["more"] == (len(got) > 5)
