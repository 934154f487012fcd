"""Problems told to people, to GitHub, to code scanners and as JSON."""

from __future__ import annotations

import json

import pytest

from digest.errors import Problem, Where
from digest.report import problems_github, problems_json, problems_sarif, problems_text

PLAIN = Problem(
    "D240",
    "no such file",
    Where("content/a.md", 3, 5, "abc [x](y)"),
    "did you mean z?",
    also=(Where("content/b.md", 1),),
)


def test_text_has_place_severity_message_code_excerpt_caret_and_hint() -> None:
    assert problems_text([PLAIN], colour=False) == (
        "content/a.md:3:5: error: no such file [D240]\n"
        "    3 | abc [x](y)\n"
        "      |     ^\n"
        "  also: content/b.md:1:1\n"
        "  hint: did you mean z?\n"
    )


def test_colour_changes_nothing_but_colour() -> None:
    import re

    coloured = problems_text([PLAIN], colour=True)
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == problems_text([PLAIN], colour=False)


def caret(source: str, column: int) -> tuple[str, str]:
    """The excerpt line and what stands in it above the caret."""
    text = problems_text([Problem("D1", "m", Where("a", 1, column, source))], colour=False)
    _, line, mark = text.splitlines()
    return line[8:], mark[8:]


@pytest.mark.parametrize(
    ("source", "column", "wide"),
    [("abc", 3, 2), ("\tabc", 2, 1), ("日本x", 3, 4), ("e\u0301x", 3, 1), ("abc", 4, 3)],
)
def test_the_caret_stands_below_its_column(source: str, column: int, wide: int) -> None:
    assert caret(source, column)[1] == " " * wide + "^"


@pytest.mark.parametrize("column", [1, 60, 5000, 9999])
def test_a_long_line_is_cut_around_the_column(column: int) -> None:
    source = "".join(chr(97 + number % 26) for number in range(10_000))
    line, mark = caret(source, column)
    assert len(line) <= 100
    assert line[mark.index("^")] == source[column - 1]


@pytest.mark.parametrize("text", ["\x1b[31m", "a\x07b", "\u202eabc", "\x9b1m"])
def test_control_characters_never_reach_the_terminal(text: str) -> None:
    problem = Problem("D1", text, Where(f"a{text}", 1, 1, text), text, also=(Where(text),))
    shown = problems_text([problem], colour=False)
    assert text not in shown
    assert all(char.isprintable() or char == "\n" for char in shown)


def test_github_escapes_what_has_a_meaning_there() -> None:
    problem = Problem("D1", "a%b\nc::d", Where("x,y:z%.md", 2, 0), "h", "warning")
    assert problems_github([problem]) == (
        "::warning file=x%2Cy%3Az%25.md,title=D1,line=2,col=1::a%25b%0Ac::d (h)\n"
    )


def test_github_calls_a_note_a_notice_and_needs_no_place() -> None:
    assert problems_github([Problem("D1", "m", severity="note")]) == "::notice title=D1::m\n"


def test_sarif_holds_places_rules_and_levels() -> None:
    log = json.loads(problems_sarif([PLAIN, Problem("D1", "m", severity="note")]))
    (run,) = log["runs"]
    first, second = run["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "content/a.md"
    assert place["region"] == {"startLine": 3, "startColumn": 5}
    assert first["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 1
    assert (first["level"], second["level"]) == ("error", "note")
    assert second["locations"] == []
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["D1", "D240"]


@pytest.mark.parametrize("path", ["a b.md", "a#b.md", "100%.md", "é?.md"])
def test_sarif_places_are_uris(path: str) -> None:
    from urllib.parse import unquote, urlsplit

    log = json.loads(problems_sarif([Problem("D1", "m", Where(path))]))
    uri = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"][
        "uri"
    ]
    assert unquote(urlsplit(uri).path) == path
    assert uri.isascii()


def test_json_has_every_field() -> None:
    assert json.loads(json.dumps(problems_json([PLAIN]))) == [
        {
            "code": "D240",
            "message": "no such file",
            "where": {"path": "content/a.md", "line": 3, "column": 5, "source": "abc [x](y)"},
            "hint": "did you mean z?",
            "severity": "error",
            "also": [{"path": "content/b.md", "line": 1, "column": 0, "source": ""}],
        }
    ]
