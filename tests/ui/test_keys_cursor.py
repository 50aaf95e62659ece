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
