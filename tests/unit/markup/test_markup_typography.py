"""Typography: quotes, apostrophes, dashes, dots; and where it keeps its hands off."""

from __future__ import annotations

import pytest
from markup_samples import html

GERMAN = ("„", "“", "‚", "‘")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"Kata," ujarnya.', "“Kata,” ujarnya."),
        ('KYIV -- "Kata."', "KYIV – “Kata.”"),
        ('kata---"lagi"---akhir', "kata—“lagi”—akhir"),
        ('"Saya--" katanya', "“Saya–” katanya"),
        ('("kata") ["kata"]', "(“kata”) [“kata”]"),
        ("\"Ia bilang 'ya' kemarin\"", "“Ia bilang ‘ya’ kemarin”"),
        ("\"'Ya,' katanya\"", "“‘Ya,’ katanya”"),
        ("\"Katanya 'ya'\"", "“Katanya ‘ya’”"),
        ("Qur'an d'Or '90-an 'kan '98", "Qur’an d’Or ’90-an ’kan ’98"),
        ("tahun 1990's", "tahun 1990’s"),
        ("para guru' itu", "para guru’ itu"),
        ("tinggi 5' 10\"", "tinggi 5′ 10″"),
        ('"Umurnya 14"', "“Umurnya 14”"),
        ("tunggu... dan ....", "tunggu… dan ...."),
        ("garis ---- tetap", "garis ---- tetap"),
        ('"satu" dan "dua"', "“satu” dan “dua”"),
        ('kata ("', "kata (”"),
        ('"', "“"),
    ],
)
def test_signs_of_plain_text(text: str, shown: str) -> None:
    assert html(text) == f"<p>{shown}</p>"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('"*kata*" lalu', "“<em>kata</em>” lalu"),
        ('*"kata"* lalu', "<em>“kata”</em> lalu"),
        ('--"**kata**"--', "–“<strong>kata</strong>”–"),
        ('"[kata](https://kabar.id)"', "“<a{}>kata</a>”"),
        ('"<b>kata</b>"', "“<b>kata</b>”"),
        ('kata&nbsp;"ya"', "kata&nbsp;“ya”"),
        ('"`kode`"', "“<code>kode</code>”"),
        ('"satu  \ndua"', "“satu<br>\ndua”"),
        (r"\"lurus\" \-- \'x\' \...", "\"lurus\" -- 'x' ..."),
    ],
)
def test_signs_across_inline_elements(text: str, shown: str) -> None:
    found = html(text, external_rel="")
    assert found == f"<p>{shown}</p>".replace("{}", ' href="https://kabar.id"')


def test_quote_before_a_footnote_mark_closes() -> None:
    assert html('"Kata"[^1] dan "lagi[^1]"\n\n[^1]: x').startswith("<p>“Kata”<sup")


def test_code_addresses_and_raw_html_are_left_alone() -> None:
    text = '`"a" -- b` <https://kabar.id/a--b...> <kbd title="a--b">Ctrl</kbd> [t](a--b.md)'
    found = html(text, site_hosts=("kabar.id",))
    assert '<code>"a" -- b</code>' in found
    assert '<a href="https://kabar.id/a--b...">https://kabar.id/a--b...</a>' in found
    assert '<kbd title="a--b">' in found


def test_alternatives_and_titles_are_set_too() -> None:
    found = html('[a](b.md "Judul -- \'satu\'") ![Ia "datang"...](c.png)')
    assert 'title="Judul – ‘satu’"' in found
    assert 'alt="Ia “datang”…"' in found


def test_quotes_are_those_of_the_settings() -> None:
    assert html("\"Ja, 'gut'\" d'Or", quotes=GERMAN) == "<p>„Ja, ‚gut‘“ d’Or</p>"


def test_typography_can_be_off() -> None:
    assert html('"a" -- b', typography=False) == '<p>"a" -- b</p>'


def test_each_block_starts_anew() -> None:
    assert html('"satu\n\n"dua"') == "<p>“satu</p>\n<p>“dua”</p>"
