"""The README's first command: as it stands there, and against the Elasticsearch of the other tests."""

import gzip
import os
import subprocess

import pytest
from lab import ROOT

DEMO = [ROOT / "dev", "demo", "--once", "--seconds", "3"]


def ended_well(command):
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    assert "every line is in the index exactly once" in done.stderr
    return done


def test_the_demo_brings_its_own_elasticsearch():
    done = ended_well([ROOT / "dev", "demo", "--once"])
    assert done.stdout.count("_id ") > 0, done.stdout


def test_the_demo_finds_every_line_exactly_once(elasticsearch):
    done = ended_well([*DEMO, "--elasticsearch", elasticsearch.url])
    assert done.stdout.count("_id ") > 0, done.stdout


def test_the_demo_copes_with_what_lies_in_a_real_var_log(elasticsearch, tmp_path):
    own_mounts = ["unshare", "--map-root-user", "--mount"]
    if subprocess.run([*own_mounts, "true"], capture_output=True).returncode != 0:
        pytest.skip("mount namespaces are not allowed here")
    (tmp_path / "nginx").mkdir()
    (tmp_path / "syslog").write_text("".join(f"Nov 21 10:00:00 host app: line {i}\n" for i in range(500)))
    (tmp_path / "syslog.1.gz").write_bytes(gzip.compress(b"packed\n"))
    (tmp_path / "current").symlink_to("syslog")
    os.link(tmp_path / "syslog", tmp_path / "nginx" / "hard-link")
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "nginx" / "latin1.log").write_bytes(b"GET /caf\xe9\nGET /caf\xe9\n\n  tab\t\r\n")
    (tmp_path / "binary").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "long").write_bytes(b"x" * 300_000 + b"\nno newline at the end")
    done = ended_well(
        [*own_mounts, "sh", "-c", 'mount --bind "$1" /var/log && shift && exec "$@"', "-", tmp_path]
        + [*DEMO, "--elasticsearch", elasticsearch.url],
    )
