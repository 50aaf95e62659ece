# SPDX-License-Identifier: Apache-2.0
"""Pane Keys on a Terminal."""
import re


def go(t, folder):
    """Opens a folder of the top level, wherever the pane stands."""
    t.send("/" + folder + "\r")
    t.until(lambda: re.search(f"> {folder} ", t.text()), 20)
    t.send("\r").until(lambda: t.row(3).split()[:1] == [folder], 10)


def is_live(t):
    return re.search(r"  live(,|\s*$)", t.row(3))


def in_folder(terminal, vetch, cluster, folder, **more):
    """The console in that folder, watching it, every member well."""
    t = terminal(workspace=vetch.workspace(cluster), **more)
    t.until(lambda: folder in t.text() and "up, leader" in t.row(1), 20)
    go(t, folder)
    t.until(lambda: is_live(t), 10)
    return t.settle()
