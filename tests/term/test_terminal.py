# SPDX-License-Identifier: Apache-2.0
"""The console and its terminal: any size, any TERM, stopped, killed, pasted into; the terminal is as it was afterwards."""
import re
import signal
import subprocess

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


def stty(t):
    """The terminal's modes as stty would set them again."""
    return subprocess.run(["stty", "-g"], stdin=t.slave, stdout=subprocess.PIPE, check=True).stdout


@pytest.mark.once
@pytest.mark.parametrize("key,how", [("\x1b[21~", signal.SIGSEGV), ("\x1b[23~", signal.SIGABRT), ("\x1b[24~", signal.SIGSEGV)],
                         ids=["endless stack", "abort", "bad address"])
@pytest.mark.parametrize("where", ["2", ":"], ids=["in a pane", "in a prompt"])
def test_a_build_that_crashes(terminal, vetch, workspace, key, how, where):
    """The console itself, with keys that crash it: the modes, the cursor and the main screen are as before."""
    binary = vetch.bin.parent / "tests/peer/crashing"
    t = terminal(argv=["/bin/sh", "-c", 'stty -echo echoe; stty -g; "$0" "$@"; code=$?; stty -g; exit $code', binary, "-C", workspace])
    t.until(lambda: "leader" in t.row(1), 20)
    before, modes = t.raw.split(b"\r\n")[0].strip(), stty(t)
    assert b"\x1b[?1049h" in t.raw and modes.strip() != before
    t.send(where).settle().send(key)
    assert t.ended() == 128 + how
    assert t.raw.split(b"\r\n")[-2].strip() == before == stty(t).strip()
    assert t.grid.cursor.hidden is False and "vetch crashed" in t.text()
    seen = [m for m in re.findall(rb"\x1b\[\?(?:1049|25|2004|1000|1)([hl])", t.raw)]
    assert seen and re.findall(rb"\x1b\[\?1049([hl])", t.raw)[-1] == b"l"


@pytest.mark.parametrize("name", ["xterm-256color", "vt100", "linux", "screen-256color", "tmux-256color", "xterm"])
def test_terminals(console, name):
    """On each the same cells are drawn, and after a help screen again."""
    t = console(TERM=name)
    t.until(lambda: "leader" in t.row(1), 20)
    first = t.settle().text()
    assert t.row(2).split()[:4] == ["1", "Keys", "2", "Members"] and "rows shown" in first
    t.send("?").until("Help", 10)
    t.settle().send("\x1b").settle()
    assert t.row(2) == first.splitlines()[1] and t.row(4) == first.splitlines()[3]
    t.send("q")
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


@pytest.mark.parametrize("marks", [("\x1b[200~", "\x1b[201~"), ("", "")], ids=["marked", "unmarked"])
@pytest.mark.parametrize("where", ["list", "prompt", "search", "form"])
def test_paste_of_100_kb(console, workspace, marks, where):
    """Nowhere is it taken for commands: the words of it would quit, delete, and open other panes."""
    t = console(rows=24, cols=80)
    t.until(lambda: "leader" in t.row(1), 20)
    t.send({"list": "", "prompt": ":", "search": "/", "form": "4"}[where]).settle()
    text = "q2345dJ\tword\n" * 7700
    assert len(text) > 100_000
    pane = t.row(2)
    t.send(marks[0] + text + marks[1]).settle(0.3)
    assert t.row(2) == pane and t.code is None
    if where == "list":
        assert "bytes were pasted where no field takes text: ignored" in t.text()
    t.send("\x1b").settle().send("\x1b").settle()
    if where == "form":
        t.send("\x1b").settle()
    t.send("2").until(lambda: "Members" in t.row(2) and "etcd1" in t.text(), 10)
    t.send("q").settle()
    if t.code is None:
        t.send("q")
    assert t.ended(10) == 0 and t.sane() == ""
    assert not list(workspace.glob("journal/jobs/*"))


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
