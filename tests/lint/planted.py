#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every lint is shown an offence of each of its kinds in a small tree of its own, and has to see it."""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
SPDX = "/* SPDX-License-Identifier: Apache-2.0 */\n"
GOOD = {
    "HACKING.md": "### src/base\n- `a.c`: a\n### src/etcd\n- `kv.c`: k\n### src/store\n- `dir.c`: d\n### ui\n- `main.c`: m\n",
    "src/base/a.c": SPDX + 'static int seen;\nconst int most = 3;\nstatic const char *const word[] = { "x(", "}" };\n\nint\n'
                    "add(int a, int b)\n{\n\tif (a && b)\n\t\tseen++;\n\treturn a + b; /* printf() */\n}\n",
    "src/base/a.h": SPDX + "struct a { int x; int (*get)(void *); };\nint add(int a, int b);\nextern const int most;\n",
    "src/etcd/kv.c": SPDX + '#include "base/a.h"\n',
    "src/store/dir.c": SPDX + '#include "base/a.h"\n',
    "ui/main.c": SPDX + '#include "etcd/kv.h"\n',
}
# lint | file | what it holds instead, or "+" and what is added
PLANTED = [
    ("floors", "src/base/a.c", '+#include "etcd/kv.h"\n'),
    ("floors", "src/store/dir.c", '+#include "etcd/kv.h"\n'),
    ("floors", "src/etcd/kv.c", '+#include "ui/grid.h"\n'),
    ("floors", "ui/main.c", "+#include <curses.h>\n"),
    ("floors", "src/etcd/kv.c", "+int f(void)\n{\n\treturn curl_easy_pause(0, 0);\n}\n"),
    ("floors", "src/base/a.c", '+int f(void)\n{\n\treturn puts("x");\n}\n'),
    ("floors", "src/base/a.c", "+void f(void)\n{\n\texit(1);\n}\n"),
    ("floors", "src/shed/a.c", SPDX),
    ("sizes", "src/base/a.c", "+int\nlong_one(void)\n{\n" + "\tx();\n" * 79 + "}\n"),
    ("sizes", "src/base/a.c", "+int\nforked(int a)\n{\n" + "\tif (a)\n\t\ta--;\n" * 15 + "}\n"),
    ("sizes", "src/base/a.c", "+int\nwide(int a, int b, int (*c)(int, int), int d, int e, int f)\n{\n\treturn 0;\n}\n"),
    ("sizes", "src/base/a.c", "+int x" + "x" * 100 + ";\n"),
    ("sizes", "src/base/a.c", "+" + "\n" * 801),
    ("words", "src/base/a.c", "+void f(char *a)\n{\n\tstrcpy(a, a);\n}\n"),
    ("words", "src/base/a.c", "int x;\n"),
    ("words", "src/base/utils.c", SPDX),
    ("words", "src/base/a.c", "+/* see /wo" "rk/x */\n"),
    ("words", "bootstrap", "# SPDX-License-Identifier: Apache-2.0\ncurl http://de" "b.debian.org\n"),
    ("words", "src/base/a.c", "+typedef struct a a_t;\n"),
    ("globals", "src/base/a.c", "+int count;\n"),
    ("globals", "src/base/a.c", '+const char *name = "x";\n'),
    ("globals", "src/base/a.c", "+int (*hook)(void);\n"),
    ("globals", "src/base/a.h", "+extern int count;\n"),
    ("globals", "src/base/a.c", "+struct a list[3] = { { 1 } };\n"),
    ("map", "src/base/b.c", SPDX),
    ("map", "ui/roles.def", SPDX),
    ("map", "HACKING.md", GOOD["HACKING.md"] + "- `gone.c`: was here\n"),
]


def passes(lint, tree):
    return subprocess.run([sys.executable, HERE / f"{lint}.py", tree], capture_output=True).returncode == 0


def lay(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def main():
    bad = 0
    with tempfile.TemporaryDirectory() as d:
        lay(pathlib.Path(d), GOOD)
        for lint in sorted({p[0] for p in PLANTED}):
            if not passes(lint, d):
                print(f"{lint} sees an offence where there is none")
                bad += 1
    for lint, name, text in PLANTED:
        with tempfile.TemporaryDirectory() as d:
            lay(pathlib.Path(d), {**GOOD, name: GOOD.get(name, "") + text[1:] if text[0] == "+" else text})
            if passes(lint, d):
                print(f"{lint} does not see in {name}: {text[:60]!r}")
                bad += 1
    print(f"{len(PLANTED)} offences planted, {bad} wrong answers")
    sys.exit(1 if bad else 0)


main()
