# SPDX-License-Identifier: Apache-2.0
"""The binary under test, with a home of its own and nothing inherited that could steer it."""
import json
import os
import pathlib
import shutil

from .places import PEERS, ROOT, run

KEEP = ("PATH", "LANG", "TMPDIR", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "GENERATE", "LD_LIBRARY_PATH")


class Vetch:
    def __init__(self, folder):
        self.bin = pathlib.Path(os.environ.get("VETCH_BIN") or ROOT / "build/vetch").resolve()
        self.home = pathlib.Path(folder)
        self.home.mkdir(parents=True, exist_ok=True)

    @property
    def sanitized(self):
        """True where everything runs several times slower."""
        return "ASAN_OPTIONS" in os.environ

    def env(self, **more):
        e = {k: v for k, v in os.environ.items() if k in KEEP}
        e |= {"HOME": str(self.home), "XDG_DATA_HOME": str(self.home / "data"), "XDG_STATE_HOME": str(self.home / "state"),
              "XDG_CONFIG_HOME": str(self.home / "config"), "LC_ALL": "C.UTF-8", "TERM": "xterm-256color"}
        return e | {k: str(v) for k, v in more.items()}

    def __call__(self, *args, cluster=None, workspace=None, env=None, stdin=None, seconds=60, cwd=None):
        return run([self.bin, *self.lead(cluster, workspace), *args], env=self.env(**(env or {})), stdin=stdin,
                   seconds=seconds, cwd=cwd or self.home)

    def job(self, cluster, phase, *argv, plan=None, workspace=None, env=None, **secrets):
        """One job as the console starts it: (rows and words, last line)."""
        words = [str(w) for w in [*self.lead(None if workspace else cluster, workspace), *argv]]
        line = json.dumps({"argv": words, "phase": phase, "plan": plan, "secrets": secrets})
        lines = [json.loads(x) for x in run([self.bin, "--job"], env=self.env(**(env or {})), stdin=line).lines]
        assert sum(("result" in x) + ("error" in x) for x in lines) == 1 and ("result" in lines[-1] or "error" in lines[-1])
        return lines[:-1], lines[-1]

    @staticmethod
    def lead(cluster, workspace):
        return (["-C", str(workspace)] if workspace else []) + (cluster.flags() if cluster else [])

    def workspace(self, cluster, folder=None, **more):
        """A workspace for a cluster, as the design lays it out; `more` goes into cluster.json."""
        ws = pathlib.Path(folder or self.home / "ws")
        (ws / "pki").mkdir(parents=True)
        ws.chmod(0o700)
        ca = cluster.ca_obj
        for a, b in ((ca.cert, "ca.pem"), (ca.key, "ca-key.pem"), (cluster.cert, "client.pem"), (cluster.key, "client-key.pem")):
            shutil.copy(a, ws / "pki" / b)
            (ws / "pki" / b).chmod(0o600 if "key" in b else 0o644)
        members = [{"name": n, "client_urls": [c], "peer_urls": [p]}
                   for n, c, p in zip(cluster.names, cluster.client_urls, cluster.peer_urls)]
        about = {"name": "test", "token": cluster.folder.name, "etcd_version": cluster.version, "client": "client",
                 "members": members, "backup_targets": [], **more}
        (ws / "cluster.json").write_text(json.dumps(about, indent=1))
        return ws

    def etcd_env(self, version):
        """Environment that points vetch at one version's programs."""
        return {"VETCH_ETCD_DIR": str(PEERS / version)}
