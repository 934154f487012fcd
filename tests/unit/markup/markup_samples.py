"""What the tests of this folder share: short ways to convert, and to show a body."""

from __future__ import annotations

from typing import Any

from digest.errors import Problem
from digest.markup import Converter, MarkupSettings
from digest.model import Body, DatelineSlot, ImageSlot, LinkSlot, RelatedSlot, TitleSlot


def convert(text: str, **settings: Any) -> Body:
    """The body of ``text`` with a fresh converter; trusted raw HTML unless said."""
    body = (
        Converter(MarkupSettings(**{"raw_html": "trusted", **settings}))
        .convert(text, path="content/articles/a.md", first_line=1)
        .body
    )
    assert body is not None
    return body


def show(body: Body) -> str:
    """The HTML of a body with readable slots: ``{L0}``, ``{T0}``, ``{I0}``, ``{D}``, ``{R}``."""
    shown = []
    for part in body.parts:
        match part:
            case str():
                shown.append(part)
            case LinkSlot(index):
                shown.append(f"{{L{index}}}")
            case TitleSlot(index):
                shown.append(f"{{T{index}}}")
            case ImageSlot(index):
                shown.append(f"{{I{index}}}")
            case DatelineSlot():
                shown.append("{D}")
            case RelatedSlot():
                shown.append("{R}")
    return "".join(shown)


def html(text: str, **settings: Any) -> str:
    """Shown HTML of ``text`` without dateline marks."""
    return show(convert(text, **settings)).replace("{D}", "")


def problems(text: str, first_line: int = 1, **settings: Any) -> tuple[Problem, ...]:
    """The problems of ``text`` in ``a.md``."""
    return (
        Converter(MarkupSettings(**settings))
        .convert(text, path="a.md", first_line=first_line)
        .problems
    )


def place(problem: Problem) -> tuple[str, str, int, int, str]:
    """Code, path, line, column and source line of a problem."""
    assert problem.where is not None
    where = problem.where
    return (problem.code, where.path, where.line, where.column, where.source)
