"""Problems: each code with its message and place, and limits on hostile texts."""

from __future__ import annotations

import signal
import threading
import time

import pytest
from markup_samples import html, place, problems

from digest.errors import Problem
from digest.markup import Converter, MarkupSettings

HOSTILE = {
    "open brackets": "[" * 20_000,
    "open footnotes": "[^" * 10_000,
    "open images": "![" * 10_000,
    "open links": "[a](" * 5_000,
    "open wiki links": "[[" * 10_000,
    "cdata": "<![CDATA[" * 2_300,
    "open tags": "<a " * 7_000,
    "comments": "<!--" * 5_000,
    "quotes": ">" * 5_000,
    "asterisks": "*" * 20_000,
    "emphasis": "_*" * 10_000,
    "ticks": " ".join("`" * n for n in range(200)),
    "fences": "\n".join("`" * n for n in range(3, 200)),
    "deep list": "\n".join("    " * n + "- x" for n in range(300)),
    "deep quotes": "\n".join(">" * n + " x" for n in range(300)),
    "straight quotes": "'a \"b" * 5_000,
    "escapes": "\\" * 20_000,
    "references": "&#1;" * 5_000,
    "pipes": "|" * 20_000 + "\n" + "|-" * 10_000,
    "abbreviations": "".join(f"*[A{n}]: x\n" for n in range(800)) + "A1 " * 800,
    "attribute lists": "![a](b){a=b " * 1_500,
}


def test_d202_names_file_size_and_limit() -> None:
    (problem,) = problems("é" * 600, first_line=7, max_bytes=1000)
    assert place(problem) == ("D202", "a.md", 7, 1, "")
    assert problem.message == "text of 1,200 bytes is over the limit of 1,000 bytes"
    assert problem.severity == "error"


def test_ten_megabytes_are_refused_at_once() -> None:
    start = time.process_time()
    converted = Converter(MarkupSettings()).convert("kata " * 2_000_000, path="a.md")
    assert converted.body is None
    assert time.process_time() - start < 0.5


# The limit may strike in a callback of the garbage collector, which reports and drops it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("raw_html", ["trusted", "sanitized"])
def test_hostile_text_ends_within_the_limit_and_leaves_a_usable_converter(
    name: str, raw_html: str
) -> None:
    converter = Converter(MarkupSettings(raw_html=raw_html, time_limit=0.3))  # type: ignore[arg-type]
    calm = converter.convert("Kata *ya*[^1].\n\n[^1]: x", path="b.md")
    start = time.process_time()
    converted = converter.convert(HOSTILE[name], path="a.md", first_line=3)
    assert time.process_time() - start < 1.2
    if converted.body is None:
        assert [place(problem)[:4] for problem in converted.problems] == [("D203", "a.md", 3, 1)]
    assert converter.convert("Kata *ya*[^1].\n\n[^1]: x", path="b.md") == calm


def test_d203_tells_the_limit() -> None:
    (problem,) = problems("[a](" * 8_000, time_limit=0.05)
    assert problem.code == "D203"
    assert problem.message == "Markdown not converted within the limit of 0.05 s"


def test_d203_tells_of_nesting() -> None:
    (problem,) = problems(">" * 5_000)
    assert (problem.code, problem.message) == (
        "D203",
        "Markdown is nested too deeply to be converted",
    )


def test_d214_tells_of_crossed_emphasis() -> None:
    (problem,) = problems("Kata.\n\n*`x`**a*`x`)b*", first_line=4)
    assert place(problem)[:3] == ("D214", "a.md", 4)
    assert problem.severity == "error"


def test_d213_tells_of_a_failing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: object, text: str) -> None:
        raise AssertionError("odd")

    converter = Converter(MarkupSettings())
    monkeypatch.setattr("digest.markup.engine.Engine.parse", fail)
    converted = converter.convert("Kata.", path="a.md", first_line=4)
    assert converted.body is None
    assert [place(problem)[:4] for problem in converted.problems] == [("D213", "a.md", 4, 1)]
    assert converted.problems[0].message.endswith("AssertionError: odd")
    monkeypatch.undo()
    assert converter.convert("Kata.", path="a.md").body is not None


