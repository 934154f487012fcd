"""Blocks: headings, tables, figures, footnotes, code, definition lists."""

from __future__ import annotations

import pytest
from markup_samples import convert, html, show

from digest.markup import MarkupLabels
from digest.model import Heading, ImageRef


def test_blank_text_is_an_empty_body() -> None:
    assert convert(" \n\n").parts == ()


def test_paragraphs_are_written_one_a_line() -> None:
    assert html("Satu.\n\nDua\ntiga.") == "<p>Satu.</p>\n<p>Dua\ntiga.</p>"


def test_heading_ids_are_ascii_slugs_counted_from_two() -> None:
    body = convert("## Apa Kata Bank Indonesia?\n\n### Jum'at Ébène\n\n## Apa kata Bank Indonesia")
    assert body.headings == (
        Heading(2, "apa-kata-bank-indonesia", "Apa Kata Bank Indonesia?"),
        Heading(3, "jumat-ebene", "Jum’at Ébène"),
        Heading(2, "apa-kata-bank-indonesia-2", "Apa kata Bank Indonesia"),
    )


def test_heading_id_avoids_explicit_ids_that_come_later() -> None:
    body = convert('## Latar\n\nTeks.\n{#latar}\n\n<div id="latar-2">x</div>\n')
    assert body.headings[0].id == "latar-3"
    assert body.anchors == ("latar-3", "latar", "latar-2")


def test_heading_of_signs_only_still_has_an_id() -> None:
    assert [h.id for h in convert("## ???\n\n## !!!").headings] == ["bagian", "bagian-2"]


def test_heading_text_leaves_out_footnote_marks() -> None:
    body = convert("## Judul *miring*[^1]\n\n[^1]: Catatan.")
    assert body.headings == (Heading(2, "judul-miring", "Judul miring"),)


def test_level_one_becomes_level_two() -> None:
    assert html("# Judul\n\nJudul dua\n====") == (
        '<h2 id="judul">Judul</h2>\n<h2 id="judul-dua">Judul dua</h2>'
    )


def test_table_is_a_labelled_region_without_inline_style() -> None:
    found = html("| A | B |\n|:-:|--:|\n| 1 | 2 |\n\nx\n\n| C | D |\n|---|---|\n| 3 | 4 |")
    assert found.startswith(
        '<section class="table" tabindex="0" aria-label="Tabel 1">\n<table>\n<thead>\n'
        '<tr>\n<th class="align-center" scope="col">A</th>\n'
    )
    assert '<td class="align-right">2</td>' in found
    assert 'aria-label="Tabel 2"' in found
    assert "style=" not in found
    assert found.count("</table>\n</section>") == 2


def test_lone_image_is_a_figure_with_caption_and_credit() -> None:
    text = '![Foto gedung](img/a.jpg "Gedung \'lama\' di Jakarta"){credit="Foto: Antara" .lebar}'
    body = convert(text)
    assert body.images == (ImageRef("img/a.jpg", 0),)
    assert show(body) == (
        '<figure class="lebar"><img src="{I0}" alt="Foto gedung" loading="lazy" decoding="async">\n'
        '<figcaption><span class="caption">Gedung ‘lama’ di Jakarta</span>'
        ' <span class="credit">Foto: Antara</span></figcaption>\n</figure>'
    )
    assert body.paragraphs == ("Gedung ‘lama’ di Jakarta Foto: Antara",)


def test_linked_image_is_a_figure_too_and_one_among_words_is_not() -> None:
    assert html("[![Foto](a.jpg)](b.md)") == (
        '<figure><a href="{L0}"><img src="{I0}" alt="Foto" loading="lazy" decoding="async">'
        "</a></figure>"
    )
    assert html("Lihat ![Foto](a.jpg) ini").startswith('<p>Lihat <img src="{I0}"')


def test_foreign_image_keeps_its_address_and_sizes() -> None:
    body = convert("![Foto](https://contoh.id/a.jpg){width=300 height=200}")
    assert body.images == ()
    assert 'src="https://contoh.id/a.jpg" alt="Foto" width="300" height="200"' in show(body)


def test_reference_images_and_repeated_images_are_counted() -> None:
    body = convert("![a][x] ![b](p.png)\n\n![c](p.png)\n\n[x]: p.png")
    assert body.images == (ImageRef("p.png", 0), ImageRef("p.png", 1), ImageRef("p.png", 2))


