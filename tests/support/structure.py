#!/usr/bin/env python3
"""What no linter knows about this tree: which folder may include which, calls that are banned (and
what to use instead), sources that no meson.build names, headers without a word about themselves,
folders without a README, fuzzers without seeds, links in the pages that lead nowhere, blocks in them that do not say how they
are tested.
"""

import pathlib
import re
import sys

from documentation import blocks_of

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ["base", "event", "plugin", "net", "codecs", "agent", "buffer", "sinks", "pipelines", "web", "cli"]
# Folder -> what it may include besides itself and the folders in it; the order is the order to read in.
# A file belongs to the longest folder that is named here.
SEAMS = ["base", "event", "plugin"]
BROKER = ["base", "net", "codecs/kafka", "codecs/compress", "buffer/log", "buffer/broker/core"]
MAY_INCLUDE = {
    "base": [],
    "event": ["base"],
    "plugin": ["base", "event"],
    "net": ["base"],
    "codecs/compress": ["base"],
    "codecs/kafka": ["base", "codecs/compress"],
    "codecs/text": SEAMS,
    "agent": [*SEAMS, "net"],
    "buffer/log": ["base", "codecs/kafka", "codecs/compress"],
    "buffer/broker/core": BROKER,
    "buffer/broker/config": BROKER,
    "buffer/broker/topics": [*BROKER, "buffer/broker/config"],
    "buffer/broker/partitions": [*BROKER, "buffer/broker/topics"],
    "buffer/broker/net": [*BROKER, "buffer/broker/config"],
    "buffer/broker/state": [*BROKER, "buffer/broker/topics"],
    "buffer/broker/group": [*BROKER, "buffer/broker/config", "buffer/broker/topics", "buffer/broker/state"],
    "buffer/broker/apis": [*BROKER, "buffer/broker/config", "buffer/broker/topics", "buffer/broker/partitions", "buffer/broker/state", "buffer/broker/group"],
    "buffer/broker": [*BROKER, "buffer/broker"],
    "buffer/client": SEAMS,
    "sinks": [*SEAMS, "net"],
    "pipelines/conf": ["base", "event", "codecs/text"],
    "pipelines/filters": [*SEAMS, "codecs/text"],
    "pipelines/topology": [*SEAMS, "codecs/text", "pipelines/conf", "pipelines/filters", "agent", "buffer/client", "sinks"],
    "web": ["base", "net"],
    "cli": [*SEAMS, "net", "codecs", "agent", "buffer", "sinks", "pipelines", "web"],
}
# pattern, what to use instead, [files that may]
BANNED = [
    (r"\basio::detached\b", "spawn with a completion handler that reports what the coroutine threw"),
    # record_format.h prints what librdkafka gave it, as text and nothing else.
    (
        r"\bint64_t \w*offset\b",
        "use `offset` from base/ids.h",
        r"_test\.cc|codecs/kafka|buffer/client|cli/record_format\.h",
    ),
    (r"\bsystem_clock::now", "take a clock& (base/clock.h)", r"base/clock\.h"),
    # Threads that wait for librdkafka or on a condition variable wait by the machine's clock.
    (
        r"\bsteady_clock::now",
        "take a clock& (base/clock.h)",
        r"base/clock\.h|buffer/client/|pipelines/topology/|cli/",
    ),
    (r"\bfmt::v?format_to\(", "add what fmt::format gives: format_to compiles all of fmt's formatting into its caller (docs/adr-002-build.md)"),
    (r"\bstrtok\(|\bsprintf\(|\bstrcpy\(|\bgets\(", "use fmt or std::string"),
]
# Of unit tests; wait.h is what they wait with.
BANNED_IN_UNIT_TESTS = [
    (r"\bsleep_for\(|\bsleep_until\(|\busleep\(|\bnanosleep\(", "move a manual_clock, or wait for a condition (tests/unit/wait.h)"),
]
LINES_MAX = 700
TEST_LINES_MAX = 800
# A longer source begins with a sentence that says what it is.
LINES_WITHOUT_HEAD_MAX = 150


def is_below(path, folder):
    return path == folder or path.startswith(folder + "/")


def folder_of(path):
    return max((each for each in MAY_INCLUDE if is_below(path, each)), key=len)


def allowed(folder, included):
    target = folder_of(included)
    return target == folder or any(is_below(target, each) for each in MAY_INCLUDE[folder])


