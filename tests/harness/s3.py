# SPDX-License-Identifier: Apache-2.0
"""An S3 server (versitygw on a folder) over TLS; it checks signatures as AWS does."""
import itertools
import pathlib
import socket
import ssl
import subprocess

from .places import free_ports, peer, until

ACCESS, SECRET, REGION = "testaccess", "testsecret", "us-east-1"


class S3:
    def __init__(self, ca, folder, extra=()):
        self.folder, self.ca, self.n = pathlib.Path(folder), ca.cert, itertools.count(1)
        self.data = self.folder / "data"
        self.data.mkdir(parents=True, exist_ok=True)
        cert, key = ca.issue("s3", ["127.0.0.1", "localhost"], usage="serverAuth")
        self.port = free_ports()[0]
        self.url, self.extra = f"https://127.0.0.1:{self.port}", list(extra)
        self.argv = [str(x) for x in [peer("versitygw"), "--region", REGION, "--port", f"127.0.0.1:{self.port}", "--cert", cert,
                                      "--key", key, "--quiet", *extra, "posix", self.data]]
        self.proc = None
        self.start()

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.proc = subprocess.Popen(self.argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                         env={"ROOT_ACCESS_KEY_ID": ACCESS, "ROOT_SECRET_ACCESS_KEY": SECRET})
        until(self._answers, 30, 0.05)

    def _answers(self):
        if self.proc.poll() is not None:
            raise RuntimeError("versitygw ended: " + (self.folder / "log").read_text(errors="replace")[-400:])
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as s:
                ssl.create_default_context(cafile=self.ca).wrap_socket(s, server_hostname="127.0.0.1").close()
            return True
        except OSError:
            return False

    def bucket(self):
        """Name of a new, empty bucket; its objects are files under .data/NAME."""
        name = f"bucket{next(self.n)}"
        (self.data / name).mkdir()
        return name

    def env(self, secret=SECRET):
        return {"AWS_ACCESS_KEY_ID": ACCESS, "AWS_SECRET_ACCESS_KEY": secret, "AWS_REGION": REGION,
                "AWS_ENDPOINT_URL": self.url, "AWS_CA_BUNDLE": str(self.ca)}

    def stop(self):
        if self.proc.poll() is None:
            self.proc.kill()
            self.proc.wait()
