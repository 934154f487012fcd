"""Laws: shortcuts change nothing, nothing leaks from text to text, equal in means equal out."""

from __future__ import annotations

import json
import subprocess
import sys
from xml.etree.ElementTree import Element

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markup_samples import show

from digest.markup import Converter, MarkupSettings
from digest.markup.inline import expand
from digest.model import Body, ImageSlot, LinkSlot, TitleSlot

PIECES = [
    *'*_`[]()!"\'{}#|<>&:;.,-=+~^\\\t ', "\n", "\n\n", "\n\n\n", "    ", "  \n", "Kata ", "kata",
    "1. ", "- ", "> ", ": ", "## ", "---", "===", "[a](b.md)", "[r]", "\n[r]: c.md 'j'\n",
    "![x](y 'z')", "{.k}", "{#i}", "[^1]", "\n\n[^1]: n", "*[BI]: Bank\n", "BI", "[[s]]", "[[s|t]]",
    "Baca Juga", "&amp;", "& ", "<b>", "</b>", "<div>", "</div>\n", "<!-- c -->", "<https://x.id>",
    "<a@b.id>", "```\n", "~~~\n", "| a | b |\n|--|--|\n| c | d |", "\u00a0", "é", "\x02", "\x03",
    "\ue000L0\ue001", "١. ", "\r\n", "\u2028",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
TRUSTED = MarkupSettings(raw_html="trusted")
FAST = Converter(TRUSTED)
SLOW = Converter(TRUSTED, fast=False)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example("Kata\u2028- x\n\n١. y")
@example("&#12 x; &nbsp; AT&T")
@example("a {b} c\n{.k}")
@example("BI\n\n*[BI]: Bank")
@example("<kata[[s|t *u*]]> <b title='[a](b) [[c]]'>")
@example("<div><![x](y 'z')</div>")
@example("<div>\n```\n<p id='x'>\n```\n</div>")
def test_shortcuts_give_the_same_result(text: str) -> None:
    assert FAST.convert(text, path="a.md") == SLOW.convert(text, path="a.md")


INLINE = [
    "*", "*", "**", "**", "***", "_", "kata", "Kata ", " ", "\n", ". ", ",", "(", ")", "“", "!",
    "]", "[", "[teks](../a.md)", "[dua kata](https://x.example/a_b?c=d)", "[*a*](b.md)", "[a](b c)",
    "[a](b)(c)", "*kata*", "**dua kata**", "[^1]", "[r]", ":", "{.k}", "é", "- ", "1. ", "> ",
    "## ", "\n\n", "|",
]  # fmt: skip


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(INLINE), max_size=14).map("".join))
@example("**[a](b.md)**, *c [d](e)*!")
@example("a*b* **c**d* e*")
@example("**a** – *b*\n[c](d): e\n* f")
@example("- *a* b\n- [c](d.md)\n  e\n\n> **f**\n> [g](h.md)")
@example("- [a](b.md) *c*\n| a | b |\n|--|--|\n| c | d |")
def test_plain_emphasis_and_links_are_what_the_library_makes_of_them(text: str) -> None:
    assert FAST.convert(text, path="a.md") == SLOW.convert(text, path="a.md")


@pytest.mark.parametrize(
    "text", ["**JAKARTA** – Air *naik*.", "[teks](../a.md) dan *[dua](https://x.example/?a_b=c)*"]
)
def test_plain_emphasis_and_links_take_the_short_way(text: str) -> None:
    element = Element("p")
    element.text = text
    assert expand(element)
    assert "*" not in "".join(element.itertext())


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_nothing_leaks_from_one_text_to_the_next(texts: list[str]) -> None:
    for text in texts:
        fresh = Converter(TRUSTED).convert(text, path="a.md")
        assert FAST.convert(text, path="a.md") == fresh


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_slots_refer_to_what_there_is(text: str) -> None:
    converted = FAST.convert(text, path="a.md")
    body = converted.body
    if body is None:
        assert [problem.code for problem in converted.problems] == ["D214"]
        return
    links = [part.index for part in body.parts if isinstance(part, LinkSlot)]
    assert links == sorted(set(links))
    assert all(0 <= index < len(body.links) for index in links)
    for part in body.parts:
        if isinstance(part, TitleSlot):
            assert body.links[part.index].wiki
        if isinstance(part, ImageSlot):
            assert 0 <= part.index < len(body.images)
    inner = set("\x02\x03\ue000\ue001\ue002\ue003")
    assert not inner & set(show(body))
    assert not inner & set("".join(body.paragraphs))


def test_body_survives_the_encoding_of_the_cache() -> None:
    body = FAST.convert("[a](b.md) [[c]] ![d](e.png)\n\nBaca Juga\n\nX.", path="a.md").body
    assert body is not None
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(body), type=Body) == body


def test_definitions_of_one_text_are_unknown_to_the_next() -> None:
    converter = Converter(TRUSTED)
    converter.convert("[r]: a.md\n*[BI]: Bank\n\n[^1]: n\n\n## Judul", path="a.md")
    body = converter.convert("[x][r] BI [^1]\n\n## Judul", path="b.md").body
    assert body is not None
    assert show(body) == '<p>{D}[x][r] BI [^1]</p>\n<h2 id="judul">Judul</h2>'


@pytest.mark.parametrize("seed", ["0", "1", "4242"])
def test_result_does_not_depend_on_hash_seed_or_locale(seed: str) -> None:
    script = (
        "import json, msgspec; from digest.markup import *;"
        "c = Converter(MarkupSettings(read_also=('Baca Juga', 'Lihat Juga')));"
        "r = c.convert('A <b>b</b> *[BI]: x\\n\\n[a](b){onclick=1 .k style=2}\\n\\nLihat juga',"
        " path='a'); print(msgspec.json.encode(r).decode())"
    )
    environment = {"PYTHONHASHSEED": seed, "LC_ALL": "C", "TZ": "Asia/Jakarta", "PATH": ""}
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        ).stdout
        for env in (environment, {"PYTHONHASHSEED": "7", "PATH": ""})
    }
    assert len(outputs) == 1
    assert json.loads(outputs.pop())["body"]["parts"]
