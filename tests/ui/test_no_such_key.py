# SPDX-License-Identifier: Apache-2.0
"""A key without a meaning says so on row 23, in every pane and overlay, and nothing else happens."""
import pytest

from harness.screens import Screens


@pytest.mark.parametrize("pane", ["1", "2", "3", "4", "5", "1 ?", "2 J"])
def test_a_key_without_a_meaning_says_so(vetch, tmp_path, pane):
    script = tmp_path / "no_such_key.keys"
    script.write_text(f"{pane.replace(' ', chr(10))}\n:screen before\nz\n:screen z\n<F5>\n:screen f5\n9\n:screen nine\n")
    ws = tmp_path / "ws"
    ws.mkdir()
    drawn = Screens(vetch, script, tmp_path / "screens").run(workspace=ws)
    for name, key in (("z", "z"), ("f5", "F5"), ("nine", "9")):
        assert drawn[name][22].rstrip() == f" {key}: no such key here, ? lists them", drawn[name]
        assert drawn[name][:22] == drawn["before"][:22]


def test_a_key_that_help_lists_is_not_denied(vetch, tmp_path):
    script = tmp_path / "idle.keys"
    script.write_text("2\n<Enter>\n:screen enter\n")
    ws = tmp_path / "ws"
    ws.mkdir()
    drawn = Screens(vetch, script, tmp_path / "screens").run(workspace=ws)
    assert drawn["enter"][22].startswith(" there is no row") or "Enter does nothing here" in drawn["enter"][22], drawn["enter"]
