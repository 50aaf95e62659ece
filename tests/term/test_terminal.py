# SPDX-License-Identifier: Apache-2.0
"""The console and its terminal: any size, any TERM, stopped, killed, pasted into; the terminal is as it was afterwards."""
import re
import signal

import pytest

from harness import until

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)(?:;[0-9;]*)?m")


@pytest.fixture
def workspace(vetch, cluster):
    return vetch.workspace(cluster("3.6.16", 3))


@pytest.fixture
def console(terminal, workspace):
    """The console once it has drawn all that it will draw by itself."""
    def start(rows=24, cols=80, **env):
        t = terminal(workspace=workspace, rows=rows, cols=cols, env=env)
        t.until(lambda: "Keys" in t.row(2) or (cols < 40 and t.text().strip()), 20)
        return t.settle()

    return start


@pytest.mark.parametrize("rows,cols", [(24, 80), (5, 20), (60, 200), (1, 1), (24, 1), (1, 80)])
def test_sizes(terminal, workspace, rows, cols):
    t = terminal(workspace=workspace, rows=rows, cols=cols)
    t.until(lambda: len(t.raw) > 20, 20)
    t.settle().send("?\x1b2345\t1jjj:").settle().send("\x1b").settle().send("q")
    assert t.ended() == 0, t.text()
    assert t.sane() == ""


def test_resize_while_it_loads(terminal, workspace):
    t = terminal(workspace=workspace)
    for rows, cols in [(24, 80), (5, 20), (60, 200), (2, 200), (24, 80)] * 4:
        t.size(rows, cols).send("2" if cols == 80 else "1")
        t.pump(0.01)
    t.until(lambda: "Keys" in t.row(2), 20)
    t.send("q")
    assert t.ended() == 0 and t.sane() == ""


def test_stop_and_continue(console):
    t = console()
    before = t.text()
    t.send("\x1a").until(lambda: t.stopped)
    assert t.sane() == ""
    t.size(30, 100).fg()
    t.until(lambda: "Keys" in t.row(2), 10)
    t.size(24, 80).settle()
    assert t.row(2) == before.splitlines()[1]
    t.send("q")
    assert t.ended() == 0 and t.sane() == ""


@pytest.mark.parametrize("sig", [signal.SIGTERM, signal.SIGHUP])
def test_asked_to_end(console, vetch, sig):
    t = console().signal(sig)
    t.ended(5 if vetch.sanitized else 1)
    assert t.sane() == ""


@pytest.mark.parametrize("sig", [signal.SIGABRT, signal.SIGSEGV, signal.SIGBUS])
def test_crash_restores_the_terminal(console, sig):
    t = console().signal(sig)
    assert t.ended(5) != 0
    assert t.sane() == ""


@pytest.mark.parametrize("name", ["xterm-256color", "vt100", "linux", "screen-256color", "tmux-256color", "xterm"])
def test_terminals(console, name):
    t = console(TERM=name)
    t.send("?").settle().send("\x1b").settle().send("q")
    assert t.ended() == 0 and t.sane() == ""
    if name == "vt100":
        assert not COLOUR.search(t.raw)


@pytest.mark.parametrize("name", ["dumb", "no-such-terminal", ""])
def test_terminals_that_cannot_draw(terminal, workspace, name):
    t = terminal(workspace=workspace, env={"TERM": name})
    assert t.ended() == 3
    said = t.raw.decode().strip()
    assert "TERM" in said and "\x1b" not in said and name in said


def test_no_color(console):
    t = console(NO_COLOR="1")
    t.send("2").settle().send("?").settle().send("\x1b")
    t.settle()
    assert not COLOUR.search(t.raw)


def test_c_locale_is_ascii(console):
    t = console(LC_ALL="C", LANG="C")
    for key in "2345?":
        t.send(key).settle()
    assert max(t.raw) < 128


def test_paste_of_100_kb(console):
    t = console()
    t.send(":").settle()
    t.send("\x1b[200~" + "pasted\tword\n" * 8000 + "\x1b[201~").settle(0.3)
    t.send("\x1b").settle().send("\x1b").settle().send("2").settle()
    assert "Members" in t.row(2), t.text()
    t.send("q").settle().send("q")
    assert t.ended(10) == 0 and t.sane() == ""


def test_line_lost(console):
    """The terminal itself goes, as when ssh ends."""
    t = console()
    t.hang_up()
    until(lambda: not t.running(), 5)


def test_real_emulator(tmux, workspace):
    t = tmux(workspace=workspace)
    t.until("Keys", 20)
    t.size(30, 120).until("Keys")
    t.keys("2").until("Members")
    assert t.ask("#{alternate_on}") == "1"
    t.keys("q")
    t.until(lambda: t.code == 0)
    assert t.ask("#{alternate_on}") == "0"
