"""Links: what becomes a slot, what gets a rel, what is refused."""

from __future__ import annotations

import pytest
from markup_samples import convert, html, place, problems, show

from digest.markup import locate
from digest.model import LinkRef


@pytest.mark.parametrize(
    "target",
    ["../03/lain.md#bagian", "/tentang/", "#bagian", "laporan.pdf", "a b.md", "?q=1", ""],
)
def test_addresses_inside_the_site_become_slots(target: str) -> None:
    body = convert(f"Lihat [teks]({target}).")
    assert show(body) == '<p>{D}Lihat <a href="{L0}">teks</a>.</p>'
    assert body.links == (LinkRef(target),)


def test_links_are_numbered_in_document_order_and_counted_by_target() -> None:
    body = convert("- [a](x.md)\n- [b][r]\n\n[c](y.md) [[x]] [d](x.md)\n\n[r]: x.md")
    assert body.links == (
        LinkRef("x.md", False, 0), LinkRef("x.md", False, 1), LinkRef("y.md"),
        LinkRef("x", True), LinkRef("x.md", False, 2),
    )  # fmt: skip


def test_wiki_links_take_title_text_or_fragment() -> None:
    body = convert("[[satu]], [[dua|teks *miring*]], [[tiga#bagian]], `[[empat]]`, \\[[lima]]")
    assert show(body) == (
        '<p>{D}<a href="{L0}">{T0}</a>, <a href="{L1}">teks <em>miring</em></a>,'
        ' <a href="{L2}">{T2}</a>, <code>[[empat]]</code>, [[lima]]</p>'
    )
    assert [link.target for link in body.links] == ["satu", "dua", "tiga#bagian"]
    assert all(link.wiki for link in body.links)


def test_plain_text_of_a_wiki_link_is_the_words_of_its_slug() -> None:
    assert convert("Lihat [[perang-ukraina#kyiv]].").paragraphs == ("Lihat perang ukraina.",)


def test_targets_are_decoded_and_unescaped() -> None:
    assert [link.target for link in convert(r"[a](x&amp;y.md) [b](a\_b.md)").links] == [
        "x&y.md",
        "a_b.md",
    ]


@pytest.mark.parametrize(
    ("text", "rel"),
    [
        ("[a](https://contoh.id/x)", True),
        ("[a](HTTP://contoh.id/x)", True),
        ("<https://contoh.id/x>", True),
        ("[a](//contoh.id/x)", True),
        (r"[a](\\\\contoh.id/x)", True),
        (r"[a](/\\contoh.id/x)", True),
        ("[a](https://kabar.id.contoh.id/x)", True),
        ("[a](https://kabar.id@contoh.id/x)", True),
        ("[a](https://kabar.id/x)", False),
        ("[a](https://KABAR.id:443/x)", False),
        ("[a](mailto:redaksi@kabar.id)", False),
        ("[a](tel:+6221)", False),
    ],
)
def test_foreign_links_stay_and_get_the_rel(text: str, rel: bool) -> None:
    body = convert(text, site_hosts=("kabar.id",))
    assert body.links == ()
    assert ('rel="external noopener"' in show(body)) is rel


def test_rel_of_the_author_is_kept_beside_ours() -> None:
    assert 'rel="sponsored external noopener"' in html("[a](https://x.id){rel=sponsored}")


def test_bare_mail_address_is_a_link_whose_text_is_readable() -> None:
    body = convert("Tulis ke <redaksi@kabar.id>.")
    assert body.paragraphs == ("Tulis ke redaksi@kabar.id.",)
    assert "\x02" not in show(body)
    assert 'href="&#109;&#97;' in show(body)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java&#115;cript:alert(1)",
        "java&#x0A;script:alert(1)", "java&Tab;script:x", "javascript&colon;x",
        "&#1;javascript:x", "data:text/html,x", "vbscript:x", "blob:x", "file:///etc/passwd",
        "jav\u00adascript:x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["[teks]({})", "[teks][r]\n\n[r]: {}"])
def test_dangerous_addresses_are_refused_and_their_text_stays(target: str, form: str) -> None:
    text = form.format(target)
    assert html(text) == "<p>teks</p>"
    (problem,) = problems("\n" + text, first_line=4)
    assert (problem.code, problem.severity) == ("D204", "error")
    assert problem.where is not None
    assert problem.where.line in {5, 7}


def test_refused_address_tells_its_place() -> None:
    found = problems("Satu.\n\nLihat [a](x.md) dan [b](data:x) atau ![c](data:x).", first_line=9)
    line = "Lihat [a](x.md) dan [b](data:x) atau ![c](data:x)."
    assert [place(problem) for problem in found] == [
        ("D204", "a.md", 11, 25, line),
        ("D204", "a.md", 11, 25, line),
    ]
    assert found[0].message == "image with a refused kind of address: 'data:x'"
    assert found[1].message == "link with a refused kind of address: 'data:x'"
    assert "https" in found[0].hint


def test_attribute_list_cannot_smuggle_an_address() -> None:
    assert html("[a](b.md){href=javascript:alert(1)}") == "<p>a</p>"


def test_autolink_with_an_unknown_scheme_is_refused() -> None:
    assert html("<javascript://x>") == "<p>javascript://x</p>"


@pytest.mark.parametrize(
    ("text", "target", "nth", "found"),
    [
        ("a [x](b.md) c [y](b.md)", "b.md", 1, (7, 19)),
        ("a\n\n[x]( <b c.md> )", "b c.md", 0, (9, 7)),
        ("[[b]] [[b|c]] [[b#d]]", "b", 1, (7, 9)),
        ("[[b]] [[b|c]] [[b#d]]", "b#d", 0, (7, 17)),
        ("[x][r] [y](b.md) [r]\n\n[r]: b.md", "b.md", 0, (9, 6)),
        ("[x][r] [y](b.md) [r]\n\n[r]: b.md", "b.md", 1, (7, 12)),
        ("[x][r] [y](b.md) [r]\n\n[r]: b.md", "b.md", 2, (9, 6)),
        ("`[x](b.md)`\n```\n[[b.md]]\n```\n[x](b.md)", "b.md", 0, (11, 5)),
        ("[x](b.md.html) [x](b.md)", "b.md", 0, (7, 20)),
        ("[x](a&amp;b.md)", "a&b.md", 0, (7, 5)),
        ('![x](b.jpg "t")', "b.jpg", 0, (7, 6)),
        ("[x](b.md)", "b.md", 9, (7, 5)),
    ],
)
def test_locate_finds_the_place_of_a_target(
    text: str, target: str, nth: int, found: tuple[int, int]
) -> None:
    line, column, source = locate(text, target, nth, 7)
    assert (line, column) == found
    assert source == text.split("\n")[line - 7]


def test_locate_without_a_place_says_so() -> None:
    assert locate("teks", "b.md", 0, 7) == (0, 0, "")
