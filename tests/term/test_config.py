# SPDX-License-Identifier: Apache-2.0
"""The user's own keys and colours, a fault in that file, and pastes on terminals that do not mark them."""
import re

import pytest

COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-7]|4[0-7]|9[0-7]|10[0-7]|38|48)(?:;[0-9;]*)?m")


@pytest.fixture
def start(terminal, vetch, cluster, tmp_path):
    def begin(config=None):
        (tmp_path / "vetch/themes").mkdir(parents=True)
        if config:
            (tmp_path / "vetch/config").write_text(config)
        (tmp_path / "vetch/themes/grey.theme").write_text("list.selected default reverse\n")
        t = terminal(workspace=vetch.workspace(cluster("3.6.16", 3)), env={"XDG_CONFIG_HOME": str(tmp_path)})
        t.until(lambda: "Keys" in t.row(2), 20)
        return t.settle()

    return begin


def test_own_keys_and_theme(start):
    t = start("# mine\nbind app.help H   # capital\nbind app.quit Q\ntheme grey\n")
    t.send("H").until(lambda: "Help for where you are" in t.row(3))
    assert re.search(r"^ +Q +Back; at the top level", t.text(), re.M) or "H" in t.text()
    t.send("\x1b").until(lambda: "Help for" not in t.row(3))
    t.send("q?").settle()
    assert "Help for" not in t.row(3)
    t.send("Q")
    assert t.ended() == 0 and not COLOUR.search(t.raw)


@pytest.mark.parametrize("line,said", [("bind app.fly x", "app.fly"), ("bind app.quit <Nokey>", "Nokey"), ("theme none", "none"),
                                       ("colour red", "colour")])
def test_a_fault_is_named_and_keeps_nobody_out(start, line, said):
    t = start("\n" + line + "\n")
    t.until(lambda: "line 2" in t.text() and said in t.text())
    t.send("2").until(lambda: "3/3 up" in t.row(1))
    t.send("q")
    assert t.ended() == 0


def test_a_burst_is_a_paste(start):
    t = start()
    t.send("q" * 400).until(lambda: "400 bytes were pasted" in t.row(23))
    t.send("/").settle().send("a" * 300).until(lambda: "aaaa" in t.row(23))
    t.send("\x1b").settle().send("q")
    assert t.ended() == 0
