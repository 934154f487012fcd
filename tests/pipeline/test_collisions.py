"""Two owners of one URL (D303, D304), entries described twice (D302), spellings (D301)."""

from __future__ import annotations

import pytest
from sitekit import Build, MakeSite, article, document


def named(site: Build, code: str) -> tuple[str, set[str]]:
    """The message of the one problem with ``code``, and every path it points to."""
    problem = site.problem(code)
    places = [problem.where, *problem.also]
    return problem.message, {where.path for where in places if where}


def test_two_articles_with_one_url_are_an_error_that_names_both(make_site: MakeSite) -> None:
    files = {
        "content/articles/x/a.md": article("Satu", slug="sama"),
        "content/articles/y/b.md": article("Dua", slug="sama"),
    }
    site = make_site(files)
    message, paths = named(site, "D303")
    assert site.exit_code == 1
    assert "/2022/02/13/sama/" in message
    assert paths == set(files)
    assert "slug" in site.problem("D303").hint


def test_three_owners_are_all_named(make_site: MakeSite) -> None:
    files = {f"content/articles/{n}/a.md": article() for n in "xyz"}
    message, paths = named(make_site(files), "D303")
    assert message.startswith("3 pages")
    assert paths == set(files)


@pytest.mark.parametrize("twin", ["Kabar", "kabar", "KABAR"])
def test_urls_that_differ_in_case_only_collide(make_site: MakeSite, twin: str) -> None:
    files = {
        "content/articles/a/x.md": article("Satu", slug="kabar"),
        "content/articles/b/y.md": article("Dua", slug=twin),
    }
    assert named(make_site(files), "D303")[1] == set(files)


def test_urls_that_differ_in_unicode_form_only_collide(make_site: MakeSite) -> None:
    files = {
        "content/articles/a/x.md": article("Satu", slug="caf\u00e9"),
        "content/articles/b/y.md": article("Dua", slug="cafe\u0301"),
    }
    assert named(make_site(files), "D303")[1] == set(files)


@pytest.mark.parametrize(
    ("path", "content", "owner"),
    [
        ("content/pages/tag.md", document(title="T"), "the list of all tags"),
        ("content/pages/x.md", document(title="T", slug="indeks"), "the archive /indeks/"),
        ("static/404.html", "x", "the 404 page"),
        ("static/index.html", "x", "the home page"),
        ("static/2022/02/13/a/index.html", "x", "content/articles/a.md"),
    ],
)
def test_a_file_that_wants_a_page_of_the_site_is_an_error(
    make_site: MakeSite, path: str, content: str, owner: str
) -> None:
    site = make_site({"content/articles/a.md": article(tags=["X"]), path: content})
    message, paths = named(site, "D303")
    assert owner in message
    assert path in message
    assert path in paths


def test_an_alias_that_is_a_living_page_is_an_error_that_names_both(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article("Satu", aliases=["/2022/02/13/b/"]),
        "content/articles/b.md": article("Dua"),
    }
    message, paths = named(make_site(files), "D303")
    assert "an alias of content/articles/a.md" in message
    assert paths == set(files)


def test_two_files_of_one_name_beside_one_article_are_an_error(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article(text="[x](x/data.csv) [y](y/data.csv)"),
        "content/articles/x/data.csv": "1",
        "content/articles/y/data.csv": "2",
    }
    message, _ = named(make_site(files), "D303")
    assert "content/articles/x/data.csv" in message
    assert "content/articles/y/data.csv" in message


def test_a_file_where_another_page_needs_a_folder_is_an_error(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article(aliases=["/lama.html/x/"]),
        "content/articles/b.md": article(aliases=["/lama.html"]),
    }
    message, paths = named(make_site(files), "D304")
    assert "/lama.html" in message
    assert paths == set(files)


@pytest.mark.parametrize("name", ["kabar hari ini.md", "kabar.ini.md"])
def test_collisions_point_into_files_whatever_their_name(make_site: MakeSite, name: str) -> None:
    files = {
        f"content/articles/x/{name}": article("Satu", slug="sama"),
        f"content/articles/y/{name}": article("Dua", aliases=["/2022/02/13/sama/"]),
    }
    problem = make_site(files).problem("D303")
    places = [problem.where, *problem.also]
    assert {where.path for where in places if where} == set(files)
    assert all(where.line for where in places if where)


def test_a_tag_described_twice_is_an_error_that_names_both(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article(tags=["Covid-19"]),
        "content/tags/covid.md": document(title="Covid-19"),
        "content/tags/covid19.md": document(title="COVID 19"),
    }
    site = make_site(files)
    assert named(site, "D302")[1] == set(files) - {"content/articles/a.md"}
    assert "described twice" in site.problem("D302").message


def test_spellings_of_one_tag_are_merged_with_a_note(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article("A", tags=["Café"]),
        "content/articles/b.md": article("B", tags=["cafe"]),
        "content/articles/c.md": article("C", tags=["Café"]),
    }
    site = make_site(files)
    problem = site.problem("D301")
    assert site.ok
    assert problem.severity == "note"
    assert problem.message == "the tag 'Café' is also written 'cafe'; they are one"
    assert str(problem.where).startswith("content/articles/b.md")
    assert site.fields("/tag/cafe/")["page.count"] == "3"


def test_notes_do_not_stop_a_strict_build(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article("A", tags=["X Y"]),
        "content/articles/b.md": article("B", tags=["x-y"]),
    }
    site = make_site(files, strict=True)
    assert site.ok
    assert site.codes == ["D301"]


def test_the_id_of_a_register_entry_is_no_second_spelling(make_site: MakeSite) -> None:
    files = {
        "content/articles/a.md": article("A", tags=["ikn"]),
        "content/articles/b.md": article("B", tags=["Ibu Kota Nusantara"]),
        "content/tags/ikn.md": document(title="Ibu Kota Nusantara"),
    }
    site = make_site(files)
    assert site.codes == []
    assert site.fields("/tag/ikn/")["page.count"] == "2"


def test_two_tags_whose_slugs_are_one_collide_and_both_are_named(make_site: MakeSite) -> None:
    """``C`` and ``C++`` fold differently but would share ``/tag/c/``."""
    files = {
        "content/articles/a.md": article("A", tags=["C"]),
        "content/articles/b.md": article("B", tags=["C++"]),
    }
    message, _ = named(make_site(files), "D303")
    assert "'C'" in message
    assert "'C++'" in message
