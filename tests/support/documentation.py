"""What the Markdown of the tree shows: its fenced blocks, each with the marker that says how a test runs it.

The marker is a comment in the line before the fence, which a reader of the page does not see:

  <!-- test: KIND ARGUMENT -->

The kinds are in tests/interop/test_documentation.py. `none` is for what cannot be run, and says why.
"""

import dataclasses
import pathlib
import re

from lab import ROOT

MARKER = re.compile(r"<!-- test: (\S+) ?(.*?) ?-->")


@dataclasses.dataclass
class Block:
    place: str  # README.md:61, the line of the fence
    kind: str
    argument: str
    text: str

    def commands(self):
        """One a line; what a backslash continues is joined."""
        joined = re.sub(r"\\\n\s*", "", self.text)
        return [line for line in joined.splitlines() if line.strip()]


def documents():
    """Every page of the tree that says something to a reader."""
    folders = [each for each in ROOT.iterdir() if each.is_dir() and not each.name.startswith((".", "build"))]
    found = [*ROOT.glob("*.md"), *(page for each in folders for page in each.rglob("*.md"))]
    return sorted(each for each in found if each.name != "CHANGELOG.md")


def name(path):
    return str(pathlib.Path(path).relative_to(ROOT))


def blocks_of(path):
    """(blocks, complaints): a fence without a marker and a marker without a fence are complaints, and
    so is a block by indentation, which could have no marker."""
    blocks, complaints = [], []
    marker, fence, text, before = None, None, [], ""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        place = f"{name(path)}:{number}"
        if fence:
            if line.startswith("```"):
                blocks.append(Block(fence, *(marker or ("", "")), "\n".join(text) + "\n"))
                marker = fence = None
            else:
                text.append(line)
            continue
        if line.startswith("```"):
            if marker is None:
                complaints.append(f"{place}: a block without a marker")
            fence, text = place, []
        else:
            if marker is not None:
                complaints.append(f"{place}: no block follows the marker")
            if line.startswith("    ") and not before.strip():
                complaints.append(f"{place}: a block by indentation; fence it")
            found = MARKER.fullmatch(line)
            marker = found.groups() if found else None
        before = line
    if fence or marker is not None:
        complaints.append(f"{name(path)}: ends in a block or behind a marker")
    return blocks, complaints


def spans_of(path):
    """(place, text) of every `code span` outside of blocks."""
    inside = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith("```"):
            inside = not inside
        elif not inside:
            for text in re.findall(r"`([^`]+)`", line):
                yield f"{name(path)}:{number}", text.replace("\\|", "|")
