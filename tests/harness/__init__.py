# SPDX-License-Identifier: Apache-2.0
"""What the tests in Python stand on. Fixtures (tests/conftest.py), then what they give:

    vetch          vetch("get", "a", cluster=c) -> .code .out (bytes) .err (str) .json; private HOME; the
                   binary is $VETCH_BIN, else build/vetch. vetch.workspace(cluster) lays a workspace for it.
    cluster        cluster("3.6.16", members=3) -> Cluster over mutual TLS, shared with every other test of
                   this worker that asks the same; fresh=True gives one of your own (kill what you like).
    etcd_version   parametrises the test over every etcd of tests/servers
    s3             an S3 over TLS that checks signatures; s3.env() for vetch, s3.bucket() a new bucket
    pki            the session's CA: pki.issue("name", hosts=[...]) -> (cert, key); stamp(days) for its start and end,
                   openssl(cert, "-enddate") what openssl says of one
    terminal       terminal(["get", ...], cluster=c, rows=24, cols=80) -> Terminal: vetch on a pty, drawn
    tmux           tmux([...]) -> Tmux: a program in a private tmux
    refused        refused("why"): this version rightly does not do it; counts as refused, not as passed

    @pytest.mark.feature("lease")   names the line of the summary that a test counts under

    until(test, seconds=10)   waits for test() to be true, returns what it gave; no sleeps elsewhere
    rounds(20, 8000)          the first in a check, the second in `make stress` (@pytest.mark.stress)
    dice()                    random numbers whose seed a failure shows
    kill_after(argv, env, seconds)  SIGKILL at that moment; true where it was not over yet
    free_ports(n)             ports nobody else of these tests takes while this process lives
    peer("3.6.16/etcdctl")    path of a server or tool; fails the test where it is missing

Cluster: .version .names .client_urls .peer_urls .folder .ca .cert .key .endpoints .flags() .env()
    .etcdctl("get", "a") -> stdout (bytes)   .ctl(...) -> the whole result, never raises; members=[0] asks one
    .start(i) .stop(i) .kill(i, SIG) .freeze(i) .thaw(i) .leader() .metrics(i) .wait()
    .kv(i) -> Gateway: .put(k, v) .get(k) .delete(k) .dump(prefix) over one standing connection
Terminal and Tmux: see terminal.py.
"""
from .places import PEERS, ROOT, VERSIONS, Missing, Result, dice, free_ports, kill_after, peer, rounds, run, until
from .pki import CA, openssl, stamp
from .etcd import Cluster, Gateway
from .s3 import S3
from .terminal import Terminal, Tmux
from .vetch import Vetch

__all__ = ["PEERS", "ROOT", "VERSIONS", "Missing", "Result", "dice", "free_ports", "kill_after", "peer", "rounds", "run", "until",
           "CA", "Cluster", "Gateway", "S3", "Terminal", "Tmux", "Vetch", "openssl", "stamp"]
