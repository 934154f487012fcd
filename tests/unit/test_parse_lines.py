"""Front matter read line by line is what the YAML parser reads."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.parse.lines import simple
from digest.parse.yaml import StoppedError, load_any

KEYS = ["title", "date", "tags", "source", "extra", "null", "true", "a_b", "n", "Title", "1"]
SIGNS = [
    *"\"'[]{}:#,-?&*!|>%@`~\\/.=+ab1 \t_é“\u00a0\u2028\ufeff\x85\x07😀", ": ", " #", "null", "~",
    "no", "2022-02-13 11:01:25 WIB", "https://x.example/a?b=c#d", "''", "---", "...",
    "Kata", "<<", "- ",
]  # fmt: skip
WORDS = st.lists(st.sampled_from(SIGNS), max_size=6).map("".join)
VALUES = st.one_of(
    WORDS,
    WORDS.map('"{}"'.format),
    WORDS.map("'{}'".format),
    st.lists(st.one_of(WORDS, WORDS.map('"{}"'.format)), max_size=3).map(
        lambda items: f"[{', '.join(items)}]"
    ),
    st.sampled_from(["Kata", '"Kata: dua"', "[a, 'b', \"c, d\"]", "12", ""]),
)
HEADS = st.one_of(
    st.sampled_from(KEYS).map("{}: ".format),
    st.sampled_from(KEYS).map("{}:".format),
    st.sampled_from(["- ", "  - ", "  name: ", "  url: ", "   - ", "  ", "", "-  "]),
)
LINES = st.tuples(HEADS, VALUES, st.sampled_from(["", "", " ", "\n"])).map("".join)
TEXTS = st.lists(LINES, max_size=6).map("\n".join)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("tags:\n- a\n- b\nn: 1")
@example("tags:\n- a\nsource:\n  name: x\n  url: https://x.example/")
@example("source:\n  name: x\n\n  url: y\n")
@example("a_b:\n\nn: null")
def test_what_is_read_by_lines_is_what_yaml_says(text: str) -> None:
    values = simple(text)
    if values is None:
        return
    try:
        loaded = load_any(text)
    except StoppedError as error:
        pytest.fail(f"{text!r}: read as {values}, but {error}")
    assert not loaded.faults
    assert loaded.value == values


def test_ordinary_front_matter_needs_no_parser() -> None:
    text = (
        'title: "Banjir: 3 desa"\ndate: 2022-02-13 11:01 WIB\ntags: [banjir, "cuaca, hujan"]\n'
        "source:\n  name: Harian Contoh\n  url: https://contoh.example/a?b=1\nauthors:\n  - Ani\n"
        "summary: 'Air naik'\ndateline:\n"
    )
    assert simple(text) == {
        "title": "Banjir: 3 desa",
        "date": "2022-02-13 11:01 WIB",
        "tags": ["banjir", "cuaca, hujan"],
        "source": {"name": "Harian Contoh", "url": "https://contoh.example/a?b=1"},
        "authors": ["Ani"],
        "summary": "Air naik",
        "dateline": None,
    }


@pytest.mark.parametrize("item", ["a  ,", "a b ,", '"a" ,', "'a', ", "a.-_ ,"])
def test_a_list_that_never_ends_is_given_up_at_once(item: str) -> None:
    assert simple(f"tags: [{item * (900 // len(item))}") is None
