# SPDX-License-Identifier: Apache-2.0
"""One level of the keys with exact counts, as reckoned from the whole list that etcdctl gives."""
import collections

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
