"""Baca Juga: the block in its place, and what never stands in it."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sitekit import Build, MakeSite, article, build_site, many, write_site

AT = "/2022/02/13/tuan/"


MATTER = "Tanggul sungai Wulan jebol dan merendam sawah Karanganyar"


def matter(count: int, **front: Any) -> dict[str, str]:
    """``count`` articles on one matter, one a day, the newest first; and thirty about nothing."""
    made = {
        f"content/articles/lain{n:02}.md": article(f"Hal {n}", "2021-01-01", f"isi{n} beda{n}")
        for n in range(30)
    }
    for n in range(count):
        text = f"{MATTER}. Warga{n} mengungsi{n} ke{n}."
        made[f"content/articles/a{n:04}.md"] = article(
            f"Kabar {n}", f"2022-02-{12 - n:02} 08:00", text, **front
        )
    return made


def with_marker(text: str, **front: Any) -> dict[str, str]:
    """Twelve articles on one matter, and one more with ``text``, whose summary is the matter."""
    host = article("Tuan", text=f"{text}\n\n{MATTER}.", **front)
    return {**matter(12), "content/articles/tuan.md": host}


def blocks(site: Build, url: str = AT) -> list[list[str]]:
    """The titles in each block of the text."""
    found = site.html(url).xpath("//aside[@class='related']")
    wanted = re.compile(r"items\[\d+\]\.title$")
    return [
        [e.text for e in block.xpath(".//*[@data-field]") if wanted.search(e.get("data-field"))]
        for block in found
    ]


def closing(site: Build, url: str = AT) -> list[str]:
    """The titles in the list that closes the article."""
    wanted = re.compile(r"page\.related\[\d+\]\.title$")
    return [value for key, value in site.fields(url).items() if wanted.fullmatch(key)]


@pytest.mark.parametrize(
    "marker", ["Baca Juga", "baca juga", "BACA JUGA:", "**Baca Juga**", " Baca  juga : "]
)
def test_a_lone_line_gets_the_block_in_its_place(make_site: MakeSite, marker: str) -> None:
    site = make_site(with_marker(f"Satu.\n\n{marker}\n\nDua."))
    body = site.html(AT).xpath("//*[@id='body']")[0]
    assert [child.tag for child in body] == ["p", "aside", "p", "p"]
    assert len(blocks(site)[0]) == 2
    assert "baca" not in body[0].text_content().lower() + body[2].text_content().lower()


def test_a_line_within_a_paragraph_is_text(make_site: MakeSite) -> None:
    site = make_site(with_marker("Satu.\nBaca Juga\nDua."))
    assert blocks(site) == []
    assert "Baca Juga" in site.body(AT)


def test_markers_of_the_language_are_used(make_site: MakeSite) -> None:
    site = make_site(with_marker("One.\n\nRead Also\n\nTwo."), settings='language = "en"\n')
    assert len(blocks(site)) == 1


def test_without_anything_to_show_nothing_is_left_behind(make_site: MakeSite) -> None:
    site = make_site(
        {"content/articles/tuan.md": article("Tuan", text="Satu.\n\nBaca Juga\n\nDua.")}
    )
    assert blocks(site) == []
    assert closing(site) == []
    assert "Baca Juga" not in site.body(AT)


def test_several_blocks_and_the_closing_list_share_nothing(make_site: MakeSite) -> None:
    site = make_site(with_marker("\n\nBaca Juga\n\n".join(["Satu."] * 4)))
    shown = [*chain(*blocks(site)), *closing(site)]
    assert [len(block) for block in blocks(site)] == [2, 2, 2]
    assert len(closing(site)) == 4, "a list holds ten at most"
    assert len(set(shown)) == len(shown)
    assert "Tuan" not in shown


def test_more_markers_than_articles_leave_no_empty_block(make_site: MakeSite) -> None:
    text = "\n\nBaca Juga\n\n".join([f"{MATTER}.", *["Satu."] * 5])
    host = article("Tuan", text=text)
    site = make_site({**matter(3), "content/articles/tuan.md": host})
    assert [len(block) for block in blocks(site)] == [2, 1]
    assert closing(site) == []


def test_how_many_stand_where_are_settings(make_site: MakeSite) -> None:
    site = make_site(
        with_marker("Satu.\n\nBaca Juga\n\nDua."),
        settings="[related]\ninline = 3\nclosing = 1\n",
    )
    assert len(blocks(site)[0]) == 3
    assert len(closing(site)) == 1


def test_both_lists_can_be_switched_off(make_site: MakeSite) -> None:
    site = make_site(
        with_marker("Satu.\n\nBaca Juga\n\nDua."),
        settings="[related]\ninline = 0\nclosing = 0\n",
    )
    assert blocks(site) == []
    assert closing(site) == []


def test_pins_come_first_in_the_order_of_the_editor(make_site: MakeSite) -> None:
    pins = ["a0007", "a0003"]
    site = make_site(with_marker("Satu.\n\nBaca Juga\n\nDua.", related=pins))
    assert blocks(site)[0] == ["Kabar 7", "Kabar 3"]


def test_blocked_articles_never_come(make_site: MakeSite) -> None:
    blocked = [f"a{n:04}" for n in range(10)]
    site = make_site(with_marker("Satu.", related_exclude=blocked))
    assert sorted(closing(site)) == ["Kabar 10", "Kabar 11"]


@pytest.mark.parametrize("field", ["related", "related_exclude"])
def test_a_pin_that_names_nothing_is_told(make_site: MakeSite, field: str) -> None:
    """A mistyped pin would else be dropped in silence."""
    site = make_site(with_marker("Satu.", **{field: ["a9999"]}))
    problem = site.problem("D246")
    assert site.ok
    assert problem.severity == "warning"
    assert "a9999" in problem.message
    assert str(problem.where).startswith("content/articles/tuan.md:4:")


def test_sponsored_articles_are_never_recommended(make_site: MakeSite) -> None:
    site = make_site(
        {
            **with_marker("Satu."),
            "content/articles/iklan.md": article("Iklan", text=MATTER, sponsored="iklan"),
        }
    )
    assert "Iklan" not in closing(site)
    assert closing(site, "/2022/02/13/iklan/")


def test_what_is_not_on_the_site_is_never_recommended(make_site: MakeSite) -> None:
    hidden = {
        "draf": {"status": "draft"},
        "nanti": {"date": "2023-01-01"},
        "lewat": {"expires": "2022-02-20"},
        "tarik": {"status": "withdrawn", "withdrawn_reason": "x"},
    }
    files = {
        f"content/articles/{name}.md": article(name, tags=["Umum"], **front)
        for name, front in hidden.items()
    }
    host = article("Tuan", tags=["Umum"], related=[])
    site = make_site({**files, "content/articles/tuan.md": host})
    assert closing(site) == []


def test_a_shared_tag_and_story_bring_an_article_forward(make_site: MakeSite) -> None:
    pair = {
        f"content/articles/{name}.md": article(name, "2022-02-12", f"{MATTER} {name}1.", **front)
        for name, front in {"biasa": {}, "bertanda": {"tags": ["Demak"], "story": "Banjir"}}.items()
    }
    host = article("Tuan", text=MATTER, tags=["demak"], story="Banjir")
    site = make_site({**matter(0), **pair, "content/articles/tuan.md": host})
    assert closing(site) == ["bertanda", "biasa"]


def test_among_equals_the_newest_comes_first(make_site: MakeSite) -> None:
    site = make_site(with_marker("Satu."), settings="related.closing = 3\n")
    assert closing(site) == ["Kabar 0", "Kabar 1", "Kabar 2"]


MARKED = st.lists(st.sampled_from(["Kata.", "Baca Juga", "## Judul", "- butir"]), max_size=8)


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(MARKED, min_size=1, max_size=6), data=st.data())
def test_no_article_stands_twice_on_a_page_nor_on_its_own(
    tmp_path_factory: pytest.TempPathFactory, texts: list[list[str]], data: st.DataObject
) -> None:
    root = tmp_path_factory.mktemp("situs")
    names = [f"t{number}" for number in range(len(texts))]
    pins = st.lists(st.sampled_from([*names, "a0001"]), max_size=4)
    files = many(4)
    for name, text in zip(names, texts, strict=True):
        front: dict[str, Any] = {"related": data.draw(pins), "related_exclude": data.draw(pins)}
        body = "\n\n".join(text)
        files[f"content/articles/{name}.md"] = article(name, text=body, tags=["Umum"], **front)
    write_site(root, files)
    site = build_site(root)
    assert site.ok, site.problems
    for name in names:
        url = f"/2022/02/13/{name}/"
        shown = [*chain(*blocks(site, url)), *closing(site, url)]
        assert len(set(shown)) == len(shown)
        assert name not in shown
        assert all(blocks(site, url))