def test_timer_and_handler_are_put_back() -> None:
    def handler(signum: int, frame: object) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGVTALRM, handler)
    signal.setitimer(signal.ITIMER_VIRTUAL, 500)
    try:
        problems("[a](" * 8_000, time_limit=0.05)
        assert signal.getsignal(signal.SIGVTALRM) is handler
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 400
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def test_another_thread_converts_without_a_timer() -> None:
    found: list[tuple[Problem, ...]] = []
    thread = threading.Thread(target=lambda: found.append(problems("Kata *ya*.")))
    thread.start()
    thread.join()
    assert found == [()]


@pytest.mark.parametrize(
    ("text", "expected", "message"),
    [
        (
            "Satu.\n\n![](a.jpg)",
            ("D205", "a.md", 12, 5, "![](a.jpg)"),
            "image 'a.jpg' has no text alternative",
        ),
        (
            "Satu.\n\nDua `# x`.\n\n# Judul #",
            ("D206", "a.md", 14, 1, "# Judul #"),
            "heading of level 1 in the text is shown at level 2: 'Judul'",
        ),
        (
            "Satu\n===",
            ("D206", "a.md", 10, 1, "Satu"),
            "heading of level 1 in the text is shown at level 2: 'Satu'",
        ),
        (
            "## Judul {#x onclick=alert(1)}",
            ("D207", "a.md", 10, 14, "## Judul {#x onclick=alert(1)}"),
            "attribute 'onclick' is not allowed and is left out",
        ),
        (
            "Kata *ya*{style='color:red'}.",
            ("D207", "a.md", 10, 11, "Kata *ya*{style='color:red'}."),
            "attribute 'style' is not allowed and is left out",
        ),
        (
            "![a](b.jpg){width=3}",
            ("D207", "a.md", 10, 13, "![a](b.jpg){width=3}"),
            "attribute 'width' is not allowed and is left out",
        ),
        (
            "Kata.\n\n[^x]: Catatan.",
            ("D208", "a.md", 12, 1, "[^x]: Catatan."),
            "footnote 'x' is never referred to",
        ),
        (
            "Kata `[^x]`.\n\nDua[^x].",
            ("D209", "a.md", 12, 4, "Dua[^x]."),
            "footnote mark without a note: 'x'",
        ),
        (
            "## A {#x}\n\n## B {#x}",
            ("D211", "a.md", 12, 7, "## B {#x}"),
            "id 'x' is already used in this text; the second one is left out",
        ),
        (
            "Kata.\n\n```py\nx = 1\n",
            ("D212", "a.md", 12, 1, "```py"),
            "code fence '```' is never closed, so it is shown as text",
        ),
    ],
)
def test_warning_tells_what_and_where(
    text: str, expected: tuple[str, str, int, int, str], message: str
) -> None:
    (problem,) = problems(text, first_line=10)
    assert place(problem) == expected
    assert problem.message == message
    assert problem.severity == "warning"
    assert problem.hint


@pytest.mark.parametrize(
    "text", ["## J {onclick=x}", "*a*{style=x}", "[a](b.md){onfocus=x}", "![a](b){onerror=x}"]
)
@pytest.mark.parametrize("raw_html", ["trusted", "sanitized"])
def test_refused_attributes_are_not_in_the_html(text: str, raw_html: str) -> None:
    found = html(text, raw_html=raw_html)
    assert "on" not in found.replace("loading", "").replace("async", "") or "=x" not in found
    assert '="x"' not in found


def test_second_use_of_an_id_is_left_out() -> None:
    assert html("## A {#x}\n\n## B {#x}") == '<h2 id="x">A</h2>\n<h2 id="b">B</h2>'
