from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text import (
    SLUG_BYTES,
    character_name,
    collision_key,
    fold,
    line_at,
    shorten,
    slugify,
    suggest,
    unsafe_name,
    words_in_ascii,
)


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Biden dan Putin: sejam di telepon", "biden-dan-putin-sejam-di-telepon"),
        ("  COVID_19 / Jawa ", "covid-19-jawa"),
        ("Café Niño", "cafe-nino"),
        ("sudah-siap", "sudah-siap"),
        ("AUX", "aux-x"),
        ("com1", "com1-x"),
    ],
)
def test_a_slug_is_ascii_words_joined_by_hyphens(text: str, slug: str) -> None:
    assert slugify(text) == slug


def test_a_text_of_symbols_gets_a_slug_of_its_own_that_never_changes() -> None:
    assert slugify("🎉") == slugify("🎉") == "x-6146299cd5"
    assert slugify("🎉") != slugify("🎈")
    assert slugify("")


@given(st.text(max_size=400))
def test_every_slug_is_a_safe_name_and_a_slug_of_itself(text: str) -> None:
    slug = slugify(text)
    assert slug.isascii()
    assert 0 < len(slug) <= SLUG_BYTES + 2
    assert unsafe_name(slug) == ""
    assert slugify(slug) == slug


@pytest.mark.parametrize(
    "spellings",
    [
        ("Covid-19", "covid 19", "COVID_19", "covid19", "Covid‑19"),
        ("Café", "cafe", "CAFE\u0301"),
        ("Joko  Widodo", "joko widodo", "Joko\u00a0Widodo"),
        ("Straße", "STRASSE"),
        ("Kyiv", "Ｋｙｉｖ"),
    ],
)
def test_spellings_of_one_tag_fold_to_one_key(spellings: tuple[str, ...]) -> None:
    assert len({fold(spelling) for spelling in spellings}) == 1


def test_different_tags_stay_apart() -> None:
    names = ["C", "C++", "C#", "कि", "की", "が", "か", "--", "_", "NATO"]
    assert len({fold(name) for name in names}) == len(names)


@given(st.text())
def test_fold_is_stable_and_never_empty(text: str) -> None:
    key = fold(text)
    assert bool(key) == bool(text)
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))


def test_paths_that_are_one_on_other_systems_have_one_collision_key() -> None:
    assert collision_key("a/B.md") == collision_key("A/b.md")
    assert collision_key("caf\u00e9.md") == collision_key("CAFE\u0301.md")
    assert collision_key("a.md") != collision_key("b.md")


def test_suggest_finds_what_was_meant_and_nothing_far_off() -> None:
    known = ["title", "tags", "date", "updated", "withdrawn_reason"]
    assert suggest("titel", known) == "title"
    assert suggest("Tag", known) == "tags"
    assert suggest("withdrawnReason", known) == "withdrawn_reason"
    assert suggest("quux", known) is None
    assert suggest("x" * 100_000, known) is None


def test_shorten_keeps_a_text_that_fits_on_one_line() -> None:
    assert shorten(" dua\n  kata ", 20) == "dua kata"


def test_shorten_ends_after_a_sentence_in_the_last_half() -> None:
    text = "Presiden bertemu menteri di Jakarta. Mereka bicara lama tentang ekonomi dan beras."
    assert shorten(text, 50) == "Presiden bertemu menteri di Jakarta."


def test_shorten_ends_after_a_word_and_not_after_an_abbreviation() -> None:
    text = "Rapat kerja itu dipimpin dr. Siti dan anggota dewan lain dari Jawa Tengah"
    assert shorten(text, 40) == "Rapat kerja itu dipimpin dr. Siti dan…"


@given(st.text(), st.integers(min_value=1, max_value=80))
def test_shorten_never_exceeds_the_limit(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert "\n" not in short


def test_line_at_counts_as_editors_do() -> None:
    text = "satu\r\ndua\u2028masih dua\rtiga\n"
    assert [line_at(text, line) for line in range(6)] == [
        "",
        "satu",
        "dua\u2028masih dua",
        "tiga",
        "",
        "",
    ]


@given(st.text(alphabet="a\n"), st.integers(min_value=1, max_value=20))
def test_line_at_is_the_line_that_splitting_gives(text: str, line: int) -> None:
    lines = text.split("\n")
    assert line_at(text, line) == (lines[line - 1] if line <= len(lines) else "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a\0b", "U+0000 (NUL)"),
        ("a\u202eb", "RIGHT-TO-LEFT OVERRIDE"),
        ("a/b", "slash"),
        ("a\\b", "backslash"),
        ("a:b", "Windows"),
        ("..", "a step in a path"),
        ("a.", "ends with a dot"),
        (" a", "starts with a space"),
        ("CON", "device name"),
        ("nul.txt", "device name"),
        ("Lpt1 .md", "device name"),
        (" ", "blank"),
        ("", "blank"),
    ],
)
def test_a_name_that_not_every_system_takes_is_unsafe(name: str, words: str) -> None:
    assert words in unsafe_name(name)


@pytest.mark.parametrize("name", ["a.md", ".hidden", "console", "com", "com10", "berita 1.md", "é"])
def test_ordinary_names_are_safe(name: str) -> None:
    assert unsafe_name(name) == ""


def test_characters_have_names_that_can_be_looked_up() -> None:
    assert character_name("\x07") == "U+0007"
    assert character_name("\ufeff") == "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"


@given(st.text(st.sampled_from("ab1 Z_.,-\n\t\x1f“”’–—…«»„•\u00a0éÅ²一")))
def test_words_in_ascii_are_those_of_a_regular_expression(text: str) -> None:
    words = words_in_ascii(text)
    if words is None:
        assert re.search("[éÅ²一]", text)
    else:
        assert words == re.findall(r"\w+", text.replace("_", " "))