def test_footnotes_are_numbered_by_first_mark_and_link_back() -> None:
    text = "- butir[^b]\n\nSatu[^a] dua[^b].\n\n[^a]: Catatan a.\n[^b]: Catatan *b*."
    body = convert(text, labels=MarkupLabels(footnotes="Notes", backlink="Back to {n}"))
    found = show(body)
    assert (
        '<li>butir<sup class="footnote-ref" id="fnref-1"><a role="doc-noteref" href="#fn-1">1</a>'
        in found
    )
    assert 'id="fnref-2"><a role="doc-noteref" href="#fn-2">2</a></sup> dua' in found
    assert 'id="fnref-1-2"><a role="doc-noteref" href="#fn-1">1</a></sup>.' in found
    assert '<section class="footnotes" role="doc-endnotes" aria-label="Notes">' in found
    assert found.index("Catatan <em>b</em>") < found.index("Catatan a")
    assert 'href="#fnref-1-2" role="doc-backlink" aria-label="Back to 1-2">↩</a>' in found
    assert body.anchors == ("fnref-1", "fnref-2", "fnref-1-2", "fn-1", "fn-2")
    assert body.paragraphs == ("butir", "Satu dua.", "Catatan b.", "Catatan a.")


def test_long_footnote_keeps_its_blocks() -> None:
    found = html("Teks[^1].\n\n[^1]: Satu.\n\n    Dua.\n\n    - butir\n")
    assert "<p>Satu.</p>\n<p>Dua.</p>\n<ul>\n<li>butir</li>\n</ul>\n<p><a" in found


def test_fenced_code_is_kept_as_written_and_focusable() -> None:
    body = convert('```python\nx = "a" -- <b> &amp; \\*\n\n# bukan judul\n```\n')
    assert show(body) == (
        '<pre tabindex="0"><code class="language-python">x = &#34;a&#34; -- &lt;b&gt; &amp;amp;'
        " \\*\n\n# bukan judul\n</code></pre>"
    )
    assert (body.paragraphs, body.headings, body.words) == ((), (), 0)


def test_indented_code_and_code_spans_are_kept_as_written() -> None:
    assert html('Teks `"a" -- b`:\n\n    "c" ...\n') == (
        '<p>Teks <code>"a" -- b</code>:</p>\n<pre tabindex="0"><code>"c" ...\n</code></pre>'
    )


def test_definition_lists_abbreviations_and_line_breaks() -> None:
    text = "Istilah\n:   Arti BI  \n    baru\n\n*[BI]: Bank Indonesia"
    assert html(text) == (
        '<dl>\n<dt>Istilah</dt>\n<dd>Arti <abbr title="Bank Indonesia">BI</abbr><br>\nbaru</dd>\n'
        "</dl>"
    )


def test_facts_hold_one_plain_string_a_block() -> None:
    body = convert(
        'Pem*bu*ka &amp; "kutip".\n\n## Judul\n\n- satu\n- dua\n    - tiga\n\n> empat `lima`\n\n'
        "| A |\n|---|\n| enam |\n\n<div><p>tujuh</p><script>x()</script></div>\n"
    )
    assert body.lead == "Pembuka & “kutip”."
    assert body.paragraphs == (
        "Pembuka & “kutip”.", "satu", "dua", "tiga", "empat lima", "A", "enam", "tujuh",
    )  # fmt: skip
    assert body.words == 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Teks.", "<p>{D}Teks.</p>"),
        ("*Teks*.", "<p>{D}<em>Teks</em>.</p>"),
        ("## J\n\nTeks.", '<h2 id="j">J</h2>\n<p>{D}Teks.</p>'),
        ("- a\n\nTeks.", "<ul>\n<li>a</li>\n</ul>\n<p>Teks.</p>"),
        ("<!-- x -->\n\nTeks.", "<!-- x -->\n\n<p>{D}Teks.</p>"),
    ],
)
def test_dateline_opens_the_first_paragraph_when_the_text_begins_with_it(
    text: str, shown: str
) -> None:
    assert show(convert(text)) == shown


def test_dateline_follows_an_opening_figure() -> None:
    assert show(convert("![Foto](a.jpg)\n\nTeks.")).endswith("</figure>\n<p>{D}Teks.</p>")
