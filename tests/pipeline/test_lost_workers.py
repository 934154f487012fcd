"""A document that ends its worker process is named (D203), the others are built or told."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sitekit import MakeSite, many, snapshot

from digest.discover import discover
from digest.markup import Converter
from digest.parse import parse
from digest.render import Renderer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

COUNT = 50
CULPRIT = "content/articles/a0023.md"
TITLE = "Kabar 23"


@pytest.fixture(autouse=True)
def two_processes_for_few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two processes pay for few articles."""
    monkeypatch.setattr("digest.parallel.THRESHOLD", 8)


def deadly(real: Callable[..., Any], path_of: Callable[..., str]) -> Callable[..., Any]:
    """``real``, but for the culprit, which kills the process that works on it."""
    here = os.getpid()

    def work(*args: Any, **kwargs: Any) -> Any:
        if path_of(*args, **kwargs) == CULPRIT and os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args, **kwargs)

    return work


@pytest.mark.parametrize("step", ["reading", "converting", "rendering"])
def test_a_file_that_kills_its_worker_is_named(
    make_site: MakeSite, root: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = make_site(many(COUNT))
    assert before.ok
    left = snapshot(root / "output")
    if step == "reading":
        work = deadly(parse, lambda file, *_, **__: str(file.path))
        monkeypatch.setattr("digest.parse.document.parse", work)
    elif step == "converting":
        work = deadly(Converter.convert, lambda *_, path, **__: str(path))
        monkeypatch.setattr(Converter, "convert", work)
    else:
        work = deadly(Renderer.render, lambda *args: CULPRIT if args[3].title == TITLE else "")
        monkeypatch.setattr(Renderer, "render", work)
    site = make_site({}, jobs=2, cache=False)
    problem = site.problem("D203")
    assert site.exit_code == 1
    assert site.codes == ["D203"]
    assert str(problem.where) == CULPRIT
    assert ("rendering" if step == "rendering" else "reading") in problem.message
    assert "-9" in problem.message
    assert snapshot(root / "output") == left


def test_a_problem_of_the_settings_found_by_a_worker_is_told_as_such(make_site: MakeSite) -> None:
    """CLDR knows no language ``qq``, which shows when the first date is printed."""
    site = make_site(
        {**many(COUNT), "locales/qq.toml": 'name = "Q"\n'}, settings='language = "qq"\n', jobs=2
    )
    assert set(site.codes) == {"D407"}
    assert site.exit_code == 2


def test_the_last_file_is_read_again_when_it_vanishes_and_then_told(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 26, through the pipeline: a file that goes between listing and reading."""

    def and_remove(root: Path, **options: Any) -> Any:
        found = discover(root, **options)
        (root / "content/articles/a0001.md").unlink()
        return found

    monkeypatch.setattr("digest.compose.discover", and_remove)
    site = make_site(many(3))
    assert site.codes == ["D161"]
    assert site.place("D161") == "content/articles/a0001.md"
