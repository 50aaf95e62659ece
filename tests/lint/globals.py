#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""No variable of a whole file that can change and is not static; what a header shows never changes."""
import re

from source import code, files, outermost, report, root

NOT_A_VARIABLE = r"^\s*(?:typedef|struct\s+\w+\s*$|union\s+\w+\s*$|enum\b|_Static_assert|static_assert|$)"


def constant(declaration):
    """The object itself is const: behind the last star, or anywhere where there is no star."""
    before = re.split(r"=", declaration, maxsplit=1)[0]
    if re.search(r"\benviron\b", before):
        return True  # the C library's own
    return bool(re.search(r"\bconst\b", before.rsplit("*", 1)[-1] if "*" in before else before))


def is_variable(text):
    before = text.split("=", 1)[0]
    if re.match(NOT_A_VARIABLE, text) or re.search(r"^\s*[A-Z_0-9]+\s*\(", text):
        return False
    if re.match(r"\s*(?:struct|union)\s+\w*\s*\{", before) and re.search(r"\}\s*(?:__attribute__.*)?$", before, re.S):
        return False
    return "(" not in re.sub(r"__attribute__\s*\(\(.*?\)\)", "", before) or "(*" in before and ")(" in before and not re.match(
        r"[^(]*\w\s*\(", before.replace("(*", "@", 1))


def main():
    top, bad = root(), []
    for path in files(top, ".c", ".h", rooms=("src", "ui")):
        text = code(path)
        for head, start, body in outermost(text):
            if body is None and is_variable(head) and not re.search(r"\bstatic\b", head.split("=")[0]) and not constant(head):
                line = text.count("\n", 0, start + len(head) - len(head.lstrip())) + 1
                bad.append(f"{path.relative_to(top)}:{line}: {' '.join(head.split())[:60]}: can change and is not static")
    report(bad)


main()
