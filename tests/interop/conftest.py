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
def elasticsearch():
    with lab.elasticsearch() as node:
        yield node
