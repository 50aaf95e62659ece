# SPDX-License-Identifier: Apache-2.0
"""Keys while members die, freeze and reset connections under a thousand puts a second: nothing missing, nothing twice, and
row 1 tells the truth meanwhile."""
import json
import re
import socket
import struct
import subprocess
import threading
import time

import pytest

from harness import until
from harness.keys import in_folder, is_live

ROW = re.compile(r"[ >!+~-]{3}(k\d{8})\s+([\d.]+ \S+)\s+([\d,]+)\s+([\d,]+)")
KEYS = 600  # of which 500 are there when the folder is opened


@pytest.fixture
def three(cluster):
    c = cluster("3.6.16", 3, fresh=True)
    c.kv().fill("/live/k", 500, size=20)
    return c


class Writer:
    """A client in C that puts one key after the other, 1,200 times a second where the cluster can take it."""

    def __init__(self, vetch, cluster, members):
        argv = [vetch.bin.parent / "tests/peer/etcd_client", *cluster.flags(members), "write", "/live/k", KEYS, 1200, 4000]
        self.said = []
        self.proc = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.proc.stdout:
            self.said.append((time.monotonic(), *(int(n) for n in line.split("\t")[1:])))

    def rates(self):
        return [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(self.said, self.said[1:]) if b[0] - a[0] > 0.5]

    def stop(self):
        self.proc.terminate()
        self.proc.wait(20)
        self.reader.join(5)
        rates = self.rates()
        print(f"writer: {self.said[-1][1]} puts, {self.said[-1][2]} without an answer; a second: "
              + " ".join(f"{r:.0f}" for r in rates))
        return rates


@pytest.fixture
def writer(vetch):
    made = []

    def start(cluster, members):
        made.append(Writer(vetch, cluster, members))
        return made[-1]

    yield start
    for w in made:
        w.proc.kill()
        w.proc.wait(10)


def tree(t):
    """[(name, version, mod revision)] of every row of a terminal high enough for all, in the order they stand."""
    t.settle(0.3)
    return [(m[1], int(m[3].replace(",", "")), int(m[4].replace(",", ""))) for row in t.grid.display if (m := ROW.match(row))]


def same_as_a_fresh_listing(t, cluster, member):
    want = sorted((k.decode().removeprefix("/live/"), version, mod)
                  for k, (_, version, mod) in cluster.kv(member).dump("/live/").items())
    if "live off" in t.row(3):  # a disk that stalls makes more than 2,000 events of one second
        print(f"{t.row(23).strip()}: L")
        t.send("L")
    t.size(KEYS + 20, 160)  # so wide that the value stands beside the list
    t.until(lambda: tree(t) == want, 15)
    assert len(want) == KEYS and f"{KEYS} keys" in t.row(3)


