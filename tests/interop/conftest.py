import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import lab  # noqa: E402


@pytest.fixture
def broker(tmp_path):
    started = lab.Broker(tmp_path / "broker").start()
    yield started
    if started.alive():
        started.kill()


@pytest.fixture(scope="session")
def elasticsearch(tmp_path_factory):
    # the node runs as another user, who must be able to reach its directory
    directory = tmp_path_factory.mktemp("elasticsearch")
    for each in [directory, *directory.parents]:
        if each.owner() == pathlib.Path.home().owner() and str(each).startswith("/tmp/"):
            each.chmod(0o755)
    with lab.elasticsearch(directory) as node:
        yield node
