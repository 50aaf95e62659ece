# SPDX-License-Identifier: Apache-2.0
"""Real etcd of any version on loopback, over mutual TLS unless asked otherwise."""
import base64
import http.client
import json
import os
import pathlib
import random
import signal
import ssl
import subprocess

from .places import free_ports, peer, run, until


class Gateway:
    """One member's JSON gateway over a standing connection: keys and values are bytes or str."""

    def __init__(self, cluster, i=0, seconds=5):
        self.path = "/v3beta/kv/" if cluster.version.startswith("3.3.") else "/v3/kv/"
        host = cluster.client_urls[i].split("//")[1]
        self.http = (http.client.HTTPSConnection(host, context=cluster.context(), timeout=seconds) if cluster.tls
                     else http.client.HTTPConnection(host, timeout=seconds))

    def call(self, what, **body):
        text = json.dumps({k: _b64(v) if isinstance(v, (bytes, str)) else v for k, v in body.items()})
        try:
            self.http.request("POST", self.path + what, text)
            got = json.loads(self.http.getresponse().read())
        except Exception:
            self.http.close()
            raise
        if "error" in got or "message" in got:
            raise RuntimeError(got.get("error") or got["message"])
        return got

    def put(self, key, value, **more):
        """The revision it made."""
        return int(self.call("put", key=key, value=value, **more)["header"]["revision"])

    def delete(self, key):
        return int(self.call("deleterange", key=key)["header"]["revision"])

    def get(self, key):
        kvs = self.call("range", key=key).get("kvs")
        return base64.b64decode(kvs[0].get("value", "")) if kvs else None

    def fill(self, prefix, count, size=400, start=0):
        """count keys PREFIX%08d of `size` bytes each, 100 a transaction."""
        value = _b64(random.Random(start).randbytes(size))
        for first in range(start, start + count, 100):
            ops = [{"requestPut": {"key": _b64(f"{prefix}{i:08d}"), "value": value}}
                   for i in range(first, min(first + 100, start + count))]
            self.call("txn", success=ops)

    def dump(self, prefix=b""):
        """{key: (value, version, mod_revision)} of every key below prefix."""
        p = prefix.encode() if isinstance(prefix, str) else prefix
        end = p[:-1] + bytes([p[-1] + 1]) if p else b"\0"
        kvs = self.call("range", key=p or b"\0", range_end=end).get("kvs", [])
        return {base64.b64decode(k["key"]): (base64.b64decode(k.get("value", "")), int(k["version"]),
                                             int(k["mod_revision"])) for k in kvs}


def _b64(v):
    return base64.b64encode(v.encode() if isinstance(v, str) else v).decode()


