# SPDX-License-Identifier: Apache-2.0
"""Where things are, free ports, waiting, running."""
import fcntl
import json
import os
import pathlib
import random
import select
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(os.environ.get("VETCH_PEERS") or pathlib.Path.home() / ".cache/vetch-peers")
VERSIONS = sorted((p.name.split("-", 1)[1] for p in (ROOT / "tests/servers").glob("etcd-*")),
                  key=lambda v: [int(x) for x in v.split(".")])
STRESS = bool(os.environ.get("VETCH_STRESS"))
_claims = {}


class Missing(Exception):
    """A server that the tests need is not there: that fails the test, it never skips it."""


def peer(name):
    path = PEERS / name
    if not os.access(path, os.X_OK):
        raise Missing(f"{name} is not in $VETCH_PEERS; tests/servers/get brings it")
    return path


def rounds(check, stress):
    """How often: small in a check, many in `make stress` (mark such tests with pytest.mark.stress)."""
    return stress if STRESS else check


def until(test, seconds=10, every=0.02):
    """What test() gave once it is true; TimeoutError after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        got = test()
        if got:
            return got
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {seconds} s: {getattr(test, '__name__', test)}")
        time.sleep(every)


def free_ports(n=1):
    """Below the range the kernel gives to clients, each claimed by a lock as long as this process lives."""
    folder = pathlib.Path(tempfile.gettempdir()) / f"vetch-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    got = []
    while len(got) < n:
        port = random.randrange(10000, 32000)
        if port in _claims or not _claim(folder / str(port), port):
            continue
        got.append(port)
    return got


def _claim(path, port):
    f = open(path, "w")
    try:
        fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with socket.socket() as s:
            s.bind(("127.0.0.1", port))
    except OSError:
        f.close()
        return False
    _claims[port] = f
    return True


def dice():
    """Random numbers of another seed in each run ($VETCH_SEED: of that one); a failed test's output shows it."""
    seed = int(os.environ.get("VETCH_SEED") or random.SystemRandom().randrange(1 << 32))
    print(f"VETCH_SEED={seed}")
    return random.Random(seed)


def kill_after(argv, env, seconds):
    """Runs a command and ends it with SIGKILL after so long, to some 20 microseconds; true where it was not over yet."""
    p = subprocess.Popen([str(a) for a in argv], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    moment = time.monotonic() + seconds
    while (left := moment - time.monotonic()) > 0:
        if left > 0.005:
            select.select([], [], [], left - 0.003)
    p.kill()
    return p.wait() == -signal.SIGKILL


class Result:
    """How a command ended: .code, .out as bytes, .err as text, .json of its stdout."""

    def __init__(self, argv, code, out, err):
        self.argv, self.code, self.out, self.err = argv, code, out, err.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    @property
    def lines(self):
        return self.text.splitlines()

    def ok(self, code=0):
        assert self.code == code, f"{self}: wanted exit code {code}"
        return self

    def __repr__(self):
        said = (self.err or self.text)[-600:]
        return f"{' '.join(str(a) for a in self.argv[:6])} ... exit {self.code}: {said}"


def run(argv, env=None, stdin=None, seconds=60, cwd=None):
    argv = [a if isinstance(a, bytes) else str(a) for a in argv]
    data = stdin.encode() if isinstance(stdin, str) else stdin
    p = subprocess.Popen(argv, env=env, cwd=cwd, stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = p.communicate(data, timeout=seconds)
    except subprocess.TimeoutExpired:
        p.kill()
        out, err = p.communicate()
        err += f"\n(ended by the test after {seconds} s)".encode()
    return Result(argv, p.returncode, out, err)
