# SPDX-License-Identifier: Apache-2.0
"""job list, show and cancel: the workspace's jobs without a console, as their journals tell of them."""
import datetime
import json
import os
import signal
import subprocess

import pytest
from harness import until


@pytest.fixture
def place(cluster, vetch):
    c = cluster()
    return c, vetch.workspace(c)


class Job:
    """As the console starts it: a process group of its own, with its journal."""

    def __init__(self, vetch, ws, number, *argv):
        self.path = ws / f"journal/jobs/{number}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = {"argv": ["-C", str(ws), *argv], "phase": "run", "journal": str(self.path), "title": " ".join(argv[:3])}
        self.proc = subprocess.Popen([vetch.bin, "--job"], env=vetch.env(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, start_new_session=True)
        self.proc.stdin.write(json.dumps(line).encode())
        self.proc.stdin.close()

    def begun(self):
        until(lambda: self.path.exists() and self.path.read_text().count("\n") >= 1)
        return self

    def ended(self):
        self.proc.wait(20)
        return self


def test_list_show_and_cancel(place, vetch):
    c, ws = place
    job = lambda *a: vetch("job", *a, workspace=ws)
    nothing = job("list").ok()
    assert nothing.out == b"" and f"no job in {ws}/journal/jobs" in nothing.err and job("list", "-w", "json").ok().json == {"jobs": []}
    Job(vetch, ws, 1, "backup", "create").ended()
    Job(vetch, ws, 2, "backup", "verify", "none-such").ended()
    watch = Job(vetch, ws, 3, "watch", "/job/", "--prefix").begun()
    lost = Job(vetch, ws, 12, "watch", "/lost").begun()
    os.kill(lost.proc.pid, signal.SIGKILL)
    lost.ended()
    until(lambda: c.kv().put("/job/a", "seen") and "seen" in watch.path.read_text())

    jobs = job("list", "-w", "json").ok().json["jobs"]
    assert [(j["id"], j["state"]) for j in jobs] == [(12, "interrupted"), (3, "running"), (2, "failed"), (1, "done")]
    assert [j["title"] for j in jobs][1:] == ["watch /job/ --prefix", "backup verify none-such", "backup create"]
    assert jobs[1]["pid"] == watch.proc.pid and jobs[1]["ended"] is None and jobs[3]["result"]["verified"] is True
    assert jobs[2]["error"]["exit"] == 3
    for j in jobs:
        age = datetime.datetime.now(datetime.timezone.utc) - datetime.datetime.fromisoformat(j["started"].replace("Z", "+00:00"))
        assert -2 < age.total_seconds() < 120
    lines = job("list").ok().lines
    assert [x.split()[:2] for x in lines[1:]] == [["12", "interrupted"], ["3", "running"], ["2", "failed"], ["1", "done"]]
    assert "none-such" in lines[3] and "its process ended without a word" in lines[1]

    shown = job("show", "3").ok()
    assert shown.lines[0] == "job 3  watch /job/ --prefix" and shown.lines[1].startswith("running, started ") and "seen" in shown.text
    assert f"process {watch.proc.pid}" in shown.lines[1]
    assert [list(x) for x in job("show", "3", "-w", "json").ok().json["said"]][0] == ["row"]
    assert "cure: " in job("show", "2").ok().text and '"verified":true' in job("show", "1").ok().text

    done = job("cancel", "3", "-w", "json").ok().json
    assert done["state"] == "cancelled" and watch.ended().proc.returncode == 130
    assert job("list", "-w", "json").ok().json["jobs"][1]["state"] == "cancelled"
    for id_, state in (("3", "cancelled"), ("1", "done"), ("12", "interrupted")):
        assert f"does not run: it is {state}" in job("cancel", id_).ok(4).err
    assert "there is no job 99" in job("cancel", "99").ok(3).err and job("show", "x").ok(3) and job("cancel").ok(3)


def test_a_number_that_is_another_process_by_now(place, vetch):
    """The journal is locked by one, and names another: neither is ended."""
    c, ws = place
    watch = Job(vetch, ws, 1, "watch", "/a").begun()
    sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
    try:
        text = watch.path.read_text().replace(f'"pid":{watch.proc.pid}', f'"pid":{sleeper.pid}')
        assert str(sleeper.pid) in text
        with open(watch.path, "r+") as f:
            f.write(text)
            f.truncate()
        got = vetch("job", "cancel", "1", workspace=ws).ok(4)
        assert "held by another process than its own" in got.err
        assert sleeper.poll() is None and watch.proc.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()
        watch.proc.terminate()
        watch.ended()


def test_read_only_and_no_workspace(place, vetch, tmp_path):
    c, ws = place
    watch = Job(vetch, ws, 1, "watch", "/a").begun()
    vetch("job", "cancel", "1", "--read-only", workspace=ws).ok(4)
    assert watch.proc.poll() is None
    vetch("job", "cancel", "1", workspace=ws).ok()
    assert f"there is no workspace {tmp_path}/none" in vetch("job", "list", workspace=tmp_path / "none").ok(3).err
