# SPDX-License-Identifier: Apache-2.0
"""What cannot be connected to: one line that names the thing and the cause, one with the cure, exit 2, in time."""
import contextlib
import pathlib
import socket
import ssl
import threading
import time

import pytest

from harness import CA, free_ports

DIAL = 2.0  # seconds: vetch's own dial time-out
PORT = "Correct the port in --endpoints: etcd's clients go to 2379."
MUTE = ("HOST takes the connection and then says nothing for DIAL s",
        "See whether etcd hangs there (its log, its disk), or whether it is etcd at all.")
# case: what is said, what is to be done; HOST is host:port as given, the words in capitals are filled in by the test
EXPECTED = {
    "wrong CA": ('HOST serves a certificate signed by "test CA", not by a CA in CACERT',
                 "Name the CA that signed it: --cacert FILE (vetch cert check HOST shows it)"),
    "wrong name": ("HOST serves a certificate without 127.0.0.1 in its SAN (it has: etcd.example, 10.9.9.9)",
                   "Reissue it: vetch cert issue named --profile server --hosts etcd.example,10.9.9.9,127.0.0.1"),
    "address as a name": ("HOST serves a certificate with 127.0.0.1 in its SAN as a DNS name, not as an IP address",
                          "Reissue it: vetch cert issue dns --profile server --hosts 127.0.0.1"),
    "expired": ("HOST serves a certificate that expired on 2021-01-01 00:00 UTC",
                "Reissue it: vetch cert issue old --profile server --hosts 127.0.0.1,etcd.example"),
    "not yet valid": ("HOST serves a certificate that is not valid before 2099-01-01 00:00 UTC",
                      "Set this machine's clock, or reissue it: vetch cert issue new --profile server --hosts 127.0.0.1"),
    "client usage only": ('HOST serves a certificate whose usages lack "server auth"',
                          "Reissue it with the profile server: vetch cert issue NAME --profile server"),
    "no client certificate": ("HOST wants a client certificate and none was given",
                              "Give --cert and --key; vetch cert issue client --profile client makes them."),
    "client of another CA": ('HOST refuses the client certificate CERT: it was signed by "another CA", which is not a CA that '
                             "the server takes: it takes CN=test CA",
                             "Give a certificate of the server's client CA with --cert and --key."),
    "client certificate expired": ("HOST refuses the client certificate CERT: it expired on 2021-01-01 00:00 UTC",
                                   "Issue a new one: vetch cert issue client --profile client"),
    "client with server usage": ('HOST refuses the client certificate CERT: its usages lack "client auth"',
                                 "Issue one for it: vetch cert issue client --profile client"),
    "plain to TLS": ("HOST serves TLS, not plain HTTP",
                     "Write https://HOST in --endpoints and give --cacert, --cert and --key."),
    "TLS to plain": ("HOST serves plain HTTP, not TLS", "Write http://HOST in --endpoints, or give etcd its certificates."),
    "nothing listens": ("HOST refuses the connection: nothing listens there",
                        "Start etcd on that host, or correct the port in --endpoints."),
    "another service, TLS": ("HOST does not speak TLS", "Write http:// before it in --endpoints, or correct the port."),
    "another service, plain": ("HOST does not speak HTTP/2, so it is not etcd's client port", PORT),
    "web server, TLS": ("HOST speaks TLS but not HTTP/2", PORT),
    "web server, plain": ("HOST does not speak HTTP/2, so it is not etcd's client port", PORT),
    "hangs up, TLS": ("HOST closed the connection", "See that etcd runs there and read its log."),
    "hangs up, plain": ("HOST closed the connection without a word", "See that this is etcd's client port (2379) and read its log."),
    "silent, TLS": MUTE,
    "silent, plain": MUTE,
    "black hole": ("HOST does not answer within DIAL s", "See that the host is up and that no firewall drops the port."),
    "DNS": ("HOST: the host name does not resolve", "Correct the name in --endpoints, or add it to DNS or /etc/hosts."),
}

def words(case, host, dial=DIAL, **fill):
    """The two sentences of a case."""
    fill = {"HOST": host, "DIAL": f"{dial:g}", **fill}
    said = []
    for text in EXPECTED[case]:
        for name, value in fill.items():
            text = text.replace(name, str(value))
        said.append(text)
    return said


def check(vetch, case, host, *flags, scheme="https", dial=None, **fill):
    more = ["--dial-timeout", f"{dial}s"] if dial else []
    began = time.monotonic()
    got = vetch("--endpoints", f"{scheme}://{host}", *flags, *more, "get", "a")
    took = time.monotonic() - began
    text, cure = words(case, host, dial or DIAL, **fill)
    assert got.err.splitlines() == [f"vetch: {text}", f"cure: {cure}"], case
    assert got.code == 2 and got.out == b"", f"{case}: {got}"
    assert took < ((dial or DIAL) + 0.5) * (3 if vetch.sanitized else 1), f"{case} took {took:.1f} s"


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


@contextlib.contextmanager
def black_hole():
    """A port whose queue is full: what knocks there gets no answer at all."""
    with contextlib.ExitStack() as open_, socket.create_server(("127.0.0.1", free_ports()[0]), backlog=0) as server:
        for _ in range(4):
            s = open_.enter_context(socket.socket())
            s.setblocking(False)
            s.connect_ex(server.getsockname())
        yield "127.0.0.1:%d" % server.getsockname()[1]


