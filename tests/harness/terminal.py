# SPDX-License-Identifier: Apache-2.0
"""A program on a terminal, in two ways: Terminal is a pty drawn by pyte (exact cells, timing, raw bytes, job
control); Tmux is a real terminal emulator of another make.

Terminal: .send(keys) .until("text" or test, seconds) .settle() .text() .row(n) .cell(row, col) .size(rows, cols)
    .latency(key) .fg() .hang_up() .running() .stopped .code .ended(seconds) .signal(SIG) .sane() .memory() .raw .close()
    Rows and columns count from 1. sane() is "" where the terminal was left as it was found.
Tmux: .keys("j", "Enter") .type("text") .until(...) .text() .size(rows, cols) .paste(text) .code .close()
"""
import fcntl
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

import pyte

from .places import run, until

LEADER = os.path.join(os.path.dirname(__file__), "leader.py")
# Private modes that a program must put back: number, the letter that is its state at rest, name.
AT_REST = ((1049, b"l", "alternate screen"), (25, b"h", "cursor"), (1, b"l", "application cursor keys"),
           (2004, b"l", "bracketed paste"), (1000, b"l", "mouse"), (1002, b"l", "mouse"), (1006, b"l", "mouse"))


class Grid(pyte.Screen):
    """pyte's screen with what ncurses also sends to xterm: REP, SU and SD."""
    drawn = " "

    def draw(self, data):
        super().draw(data)
        self.drawn = data[-1:] or self.drawn

    def rep(self, count=1, **_):
        self.draw(self.drawn * max(count, 1))

    def su(self, count=1, **_):
        self._at_top(self.delete_lines, count)

    def sd(self, count=1, **_):
        self._at_top(self.insert_lines, count)

    def _at_top(self, shift, count):
        row, self.cursor.y = self.cursor.y, self.margins.top if self.margins else 0
        shift(max(count, 1))
        self.cursor.y = row


class Bytes(pyte.ByteStream):
    csi = {**pyte.ByteStream.csi, "b": "rep", "S": "su", "T": "sd"}
    events = pyte.ByteStream.events | {"rep", "su", "sd"}


class Terminal:
    def __init__(self, argv, env, rows=24, cols=80, cwd=None):
        self.grid, self.raw, self.code, self.stopped, self._words = Grid(cols, rows), b"", None, False, b""
        self.gone = False
        self.stream = Bytes(self.grid)
        self.fd, self.slave = os.openpty()
        self._winsize(rows, cols)
        self.before = termios.tcgetattr(self.slave)
        self.link, far = socket.socketpair()
        self.leader = subprocess.Popen([sys.executable, "-S", LEADER, str(far.fileno()), *(str(a) for a in argv)], env=env,
                                       cwd=cwd, stdin=self.slave, stdout=self.slave, stderr=self.slave,
                                       pass_fds=[far.fileno()], start_new_session=True)
        far.close()
        self.pid = None
        self.until(lambda: self.pid, 20)

    # ---- reading
    def pump(self, seconds):
        """Reads what comes for `seconds`; true where something came."""
        if self.code is not None:
            return False
        ready = select.select([self.fd, self.link], [], [], seconds)[0]
        if self.link in ready:
            self._hear()
        if self.fd in ready:
            self._feed()
        if self.code is not None:
            while select.select([self.fd], [], [], 0.05)[0] and self._feed():
                pass
        return bool(ready)

    def _feed(self):
        try:
            got = os.read(self.fd, 65536)
        except OSError:
            return False
        self.raw += got
        self.stream.feed(got)
        return bool(got)

    def _hear(self):
        got = self.link.recv(256)
        *words, self._words = (self._words + got).split(b"\n")
        for w in words:
            name, _, number = w.partition(b" ")
            self.stopped = name == b"stopped"
            self.pid = int(number) if name == b"pid" else self.pid
            self.code = int(number) if name == b"exit" else self.code
        if not got and self.code is None:
            self.code = self.leader.wait()

    def until(self, what, seconds=10):
        """Seconds until the text is on the screen, or the test true; TimeoutError with the screen."""
        test = what if callable(what) else lambda: what in self.text()
        start = time.monotonic()
        while not test():
            left = start + seconds - time.monotonic()
            if left <= 0 or self.code is not None:
                raise TimeoutError(f"{what!r} did not come in {seconds} s (exit code {self.code}):\n{self.text()}")
            self.pump(min(left, 0.05))
        return time.monotonic() - start

    def settle(self, quiet=0.15, seconds=10):
        """Until nothing has come for `quiet` seconds."""
        end = time.monotonic() + seconds
        while self.pump(quiet) and time.monotonic() < end:
            pass
        return self

    def send(self, keys):
        data = keys.encode() if isinstance(keys, str) else keys
        while data and self.code is None:
            if not select.select([], [self.fd], [], 5)[1]:
                raise TimeoutError("keys were not read for 5 s")
            data = data[os.write(self.fd, data[:512]):]
            self.pump(0)
        return self

    def latency(self, key):
        """Seconds from a key to the first byte it makes the program send."""
        self.settle()
        start = time.perf_counter()
        os.write(self.fd, key.encode() if isinstance(key, str) else key)
        came = select.select([self.fd], [], [], 5)[0]
        took = time.perf_counter() - start
        self.pump(0)
        return took if came else float("inf")

    # ---- what is on it
    def text(self):
        return "\n".join(self.grid.display)

    def row(self, n):
        return self.grid.display[n - 1]

    def cell(self, row, col):
        """pyte's cell: .data .fg .bg .bold .reverse .underscore"""
        return self.grid.buffer[row - 1][col - 1]

    # ---- doing things to it
    def _winsize(self, rows, cols):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def size(self, rows, cols):
        self.grid.resize(rows, cols)
        self._winsize(rows, cols)
        return self

    def hang_up(self):
        """The terminal goes, as when a line drops."""
        self.gone = True
        for fd in (self.fd, self.slave):
            os.close(fd)

    def running(self):
        return os.path.exists(f"/proc/{self.pid}/exe")

    def signal(self, sig):
        os.kill(self.pid, sig)
        return self

    def fg(self):
        self.stopped = False
        self.link.send(b"f")
        return self

    def ended(self, seconds=5):
        """Exit code (negative: the signal); TimeoutError where it goes on."""
        end = time.monotonic() + seconds
        while self.code is None:
            if time.monotonic() > end:
                raise TimeoutError(f"still running after {seconds} s:\n{self.text()}")
            self.pump(0.05)
        return self.code

    def sane(self):
        bad = [] if termios.tcgetattr(self.slave)[:4] == self.before[:4] else ["terminal modes"]
        for number, rest, name in AT_REST:
            seen = re.findall(rb"\x1b\[\?(?:\d+;)*%d(?:;\d+)*([hl])" % number, self.raw)
            if seen and seen[-1] != rest:
                bad.append(name)
        return ", ".join(bad)

    def memory(self):
        """Most resident memory so far, in MiB."""
        with open(f"/proc/{self.pid}/status") as f:
            return int(re.search(r"VmHWM:\s+(\d+)", f.read())[1]) / 1024

    def close(self):
        if self.gone:
            self.link.close()
            self.leader.wait(5)
            return
        if self.code is None:
            for sig in (signal.SIGCONT, signal.SIGTERM):
                self.signal(sig)
            try:
                self.ended(3)
            except TimeoutError:
                self.signal(signal.SIGKILL)
        self.link.close()
        for fd in (self.fd, self.slave):
            os.close(fd)
        self.leader.wait(5)


