"""The two policies for raw HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markup_samples import convert, html, show

from digest.markup.sanitize import Sanitizer

RAW = (
    'Kata <b onclick="x()">tebal</b> <span style="color:red" class="k">x</span>.\n\n'
    '<div class="kotak" id="kotak"><script>alert(1)</script><p>Isi</p>'
    '<iframe src="https://x.id"></iframe><a href="javascript:x">j</a>'
    '<a href="../a.md">lain</a><img src="b.png" onerror="x()" alt=""></div>\n'
)


def test_trusted_html_is_left_as_written() -> None:
    found = html(RAW, raw_html="trusted")
    assert '<b onclick="x()">tebal</b>' in found
    assert RAW.split("\n\n")[1].strip() in found


def test_sanitized_html_keeps_what_is_harmless() -> None:
    found = html(RAW, raw_html="sanitized")
    assert found == (
        '<p>Kata <b>tebal</b> <span class="k">x</span>.</p>\n<div class="kotak" id="kotak">'
        '<p>Isi</p><a>j</a><a href="../a.md">lain</a><img src="b.png" alt=""></div>'
    )


def test_all_that_we_write_survives_sanitizing() -> None:
    text = (
        "Kata <b>x</b>[^1] [[slug]] [l](a.md) [f](https://x.id)\n\nBaca Juga\n\n"
        '![Foto](a.jpg "Ket"){credit="Antara"}\n\n| A | B |\n|--:|---|\n| 1 | 2 |\n\n'
        "## Judul\n\n```py\nx\n```\n\nI\n:   d\n\n3. x\n\n*[x]: y\n\n[^1]: Catatan."
    )
    trusted = convert(text, raw_html="trusted")
    sanitized = convert(text, raw_html="sanitized")
    assert events(show(trusted)) == events(show(sanitized))
    assert trusted.anchors == sanitized.anchors
    assert [part for part in trusted.parts if not isinstance(part, str)] == [
        part for part in sanitized.parts if not isinstance(part, str)
    ]


def test_ids_that_do_not_survive_are_no_anchors() -> None:
    text = '<form id="a"><p id="b">x</p></form>\n\n## J\n'
    assert convert(text, raw_html="trusted").anchors == ("j", "a", "b")
    assert convert(text, raw_html="sanitized").anchors == ("b", "j")


@pytest.mark.parametrize("raw_html", ["trusted", "sanitized"])
@pytest.mark.parametrize(
    "forged",
    [
        "\ue000L0\ue001", "&#xE000;L0&#xE001;", "&#57344;L0&#57345;", "&#xe000L0&#xe001",
        "<b>&#xE000;L0&#xE001;</b>", '<b title="&#xE000;L0&#xE001;">x</b>',
        "![&#xE000;L0&#xE001;](https://x.id/a)", "`&#xE000;L0&#xE001;` <i>x</i>",
    ],
)  # fmt: skip
def test_slots_cannot_be_forged(forged: str, raw_html: str) -> None:
    body = convert(f"{forged} [a](b.md) <i>x</i>", raw_html=raw_html)
    assert show(body).count("{L0}") == 1


class _Events(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[object] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, sorted(attrs, key=str)))

    def handle_endtag(self, tag: str) -> None:
        self.found.append(tag)

    def handle_data(self, data: str) -> None:
        if self.found and isinstance(self.found[-1], list):
            self.found[-1].append(data)
        else:
            self.found.append([data])


def events(html: str) -> list[object]:
    """Tags, attributes and text of ``html``, however it is spelt."""
    parser = _Events()
    parser.feed(html)
    parser.close()
    return [["".join(e)] if isinstance(e, list) else e for e in parser.found]


MARKDOWN = st.lists(
    st.sampled_from(
        [*'*_`[]()!"\'{}#|>&:;.,-=^\\ \n', "\n\n", "    ", "kata", "a", "1. ", "- ", "[a](b.md)",
         "![x](y)", "{.k}", "[^1]", "\n\n[^1]: ", "[[s]]", "Baca Juga", "&amp;", "&#60;", "&lt;b",
         "```\n", "| a | b |\n|--|--|\n", "https://x.id", ' "t"', "\u00a0", "é"]
    ),
    max_size=40,
).map("".join)  # fmt: skip
SANITIZER = Sanitizer()


@settings(max_examples=150, deadline=None)
@given(MARKDOWN)
def test_without_raw_html_there_is_nothing_to_clean(text: str) -> None:
    found = html(text, raw_html="sanitized")
    assert events(SANITIZER.clean(found)) == events(found)
