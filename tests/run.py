#!/usr/bin/env python3
"""Runs every test and ends with "N passed, N failed"."""
import pathlib, re, subprocess, sys

root = pathlib.Path(__file__).resolve().parent.parent


def run_units():
    passed = failed = 0
    for program in sorted((root / "build/tests/unit").glob("*/*_test")):
        out = subprocess.run([program, "--no-colors"], capture_output=True, text=True)
        counts = re.search(r"test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed", out.stdout)
        ok, bad = (int(counts[1]), int(counts[2])) if counts else (0, 1)
        if out.returncode != 0:
            bad = max(bad, 1)
            print(out.stdout, out.stderr)
        print(f"{program.name}: {ok} passed, {bad} failed", flush=True)
        passed += ok
        failed += bad
    return passed, failed


passed, failed = run_units()
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