class Cluster:
    """Ended by stop_all(). `prepare(cluster)` runs before the first member starts, when URLs are known."""

    def __init__(self, ca, version, members=1, folder=None, extra=(), tls=True, names=None, prepare=None):
        self.ca_obj, self.version, self.tls, self.folder = ca, version, tls, pathlib.Path(folder)
        self.names = list(names or (f"etcd{i + 1}" for i in range(members)))
        self.extra, self.etcd, self.tool = list(extra), peer(f"{version}/etcd"), peer(f"{version}/etcdctl")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.ca, (self.server_cert, self.server_key), (self.cert, self.key) = self._certificates(ca)
        ports, scheme = free_ports(2 * len(self.names)), "https" if tls else "http"
        urls = [f"{scheme}://127.0.0.1:{p}" for p in ports]
        self.client_urls, self.peer_urls = urls[::2], urls[1::2]
        self.procs = [None] * len(self.names)
        if prepare:
            prepare(self)
        for i in range(len(self.names)):
            self.start(i)
        self.wait()

    @staticmethod
    def _certificates(ca):
        """Issued once for all clusters of a CA."""
        if not hasattr(ca, "etcd_pairs"):
            ca.etcd_pairs = (ca.issue("etcd-server", ["127.0.0.1", "localhost"]),
                             ca.issue("etcd-client", cn="root", usage="clientAuth"))
        return ca.cert, *ca.etcd_pairs

    @property
    def endpoints(self):
        return ",".join(self.client_urls)

    def context(self):
        x = ssl.create_default_context(cafile=self.ca)
        x.load_cert_chain(self.cert, self.key)
        return x

    def _argv(self, i):
        initial = ",".join(f"{n}={u}" for n, u in zip(self.names, self.peer_urls))
        a = [self.etcd, "--name", self.names[i], "--data-dir", self.folder / self.names[i], "--listen-client-urls",
             self.client_urls[i], "--advertise-client-urls", self.client_urls[i], "--listen-peer-urls", self.peer_urls[i],
             "--initial-advertise-peer-urls", self.peer_urls[i], "--initial-cluster", initial,
             "--initial-cluster-token", self.folder.name]
        for kind, on in (("", self.tls), ("peer-", self.tls)):
            if on:
                a += [f"--{kind}cert-file", self.server_cert, f"--{kind}key-file", self.server_key,
                      f"--{kind}trusted-ca-file", self.ca, f"--{kind}client-cert-auth"]
        if not self.version.startswith(("3.3.", "3.4.")):
            a += ["--unsafe-no-fsync"]
        return [str(x) for x in a + self.extra]

    def start(self, i):
        env = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")}
        with open(self.log(i), "ab") as log:
            self.procs[i] = subprocess.Popen(self._argv(i), stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                             start_new_session=True)

    def log(self, i):
        return self.folder / f"{self.names[i]}.log"

    def alive(self, i):
        return self.procs[i] is not None and self.procs[i].poll() is None

    def kill(self, i, sig=signal.SIGKILL):
        os.kill(self.procs[i].pid, sig)
        if sig in (signal.SIGKILL, signal.SIGTERM):
            self.procs[i].wait()

    def stop(self, i):
        self.kill(i, signal.SIGTERM)

    def freeze(self, i):
        self.kill(i, signal.SIGSTOP)

    def thaw(self, i):
        self.kill(i, signal.SIGCONT)

    def stop_all(self):
        for i, p in enumerate(self.procs):
            if self.alive(i):
                self.thaw(i)
                p.kill()
                p.wait()

    def fetch(self, i, path, seconds=2):
        """Body of a GET on a member's client URL."""
        host = self.client_urls[i].split("//")[1]
        c = (http.client.HTTPSConnection(host, context=self.context(), timeout=seconds) if self.tls
             else http.client.HTTPConnection(host, timeout=seconds))
        try:
            c.request("GET", path)
            return c.getresponse().read().decode()
        finally:
            c.close()

    def healthy(self, i):
        if not self.alive(i):
            raise RuntimeError(f"etcd {self.version} ended: {self.log(i).read_text(errors='replace')[-500:]}")
        try:
            return json.loads(self.fetch(i, "/health")).get("health") == "true"
        except (OSError, ValueError, http.client.HTTPException):
            return False

    def wait(self, seconds=60):
        """Until every started member answers as healthy."""
        for i in range(len(self.names)):
            if self.alive(i) or self.procs[i] is not None:
                until(lambda: self.healthy(i), seconds, 0.05)
        return self

    def metrics(self, i=0):
        """{name with labels: number} of a member."""
        got = {}
        for line in self.fetch(i, "/metrics").splitlines():
            if line and line[0] != "#":
                name, _, value = line.rpartition(" ")
                got[name] = float(value)
        return got

    def leader(self):
        """Index of the member that leads."""
        for x in json.loads(self.etcdctl("endpoint", "status", "-w", "json")):
            if x["Status"].get("leader") == x["Status"]["header"]["member_id"]:
                return self.client_urls.index(x["Endpoint"])
        raise RuntimeError("no leader")

    def kv(self, i=0, seconds=5):
        return Gateway(self, i, seconds)

    def flags(self, members=None):
        """The flags that vetch and etcdctl take for this cluster."""
        tls = ["--cacert", self.ca, "--cert", self.cert, "--key", self.key] if self.tls else []
        return [str(x) for x in ["--endpoints", self._urls(members), *tls]]

    def _urls(self, members):
        return self.endpoints if members is None else ",".join(self.client_urls[i] for i in members)

    def env(self, members=None):
        tls = {"CACERT": self.ca, "CERT": self.cert, "KEY": self.key} if self.tls else {}
        return {f"ETCDCTL_{k}": str(v) for k, v in {"API": "3", "ENDPOINTS": self._urls(members), **tls}.items()}

    def ctl(self, *args, stdin=None, seconds=30, members=None):
        """etcdctl of the same version; members=[i] asks only those. (It refuses --endpoints beside its environment.)"""
        env = {k: v for k, v in os.environ.items() if not k.startswith("ETCD")} | self.env(members)
        return run([self.tool, *args], env=env, stdin=stdin, seconds=seconds)

    def etcdctl(self, *args, **more):
        return self.ctl(*args, **more).ok().out
