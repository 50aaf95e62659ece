# SPDX-License-Identifier: Apache-2.0
"""A put whose answer is lost with its connection: read back, then told as done or as unknown, never as failed."""
import contextlib
import socket
import threading

import pytest

from harness import free_ports

MARK = b"the-marked-value"


@contextlib.contextmanager
def cutter(target, deliver):
    """Passes bytes on until a client sends MARK: that is delivered or not, and the connection ends without an answer."""
    host, port = target.split("//")[1].split(":")

    def pump(a, b):
        with contextlib.suppress(OSError):
            while data := a.recv(65536):
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)

    def serve(conn):
        up = socket.create_connection((host, int(port)))
        down = threading.Thread(target=pump, args=(up, conn), daemon=True)
        started = False
        with contextlib.suppress(OSError):
            while data := conn.recv(65536):
                if MARK in data:
                    if deliver:
                        up.sendall(data)
                        up.recv(65536) if not started else None
                    conn.close()
                    up.close()
                    return
                if not started:
                    down.start()
                    started = True
                up.sendall(data)

    with socket.create_server(("127.0.0.1", free_ports()[0])) as server:
        def accept():
            while True:
                try:
                    conn, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(conn,), daemon=True).start()
        threading.Thread(target=accept, daemon=True).start()
        yield "http://127.0.0.1:%d" % server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize("deliver", [True, False])
def test_put(cluster, vetch, deliver):
    c = cluster(tls=False)
    kv = c.kv()
    kv.put("/lost", "before")
    with cutter(c.client_urls[0], deliver) as url:
        got = vetch("--endpoints", url, "put", "/lost", MARK)
        plain = vetch("as", "etcdctl", "--endpoints", url, "put", "/lost2", MARK)
    if deliver:
        got.ok()
        assert "read back: the value is there" in got.err and kv.get("/lost") == MARK
    else:
        got.ok(1)
        assert "another value is there now" in got.err and "cure: " in got.err
        assert kv.get("/lost") == b"before"
    assert plain.code == 1 and plain.out == b""
