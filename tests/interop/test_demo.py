"""The README's first command, against the Elasticsearch that the other tests use too."""

import subprocess

from lab import ROOT


def test_the_demo_finds_every_line_exactly_once(elasticsearch):
    demo = [ROOT / "tests" / "support" / "demo", "--once", "--seconds", "3"]
    done = subprocess.run(
        [*demo, "--elasticsearch", elasticsearch.url],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    assert "every line is in the index exactly once" in done.stderr
    assert done.stdout.count("_id ") > 0, done.stdout
