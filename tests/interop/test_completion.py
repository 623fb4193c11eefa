"""Completion in the shells themselves. A shell that is not installed is passed over: nothing else here needs
zsh and fish, so `./dev setup` does not bring them; bash is always there."""

import os
import shutil
import subprocess

import pytest
from lab import BINARY


def shell(name):
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(tmp_path, *arguments, script=""):
    (tmp_path / "logboom").symlink_to(BINARY)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        [*arguments], input=script, env=environment, capture_output=True, text=True,
        timeout=60, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return done.stdout


# What is offered after each line: some words that must be among it, and some that must not.
LINES = [
    ("logboom top", {"topics"}, {"groups"}),
    ("logboom topics --bootstrap-serv", {"--bootstrap-server"}, {"--list"}),
    ("logboom completion ", {"bash", "zsh", "fish"}, {"topics"}),
    ("logboom help gr", {"groups"}, {"topics"}),
]


def check(line, offered, wanted, unwanted):
    assert wanted <= offered and not unwanted & offered, (line, offered)


def test_bash(tmp_path):
    script = "source <(logboom completion bash)\n"
    for line, _, _ in LINES:
        words = line.split(" ")
        script += f"COMP_WORDS=({' '.join(word or repr('') for word in words)})\n"
        script += f"COMP_CWORD={len(words) - 1}; _logboom; echo \"${{COMPREPLY[*]}}\"\n"
    answers = run(tmp_path, shell("bash"), "--norc", script=script).splitlines()
    for (line, wanted, unwanted), answer in zip(LINES, answers, strict=True):
        check(line, set(answer.split()), wanted, unwanted)


def test_fish(tmp_path):
    script = "logboom completion fish | source\n"
    for line, _, _ in LINES:
        script += f"complete -C '{line}'; echo ==\n"
    answers = run(tmp_path, shell("fish"), "--no-config", script=script).split("==\n")
    for (line, wanted, unwanted), answer in zip(LINES, answers, strict=False):
        check(line, {each.split("\t")[0] for each in answer.splitlines()}, wanted, unwanted)


def test_zsh(tmp_path):
    # Only the line editor calls compadd; what _describe is given is what it would show.
    script = (
        "autoload -U compinit && compinit -D -u\n"
        "source <(logboom completion zsh)\n"
        "[[ $_comps[logboom] == _logboom ]] || exit 3\n"
        '_describe() { print -- "${(P@)2%%:*}" }\n'
        "_files() { print FILES }\n"
    )
    lines = [each[0] for each in LINES] + ["logboom run -f "]
    # Read as source, and as a file of fpath, which completes from the first time on.
    for autoload in ("", "unfunction _logboom\nlogboom completion zsh > _logboom\nfpath=(. $fpath); autoload -Uz _logboom\n"):
        script += autoload
        for line in lines:
            words = line.split(" ")
            script += f"words=({' '.join(word or repr('') for word in words)}); CURRENT={len(words)}; _logboom\n"
    answers = run(tmp_path, shell("zsh"), "-f", script=script).splitlines()
    assert len(answers) == 2 * len(lines), answers
    for (line, wanted, _), answer in zip(LINES * 2, answers[:4] + answers[5:9], strict=True):
        check(line, set(answer.split()), wanted, set())
    assert answers[4] == answers[9] == "FILES"
