# SPDX-License-Identifier: Apache-2.0
"""What Keys shows under a name is that key's value, however fast the cursor goes and however large the next value is."""
import re


def test_a_large_value_does_not_stand_under_anothers_name(cluster, vetch, terminal):
    c = cluster(fresh=True)
    c.kv().put("/big/small", "the small one")
    c.kv().put("/big/text", "y" * 600000)
    t = terminal(workspace=vetch.workspace(c))
    t.until(lambda: "/big/" in t.text(), 20)
    t.send("\r")
    t.until(lambda: "the small one" in t.text(), 10)
    t.send("j")
    t.until(lambda: re.search(r"-- text", t.text()) and "Enter loads it" in t.text(), 10)
    assert "the small one" not in t.text()
    t.send("e")
    t.until(lambda: "only a key whose value is shown can be edited" in t.text(), 10)


def test_coming_back_to_a_folder_shows_the_value_again(cluster, vetch, terminal):
    """The same place, the same number of rows above and below: still another row."""
    c = cluster(fresh=True)
    c.kv().put("/one/two/leaf", "the value")
    t = terminal(workspace=vetch.workspace(c))
    t.until(lambda: "/one/" in t.text(), 20)
    t.send("\r").until(lambda: "two/" in t.row(5), 10)
    for _ in range(2):
        t.settle().send("\r")
        t.until(lambda: "leaf" in t.row(5) and "the value" in t.text(), 5)
        t.send("h").until(lambda: "two/" in t.row(5), 5)


def test_long_names_keep_both_ends(cluster, vetch, terminal):
    c = cluster(fresh=True)
    for end in ("8wq2x", "tm5lc"):
        c.kv().put("/" + "deep/" * 30 + "coredns-" * 10 + end, "x")
    t = terminal(workspace=vetch.workspace(c))
    t.until(lambda: "/deep/" in t.text(), 20)
    t.send("//" + "deep/" * 30 + "c\r").until(lambda: "8wq2x" in t.row(5) and "tm5lc" in t.row(6), 10)
    assert t.row(3).startswith(" /deep/") and re.search(r"\.\.\.\S*deep/ +2 keys", t.row(3)), t.row(3)
    t.until(lambda: re.search(r"-- coredns-.*\.\.\..*8wq2x", t.row(15)), 5)


def test_a_key_beyond_the_loaded_rows_is_found(cluster, vetch, terminal):
    """A folder with more rows than are held: what is sought there is sought on the server, and can be looked at."""
    c = cluster(fresh=True)
    c.kv().fill("/flat/k", 12000, size=20)
    c.kv().put("/flat/z \"odd\"", "the odd one")
    t = terminal(workspace=vetch.workspace(c))
    t.until(lambda: "12,001" in t.text(), 20)
    t.settle().send("\r").until(lambda: t.row(3).startswith(" /flat/") and "counted" in t.row(3), 20)
    assert "the first 10" in t.row(14), t.text()
    t.settle().send("/k00000500\r").until(lambda: "> k00000500" in t.text(), 10)
    t.settle().send("/z\r").until(lambda: "is there, beyond the" in t.text(), 10)
    t.settle().send("\r").until(lambda: "get -- " in t.row(23), 5)
    t.settle().send("\r").until(lambda: "the odd one" in t.text(), 10)


def test_a_folder_is_deleted_by_its_whole_name(cluster, vetch, terminal):
    """A blank, a quote or a byte that cannot be typed in its name: never another folder."""
    c = cluster(fresh=True)
    kv = c.kv()
    for key in ("a b\"c\\/x", "a/x", "#h/x", b"b\xff\n/x"):
        kv.put(key, "x")
    t = terminal(workspace=vetch.workspace(c))
    t.until(lambda: "#h/" in t.text(), 20)
    for _ in range(4):
        gone = len(kv.dump())
        t.settle().send("g")
        t.settle().send("d").until(lambda: "del --prefix" in t.row(23), 5)
        t.send("\r").until(lambda: "to do it" in t.text(), 10)
        assert "Deletes 1 key under" in t.text(), t.text()
        t.send(re.search(r'Type "(.*)" to do it', t.text())[1] + "\r")
        t.until(lambda: len(kv.dump()) == gone - 1, 10)
        t.settle().send("r").settle()


def test_going_on_while_a_seek_is_on_its_way(cluster, vetch, terminal):
    """Esc, or another folder, before the server has answered: the answer is of no use any more, and does no harm."""
    c = cluster(fresh=True)
    c.kv().put("/far/leaf", "x")
    c.kv().put("/near/leaf", "y")
    t = terminal(workspace=vetch.workspace(c))
    t.until(lambda: "/far/" in t.text(), 20)
    t.settle()
    c.freeze(0)
    t.send("//near/l\r").until(lambda: "seeking" in t.row(23), 5)
    t.send("\x1b").settle()
    t.send("//near/l\r").until(lambda: "seeking" in t.row(23), 5)
    t.send("\r").until(lambda: t.row(3).startswith(" /far/"), 5)
    c.thaw(0)
    t.until(lambda: "live" in t.row(3), 20)
    t.settle(0.5)
    assert t.row(3).startswith(" /far/") and "leaf" in t.row(5)
