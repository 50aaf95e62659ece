# SPDX-License-Identifier: Apache-2.0
"""A console on endpoints given by flags: nothing of the default workspace is shown, and each pane says what to do."""
import json
import pathlib
import re
import shutil

from harness import CA, until
from harness.screens import Screens

HERE = pathlib.Path(__file__).parent


def default_workspace(vetch):
    """One that other commands have used: a pki/ and a backup, no cluster.json."""
    ws = vetch.home / "data/vetch/default"
    CA(ws / "pki", "the default's CA").issue("stray", ["10.9.9.9"])
    (ws / "backups").mkdir()
    (ws / "backups/20260101T000000Z-7.manifest.json").write_text("{}")
    return ws


def test_nothing_of_the_default_workspace(cluster, vetch, tmp_path):
    c = cluster()
    default_workspace(vetch)
    s = Screens(vetch, HERE / "no_workspace.keys", tmp_path / "screens")
    drawn = s.run(cluster=c)
    s.expect(drawn)
    text = "\n".join(sum(drawn.values(), []))
    assert "stray" not in text and "default's" not in text and "20260101" not in text
    host = c.client_urls[0].split("//")[1]
    for rows in drawn.values():
        assert re.fullmatch(rf" {host}  \(no workspace\)  CN=root +1/1 up +backup: unknown ?", rows[0]), rows[0]


def test_jobs_lie_in_the_clusters_own_state(cluster, vetch, terminal, tmp_path):
    """A backup to a folder that was named; its journal under the cluster's id, for the next console to list."""
    c = cluster()
    ident = f"{json.loads(c.ctl('member', 'list', '-w', 'json').out)['header']['cluster_id']:x}"
    t = terminal(["--pane", "Backup"], cluster=c)
    t.until("no target is known")
    t.until("1/1 up")
    t.send("b")
    t.until(":backup create --to ")
    t.send(f"{tmp_path}/kept\r")
    until(lambda: list((tmp_path / "kept").glob("*.proof.json")), 20)
    assert list((vetch.home / f"state/vetch/{ident}/journal/jobs").glob("*.jsonl"))
    t.until('"target"')
    t.send("q")
    t.until("no target is known")
    t.send("q")
    t.ended()
    t = terminal(cluster=c)
    t.until("1/1 up")
    t.send("J")
    t.until("backup create")
    assert not (vetch.home / "data/vetch/default").exists()


def test_a_workspace_before_its_cluster(vetch, terminal):
    """No endpoint is named: the default workspace's pki/ is the place to begin."""
    default_workspace(vetch)
    t = terminal(["--pane", "CA"])
    t.until("the default's CA")
    t.until("stray")
    shutil.rmtree(vetch.home / "data/vetch/default")
    t = terminal(["--pane", "CA"])
    t.until("i makes a certificate authority there")
