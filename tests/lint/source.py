# SPDX-License-Identifier: Apache-2.0
"""Reading the tree for the lints: which files, and C taken apart far enough to count in it."""
import pathlib
import re
import sys

ROOMS = ("src", "ui", "tests", "themes", "man")
TOP = ("bootstrap", "configure.ac", "Makefile.am", ".ci/run", "pytest.ini")
C_TEXT = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
PREPROCESSOR = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
BRANCH = re.compile(r"\b(?:if|for|while|case)\b|&&|\|\||\?")


def root():
    """The tree named, else the one that this file lies in."""
    return pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]


def files(top, *suffixes, rooms=ROOMS):
    """Paths below the rooms, without what was generated or built; all of them where no suffix is named."""
    for room in rooms:
        for p in sorted((top / room).rglob("*")):
            if p.is_file() and "__pycache__" not in p.parts and not p.is_symlink() and (not suffixes or p.suffix in suffixes):
                yield p


def blank(match):
    """Same lines, no words; a string stays a string."""
    text = match[0]
    return '""' if text[0] == '"' else "''" if text[0] == "'" else "\n" * text.count("\n") + " "


def code(path):
    """C without comments, without what stands inside strings, and without preprocessor lines."""
    bare = C_TEXT.sub(blank, path.read_text(errors="replace"))
    return PREPROCESSOR.sub(lambda m: "\n" * m[0].count("\n"), bare)


def split_args(text):
    depth, parts = 0, [""]
    for ch in text:
        depth += (ch in "([{") - (ch in ")]}")
        if ch == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += ch
    return [p.strip() for p in parts if p.strip() not in ("", "void", "...")]


class Function:
    def __init__(self, name, args, line, text):
        self.name, self.line, self.lines = name, line, text.count("\n") + 1
        self.params, self.branches = len(split_args(args)), 1 + len(BRANCH.findall(text))


def outermost(text):
    """(what stands before a block or semicolon, offset, block or None) at the outermost level."""
    start, depth, opened = 0, 0, 0
    for m in re.finditer(r"[{};]", text):
        at, ch = m.start(), m[0]
        if ch == "{":
            if depth == 0:
                opened = at
            depth += 1
        elif ch == "}":
            depth -= 1
            if depth == 0 and is_function(text[start:opened]):
                yield text[start:opened], start, text[opened:at + 1]
                start = at + 1
        elif depth == 0:
            yield text[start:at], start, None
            start = at + 1


def is_function(head):
    return bool(re.search(r"\)\s*(__attribute__\s*\(\(.*\)\)\s*)?$", head, re.S)) and "=" not in head


def functions(path):
    text = code(path)
    for head, start, body in outermost(text):
        m = re.search(r"([A-Za-z_]\w*)\s*\((.*)\)\s*$", head, re.S) if body else None
        if m:
            first = re.search(r"(\w+)\s*\(", head)
            at = start + first.start()
            yield Function(first[1], head[first.end():head.rindex(")")], text.count("\n", 0, at) + 1,
                           text[at:start + len(head)] + body)


def report(offences, said=""):
    for o in offences:
        print(o)
    print(said or ("no offence" if not offences else f"{len(offences)} offences"))
    sys.exit(1 if offences else 0)
