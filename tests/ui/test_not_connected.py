# SPDX-License-Identifier: Apache-2.0
"""A console that cannot connect says the whole cause and the whole cure where the keys would be."""
from harness import CA
from harness.screens import Screens


def test_the_wrong_ca_is_told_whole(cluster, vetch, tmp_path):
    c = cluster()
    other = CA(tmp_path / "other", "another CA")
    script = tmp_path / "wrong.keys"
    script.write_text(":wait cure: \n:screen wrong\n")
    flags = ["--endpoints", c.endpoints, "--cacert", other.cert, "--cert", c.cert, "--key", c.key]
    rows = Screens(vetch, script, tmp_path / "screens").run(flags=flags)["wrong"]
    where = c.client_urls[0].split("//")[1]
    for whole in (f'{where} serves a certificate signed by "test CA", not by a CA in {other.cert}',
                  f"cure: Name the CA that signed it: --cacert FILE (vetch cert check {where} shows it)"):
        assert "".join(whole.split()) in "".join("".join(rows[4:12]).split()), rows
    assert "!NOT CONNECTED" in rows[0]
