"""Lone "Baca Juga" lines."""

from __future__ import annotations

import pytest
from markup_samples import convert, html, place, problems

from digest.model import RelatedSlot


@pytest.mark.parametrize(
    "line",
    [
        "Baca Juga", "baca juga", "BACA JUGA:", "Baca  Juga :", "**Baca Juga**", "**Baca Juga:**",
        "*Baca juga*:", "***Baca Juga***", "<b>Baca Juga</b>", "__Baca Juga__:",
    ],
)  # fmt: skip
def test_lone_marker_line_becomes_a_slot(line: str) -> None:
    body = convert(f"Satu.\n\n{line}\n\nDua.")
    assert [part for part in body.parts if isinstance(part, RelatedSlot)] == [RelatedSlot()]
    assert html(f"Satu.\n\n{line}\n\nDua.") == "<p>Satu.</p>\n{R}\n<p>Dua.</p>"
    assert body.paragraphs == ("Satu.", "Dua.")


@pytest.mark.parametrize(
    "text",
    [
        "Baca Juga: [Judul](a.md)", "Baca Juga\nJudul lain", "Baca Juga Koran", "`Baca Juga`",
        "[Baca Juga](a.md)", "Baca Jugalah",
    ],
)  # fmt: skip
def test_other_lines_that_begin_alike_are_text(text: str) -> None:
    assert "{R}" not in html(f"Satu.\n\n{text}\n\nDua.")


def test_several_markers_and_words_of_the_locale() -> None:
    text = "Satu.\n\nRead also\n\nDua.\n\nSEE ALSO:\n\nTiga.\n\nBaca Juga"
    assert html(text, read_also=("Read Also", "See also")) == (
        "<p>Satu.</p>\n{R}\n<p>Dua.</p>\n{R}\n<p>Tiga.</p>\n<p>Baca Juga</p>"
    )


def test_neighbouring_markers_are_one() -> None:
    assert html("Satu.\n\nBaca Juga\n\nBaca Juga:\n\nDua.").count("{R}") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A.\n\nB.\n\nBaca Juga\n\n## C\n\nD.", "<p>A.</p>\n{R}\n<p>B.</p>\n<h2"),
        ("A.\n\nB:\n\nBaca Juga\n\n- c", "<p>A.</p>\n{R}\n<p>B:</p>\n<ul>"),
        ("A.\n\nBaca Juga", "<p>A.</p>\n{R}"),
        ("Baca Juga\n\nA.", "{R}\n<p>A.</p>"),
    ],
)
def test_marker_is_never_before_a_heading_or_after_a_lead_in(text: str, shown: str) -> None:
    assert html(text).startswith(shown)
    assert problems(text) == ()


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("A.\n\nBaca Juga\n\n## C", 5, 1),
        ("A.\n\n## B\n\nBaca Juga\n\n## C", 7, 1),
        ("A.\n\n- b\n- Baca Juga\n", 6, 3),
        ("A.\n\n> b\n>\n> **Baca Juga:**\n", 7, 5),
        ("| A |\n|---|\n| Baca Juga |\n", 5, 3),
        ("Baca Juga\n\nA.[^1]\n\n[^1]: B\n\n    - Baca Juga", 9, 7),
    ],
)
def test_marker_without_a_fit_place_is_told(text: str, line: int, column: int) -> None:
    (problem,) = problems(text, first_line=3)
    assert place(problem)[:4] == ("D210", "a.md", line, column)
    assert problem.severity == "warning"
    assert "no block of related articles can stand" in problem.message


def test_a_marker_at_top_level_never_stays_as_text() -> None:
    assert "Baca" not in html("A.\n\nBaca Juga\n\n## C")
