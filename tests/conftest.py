# SPDX-License-Identifier: Apache-2.0
"""Fixtures; tests/harness/__init__.py says what each gives."""
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import CA, S3, Cluster, Terminal, Tmux, Vetch  # noqa: E402
from harness.report import (pytest_collection_modifyitems, pytest_configure, pytest_generate_tests,  # noqa: E402,F401
                            pytest_runtest_setup, pytest_terminal_summary)


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def shared_clusters():
    made = {}
    yield made
    for c in made.values():
        c.stop_all()


@pytest.fixture
def cluster(pki, tmp_path_factory, shared_clusters):
    own = []

    def make(version="3.6.16", members=1, fresh=False, **more):
        key = version, members, repr(sorted(more.items()))
        if not fresh and key in shared_clusters:
            return shared_clusters[key]
        c = Cluster(pki, version, members, tmp_path_factory.mktemp(f"etcd-{version}-"), **more)
        if fresh:
            own.append(c)
        else:
            shared_clusters[key] = c
        return c

    yield make
    for c in own:
        c.stop_all()


@pytest.fixture(scope="session")
def s3(pki, tmp_path_factory):
    server = S3(pki, tmp_path_factory.mktemp("s3"))
    yield server
    server.stop()


@pytest.fixture
def vetch(tmp_path):
    return Vetch(tmp_path / "home")


@pytest.fixture
def terminal(vetch):
    opened = []

    def start(args=(), cluster=None, workspace=None, rows=24, cols=80, env=None, argv=None):
        argv = argv or [vetch.bin, *vetch.lead(cluster, workspace), *args]
        opened.append(Terminal(argv, vetch.env(**(env or {})), rows, cols, cwd=vetch.home))
        return opened[-1]

    yield start
    for t in opened:
        t.close()


@pytest.fixture
def tmux(vetch, tmp_path):
    opened = []

    def start(args=(), cluster=None, workspace=None, rows=24, cols=80, env=None, argv=None):
        argv = argv or [vetch.bin, *vetch.lead(cluster, workspace), *args]
        folder = tmp_path / f"tmux{len(opened)}"
        folder.mkdir()
        opened.append(Tmux(argv, vetch.env(**(env or {})), folder, rows, cols))
        return opened[-1]

    yield start
    for t in opened:
        t.close()


@pytest.fixture
def refused(request):
    def say(why):
        request.node.user_properties.append(("refused", why))

    return say
