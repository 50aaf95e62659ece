# SPDX-License-Identifier: Apache-2.0
"""What cannot be connected to: one line that names the thing and the cause, one with the cure, exit 2, in time."""
import contextlib
import re
import socket
import ssl
import threading
import time

import pytest

from harness import CA, free_ports

# case: what stderr is, HOST being host:port as given, … any text
EXPECTED = {
    "wrong CA": ['vetch: HOST serves a certificate signed by "test CA", not by a CA in …/ca.pem', "cure: …--cacert…"],
    "wrong name": ["vetch: HOST serves a certificate without 127.0.0.1 in its SAN…", "cure: …"],
    "expired": ["vetch: HOST serves a certificate that expired on 2021-01-01…", "cure: …"],
    "no client certificate": ["vetch: HOST wants a client certificate and none was given", "cure: …--cert and --key…"],
    "client of another CA": ['vetch: HOST refuses the client certificate …: it was signed by "another CA", …', "cure: …"],
    "plain to TLS": ["vetch: HOST serves TLS, not plain HTTP", "cure: Write https://HOST in --endpoints…"],
    "TLS to plain": ["vetch: HOST serves plain HTTP, not TLS", "cure: Write http://HOST in --endpoints…"],
    "wrong port": ["vetch: HOST refuses the connection: nothing listens there", "cure: …"],
    "no etcd": ["vetch: HOST …", "cure: …"],
    "silent": ["vetch: HOST …", "cure: …"],
    "DNS": ["vetch: HOST: the host name does not resolve", "cure: Correct the name in --endpoints…"],
}


def check(vetch, case, host, *flags, scheme="https", seconds=2.6):
    began = time.monotonic()
    got = vetch("--endpoints", f"{scheme}://{host}", *flags, "get", "a")
    took = time.monotonic() - began
    assert got.code == 2 and got.out == b"", f"{case}: {got}"
    assert took < seconds * (3 if vetch.sanitized else 1), f"{case} took {took:.1f} s"
    lines = got.err.splitlines()
    assert len(lines) == len(EXPECTED[case]), f"{case}: {got.err}"
    for line, want in zip(lines, EXPECTED[case]):
        want = re.escape(want.replace("HOST", host)).replace("…", ".*")
        assert re.fullmatch(want, line), f"{case}: {line}"


@pytest.fixture(scope="session")
def other(tmp_path_factory):
    ca = CA(tmp_path_factory.mktemp("other"), cn="another CA")
    return ca, ca.issue("client", cn="root", usage="clientAuth")


@contextlib.contextmanager
def listener(talk):
    """A port whose every connection `talk` gets; its host:port."""
    with socket.create_server(("127.0.0.1", free_ports()[0])) as server:
        def serve():
            while True:
                try:
                    conn, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=talk, args=(conn,), daemon=True).start()
        threading.Thread(target=serve, daemon=True).start()
        yield "127.0.0.1:%d" % server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def tls_with(pair):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.set_alpn_protocols(["h2"])

    def talk(conn):
        with contextlib.suppress(OSError), context.wrap_socket(conn, server_side=True) as up:
            up.recv(100)
    return talk


def test_certificates(cluster, vetch, other, pki):
    c = cluster()
    host = c.client_urls[0].split("//")[1]
    ours, mine = ["--cacert", c.ca], ["--cert", c.cert, "--key", c.key]
    check(vetch, "wrong CA", host, "--cacert", other[0].cert, *mine)
    check(vetch, "no client certificate", host, *ours)
    check(vetch, "client of another CA", host, *ours, "--cert", other[1][0], "--key", other[1][1])
    with listener(tls_with(pki.issue("named", ["etcd.example", "10.9.9.9"]))) as at:
        check(vetch, "wrong name", at, *ours, *mine)
    with listener(tls_with(pki.issue("old", ["127.0.0.1"], start="20200101000000Z", end="20210101000000Z"))) as at:
        check(vetch, "expired", at, *ours, *mine)


def test_what_is_spoken(cluster, vetch):
    c, plain = cluster(), cluster(tls=False)
    tls = c.flags()[2:]
    check(vetch, "plain to TLS", c.client_urls[0].split("//")[1], scheme="http")
    check(vetch, "TLS to plain", plain.client_urls[0].split("//")[1], *tls)
    with listener(lambda conn: (conn.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), conn.recv(100))) as at:
        check(vetch, "no etcd", at, *tls)
        check(vetch, "no etcd", at, scheme="http")
    with listener(lambda conn: time.sleep(30)) as at:
        check(vetch, "silent", at, *tls)
        check(vetch, "silent", at, scheme="http")


def test_where(vetch, cluster):
    tls = cluster().flags()[2:]
    check(vetch, "wrong port", f"127.0.0.1:{free_ports()[0]}", *tls)
    check(vetch, "DNS", "no-such-host.invalid:2379", *tls)


def test_nothing_named(vetch):
    got = vetch("get", "a").ok(3)
    assert got.err.startswith("vetch: no etcd endpoint is named\ncure: ")
