# SPDX-License-Identifier: Apache-2.0
"""Dialogs and keys at moments when the console has no connection, or has just made another one."""
import time


def test_login_while_theirs_is_read(cluster, vetch, terminal):
    """A refused edit waits for theirs on a connection that a login replaces."""
    c = cluster(fresh=True, tls=False)
    c.kv().put("/a", "one")
    t = terminal(["--user", "root", "--password", "x", "--command-timeout", "20s", *c.flags()])
    t.until("1 of 1 rows shown", 20)
    t.until(lambda: "one" in t.row(16))
    t.send("e").until("value:")
    t.send("zz\r").until("Cancel")
    c.freeze(0)
    t.send("\t").settle().send("\r")
    t.until("theirs   reading", 40)
    t.send(":login\r").until("password of")
    t.send("pw\r").settle()
    t.send("\x1b").settle()
    assert t.running(), t.text()
    t.send("2").until("Members")
    c.thaw(0)


def test_keys_that_change_without_a_cluster(vetch, terminal):
    t = terminal(["--pane", "keys"])
    t.until("no cluster yet")
    assert "finds the others" not in t.text()
    for key in "ned":
        t.send(key).settle()
        assert t.running() and t.row(23).strip(), t.text()


def test_a_key_of_100_kb_is_asked_about_at_once(cluster, vetch, terminal):
    c = cluster(fresh=True)
    c.kv().put("/" + "k" * 100000 + "-end", "v")
    t = terminal(workspace=vetch.workspace(c))
    t.until("1 of 1 rows shown")
    start = time.monotonic()
    t.send("d").until("[Cancel]")
    took = time.monotonic() - start
    print(f"the dialog after {took:.2f} s")
    assert took < (20 if vetch.sanitized else 2) and "-end" in t.text()


def test_quotes_of_a_shell_hold_words_together(cluster, vetch, terminal):
    c = cluster(fresh=True)
    c.kv().put("a b", "yes")
    c.kv().put("a", "no")
    t = terminal(workspace=vetch.workspace(c))
    t.until("2 of 2 rows shown")
    for line in (":get 'a b'", ':get "a b"', ":get a\\ b"):
        t.send(line + "\r").until(lambda: "yes" in t.text())
        assert "no\n" not in t.text()
        t.send("q").settle()
