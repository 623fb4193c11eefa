#!/usr/bin/env python3
"""run.py broker|agent|sink|all [--rounds N] [--lines N] [--before BINARY]: logboom beside its real peers, in
one run, alternating. With --before the peer is another logboom: what a change has cost or gained.

Prints a table of medians in Markdown; progress goes to stderr. CPU and RSS are the measured process's
own. On a machine that others use too, look at CPU and at the ratios. README.md says what is measured.
"""

import argparse
import pathlib
import shutil
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import agents  # noqa: E402
import brokers  # noqa: E402
import sinks  # noqa: E402

BENCHES = {"broker": brokers.bench, "agent": agents.bench, "sink": sinks.bench}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=[*BENCHES, "all"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--lines", type=int, help="lines or records of the agent's and sink's rounds")
    parser.add_argument("--before", type=pathlib.Path, metavar="BINARY", help="an earlier logboom as the peer")
    options = parser.parse_args()
    if options.before and not options.before.is_file():
        parser.error(f"--before: {options.before} is no file")
    before = options.before and options.before.resolve()
    for name in BENCHES if options.what == "all" else [options.what]:
        work = pathlib.Path(tempfile.mkdtemp(prefix=f"logboom-bench-{name}-"))
        try:
            BENCHES[name](options.rounds, options.lines, work, before)
        finally:
            shutil.rmtree(work, ignore_errors=True)


main()
