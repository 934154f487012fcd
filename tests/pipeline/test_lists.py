"""Lists of articles: the archive, pagination, tags and categories, the front page."""

from __future__ import annotations

from itertools import chain, pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sitekit import Build, MakeSite, article, build_site, document, many, titles, write_site

AT = "/2022/02/13/a/"


# archive


def test_the_archive_has_no_empty_days_months_or_years(make_site: MakeSite) -> None:
    dates = ["2020-12-31", "2022-02-13", "2022-02-15", "2022-03-01"]
    site = make_site({f"content/articles/a{n}.md": article(f"{n}", d) for n, d in enumerate(dates)})
    archive = [path for path in site.files() if path.startswith("indeks/")]
    assert archive == [
        "indeks/2020/12/31/index.html",
        "indeks/2020/12/index.html",
        "indeks/2020/index.html",
        "indeks/2022/02/13/index.html",
        "indeks/2022/02/15/index.html",
        "indeks/2022/02/index.html",
        "indeks/2022/03/01/index.html",
        "indeks/2022/03/index.html",
        "indeks/2022/index.html",
        "indeks/index.html",
    ]


def test_archive_pages_lead_to_the_next_period_with_articles(make_site: MakeSite) -> None:
    dates = ["2020-12-31", "2022-02-13", "2022-02-15", "2022-03-01"]
    site = make_site({f"content/articles/a{n}.md": article(f"{n}", d) for n, d in enumerate(dates)})
    day = site.fields("/indeks/2022/02/13/")
    assert day["page.newer.url"] == "/indeks/2022/02/15/"
    assert day["page.older.url"] == "/indeks/2020/12/31/"
    assert day["page.newer.title"] == "Selasa, 15 Februari 2022"
    month = site.fields("/indeks/2022/02/")
    assert month["page.newer.url"] == "/indeks/2022/03/"
    assert month["page.older.url"] == "/indeks/2020/12/"
    year = site.fields("/indeks/2022/")
    assert year["page.newer"] == "None"
    assert year["page.older.url"] == "/indeks/2020/"


def test_archive_pages_count_and_name_what_is_in_them(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A"),
            "content/articles/b.md": article("B", "2022-02-01"),
            "content/articles/c.md": article("C", "2021-02-01"),
        }
    )
    top = site.fields("/indeks/")
    assert (top["page.level"], top["page.count"]) == ("all", "3")
    assert (top["page.periods[0].title"], top["page.periods[0].count"]) == ("2022", "2")
    month = site.fields("/indeks/2022/02/")
    assert month["page.title"] == "Indeks Februari 2022"
    assert month["page.periods[0].title"] == "Minggu, 13 Februari 2022"
    day = site.fields("/indeks/2022/02/13/")
    assert day["page.title"] == "Indeks Minggu, 13 Februari 2022"
    assert titles(site, "/indeks/2022/02/13/") == ["A"]
    crumbs = [day[f"page.breadcrumbs[{n}].url"] for n in range(5)]
    assert crumbs == ["/", "/indeks/", "/indeks/2022/", "/indeks/2022/02/", "/indeks/2022/02/13/"]


def test_a_month_has_a_calendar_that_starts_as_the_language_does(make_site: MakeSite) -> None:
    files = {"content/articles/a.md": article()}
    fields = make_site(files).fields("/indeks/2022/02/")
    assert fields["page.weekdays[0]"] == "Min"
    assert fields["page.weeks[0][0]"] == "None"
    assert fields["page.weeks[0][2].day"] == "1"
    assert fields["page.weeks[2][0].day"] == "13"
    assert fields["page.weeks[2][0].url"] == "/indeks/2022/02/13/"
    assert fields["page.weeks[2][1].url"] == ""


# lists


def test_lists_are_cut_into_pages_counted_from_the_oldest(make_site: MakeSite) -> None:
    site = make_site(many(7), settings="lists.page_size = 3\n")
    assert titles(site, "/terkini/") == ["Kabar 0", "Kabar 1", "Kabar 2", "Kabar 3"]
    assert titles(site, "/terkini/hal/1/") == ["Kabar 4", "Kabar 5", "Kabar 6"]
    assert not site.has("/terkini/hal/2/")
    first, last = site.fields("/terkini/"), site.fields("/terkini/hal/1/")
    assert (first["page.pagination.number"], first["page.pagination.total"]) == ("2", "2")
    assert first["page.pagination.older"] == "/terkini/hal/1/"
    assert first["page.pagination.newer"] == ""
    assert last["page.pagination.newer"] == "/terkini/"
    assert last["page.head.newer"] == "https://kabar.example/terkini/"
    assert last["page.head.canonical"] == "https://kabar.example/terkini/hal/1/"


def test_every_kind_of_list_is_paginated(make_site: MakeSite) -> None:
    files = {
        f"content/articles/a{n}.md": article(str(n), tags=["T"], category="K") for n in range(5)
    }
    site = make_site(files, settings="lists.page_size = 2\n")
    for url in ("/terkini/", "/tag/t/", "/kanal/k/", "/indeks/2022/02/13/"):
        assert len(titles(site, url)) == 3
        assert len(titles(site, f"{url}hal/1/")) == 2


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """A site whose lists have twenty pages of one article."""
    root = tmp_path_factory.mktemp("dua-puluh") / "situs"
    write_site(root, many(20), "lists.page_size = 1\n")
    return build_site(root)


