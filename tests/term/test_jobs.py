# SPDX-License-Identifier: Apache-2.0
"""Jobs outlive the console that started them, and the next console finds them as they are."""
import fcntl
import json
import os
import signal

import pytest

from harness import until


@pytest.fixture
def place(vetch, cluster):
    return vetch.workspace(cluster("3.6.16", 3))


def journal(ws):
    return [json.loads(x) for p in (ws / "journal/jobs").glob("*.jsonl") for x in p.read_text().splitlines()]


def held(path):
    """A process still has the job's journal."""
    with open(path) as f:
        try:
            fcntl.flock(f, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        except OSError:
            return True


def begin_watch(terminal, ws):
    t = terminal(workspace=ws)
    t.until("leader", 20)
    t.send(":watch /jobs/ --prefix\r")
    t.until("job 1 watch /jobs/", 10)
    path = ws / "journal/jobs/1.jsonl"
    until(lambda: path.read_text().count("\n") >= 1 and held(path))
    return t, path


def leave(t):
    t.send("q").until("Leave?", 10)
    t.send("y\r")
    assert t.ended() == 0 and t.sane() == ""


def test_left_running_and_taken_up(terminal, place, cluster):
    t, path = begin_watch(terminal, place)
    leave(t)
    c = cluster("3.6.16", 3)
    c.kv().put("/jobs/a", "while nobody looks")
    until(lambda: "while nobody looks" in path.read_text())
    assert held(path) and path.stat().st_mode & 0o777 == 0o600
    t = terminal(workspace=place)
    t.until("job 1 watch /jobs/", 20)
    t.send("J").until("running", 10)
    t.send("x").until("cancelled", 10)
    assert not held(path) and journal(place)[-1]["error"]["code"] == "cancelled"
    t.send("\x1bq")
    assert t.ended() == 0


def test_killed_is_interrupted(terminal, place):
    t, path = begin_watch(terminal, place)
    leave(t)
    pid = json.loads(path.read_text().splitlines()[0])["begin"]["pid"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: not held(path))
    t = terminal(workspace=place)
    t.until("leader", 20)
    t.send("J").until("interrupted", 10)
    t.send("\r").until("ended without a word", 10)


def test_a_lost_line_ends_no_job(terminal, place):
    t, path = begin_watch(terminal, place)
    t.hang_up()
    until(lambda: not t.running(), 5)
    assert held(path)
    os.kill(json.loads(path.read_text().splitlines()[0])["begin"]["pid"], signal.SIGTERM)
    until(lambda: not held(path), 5)


def test_secrets_are_not_written_down(terminal, place):
    t = terminal(args=["--user", "alice"], workspace=place)
    t.until("etcd password of alice", 20)
    t.send("s3cret-word\r").until("leader", 20)
    t.send(":get /x\r").settle()
    assert "s3cret-word" not in t.text()
    for p in place.rglob("*"):
        assert not p.is_file() or b"s3cret-word" not in p.read_bytes(), p
    t.send("\x1b")
