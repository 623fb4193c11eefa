#!/usr/bin/env python3
"""Runs every test and ends with "N passed, N failed". With names: only those parts.

  units      every doctest executable of the build
  structure  layering of the folders, banned calls, files that no build knows
  fuzz       each decoder's fuzzer for some seconds
  interop    real clients, Kafka's Java tools, a real Elasticsearch, kill -9 (pytest)

Not run unless asked for, as root:
  bare [RELEASE...]   the README's two commands in a bare Debian of each release (bookworm, trixie)
"""

import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("LOGBOOM_CACHE", f"/var/tmp/logboom-{os.getuid()}"))


def report(name, passed, failed):
    print(f"{name}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def unit(program):
    done = subprocess.run([program, "--no-colors"], capture_output=True, text=True, cwd=ROOT)
    counts = re.search(r"test cases:\s*\d+ \|\s*(\d+) passed \|\s*(\d+) failed", done.stdout)
    passed, failed = (int(counts[1]), int(counts[2])) if counts else (0, 1)
    if done.returncode != 0:
        failed = max(failed, 1)
        print(done.stdout[-20000:], done.stderr[-5000:], f"{program.name}: exit {done.returncode}")
    return report(program.name, passed, failed)


def units():
    """Two at a time: several wait for their mock brokers more than they compute."""
    programs = sorted((ROOT / "build/tests/unit").rglob("*_test"))
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        totals = list(pool.map(unit, programs))
    return [sum(each[0] for each in totals), sum(each[1] for each in totals)]


def structure():
    """The rules of the tree, and the plugins' pages against their tables."""
    checks = [
        [sys.executable, ROOT / "tests/support/structure.py"],
        [ROOT / "build/tests/support/plugin_pages", "check", ROOT / "docs/plugins"],
    ]
    failed = sum(subprocess.run(each, cwd=ROOT).returncode != 0 for each in checks)
    return report("structure", len(checks) - failed, failed)


def fuzz():
    done = subprocess.run([ROOT / "dev", "fuzz", "5"], capture_output=True, text=True, cwd=ROOT)
    print(done.stdout, end="")
    counts = re.findall(r"^(\w+_fuzz): (ok|FAILED)", done.stdout, re.M)
    failed = sum(word != "ok" for _, word in counts)
    if done.returncode != 0:
        failed = max(failed, 1)
        print(done.stderr[-5000:])
    return report("fuzz", sum(word == "ok" for _, word in counts), failed)


def venv():
    """A Python with pytest and the clients from PyPI, made once for this machine."""
    requirements = ROOT / "tests/support/requirements.txt"
    python = CACHE / "venv" / "bin" / "python"
    stamp = CACHE / "venv" / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != requirements.read_text():
        subprocess.run([sys.executable, "-m", "venv", CACHE / "venv"], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "-r", requirements],
            check=True,
        )
        stamp.write_text(requirements.read_text())
    return python


def interop():
    python = venv()
    results = ROOT / "build" / "interop.xml"
    results.unlink(missing_ok=True)
    command = [python, "-m", "pytest", "-q", "-x" if os.environ.get("FAIL_FAST") else "-q"]
    command += ["-p", "no:cacheprovider", f"--junitxml={results}", "--durations=8", "tests/interop"]
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", LOGBOOM_CACHE=str(CACHE))
    subprocess.run(command, cwd=ROOT, env=environment)
    if not results.exists():
        return report("interop", 0, 1)
    suite = xml.etree.ElementTree.parse(results).getroot().find("testsuite")
    failed = int(suite.get("failures")) + int(suite.get("errors"))
    skipped = int(suite.get("skipped"))
    return report("interop", int(suite.get("tests")) - failed - skipped, failed)


RELEASES = ("bookworm", "trixie")
README_COMMANDS = (("./dev", "demo", "--once"), ("./dev", "test"))


def bare(releases):
    """Each release gets a root of its own, new and empty: what is missing is missing for everybody."""
    totals = [0, 0]
    times = []
    for release in releases:
        root = CACHE / "bare" / release
        if any(os.path.ismount(root / each) for each in ("", "proc", "sys", "dev")):
            sys.exit(f"something is mounted in {root}: unmount it, it is to be removed")
        shutil.rmtree(root, ignore_errors=True)
        for command in README_COMMANDS:
            start = time.monotonic()
            done = subprocess.run([ROOT / "tests/support/bare_root", release, root, *command], cwd=ROOT)
            totals[done.returncode != 0] += 1
            outcome = "ok" if done.returncode == 0 else f"exit {done.returncode}"
            times.append(f"{release}: {' '.join(command)}: {outcome} after {time.monotonic() - start:.0f} s")
    print("\n".join(times))
    return totals


PARTS = {"units": units, "structure": structure, "fuzz": fuzz, "interop": interop}


def summary(passed, failed):
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


def main():
    if sys.argv[1:2] == ["bare"]:
        releases = sys.argv[2:] or RELEASES
        unknown = [release for release in releases if release not in RELEASES]
        if unknown:
            sys.exit(f"no such release: {unknown[0]}; there are {', '.join(RELEASES)}")
        return summary(*bare(releases))
    names = sys.argv[1:] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no such part: {unknown[0]}; there are {', '.join(PARTS)}")
    CACHE.mkdir(parents=True, exist_ok=True)
    passed = failed = 0
    for name in names:
        ok, bad = PARTS[name]()
        passed += ok
        failed += bad
    summary(passed, failed)


main()