def follow(t, seconds, told):
    """Reads the screen for so long; notes when row 1 became what."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        t.pump(min(left, 0.05))
        now = t.row(1)[:60].split("  ", 2)[-1].strip()
        if not told or told[-1][1] != now:
            told.append((time.monotonic(), now))


@pytest.mark.parametrize("how,who", [("kill", "leader"), ("freeze", "leader"), ("freeze", "follower")])
def test_row_1_tells_within_3_s(terminal, vetch, three, how, who):
    t = in_folder(terminal, vetch, three, "/live/")
    took = []
    for _ in range(1 if how == "kill" else 3):
        lead = three.leader()
        one = lead if who == "leader" else next(i for i in range(3) if i not in (lead, serving(t, three)))
        t.until(lambda: f"3/3 up, leader {three.names[lead]}" in t.row(1), 15)
        start = time.monotonic()
        getattr(three, how)(one)
        t.until(lambda: "!2/3 up" in t.row(1), 15)
        took.append(time.monotonic() - start)
        if how == "freeze":
            three.thaw(one)
    print(f"{how}: row 1 said so after {' '.join(f'{s:.2f}' for s in took)} s")
    assert min(took) < (10 if vetch.sanitized else 1 if how == "kill" else 3.3)


def serving(t, cluster):
    """The member that the console talks to, as row 1 says."""
    return [u.split("//")[1] in t.row(1) for u in cluster.client_urls].index(True)


@pytest.mark.parametrize("how,who", [("kill", "leader"), ("freeze", "leader"), ("freeze", "serving")])
def test_nothing_lost_when_a_member_goes(terminal, vetch, three, writer, how, who):
    t = in_folder(terminal, vetch, three, "/live/")
    one, told = three.leader(), []
    if who == "serving":  # and not the leader, so that the writer is not held up
        one = serving(t, three)
        hand_over(three, (one + 1) % 3)
        t.until(f"3/3 up, leader {three.names[(one + 1) % 3]}")
    rest = [i for i in range(3) if i != one]
    w = writer(three, rest)
    follow(t, 3, told)
    gone_at = time.monotonic()
    getattr(three, how)(one)
    follow(t, 12, told)
    rates = w.stop()
    print("row 1: " + "; ".join(f"{at - gone_at:.1f} s {what!r}" for at, what in told))
    first = next(at - gone_at for at, x in told if "!2/3 up" in x)
    assert all("3/3 up, leader" in x for at, x in told if at < gone_at)
    assert all("!" in x for at, x in told if at > gone_at + first), told
    assert first < (15 if vetch.sanitized else 5)
    assert max(rates) >= (200 if vetch.sanitized else 1000), rates
    same_as_a_fresh_listing(t, three, rest[0])
    t.until(lambda: is_live(t), 5)


def hand_over(cluster, i):
    """Makes member i the leader."""
    ids = {m["name"]: m["ID"] for m in json.loads(cluster.ctl("member", "list", "-w", "json").out)["members"]}
    cluster.ctl("move-leader", f"{ids[cluster.names[i]]:x}")
    until(lambda: cluster.leader() == i)


class Cutter:
    """Stands between the console and a member; cut() resets a connection in the middle of what the member says next."""

    def __init__(self, url):
        self.to = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.door.getsockname()[1]}"
        self.armed, self.cuts = threading.Event(), 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                here = self.door.accept()[0]
            except OSError:
                return
            try:
                there = socket.create_connection(self.to)
            except OSError:
                here.close()
                continue
            threading.Thread(target=self.pass_on, args=(here, there, False), daemon=True).start()
            threading.Thread(target=self.pass_on, args=(there, here, True), daemon=True).start()

    def pass_on(self, source, sink, answers):
        try:
            while data := source.recv(65536):
                if answers and len(data) > 100 and self.armed.is_set():
                    self.armed.clear()
                    sink.sendall(data[:len(data) // 2])
                    sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.cuts += 1
                    break
                sink.sendall(data)
        except OSError:
            pass
        for s in (source, sink):
            try:
                s.shutdown(socket.SHUT_RD)
            except OSError:
                pass
            s.close()

    def close(self):
        self.door.close()


def test_nothing_lost_when_replies_are_reset_half_way(terminal, vetch, three, writer):
    cutters = [Cutter(u) for u in three.client_urls]
    t = in_folder(terminal, vetch, three, "/live/", args=["--endpoints", ",".join(c.url for c in cutters)])
    w, told = writer(three, [0, 1, 2]), []
    follow(t, 1.5, told)
    for n in range(1, 13):
        for c in cutters:
            c.armed.set()
        t.until(lambda: follow(t, 0.1, told) or sum(c.cuts for c in cutters) >= 3 * n, 15)
    follow(t, 1, told)
    rates, cuts = w.stop(), sum(c.cuts for c in cutters)
    print(f"{cuts} connections reset; row 1: {[x for _, x in told]}")
    assert cuts >= 36 and max(rates) >= (200 if vetch.sanitized else 1000)
    assert all("3/3 up, leader" in x for _, x in told), told
    same_as_a_fresh_listing(t, three, 0)
    for c in cutters:
        c.close()
