# SPDX-License-Identifier: Apache-2.0
"""Expected screens: a script of keys NAME.keys, and beside it what each of its screens must be, NAME.SCREEN.text and
NAME.SCREEN.roles (NAME-20x5.SCREEN.text at another size than 80x24). GENERATE=1 writes them afresh. A script names the cells that vary:

    # vary SCREEN ROW FROM-TO what it is        (rows and columns from 1; `*` for all screens)

Those show as `?` in what is compared. What they say is for the test to compare with another tool's word."""
import os
import pathlib
import re

VARY = re.compile(r"# vary (\S+) (\d+) (\d+)-(\d+) \S")


class Screens:
    def __init__(self, vetch, script, folder, size="80x24"):
        self.vetch, self.script, self.folder, self.size = vetch, pathlib.Path(script), pathlib.Path(folder), size
        self.stem = self.script.stem if size == "80x24" else f"{self.script.stem}-{size}"
        self.vary = VARY.findall(self.script.read_text())

    def run(self, cluster=None, workspace=None, env=None, flags=(), seconds=60):
        """{screen: [rows]} as they were drawn."""
        self.folder.mkdir(parents=True, exist_ok=True)
        r = self.vetch("--script", self.script, "--size", self.size, *flags, cluster=cluster, workspace=workspace, env=env,
                       cwd=self.folder, seconds=seconds)
        assert r.code == 0, r.err
        return {p.stem: p.read_text().splitlines() for p in sorted(self.folder.glob("*.text"))}

    def masked(self, name, rows):
        cols = int(self.size.split("x")[0])
        cells = [list(row.ljust(cols)) for row in rows]
        for screen, row, first, last in self.vary:
            if screen in (name, "*"):
                for col in range(int(first) - 1, min(int(last), cols)):
                    cells[int(row) - 1][col] = "?"
        return "".join("".join(row).rstrip() + "\n" for row in cells)

    def expect(self, drawn):
        """Every screen and its roles are as the files say; a missing file fails."""
        wrong = []
        for name in drawn:
            for kind in ("text", "roles"):
                got = self.masked(name, (self.folder / f"{name}.{kind}").read_text().splitlines())
                file = self.script.with_name(f"{self.stem}.{name}.{kind}")
                if os.environ.get("GENERATE"):
                    file.write_text(got)
                want = file.read_text() if file.exists() else ""
                wrong += [f"{file.name}:{i + 1}\n  want |{w}\n  got  |{g}" for i, (w, g) in
                          enumerate(zip(want.splitlines() + [""] * 99, got.splitlines())) if w != g]
        assert drawn and not wrong, "\n".join(wrong[:12])
