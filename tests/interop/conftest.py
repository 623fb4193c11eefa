import pathlib
import sys
import tempfile

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
    # Not in pytest's directory: the node may run as another user, to whom the next session of pytest
    # would close it.
    with tempfile.TemporaryDirectory(prefix="logboom-es-", ignore_cleanup_errors=True) as directory:
        pathlib.Path(directory).chmod(0o755)
        with lab.elasticsearch(pathlib.Path(directory)) as node:
            yield node
