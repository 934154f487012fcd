"""The newsroom: sources, authors, stories, editions and corrections, through the real pipeline."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sitekit import MakeSite, article, document, many, titles

AT = "/2022/02/13/a/"
SOURCED = {
    "content/articles/a.md": article(source={"name": "Antara", "url": "https://a.example/x"})
}


def edition(number: int = 1, date: str = "2022-02-14", text: str = "", **front: object) -> str:
    """The file of an edition; ``sections`` begin on line 4."""
    return document(text, number=number, date=date, **front)


# sources


def test_a_source_has_a_page_with_its_items(make_site: MakeSite) -> None:
    site = make_site(
        {
            **SOURCED,
            "content/articles/b.md": article("B", "2022-02-14", sources=["Reuters", "ANTARA"]),
            "content/sources/antara.md": document(
                "Isi.",
                title="Antara",
                url="https://www.antaranews.com/",
                description="Kantor berita",
            ),
        }
    )
    assert titles(site, "/sumber/antara/") == ["B", "Judul"]
    assert titles(site, "/sumber/reuters/") == ["B"]
    fields = site.fields("/sumber/antara/")
    assert fields["page.website"] == "https://www.antaranews.com/"
    assert fields["page.description"] == "Kantor berita"
    assert "Isi." in site.read("/sumber/antara/")
    shown = site.fields(AT)
    assert shown["page.sources[0].url"] == "https://a.example/x"
    assert shown["page.sources[0].page"] == "/sumber/antara/"
    assert titles(site, "/sumber/", "page.terms") == []
    names = [v for k, v in site.fields("/sumber/").items() if re.fullmatch(r"page.terms.*name", k)]
    assert names == ["Antara", "Reuters"]


def test_a_source_may_be_named_by_its_file_or_a_synonym(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(source="who"),
            "content/articles/b.md": article("B", source={"name": "WHO Indonesia"}),
            "content/sources/who.md": document(
                "", title="Organisasi Kesehatan Dunia", synonyms=["WHO Indonesia"]
            ),
        }
    )
    assert site.codes == []
    assert site.fields(AT)["page.sources[0].name"] == "Organisasi Kesehatan Dunia"
    assert site.fields("/")["page.latest[0].source"] == "Organisasi Kesehatan Dunia"
    assert len(titles(site, "/sumber/who/")) == 2


def test_a_long_list_of_a_source_is_paginated(make_site: MakeSite) -> None:
    site = make_site(many(9, source="Antara"), settings="lists.page_size = 4\n")
    assert len(titles(site, "/sumber/antara/")) == 5
    assert len(titles(site, "/sumber/antara/hal/1/")) == 4


SETTINGS = 'title = "T"\ntheme.name = "polos"\n'


@pytest.mark.parametrize(
    ("setting", "severity"),
    [
        ("", "warning"),
        ('sources.missing = "error"\n', "error"),
        ('sources.missing = "ignore"\n', ""),
    ],
)
def test_a_published_article_without_a_source_is_told(
    make_site: MakeSite, setting: str, severity: str
) -> None:
    site = make_site(
        {
            "digest.toml": SETTINGS + setting,
            "content/articles/a.md": article(),
            "content/articles/b.md": article("B", source="Antara"),
            "content/articles/draf.md": article("D", status="draft"),
        },
        drafts=True,
    )
    told = [(problem.severity, str(problem.where)) for problem in site.problems]
    assert told == ([(severity, "content/articles/a.md:1:1")] if severity else [])
    assert site.ok is (severity != "error")
    assert not severity or site.codes == ["D321"]


# authors


def test_authors_and_editors_have_pages_linked_from_articles(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", authors=["Ani", "budi"], editor="Citra"),
            "content/articles/b.md": article("B", "2022-02-14", authors=["Citra"], editor="Ani"),
            "content/authors/budi.md": document("Riwayat.", title="Budi Utama", role="Penulis"),
        }
    )
    fields = site.fields(AT)
    assert fields["page.authors[0].url"] == "/penulis/ani/"
    assert fields["page.authors[1].name"] == "Budi Utama"
    assert fields["page.editor.url"] == "/penulis/citra/"
    page = site.fields("/penulis/citra/")
    assert (page["page.written"], page["page.edited"]) == ("1", "1")
    assert titles(site, "/penulis/citra/") == ["B", "A"]
    assert site.fields("/penulis/budi/")["page.role"] == "Penulis"
    assert "Riwayat." in site.read("/penulis/budi/")
    assert site.has("/penulis/")


# stories


def test_a_story_has_a_timeline_and_chapters_on_each_article(make_site: MakeSite) -> None:
    days = {"a": "2022-02-11", "b": "2022-02-12", "c": "2022-02-13"}
    files = {
        f"content/articles/{n}.md": article(n.upper(), d, story="banjir") for n, d in days.items()
    }
    files["content/stories/banjir.md"] = document("Latar.", title="Banjir Demak")
    site = make_site(files)
    timeline = site.fields("/cerita/banjir/")
    assert [timeline[f"page.chapters[{n}].card.title"] for n in range(3)] == ["C", "B", "A"]
    assert [timeline[f"page.chapters[{n}].number"] for n in range(3)] == ["3", "2", "1"]
    assert timeline["page.title"] == "Banjir Demak"
    assert (timeline["page.begun.iso"], timeline["page.latest.iso"]) == ("2022-02-11", "2022-02-13")
    middle = site.fields("/2022/02/12/b/")
    assert middle["page.story.previous.title"] == "A"
    assert middle["page.story.following.title"] == "C"
    assert middle["page.story.chapter"] == "2"
    assert middle["page.story.url"] == "/cerita/banjir/"
    assert "page.story.previous.title" not in site.fields("/2022/02/11/a/")
    assert "page.story.following.title" not in site.fields("/2022/02/13/c/")


def test_chapters_count_through_the_pages_of_a_long_story(make_site: MakeSite) -> None:
    site = make_site(many(9, story="Banjir"), settings="lists.page_size = 4\n")
    fields = site.fields("/cerita/banjir/")
    assert [fields[f"page.chapters[{n}].number"] for n in range(5)] == ["9", "8", "7", "6", "5"]
    assert site.fields("/cerita/banjir/hal/1/")["page.chapters[3].number"] == "1"


# editions


def test_an_edition_has_a_page_in_the_order_of_its_editor(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", source={"name": "Antara", "author": "Dewi"}),
            "content/articles/b.md": article("B"),
            "content/articles/c.md": article("C"),
            "content/editions/2022-02-14.md": edition(
                7,
                title="Malam panjang",
                sections=[
                    {"title": "Dunia", "items": ["c", {"slug": "a", "form": "lead"}]},
                    {"title": "Kilas", "items": [{"slug": "b", "form": "brief"}]},
                ],
                text="Catatan *editor* tentang [[a]].",
            ),
        }
    )
    fields = site.fields("/edisi/2022-02-14/")
    assert fields["page.title"] == "Malam panjang"
    assert fields["page.name"] == "Edisi 7"
    assert fields["page.date.full"] == "Senin, 14 Februari 2022"
    shown = [
        (s, i)
        for s in range(2)
        for i in range(2)
        if f"page.sections[{s}].items[{i}].form" in fields
    ]
    forms = [fields[f"page.sections[{s}].items[{i}].form"] for s, i in shown]
    names = [fields[f"page.sections[{s}].items[{i}].card.title"] for s, i in shown]
    assert list(zip(names, forms, strict=True)) == [("C", "item"), ("A", "lead"), ("B", "brief")]
    assert fields["page.sections[0].items[1].source.author"] == "Dewi"
    assert "<em>editor</em>" in site.body("/edisi/2022-02-14/")
    assert site.fields(AT)["page.edition.url"] == "/edisi/2022-02-14/"
    assert site.fields("/")["page.edition.headlines[0]"] == "A"


def test_editions_are_an_unbroken_chain_with_a_list(make_site: MakeSite) -> None:
    files = {f"content/articles/a{n}.md": article(f"A{n}") for n in range(3)}
    for n in range(3):
        files[f"content/editions/e{n}.md"] = edition(
            n + 1, f"2022-02-{14 + n}", sections=[{"items": [f"a{n}"]}]
        )
    site = make_site(files)
    url, seen = site.fields("/")["page.edition.url"], []
    while url:
        seen.append(url)
        fields = site.fields(url)
        older = fields.get("page.older.url", "")
        if older:
            assert site.fields(older)["page.newer.url"] == url
        url = older
    assert seen == ["/edisi/e2/", "/edisi/e1/", "/edisi/e0/"]
    listed = [v for k, v in site.fields("/edisi/").items() if k.endswith("].url") and "items" in k]
    assert listed == seen


def test_a_draft_or_later_edition_is_left_out_and_told(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article(),
            "content/editions/d.md": edition(1, status="draft", sections=[{"items": ["a"]}]),
            "content/editions/n.md": edition(2, "2022-03-02 06:00", sections=[{"items": ["a"]}]),
        }
    )
    assert [(s.path, s.state) for s in site.done.skipped] == [
        ("content/editions/d.md", "draft"),
        ("content/editions/n.md", "scheduled"),
    ]
    assert not site.has("/edisi/")
    assert site.done.next_change.at.isoformat() == "2022-03-02T06:00:00+07:00"


def test_items_that_are_not_there_are_told_where_they_stand(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/kabar.md": article(),
            "content/editions/e.md": edition(sections=[{"items": ["kabur"]}]),
        }
    )
    assert site.place("D311") == "content/editions/e.md:4:24"
    assert site.problem("D311").hint == "did you mean 'kabar'?"


def test_items_that_are_not_shown_now_are_left_out_with_a_warning(make_site: MakeSite) -> None:
    withdrawn = {"status": "withdrawn", "withdrawn_reason": "Keliru."}
    site = make_site(
        {
            "content/articles/a.md": article("A"),
            "content/articles/b.md": article("B", status="draft"),
            "content/articles/c.md": article("C", **withdrawn),
            "content/editions/e.md": edition(sections=[{"items": ["a", "b", "c"]}]),
        }
    )
    assert site.codes == ["D312", "D312"]
    assert site.fields("/edisi/e/")["page.count"] == "1"
    assert "C" not in titles(site, "/edisi/e/", "page.sections[0].items")


def test_an_article_carried_twice_and_a_number_given_twice_are_told(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A"),
            "content/editions/e.md": edition(1, "2022-02-14", sections=[{"items": ["a", "a"]}]),
            "content/editions/f.md": edition(1, "2022-02-15", sections=[{"items": ["a"]}]),
        }
    )
    assert site.codes == ["D313", "D314", "D313"]
    assert [str(p.where) for p in site.problems] == [
        "content/editions/e.md:4:29",
        "content/editions/f.md:2:1",
        "content/editions/f.md:4:24",
    ]
    assert site.fields("/edisi/e/")["page.count"] == "1"


def test_an_article_can_say_itself_which_edition_carries_it(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", category="Dunia"),
            "content/articles/b.md": article("B", "2022-02-14", category="Dunia", edition="e"),
            "content/articles/c.md": article("C", category="Kota", edition="5"),
            "content/articles/d.md": article("D", edition="zz"),
            "content/editions/e.md": edition(5, sections=[{"title": "Dunia", "items": ["a"]}]),
        }
    )
    fields = site.fields("/edisi/e/")
    assert fields["page.sections[0].items[1].card.title"] == "B"
    assert fields["page.sections[1].title"] == "Kota"
    assert fields["page.count"] == "3"
    assert site.place("D315") == "content/articles/d.md:4:11"


def test_two_articles_of_one_slug_are_told_apart_by_their_path(make_site: MakeSite) -> None:
    files = {
        "content/articles/1/a.md": article("Satu", "2022-02-12"),
        "content/articles/2/a.md": article("Dua", "2022-02-13"),
    }
    site = make_site({**files, "content/editions/e.md": edition(sections=[{"items": ["a"]}])})
    assert site.codes == ["D311"]
    given = edition(sections=[{"items": ["articles/2/a.md"]}])
    site = make_site({"content/editions/e.md": given})
    assert site.fields("/edisi/e/")["page.sections[0].items[0].card.title"] == "Dua"


def test_days_collect_their_articles_by_themselves(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", "2022-02-13 23:59", category="K"),
            "content/articles/b.md": article("B", "2022-02-13 00:00"),
            "content/articles/c.md": article("C", "2022-02-15 08:00"),
        },
        settings='editions.collect = "daily"\n',
    )
    first = site.fields("/edisi/2022-02-13/")
    assert first["page.name"] == "Edisi 1"
    assert first["page.title"] == "Edisi 1, Minggu, 13 Februari 2022"
    assert first["page.sections[0].title"] == "K"
    assert first["page.count"] == "2"
    assert first["page.newer.url"] == "/edisi/2022-02-15/"
    assert not site.has("/edisi/2022-02-14/")


def test_weeks_begin_on_monday_also_around_new_year(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", "2021-12-27 08:00"),
            "content/articles/b.md": article("B", "2022-01-02 08:00"),
            "content/articles/c.md": article("C", "2022-01-03 08:00"),
        },
        settings='editions.collect = "weekly"\n',
    )
    assert site.fields("/edisi/2021-w52/")["page.count"] == "2"
    assert site.fields("/edisi/2021-w52/")["page.period"] == "27 Desember 2021 – 2 Januari 2022"
    assert site.fields("/edisi/2022-w01/")["page.count"] == "1"


def test_what_a_file_carries_is_not_collected_again(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", "2022-02-13"),
            "content/articles/b.md": article("B", "2022-02-14"),
            "content/editions/2022-02-14.md": edition(4, sections=[{"items": ["a", "b"]}]),
            "content/articles/c.md": article("C", "2022-02-15"),
        },
        settings='editions.collect = "daily"\n',
    )
    assert not site.has("/edisi/2022-02-13/")
    assert site.fields("/edisi/2022-02-15/")["page.name"] == "Edisi 5"
    assert site.fields("/edisi/2022-02-15/")["page.older.name"] == "Edisi 4"


# corrections


def test_corrections_are_on_the_article_and_on_one_page_linked_both_ways(
    make_site: MakeSite,
) -> None:
    noted = [
        {"at": f"2022-02-{14 + n} 10:00", "kind": kind, "text": f"Teks {n}."}
        for n, kind in enumerate(("ralat", "koreksi", "hak-jawab"))
    ]
    site = make_site(
        {
            "content/articles/a.md": article("A", corrections=noted),
            "content/articles/b.md": article(
                "B", corrections=noted[:1], updated="2022-02-20 07:00"
            ),
        },
        settings="lists.page_size = 2\n",
    )
    shown = site.fields(AT)
    assert shown["page.head.modified"] == "2022-02-16T10:00:00+07:00"
    assert site.fields("/2022/02/13/b/")["page.head.modified"] == "2022-02-20T07:00:00+07:00"
    for n in range(3):
        to = shown[f"page.corrections[{n}].url"]
        page, _, anchor = to.partition("#")
        listed = site.fields(page)
        (at,) = [k for k, v in listed.items() if k.endswith(".id") and v == anchor]
        back = listed[at.removesuffix(".id") + ".url"]
        assert back == f"{AT}#{shown[f'page.corrections[{n}].id']}"
        assert listed[at.removesuffix(".id") + ".text"] == shown[f"page.corrections[{n}].text"]
    assert site.fields("/koreksi/")["page.items[0].correction.name"] == "Hak jawab"
    assert site.has("/koreksi/hal/1/")


def test_a_withdrawn_article_is_out_of_every_list_of_the_newsroom(make_site: MakeSite) -> None:
    noted = {"at": "2022-02-14", "kind": "ralat", "text": "Nama."}
    front: dict[str, Any] = {"source": "Antara", "authors": ["Ani"], "story": "S"}
    front["corrections"] = [noted]
    site = make_site(
        {
            "content/articles/a.md": article(
                "Ditarik", status="withdrawn", withdrawn_reason="Keliru.", **front
            ),
            "content/articles/b.md": article("Biasa", related=["a"], **front),
        },
        settings='editions.collect = "daily"\n',
    )
    holding = [path for path, data in site.tree().items() if b"Ditarik" in data]
    assert holding == ["2022/02/13/a/index.html"]
    assert site.fields(AT)["page.withdrawn"] == "Keliru."
