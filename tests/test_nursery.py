"""Commands that are forked from the nursery are as commands that are started from nothing."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import nursery
import pytest
from nursery import Child
from sitekit import article, environment, many, run, start, write_site

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="started from nothing elsewhere")

SITE = {**many(2), "content/articles/é.md": article("É", text="![x](x.svg)", tags=["É"])}


@pytest.mark.parametrize(
    "args",
    [
        ["check"],
        ["list"],
        ["list", "--json"],
        ["build", "--strict", "--json"],
        ["bild"],
        ["new", "article", "日本", "--json"],
    ],
    ids=" ".join,
)
def test_it_says_the_same_with_the_same_exit_code(tmp_path: Path, args: list[str]) -> None:
    said = []
    for fresh in (True, False):
        root = tmp_path / str(fresh)
        write_site(root, SITE)
        done = run(args, root, environment(tmp_path), fresh=fresh)
        texts = (re.sub(r"\d+\.\d+", "…", text) for text in (done.out, done.err))
        said.append((done.exit_code, *(text.replace(str(root), "") for text in texts)))
    assert said[0] == said[1]


def test_it_has_its_own_folder_environment_and_home(root: Path, tmp_path: Path) -> None:
    write_site(root, {})
    editor = tmp_path / "penyunting.sh"
    editor.write_text(
        '#!/bin/sh\nenv > "$HOME/env"; pwd > "$HOME/pwd"; ls -l /proc/$PPID/fd > "$HOME/fd"\n'
    )
    editor.chmod(0o755)
    env = environment(tmp_path, {"EDITOR": str(editor)})
    assert run(["new", "article", "A", "--edit"], root, env).exit_code == 0
    given = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert {key: given.get(key) for key in env} == env
    assert not given.keys() - env.keys() - {"LC_CTYPE", "PWD", "OLDPWD", "SHLVL", "_"}
    assert (tmp_path / "pwd").read_text() == f"{root}\n"
    files = (tmp_path / "fd").read_text()
    assert len(re.findall(r" \d+ -> ", files)) == 3, files
    assert files.count("/dev/null") == 1


def test_it_can_be_killed_and_keeps_its_number_until_that_was_told(
    root: Path, tmp_path: Path
) -> None:
    write_site(root, many(300))
    process = start(["build"], root, environment(tmp_path), own_session=True)
    assert isinstance(process, Child) != nursery.FRESH
    assert os.getpgid(process.pid) == process.pid
    assert process.poll() is None
    os.killpg(process.pid, signal.SIGKILL)
    os.killpg(process.pid, 0)
    assert process.wait(60) == -signal.SIGKILL