def tls_with(pair, alpn="h2", answer=b""):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    context.set_alpn_protocols([alpn])

    def talk(conn):
        with contextlib.suppress(OSError), context.wrap_socket(conn, server_side=True) as up:
            up.recv(100)
            up.sendall(answer)
    return talk


def web(conn):
    """As Go's and nginx's: an answer, and the connection is kept."""
    conn.recv(100)
    conn.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    conn.recv(100)
    time.sleep(30)


def test_certificates_of_the_server(cluster, vetch, other, pki):
    c = cluster()
    host = c.client_urls[0].split("//")[1]
    ours, mine = ["--cacert", c.ca], ["--cert", c.cert, "--key", c.key]
    check(vetch, "wrong CA", host, "--cacert", other[0].cert, *mine, CACERT=other[0].cert)
    for case, pair in (("wrong name", pki.issue("named", ["etcd.example", "10.9.9.9"])),
                       ("address as a name", pki.issue("dns", ["DNS:127.0.0.1"])),
                       ("expired", pki.issue("old", ["127.0.0.1", "etcd.example"], start="20200101000000Z", end="20210101000000Z")),
                       ("not yet valid", pki.issue("new", ["127.0.0.1"], start="20990101000000Z", end="20990201000000Z")),
                       ("client usage only", pki.issue("cl", ["127.0.0.1"], usage="clientAuth"))):
        with listener(tls_with(pair)) as at:
            check(vetch, case, at, *ours, *mine)


def test_certificates_of_the_client(cluster, vetch, other, pki):
    c = cluster()
    host, ours = c.client_urls[0].split("//")[1], ["--cacert", c.ca]
    check(vetch, "no client certificate", host, *ours)
    for case, (cert, key) in (
            ("client of another CA", other[1]),
            ("client certificate expired", pki.issue("oldclient", usage="clientAuth", start="20200101000000Z", end="20210101000000Z")),
            ("client with server usage", pki.issue("serverclient", usage="serverAuth"))):
        check(vetch, case, host, *ours, "--cert", cert, "--key", key, CERT=cert)


def test_what_is_spoken(cluster, vetch, pki):
    c, plain = cluster(), cluster(tls=False)
    tls = c.flags()[2:]
    check(vetch, "plain to TLS", c.client_urls[0].split("//")[1], scheme="http")
    check(vetch, "TLS to plain", plain.client_urls[0].split("//")[1], *tls)
    with listener(lambda conn: (conn.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"), conn.recv(100))) as at:
        check(vetch, "another service, TLS", at, *tls)
        check(vetch, "another service, plain", at, scheme="http")
    with listener(tls_with(pki.issue("web", ["127.0.0.1"]), "http/1.1", b"HTTP/1.1 400 Bad Request\r\n\r\n")) as at:
        check(vetch, "web server, TLS", at, *tls)
    with listener(web) as at:
        check(vetch, "web server, plain", at, scheme="http")
    with listener(lambda conn: conn.close()) as at:
        check(vetch, "hangs up, TLS", at, *tls)
        check(vetch, "hangs up, plain", at, scheme="http")


@pytest.mark.parametrize("dial", [None, 0.5], ids=["by default", "by flag"])
def test_what_says_nothing(cluster, vetch, dial):
    tls = cluster().flags()[2:]
    with listener(lambda conn: time.sleep(30)) as at:
        check(vetch, "silent, TLS", at, *tls, dial=dial)
        check(vetch, "silent, plain", at, scheme="http", dial=dial)
    with black_hole() as at:
        check(vetch, "black hole", at, *tls, dial=dial)


def test_where(vetch, cluster):
    tls = cluster().flags()[2:]
    check(vetch, "nothing listens", f"127.0.0.1:{free_ports()[0]}", *tls)
    check(vetch, "DNS", "no-such-host.invalid:2379", *tls)


def test_the_console_says_the_same(cluster, vetch, terminal, other):
    """On pane Members, with the cure."""
    c = cluster()
    host = c.client_urls[0].split("//")[1]
    mine = ["--cert", c.cert, "--key", c.key]
    for case, at, flags, fill in (
            ("wrong CA", host, ["--cacert", other[0].cert, *mine], {"CACERT": other[0].cert}),
            ("no client certificate", host, ["--cacert", c.ca], {}),
            ("nothing listens", f"127.0.0.1:{free_ports()[0]}", c.flags()[2:], {}),
            ("DNS", "no-such-host.invalid:2379", c.flags()[2:], {})):
        t = terminal(["--endpoints", f"https://{at}", *flags], rows=60, cols=200)
        t.until("Keys", 20)
        t.send("2")
        for sentence in words(case, at, **fill):
            t.until(lambda: "".join(sentence.split()) in "".join(t.text().split()), 10)
        t.send("q")
        assert t.ended() == 0


def test_every_case_is_tried():
    source = pathlib.Path(__file__).read_text()
    assert [case for case in EXPECTED if source.count(f'"{case}"') < 2] == []


def test_nothing_named(vetch):
    got = vetch("get", "a").ok(3)
    assert got.err.splitlines() == ["vetch: no etcd endpoint is named",
                                    "cure: give --endpoints URL,… or -C WORKSPACE, or try: vetch demo start"]