class Tmux:
    def __init__(self, argv, env, folder, rows=24, cols=80):
        self.socket, self.env = str(folder / "tmux.sock"), env
        conf, self.status = folder / "tmux.conf", folder / "status"
        conf.write_text("set -g remain-on-exit on\nset -g status off\nset -g default-shell /bin/sh\n")
        # tmux 3.3 loses an exit code now and then; this shell does not. It stays, since tmux hides the cursor of a dead pane.
        keep = ["/bin/sh", "-c", 'f=$1; shift; "$@"; echo $? >"$f.new"; mv "$f.new" "$f"; exec sleep 600', "sh", self.status]
        self.tm("-f", conf, "new-session", "-d", "-x", cols, "-y", rows, "-s", "t", *keep, *argv).ok()

    def tm(self, *args):
        return run(["tmux", "-S", self.socket, *args], env=self.env, seconds=20)

    def keys(self, *names):
        """As tmux names keys: Enter, Escape, C-z, F1."""
        self.tm("send-keys", "-t", "t", *names).ok()
        return self

    def type(self, text):
        self.tm("send-keys", "-t", "t", "-l", text).ok()
        return self

    def paste(self, text):
        run(["tmux", "-S", self.socket, "load-buffer", "-"], env=self.env, stdin=text).ok()
        self.tm("paste-buffer", "-p", "-t", "t").ok()
        return self

    def text(self):
        return self.tm("capture-pane", "-p", "-t", "t").ok().text

    def ask(self, what):
        """A tmux format, such as #{alternate_on} or #{cursor_flag}."""
        return self.tm("display-message", "-p", "-t", "t", what).ok().text.strip()

    def until(self, what, seconds=10):
        test = what if callable(what) else lambda: what in self.text()
        try:
            return until(test, seconds, 0.05)
        except TimeoutError:
            raise TimeoutError(f"{what!r} did not come in {seconds} s:\n{self.text()}") from None

    def size(self, rows, cols):
        self.tm("resize-window", "-t", "t", "-x", cols, "-y", rows).ok()
        return self

    @property
    def code(self):
        """Exit code (negative: the signal), None while it runs."""
        if not self.status.exists():
            return None
        code = int(self.status.read_text())
        return 128 - code if code > 128 else code

    def close(self):
        self.tm("kill-server")
