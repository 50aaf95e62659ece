# SPDX-License-Identifier: Apache-2.0
"""A put whose answer is lost with its connection: read back, then told as done or as unknown, never as failed."""
import contextlib
import socket
import threading

import pytest

from harness import free_ports, until

MARK = b"the-marked-value"


class Line:
    """One connection passed on. What a client sends with MARK in it is delivered or not; its answer never comes."""

    def __init__(self, conn, target, written):
        self.conn, self.written, self.cut = conn, written, False
        self.up = socket.create_connection(target)
        threading.Thread(target=self.down, daemon=True).start()
        threading.Thread(target=self.forth, daemon=True).start()

    def down(self):
        with contextlib.suppress(OSError):
            while data := self.up.recv(65536):
                if not self.cut:
                    self.conn.sendall(data)

    def forth(self):
        with contextlib.suppress(OSError):
            while data := self.conn.recv(65536):
                self.cut = self.cut or MARK in data
                if not self.cut or self.written:
                    self.up.sendall(data)
                if self.cut:
                    if self.written:
                        until(self.written)
                    break
        for s in (self.conn, self.up):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()


@contextlib.contextmanager
def cutter(url, written):
    host, port = url.split("//")[1].split(":")
    with socket.create_server(("127.0.0.1", free_ports()[0])) as server:
        def accept():
            with contextlib.suppress(OSError):
                while True:
                    Line(server.accept()[0], (host, int(port)), written)
        threading.Thread(target=accept, daemon=True).start()
        yield "http://127.0.0.1:%d" % server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("deliver", [True, False])
@pytest.mark.parametrize("guarded", [True, False])
def test_put(cluster, vetch, deliver, guarded):
    c = cluster(tls=False)
    kv = c.kv()
    revision = kv.put("/lost", "before")
    more = ["--if-mod-rev", revision] if guarded else []
    with cutter(c.client_urls[0], deliver and (lambda: c.kv().get("/lost") == MARK)) as url:
        got = vetch("--endpoints", url, "put", "/lost", MARK, *more)
    if deliver:
        got.ok()
        assert "read back: the value is there" in got.err and kv.get("/lost") == MARK
    else:
        got.ok(1)
        assert "another value is there now" in got.err and "cure: " in got.err
        assert kv.get("/lost") == b"before"


def test_under_the_other_name_it_is_an_error(cluster, vetch):
    with cutter(cluster(tls=False).client_urls[0], None) as url:
        got = vetch("as", "etcdctl", "--endpoints", url, "put", "/lost2", MARK)
    assert got.code == 1 and got.out == b"" and got.err.endswith("Error: context deadline exceeded\n")