def check_file(path, text):
    name = str(path.relative_to(ROOT))
    is_test = name.startswith("tests/")
    if not is_test:
        for number, line in enumerate(text.splitlines(), 1):
            found = re.match(r'#include "([^"]+)"', line)
            if found and not allowed(folder_of(name), found[1]):
                yield f"{name}:{number}: {folder_of(name)} must not include {found[1]}"
    is_unit_test = name.startswith("tests/unit/") and name != "tests/unit/wait.h"
    for pattern, instead, *exempt in BANNED_IN_UNIT_TESTS if is_unit_test else [] if is_test else BANNED:
        if exempt and re.search(exempt[0], name):
            continue
        for found in re.finditer(pattern, text):
            line = text.count("\n", 0, found.start()) + 1
            yield f"{name}:{line}: '{found[0]}' is banned: {instead}"
    limit = TEST_LINES_MAX if is_test else LINES_MAX
    if text.count("\n") > limit:
        yield f"{name}: {text.count(chr(10))} lines, more than {limit}: split it by meaning"
    if path.suffix == ".cc" and text.count("\n") > LINES_WITHOUT_HEAD_MAX and not text.startswith("//"):
        yield f"{name}: begins without a sentence that says what it is"
    if path.suffix == ".h" and not text.startswith("//"):
        yield f"{name}: begins without a comment that says what it is"
    if path.suffix == ".h" and "#pragma once" not in text:
        yield f"{name}: has no #pragma once"


def named_sources(build):
    """The files that one meson.build names: 'x.cc', '../y/x.cc', and the keys of a dictionary whose
    loop adds the suffix (name + '.cc')."""
    text = build.read_text()
    names = re.findall(r"'([^'\n]+\.cc)'", text)
    if "+ '.cc'" in text:
        names += [key + ".cc" for key in re.findall(r"^\s*'(\w+)'\s*:", text, re.M)]
    return {(build.parent / name).resolve() for name in names}


def unknown_to_meson(sources):
    known = {ROOT / "cli/main.cc"}
    for top in [*CODE, "tests"]:
        for build in (ROOT / top).rglob("meson.build"):
            known |= named_sources(build)
    for path in sources:
        if path.suffix == ".cc" and path not in known:
            yield f"{path.relative_to(ROOT)}: no meson.build names it"


def without_readme():
    for top in CODE:
        for folder in [ROOT / top, *(p for p in (ROOT / top).rglob("*") if p.is_dir())]:
            if any(folder.glob("*.h")) and not (folder / "README.md").exists():
                yield f"{folder.relative_to(ROOT)}: has no README.md"


def pages():
    tops = [ROOT / top for top in [*CODE, "tests", "docs", "examples"]]
    return [*ROOT.glob("*.md"), *(page for top in tops for page in sorted(top.rglob("*.md")))]


def anchors_of(page):
    """As the usual renderers make them of headings."""
    headings = re.findall(r"^#+ +(.+?)\s*$", page.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}


def broken_links(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        there = (page.parent / path).resolve() if path else page
        if not there.exists():
            yield f"{page.relative_to(ROOT)}: the link {target} leads nowhere"
        elif anchor and anchor not in anchors_of(there):
            yield f"{page.relative_to(ROOT)}: {there.name} has no heading for {target}"


def without_seeds():
    for source in sorted((ROOT / "tests" / "fuzz").glob("*_fuzz.cc")):
        seeds = ROOT / "tests" / "fuzz" / "corpus" / source.stem
        if not seeds.is_dir() or not any(seeds.iterdir()):
            yield f"{source.relative_to(ROOT)}: tests/fuzz/corpus/{source.stem} has no seed for it"


def main():
    sources = [
        path
        for top in [*CODE, "tests"]
        for path in sorted((ROOT / top).rglob("*"))
        if path.suffix in (".h", ".cc")
    ]
    problems = [p for path in sources for p in check_file(path, path.read_text())]
    problems += unknown_to_meson(sources)
    problems += without_readme()
    problems += without_seeds()
    problems += (p for page in pages() for p in broken_links(page))
    problems += (p for page in pages() for p in blocks_of(page)[1])
    print("\n".join(problems) if problems else f"{len(sources)} sources keep the rules")
    sys.exit(1 if problems else 0)


main()
