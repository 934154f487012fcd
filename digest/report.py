"""Problems as people and programs read them: text, JSON, GitHub annotations, SARIF."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import quote

import msgspec

from digest import __version__
from digest.errors import Problem, Severity, Where

Format = Literal["text", "json", "github", "sarif"]

_COLOURS: dict[Severity, str] = {"error": "31", "warning": "33", "note": "36"}


def problems_text(problems: Sequence[Problem], *, colour: bool) -> str:
    """One block a problem: place, severity, message and code; the source line; the hint."""
    return "\n".join(_block(problem, colour) for problem in problems)


def _block(problem: Problem, colour: bool) -> str:
    place = f"{_styled(visible(str(problem.where)), '1', colour)}: " if problem.where else ""
    severity = _styled(problem.severity, f"1;{_COLOURS[problem.severity]}", colour)
    lines = [f"{place}{severity}: {visible(problem.message)} [{problem.code}]"]
    if problem.where and problem.where.source:
        lines += _excerpt(problem.where, colour)
    lines += [f"  also: {visible(str(where))}" for where in problem.also]
    if problem.hint:
        lines.append(f"  {_styled('hint:', '36', colour)} {visible(problem.hint)}")
    return "\n".join(lines) + "\n"


EXCERPT = 100
"""Characters of the source line that are shown."""


def _excerpt(where: Where, colour: bool) -> list[str]:
    """The source line, cut around the column, and a caret below it."""
    column = max(1, where.column) - 1
    start = max(0, column - EXCERPT // 2) if len(where.source) > EXCERPT else 0
    cut = visible(where.source[start : start + EXCERPT].replace("\t", " "))
    gutter = f"{where.line:>5} | "
    lines = [_styled(gutter, "2", colour) + cut]
    if where.column:
        pad = " " * _width(visible(where.source[start:column].replace("\t", " ")))
        lines.append(" " * (len(gutter) - 2) + _styled("| ", "2", colour) + pad + "^")
    return lines


def _width(text: str) -> int:
    """Columns on a terminal: wide East Asian characters take two, marks none."""
    from unicodedata import combining, east_asian_width  # only when there is an excerpt

    return sum(
        0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text
    )


def visible(text: str) -> str:
    """Without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in text)


def _styled(text: str, style: str, colour: bool) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if colour else text


def problems_github(problems: Sequence[Problem]) -> str:
    """Workflow commands that GitHub Actions shows beside the lines.

    Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
    """
    lines = []
    for problem in problems:
        level = "notice" if problem.severity == "note" else problem.severity
        fields = [f"title={_escaped(problem.code)}"]
        if problem.where:
            fields.insert(0, f"file={_escaped(problem.where.path)}")
            if problem.where.line:
                fields += [f"line={problem.where.line}", f"col={max(1, problem.where.column)}"]
        text = problem.message + (f" ({problem.hint})" if problem.hint else "")
        text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
        lines.append(f"::{level} {','.join(fields)}::{text}")
    return "".join(line + "\n" for line in lines)


def _escaped(value: str) -> str:
    for char, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        value = value.replace(char, code)
    return value


def problems_sarif(problems: Sequence[Problem]) -> str:
    """A SARIF 2.1.0 log for code-scanning tools.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    driver = {
        "name": "digest",
        "version": __version__,
        "rules": [{"id": code} for code in sorted({p.code for p in problems})],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_sarif(p) for p in problems]}],
    }
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _sarif(problem: Problem) -> dict[str, Any]:
    text = problem.message + (f" Hint: {problem.hint}" if problem.hint else "")
    result: dict[str, Any] = {
        "ruleId": problem.code,
        "level": problem.severity,
        "message": {"text": text},
        "locations": [_sarif_place(problem.where)] if problem.where else [],
    }
    if problem.also:
        result["relatedLocations"] = [_sarif_place(where) for where in problem.also]
    return result


def _sarif_place(where: Where) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(where.path)}}
    if where.line:
        place["region"] = {"startLine": where.line, "startColumn": max(1, where.column)}
    return {"physicalLocation": place}


def problems_json(problems: Sequence[Problem]) -> list[Any]:
    """Problems as plain values for a JSON answer."""
    plain = msgspec.to_builtins(tuple(problems))
    assert isinstance(plain, list | tuple)  # noqa: S101 - narrows the type only
    return list(plain)
