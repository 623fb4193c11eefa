#!/usr/bin/env python3
"""What no linter knows about this tree: which folder may include which, calls that are banned (and
what to use instead), sources that no meson.build names, and headers without a word about themselves.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = ["base", "codecs", "agent", "buffer", "sinks", "pipelines", "cli"]
# folder -> what it may include besides itself; the order is the order of the path of a line
MAY_INCLUDE = {
    "base": [],
    "codecs": ["base"],
    "agent": ["base", "codecs"],
    "buffer/log": ["base", "codecs"],
    "buffer/broker": ["base", "codecs", "buffer/log"],
    "buffer/client": ["base", "codecs"],
    "sinks": ["base", "codecs"],
    "pipelines": ["base", "codecs", "agent", "buffer/client", "sinks"],
    "cli": ["base", "codecs", "agent", "buffer", "sinks", "pipelines"],
}
BANNED = [
    (r"\basio::detached\b", "spawn with a completion handler that reports what the coroutine threw"),
    (r"\bint64_t \w*offset\b", "use `offset` from base/ids.h", r"_test\.cc|codecs/kafka|buffer/client"),
    (r"\bsystem_clock::now|steady_clock::now", "take a clock& (base/clock.h)", r"base/clock\.h"),
    (r"\bstrtok\(|\bsprintf\(|\bstrcpy\(|\bgets\(", "use fmt or std::string"),
]
LINES_MAX = 500
TEST_LINES_MAX = 800


def folder_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if parts[0] == "buffer" else parts[0]


def allowed(folder, included):
    target = folder_of(included)
    return target == folder or any(
        target == each or target.startswith(each + "/") for each in MAY_INCLUDE[folder]
    )


def check_file(path, text):
    name = str(path.relative_to(ROOT))
    is_test = name.startswith("tests/")
    if not is_test:
        for number, line in enumerate(text.splitlines(), 1):
            found = re.match(r'#include "([^"]+)"', line)
            if found and not allowed(folder_of(name), found[1]):
                yield f"{name}:{number}: {folder_of(name)} must not include {found[1]}"
        for pattern, instead, *exempt in BANNED:
            if exempt and re.search(exempt[0], name):
                continue
            for found in re.finditer(pattern, text):
                line = text.count("\n", 0, found.start()) + 1
                yield f"{name}:{line}: '{found[0]}' is banned: {instead}"
    limit = TEST_LINES_MAX if is_test else LINES_MAX
    if text.count("\n") > limit:
        yield f"{name}: {text.count(chr(10))} lines, more than {limit}: split it by meaning"
    if path.suffix == ".h" and not text.startswith("//"):
        yield f"{name}: begins without a comment that says what it is"
    if path.suffix == ".h" and "#pragma once" not in text:
        yield f"{name}: has no #pragma once"


def unknown_to_meson(sources):
    for path in sources:
        if path.suffix != ".cc":
            continue
        here = path.parent
        while here != ROOT.parent:
            build = here / "meson.build"
            if build.exists() and str(path.relative_to(here)) in build.read_text():
                break
            here = here.parent
        else:
            yield f"{path.relative_to(ROOT)}: no meson.build names it"


def main():
    sources = [
        path
        for top in [*CODE, "tests"]
        for path in sorted((ROOT / top).rglob("*"))
        if path.suffix in (".h", ".cc")
    ]
    problems = [p for path in sources for p in check_file(path, path.read_text())]
    problems += unknown_to_meson(sources)
    for folder in CODE:
        for each in [ROOT / folder, *(p for p in (ROOT / folder).rglob("*") if p.is_dir())]:
            if any(each.glob("*.h")) and not (each / "README.md").exists():
                problems.append(f"{each.relative_to(ROOT)}: has no README.md")
    print("\n".join(problems) if problems else f"{len(sources)} sources keep the rules")
    sys.exit(1 if problems else 0)


main()
