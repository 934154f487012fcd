"""Spreading a build over processes makes no text, template or item of a feed twice."""

from __future__ import annotations

import os
import sys
from collections import Counter, OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sitekit import MakeSite, many

from digest.feeds import rss
from digest.markup import Converter
from digest.templates import Environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")

COUNT = 50


class Tally:
    """Counts calls in every process, in a file that all append to."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def around(self, real: Callable[..., Any], name_of: Callable[..., str]) -> Callable[..., Any]:
        """``real``, counted under a name made from its arguments."""

        def work(*args: Any, **kwargs: Any) -> Any:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{name_of(*args, **kwargs)}\t{os.getpid()}\n")
            return real(*args, **kwargs)

        return work

    def taken(self) -> tuple[Counter[str], set[str]]:
        """How often each name was counted since the last time, and in which processes."""
        rows = [row.split("\t") for row in self._file.read_text("utf-8").splitlines()]
        self._file.write_text("", encoding="utf-8")
        return Counter(name for name, _ in rows), {process for _, process in rows}


@pytest.fixture
def tally(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tally:
    """Conversions, compiled templates and items of RSS; two processes pay for few articles."""
    monkeypatch.setattr("digest.parallel.THRESHOLD", 8)
    monkeypatch.setattr("digest.templates._CODES", OrderedDict())
    found = Tally(tmp_path / "tally")
    convert = found.around(Converter.convert, lambda *_, path, **__: str(path))
    monkeypatch.setattr(Converter, "convert", convert)
    compiled = found.around(Environment._generate, lambda _, __, name, *___, **____: str(name))
    monkeypatch.setattr(Environment, "_generate", compiled)
    monkeypatch.setattr(rss, "item", found.around(rss.item, lambda entry: f"item {entry.id}"))
    return found


def test_each_text_template_and_item_is_made_once(make_site: MakeSite, tally: Tally) -> None:
    site = make_site(many(COUNT), jobs=2)
    assert site.ok, site.problems
    counts, processes = tally.taken()
    assert len([name for name in counts if name.endswith(".md")]) == COUNT
    assert len([name for name in counts if name.startswith("item ")]) == COUNT
    assert "base.html" in counts
    assert len(processes) > 2  # both workers and the process that started them
    assert {name: count for name, count in counts.items() if count > 1} == {}


def test_the_next_build_has_all_of_it(make_site: MakeSite, root: Path, tally: Tally) -> None:
    assert make_site(many(COUNT), jobs=2).ok
    tally.taken()
    assert make_site({}, settings='tagline = "Lain"\n', jobs=2).ok
    counts, _ = tally.taken()
    assert not [name for name in counts if name.endswith(".md")]
    assert "base.html" not in counts
