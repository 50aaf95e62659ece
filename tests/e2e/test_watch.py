# SPDX-License-Identifier: Apache-2.0
"""watch with a command for each event, and watches a line from stdin: beside etcdctl 3.6, which is given the same."""
import re
import subprocess

import pytest
from harness import peer, until

ETCDCTL = "3.6.16/etcdctl"


class Watch:
    """A watch that runs, with what it has said so far in files."""

    def __init__(self, argv, env, folder, name):
        folder.mkdir(exist_ok=True)
        self.out, self.err = folder / f"{name}.out", folder / f"{name}.err"
        with open(self.out, "wb") as out, open(self.err, "wb") as err:
            self.proc = subprocess.Popen([str(a) for a in argv], env=env, stdin=subprocess.PIPE, stdout=out, stderr=err)

    def say(self, text):
        self.proc.stdin.write(text.encode())
        self.proc.stdin.flush()

    def ended(self, seconds=15):
        return self.proc.wait(seconds)

    def close(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()
        self.proc.stdin.close()


@pytest.fixture
def both(vetch, cluster, tmp_path):
    """(cluster, start(arguments) -> vetch's and etcdctl's watch of the same)."""
    c, running = cluster(), []

    def start(*args, env=None):
        n = len(running)
        env = vetch.env(**c.env()) | (env or {})
        env.pop("ETCDCTL_API")  # etcdctl 3.6 complains of it
        running.append(Watch([vetch.bin, "as", "etcdctl", *args], env, tmp_path / "w", f"ours{n}"))
        running.append(Watch([peer(ETCDCTL), *args], env, tmp_path / "w", f"theirs{n}"))
        return running[-2:]

    yield c, start
    for w in running:
        w.close()


def live(c, pair, key):
    """Until both watches show what is written to a key below theirs; the number of the last write."""
    n = 0

    def seen():
        nonlocal n
        n += 1
        c.kv().put(key, f"live{n}")
        return all(b"live" in w.out.read_bytes() for w in pair)
    until(seen, 20, 0.1)
    return n


def same(pair, seconds=10):
    """Until both have said the same."""
    ours, theirs = pair
    until(lambda: theirs.out.read_bytes() == ours.out.read_bytes(), seconds)


SHOW = ["sh", "-c", 'echo "$ETCD_WATCH_REVISION $ETCD_WATCH_EVENT_TYPE $ETCD_WATCH_KEY $ETCD_WATCH_VALUE"; echo "to stderr" >&2']


def test_a_command_for_each_event(both):
    """History from a revision on: the same bytes, keys and values that need quotes included."""
    c, start = both
    kv = c.kv()
    first = kv.put("/x/a", "1")
    kv.put("/x/b", 'two "words"\n')
    kv.put("/x/a", b"\xff\x00\x01")
    kv.delete("/x/a")
    kv.put("/x/z", "last")
    for args in ([], ["--prev-kv"], ["-w", "json"]):
        pair = start("watch", "/x/", "--prefix", f"--rev={first}", *args, "--", *SHOW)
        until(lambda: all(b'"/x/z" "last"' in w.out.read_bytes() for w in pair), 15)
        ours, theirs = (w.out.read_text(errors="backslashreplace") for w in pair)
        plain = lambda text: re.sub(r'"member_id":\d+,', "", text)
        assert plain(ours) == plain(theirs), args
        assert ours.count('"PUT"') == 4 and ours.count('"DELETE"') == 1 and r'"\xff\x00\x01"' in ours
        until(lambda: all(w.err.read_text() == "to stderr\n" * 5 for w in pair))
    one = start("watch", f"--rev={first}", "/x/a", "/x/b", "--", "echo", "two words", "-w")
    until(lambda: all(w.out.read_bytes().count(b"two words -w\n") == 3 for w in one), 15)
    same(one)


@pytest.mark.parametrize("command,code", [(["sh", "-c", "echo once; exit 3"], 1), (["no-such-program", 'a "b"'], 1),
                                          (["sh", "-c", "kill -9 $$"], 1), (["sh", "-c", "kill -TERM $$"], 1)])
def test_a_command_that_fails_ends_the_watch(both, command, code):
    c, start = both
    first = c.kv().put("/xf", "1")
    c.kv().put("/xf", "2")
    ours, theirs = start("watch", "/xf", f"--rev={first}", "--", *command)
    assert ours.ended() == theirs.ended() == code
    assert ours.err.read_text() == theirs.err.read_text() != ""
    assert ours.out.read_text() == theirs.out.read_text()


def test_answers_wait_for_the_command_before(vetch, cluster, tmp_path):
    """In order: an answer, its commands, the next answer; --events ends after the last command."""
    c = cluster()
    first = c.kv().put("/xo/a", "1")
    for n in range(2, 6):
        c.kv().put("/xo/a", str(n))
    log = tmp_path / "log"
    got = vetch("watch", "/xo/a", f"--rev={first}", "--events", "5", "--", "sh", "-c", f'echo "ran $ETCD_WATCH_VALUE"; echo x >>{log}',
                cluster=c).ok()
    assert [x for x in got.lines if x.startswith("ran")] == [f'ran "{n}"' for n in range(1, 6)] and log.read_text() == "x\n" * 5
    got = vetch("watch", "/xo/a", f"--rev={first}", "--", "false", cluster=c).ok(1)
    assert got.err == 'vetch: command ["false"] error (exit status 1)\n'
    error = vetch.job(c, "run", "watch", "/xo/a", "--", "true")[1]["error"]
    assert error["exit"] == 4 and "command line only" in error["text"]


def test_arguments(both):
    """Wrong ones end at once, in etcdctl's words and with its code."""
    c, start = both
    key = {"ETCDCTL_WATCH_KEY": "/xe/a"}
    for args, env in ((["/xe", "--"], {}), (["--", "echo"], {}), ([], {}), (["/xe"], key), (["/xe", "--", "echo"], key), (["--"], key)):
        ours, theirs = start("watch", *args, env=env)
        assert ours.ended() == theirs.ended() == 128, args
        assert ours.err.read_text() == theirs.err.read_text() and ours.out.read_bytes() == b"", args
    first = c.kv().put("/xe/a", "1")
    c.kv().put("/xe/b", "2")
    for args, env in ((["--", "echo", "ran"], key), ([], key), ([], key | {"ETCDCTL_WATCH_RANGE_END": "/xe/c"})):
        pair = start("watch", f"--rev={first}", *args, env=env)
        until(lambda: all((b"ran" if args else b"/xe") in w.out.read_bytes() for w in pair), 15)
        same(pair)


def test_lines_from_stdin(both):
    """Several watches at once; what is no watch is told and the rest goes on; the end of stdin is an error, as etcdctl has it."""
    c, start = both
    pair = start("watch", "-i")
    for w in pair:
        w.say("\nfoo bar\nwatch\nwatch -- echo\n  \nwatch '/xi/a b' --prev-kv\n")
    live(c, pair, "/xi/a b")
    for w in pair:
        w.say('watch "/xi/c" -- echo "ran it" $ETCD_WATCH_KEY\nwatch /xi/d /xi/f\n')
    n = 0

    def ran():
        nonlocal n
        n += 1
        c.kv().put("/xi/c", str(n))
        c.kv().put("/xi/e", str(n))
        return all("ran it $ETCD_WATCH_KEY" in w.out.read_text() and "/xi/e" in w.out.read_text() for w in pair)
    until(ran, 20, 0.1)
    c.kv().put("/xi/a b", "the last")
    until(lambda: all("the last" in w.out.read_text() for w in pair))
    for w in pair:
        w.say("progress\n")
    until(lambda: all(w.out.read_text().count("progress notify: ") == 3 for w in pair), 10)
    for w in pair:
        w.proc.stdin.close()
        assert w.ended() == 3
    ours, theirs = (w.err.read_text() for w in pair)
    assert ours == theirs and ours.endswith("Error: error reading watch request line: EOF\n") and len(ours.splitlines()) == 6


@pytest.mark.parametrize("line", ["watch /xb --bogus", "watch /xb --", "watch --rev=x /xb"])
def test_lines_that_end_it(both, line):
    pair = both[1]("watch", "-i")
    for w in pair:
        w.say(line + "\n")
    ours, theirs = pair
    assert ours.ended() == theirs.ended() == 128
    if "rev" not in line:
        assert ours.err.read_text() == theirs.err.read_text()


@pytest.mark.feature("watch")
def test_command_and_progress_on_every_version(vetch, cluster, etcd_version):
    c = cluster(etcd_version)
    first = c.kv().put("/xv", "1")
    got = vetch("watch", "/xv", f"--rev={first}", "--events", "1", "--", "echo", "ran", cluster=c).ok()
    assert got.out == b"PUT\n/xv\n1\nran\n"
    got = vetch("watch", "-i", cluster=c, stdin="progress\n").ok(3)
    assert got.err.startswith("vetch: error reading watch request line: EOF")
