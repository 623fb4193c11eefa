"""What a benchmark measures with: a process's CPU and memory, the clock, and the table of results."""

import contextlib
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys

import lab

TOOLS = lab.ROOT / "build" / "tests" / "bench"
TICKS = os.sysconf("SC_CLK_TCK")


BEFORE = "before"


@contextlib.contextmanager
def binary(path):
    """What is started in it is this logboom; None is the build's."""
    own = lab.BINARY
    lab.BINARY = path or own
    try:
        yield
    finally:
        lab.BINARY = own


def say(text):
    print(text, file=sys.stderr, flush=True)


def cpu_seconds(pid):
    """User and system time of all threads so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def rss_mib(pid, what="VmRSS"):
    """VmRSS: now. VmHWM: the most it ever was."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(what + ":"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no {what} of process {pid}")


def wire_load(*arguments, seconds=300):
    """tests/bench/wire_load.cc; what it prints."""
    return json.loads(lab.run(TOOLS / "wire_load", *arguments, seconds=seconds))


def end_offset(address, topic):
    return wire_load("follow", address, topic, 1, 0.01)["records"]


def first_line(*command):
    done = subprocess.run([str(each) for each in command], capture_output=True, text=True, check=False)
    return " ".join((done.stdout or done.stderr).strip().splitlines()[0].split())


def machine():
    """One line on what this ran on."""
    cpus = pathlib.Path("/proc/cpuinfo").read_text()
    model = next(line.split(":")[1].strip() for line in cpus.splitlines() if "model name" in line)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} x {model}, {memory:.0f} GiB, Linux {platform.release()}, "
        f"{datetime.date.today().isoformat()}, load before: {os.getloadavg()[0]:.1f}"
    )


def text_of(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


class Table:
    """case -> side -> the figures of every round; printed as medians and how many times logboom is
    ahead of the peer. The first side is logboom; a wrong count is a fault, not a figure."""

    def __init__(self, title, sides):
        self.title, self.sides, self.rows, self.faults = title, sides, {}, []

    def add(self, case, unit, side, value, more_is_better=True):
        row = self.rows.setdefault(case, (unit, more_is_better, {each: [] for each in self.sides}))
        row[2][side].append(value)

    def check(self, side, what, found, expected):
        """Whether all of the work was done, and not more; when not, it is said under the table."""
        if found == expected:
            return True
        self.faults.append(f"{side}: {what}: {found:,} instead of {expected:,}; not timed")
        say("  " + self.faults[-1])
        return False

    def print(self, notes):
        ours, peer = self.sides
        print(f"\n### {self.title}\n\n{notes}\n")
        print(f"| what | unit | {ours} | {peer} | logboom is ahead |\n|---|---|---:|---:|---:|")
        for case, (unit, more_is_better, values) in self.rows.items():
            medians = [statistics.median(values[each]) if values[each] else None for each in self.sides]
            texts = ["-" if each is None else text_of(each) for each in medians]
            ratio = "-"
            if all(medians):
                ratio = medians[0] / medians[1] if more_is_better else medians[1] / medians[0]
                ratio = f"{text_of(ratio)} x"
            print(f"| {case} | {unit} | {texts[0]} | {texts[1]} | {ratio} |")
        for each in self.faults:
            print(f"\n- WRONG COUNT: {each}")
        sys.stdout.flush()