@pytest.mark.parametrize("number", [1, 2, 5, 9, 10, 11, 19, 20])
def test_page_links_hold_both_ends_and_the_neighbours(twenty: Build, number: int) -> None:
    site = twenty
    url = "/terkini/" if number == 20 else f"/terkini/hal/{number}/"
    fields = site.fields(url)
    shown = [fields[f"page.pagination.pages[{n}].title"] for n in range(9)]
    assert "page.pagination.pages[9].title" not in fields
    assert shown[0] == "20"
    assert shown[-1] == "1"
    for near in {max(1, number - 1), number, min(20, number + 1)}:
        assert str(near) in shown
    numbers = [int(title) for title in shown if title != "…"]
    assert numbers == sorted(set(numbers), reverse=True)
    for left, right in pairwise(shown):
        if "…" not in (left, right):
            assert int(left) - int(right) == 1
    current = [n for n in range(9) if fields[f"page.pagination.pages[{n}].current"] == "True"]
    assert [shown[n] for n in current] == [str(number)]


@settings(deadline=None, max_examples=6, suppress_health_check=[HealthCheck.too_slow])
@given(old=st.integers(1, 30), new=st.integers(1, 12), size=st.integers(1, 6))
def test_adding_articles_never_changes_what_a_numbered_page_lists(
    tmp_path_factory: pytest.TempPathFactory, old: int, new: int, size: int
) -> None:
    root = tmp_path_factory.mktemp("situs")
    write_site(root, many(old, start=new), f"lists.page_size = {size}\n")
    before = build_site(root)
    numbered = [f for f in before.files() if "/hal/" in f"/{f}" and f.endswith(".html")]
    listed = {path: titles(before, f"/{path}") for path in numbered}
    write_site(root, many(new))
    after = build_site(root)
    assert {path: titles(after, f"/{path}") for path in numbered} == listed
    everything = [titles(after, f"/{p}") for p in after.files() if p.startswith("terkini/")]
    assert sorted(chain(*everything)) == sorted(f"Kabar {n}" for n in range(old + new))


def test_tag_pages_show_their_entry_on_the_newest_page_only(make_site: MakeSite) -> None:
    links = [{"title": "Laman", "url": "https://x.example/"}]
    entry = document(
        "Isi tag [ini](../articles/a0.md).", title="T", description="Kata", links=links
    )
    files = {f"content/articles/a{n}.md": article(str(n), tags=["T"]) for n in range(3)}
    site = make_site({**files, "content/tags/t.md": entry}, settings="lists.page_size = 1\n")
    assert "Isi tag" in site.body("/tag/t/")
    assert site.fields("/tag/t/")["page.links[0].url"] == "https://x.example/"
    assert site.fields("/tag/t/")["page.description"] == "Kata"
    assert "Isi tag" not in site.read("/tag/t/hal/1/")
    assert 'href="/2022/02/13/a0/"' in site.body("/tag/t/")


def test_register_entries_name_slug_and_order_the_navigation(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", category="zebra"),
            "content/articles/b.md": article("B", category="Anoa"),
            "content/articles/c.md": article("C", category="Badak"),
            "content/categories/zebra.md": document(title="Kabar Zebra", slug="z", weight=1),
        }
    )
    fields = site.fields("/")
    menu = [fields[f"site.menu[{n}].title"] for n in range(3)]
    assert menu == ["Kabar Zebra", "Anoa", "Badak"]
    assert fields["site.menu[0].url"] == "/kanal/z/"
    current = site.fields("/kanal/z/")
    assert [current[f"site.menu[{n}].current"] for n in range(3)] == ["True", "False", "False"]


def test_related_tags_stand_on_the_same_articles(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/articles/a.md": article("A", tags=["X", "Y"]),
            "content/articles/b.md": article("B", tags=["X", "Y", "Z"]),
            "content/articles/c.md": article("C", tags=["W"]),
        }
    )
    fields = site.fields("/tag/x/")
    assert [fields[f"page.related[{n}].name"] for n in range(2)] == ["Y", "Z"]
    assert "page.related[2].name" not in fields


def test_all_tags_stand_by_letter_without_accents(make_site: MakeSite) -> None:
    site = make_site({"content/articles/a.md": article(tags=["Élysée", "Emas", "2022", "Ćevapi"])})
    fields = site.fields("/tag/")
    letters = [fields[f"page.groups[{n}].letter"] for n in range(3)]
    assert letters == ["#", "C", "E"]
    assert fields["page.groups[2].tags[1].name"] == "Emas"
    assert fields["page.count"] == "4"


def test_pages_with_a_weight_are_in_the_footer_in_order(make_site: MakeSite) -> None:
    site = make_site(
        {
            "content/pages/a.md": document(title="A", weight=2),
            "content/pages/b.md": document(title="B", weight=1),
            "content/pages/c.md": document(title="C"),
        }
    )
    fields = site.fields("/b/")
    assert [fields[f"site.footer[{n}].title"] for n in range(2)] == ["B", "A"]
    assert fields["site.footer[0].current"] == "True"
    assert "site.footer[2].title" not in fields


def test_no_article_stands_twice_on_the_front_page(make_site: MakeSite) -> None:
    site = make_site(
        many(30), settings="[lists]\nhome_top = 3\nhome_section = 2\nhome_latest = 5\n"
    )
    fields = site.fields("/")
    shown = [fields["page.lead.title"], *titles(site, "/", "page.top")]
    shown += [
        v
        for k, v in fields.items()
        if k.startswith("page.sections[") and ".items[" in k and k.endswith("].title")
    ]
    assert len(shown) == 1 + 3 + 3 * 2
    assert len(set(shown)) == len(shown)
    assert titles(site, "/", "page.latest") == [f"Kabar {n}" for n in range(5)]
